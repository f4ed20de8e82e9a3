#include "sae_oracle.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"
#include "files.h"
#include "near.h"

float *random_rows(uint64_t seed, int64_t rows, int64_t cols)
{
    float *x = malloc((size_t)(rows * cols + 1) * sizeof *x);
    for (int64_t k = 0; k < rows * cols; k++) x[k] = (float)base_random_normal(seed, BASE_STREAM_TEST, (uint64_t)k);
    return x;
}

sae_case sae_case_make(uint64_t seed, int64_t d_in, int64_t d_sae, double density)
{
    sae_case c = {.d_in = d_in, .d_sae = d_sae, .input_scale = 1, .output_scale = 1};
    c.w_enc = random_rows(seed * 8 + 1, d_in, d_sae);
    c.w_dec = random_rows(seed * 8 + 2, d_sae, d_in);
    c.b_enc = random_rows(seed * 8 + 3, 1, d_sae);
    c.threshold = random_rows(seed * 8 + 4, 1, d_sae);
    c.b_dec = random_rows(seed * 8 + 5, 1, d_in);
    c.input_bias = random_rows(seed * 8 + 6, 1, d_in);
    for (int64_t k = 0; k < d_in * d_sae; k++) c.w_enc[k] /= sqrtf((float)d_in); /* z of about unit variance */
    double level = density < 0.1 ? 2 : density < 0.4 ? 1 : 0;
    for (int64_t i = 0; i < d_sae; i++) {
        c.b_enc[i] *= 0.1f;
        c.threshold[i] = (float)(level + 0.1 * c.threshold[i]);
    }
    return c;
}

void sae_case_free(sae_case *c)
{
    free(c->w_enc);
    free(c->w_dec);
    free(c->b_enc);
    free(c->threshold);
    free(c->b_dec);
    free(c->input_bias);
}

atoms_sae_weights sae_case_weights(const sae_case *c, int with_bias)
{
    atoms_sae_weights w;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(c->w_enc, c->d_in, c->d_sae);
    w.w_dec = atoms_matrix_f32(c->w_dec, c->d_sae, c->d_in);
    w.b_enc = c->b_enc;
    w.threshold = c->threshold;
    w.b_dec = c->b_dec;
    w.input_bias = with_bias ? c->input_bias : NULL;
    w.input_scale = c->input_scale;
    w.output_scale = c->output_scale;
    return w;
}

atoms_sae *sae_case_create(atoms_context *context, const sae_case *c, int with_bias)
{
    atoms_sae_weights w = sae_case_weights(c, with_bias);
    atoms_sae *sae = NULL;
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    return sae;
}

void oracle_preactivations(const sae_case *c, int with_bias, const double *x, double *z)
{
    for (int64_t i = 0; i < c->d_sae; i++) {
        z[i] = c->b_enc[i];
        for (int64_t j = 0; j < c->d_in; j++)
            z[i] += (c->input_scale * x[j] - (with_bias ? c->input_bias[j] : 0)) * c->w_enc[j * c->d_sae + i];
    }
}

void oracle_reconstruction(const sae_case *c, int with_bias, const double *x, double *out)
{
    double *z = malloc((size_t)c->d_sae * sizeof *z);
    oracle_preactivations(c, with_bias, x, z);
    for (int64_t j = 0; j < c->d_in; j++) {
        double sum = c->b_dec[j];
        for (int64_t i = 0; i < c->d_sae; i++)
            if (z[i] > c->threshold[i] && z[i] > 0) sum += z[i] * c->w_dec[i * c->d_in + j];
        out[j] = sum / c->output_scale;
    }
    free(z);
}

int64_t oracle_check_row(const sae_case *c, int with_bias, const double *x, const atoms_codes_view *codes, int64_t row, double tolerance)
{
    double *z = malloc((size_t)c->d_sae * sizeof *z), norm = 0;
    int64_t k = codes->offset[row], compared = 0;
    oracle_preactivations(c, with_bias, x, z);
    for (int64_t j = 0; j < c->d_in; j++) norm += (c->input_scale * x[j]) * (c->input_scale * x[j]);
    norm = sqrt(norm);
    for (int64_t i = 0; i < c->d_sae; i++) {
        double w = 0, level = c->threshold[i] > 0 ? c->threshold[i] : 0;
        for (int64_t j = 0; j < c->d_in; j++) w += (double)c->w_enc[j * c->d_sae + i] * c->w_enc[j * c->d_sae + i];
        double scale = norm * sqrt(w) + fabs(c->b_enc[i]);
        int fires = k < codes->offset[row + 1] && codes->index[k] == i;
        if (fabs(z[i] - level) > 1e-6 * scale)
            ck_assert_msg(fires == (z[i] > level), "row %lld latent %lld: z - threshold = %g, fires %d", (long long)row, (long long)i,
                          z[i] - level, fires);
        if (!fires) continue;
        ck_assert_msg(fabs(codes->value[k] - z[i]) <= tolerance * scale, "row %lld latent %lld: %.9g, not %.9g", (long long)row, (long long)i,
                      codes->value[k], z[i]);
        k++;
        compared++;
    }
    ck_assert_int_eq(k, codes->offset[row + 1]); /* indices rise and none is left over */
    free(z);
    return compared;
}

atoms_sae_work *make_work(const atoms_sae *sae, int64_t max_rows, void **memory)
{
    size_t bytes;
    atoms_sae_work *work;
    ck_assert_ok(atoms_sae_work_size(sae, max_rows, &bytes));
    *memory = malloc(bytes);
    ck_assert_ok(atoms_sae_work_init(sae, *memory, bytes, &work));
    return work;
}

const char *golden_sae(const char *name)
{
    static const char *const parts[][2] = {{"cfg.json", "cfg.json"},
                                           {"weights.safetensors", "sae_weights.safetensors"},
                                           {"scaler.json", "activation_scaler.json"},
                                           {"params.npz", "params.npz"}};
    char from[128], to[128];
    int copied = 0;
    mkdir(scratch_path(name), 0777);
    for (int k = 0; k < 4; k++) {
        size_t size;
        snprintf(from, sizeof from, "sae/%s_%s", name, parts[k][0]);
        snprintf(to, sizeof to, "%s/%s", name, parts[k][1]);
        if (!file_exists(golden_path(from))) continue;
        unsigned char *bytes = read_bytes(golden_path(from), &size);
        write_bytes(scratch_path(to), bytes, size);
        free(bytes);
        copied++;
    }
    ck_assert_int_gt(copied, 0);
    return scratch_path(name);
}
