#include <string.h>

#include "sae_internal.h"

static const atoms_sae_report empty_report = {.struct_size = sizeof(atoms_sae_report)};

atoms_status atoms_sae_report_init(atoms_sae_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

atoms_status atomsi_sae_new(atoms_context *context, int64_t d_in, int64_t d_sae, atoms_sae **out)
{
    *out = NULL;
    if (d_in < 1 || d_sae < 1 || d_in > INT32_MAX || d_sae > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_SHAPE, "an SAE of %lld inputs and %lld latents: each must be in 1 … 2147483647", (long long)d_in,
                           (long long)d_sae);
    int64_t weights = d_in * d_sae; /* below 2^62 */
    size_t bytes;
    if (!base_bytes(weights, sizeof(float), &bytes))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "an SAE of %lld inputs and %lld latents is too large", (long long)d_in, (long long)d_sae);
    atoms_sae *sae = atomsi_alloc_zero(context, 1, sizeof *sae);
    if (!sae) return ATOMS_E_MEMORY;
    sae->context = context;
    sae->d_in = d_in;
    sae->d_sae = d_sae;
    sae->input_scale = sae->output_scale = 1;
    sae->encoder = atomsi_alloc(context, weights, sizeof(float));
    sae->decoder = atomsi_alloc(context, weights, sizeof(float));
    sae->b_enc = atomsi_alloc_zero(context, d_sae, sizeof(float));
    sae->threshold = atomsi_alloc_zero(context, d_sae, sizeof(float));
    sae->b_dec = atomsi_alloc_zero(context, d_in, sizeof(float));
    if (!sae->encoder || !sae->decoder || !sae->b_enc || !sae->threshold || !sae->b_dec ||
        atomsi_sae_describe_as(sae, "jumprelu", "{}")) {
        atoms_sae_destroy(sae);
        return ATOMS_E_MEMORY;
    }
    *out = sae;
    return ATOMS_OK;
}

atoms_status atomsi_sae_describe_as(atoms_sae *sae, const char *architecture, const char *metadata)
{
    char *a = atomsi_copy_text(sae->context, architecture), *m = atomsi_copy_text(sae->context, metadata);
    if (!a || !m) {
        atomsi_free(sae->context, a);
        atomsi_free(sae->context, m);
        return ATOMS_E_MEMORY;
    }
    atomsi_free(sae->context, sae->architecture);
    atomsi_free(sae->context, sae->metadata);
    sae->architecture = a;
    sae->metadata = m;
    return ATOMS_OK;
}

void atoms_sae_destroy(atoms_sae *sae)
{
    if (!sae) return;
    void *const blocks[] = {sae->encoder, sae->decoder, sae->b_enc, sae->threshold, sae->b_dec, sae->architecture, sae->metadata, sae};
    atoms_context *context = sae->context;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) atomsi_free(context, blocks[i]);
}

void atomsi_sae_put_panel(const atoms_sae *sae, float *rows, int64_t first, int64_t count, const float *panel)
{
    for (int64_t i = 0; i < sae->d_sae; i++)
        for (int64_t j = 0; j < count; j++) rows[i * sae->d_in + first + j] = panel[j * sae->d_sae + i];
}

void atomsi_sae_get_panel(const atoms_sae *sae, const float *rows, int64_t first, int64_t count, float *panel)
{
    for (int64_t i = 0; i < sae->d_sae; i++)
        for (int64_t j = 0; j < count; j++) panel[j * sae->d_sae + i] = rows[i * sae->d_in + first + j];
}

int64_t atoms_sae_d_in(const atoms_sae *sae) { return sae ? sae->d_in : 0; }
int64_t atoms_sae_d_sae(const atoms_sae *sae) { return sae ? sae->d_sae : 0; }
const float *atoms_sae_b_enc(const atoms_sae *sae) { return sae ? sae->b_enc : NULL; }
const float *atoms_sae_threshold(const atoms_sae *sae) { return sae ? sae->threshold : NULL; }
const float *atoms_sae_b_dec(const atoms_sae *sae) { return sae ? sae->b_dec : NULL; }

static atoms_status view(const atoms_sae *sae, const float *weights, atoms_matrix *out)
{
    if (!out) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = atoms_matrix_f32(weights, sae->d_sae, sae->d_in);
    return ATOMS_OK;
}

atoms_status atoms_sae_encoder(const atoms_sae *sae, atoms_matrix *out)
{
    return sae ? view(sae, sae->encoder, out) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_sae_decoder(const atoms_sae *sae, atoms_matrix *out)
{
    return sae ? view(sae, sae->decoder, out) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_sae_describe(const atoms_sae *sae, atoms_sae_report *report)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    atoms_sae_report r = empty_report;
    r.format = sae->format;
    r.d_in = sae->d_in;
    r.d_sae = sae->d_sae;
    r.architecture = sae->architecture;
    r.metadata = sae->metadata;
    r.input_scale = sae->input_scale;
    r.output_scale = sae->output_scale;
    r.input_bias_folded = sae->input_bias_folded;
    r.unit_decoder = sae->unit_decoder;
    return atomsi_write_report(sae->context, report, &r, sizeof r, "atoms_sae_report");
}
