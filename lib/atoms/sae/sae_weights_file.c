/* W_enc (d_in × d_sae), W_dec (d_sae × d_in), b_enc, b_dec, threshold in a tensor file. The encoder is kept transposed, so it is read and
 * written in panels of coordinates: never a second copy of it in memory. */
#include <math.h>
#include <string.h>

#include "sae_files.h"

typedef struct reader {
    atoms_context *context;
    atoms_tensorfile *file;
    const char *path;
    atoms_sae *sae;
    bool log_threshold, scaling_factor; /* these tensors are there */
} reader;

/* Finds a tensor of floats of the given shape; cols = 0: a vector of `rows`. */
static atoms_status find(const reader *r, const char *name, int64_t rows, int64_t cols, int64_t *index, atoms_tensor_info *info)
{
    atoms_status status = atoms_tensorfile_find(r->file, name, index);
    if (!status) status = atoms_tensor_info_init(info, sizeof *info);
    if (!status) status = atoms_tensorfile_info(r->file, *index, info);
    if (status) return status;
    if (info->dtype < ATOMS_F32 || info->dtype > ATOMS_BF16)
        return atomsi_fail(r->context, ATOMS_E_DTYPE, "%s: %s is %s and must be f32, f64, f16 or bf16", r->path, name, info->dtype_text);
    if (cols && (info->rank != 2 || info->shape[0] != rows || info->shape[1] != cols))
        return atomsi_fail(r->context, ATOMS_E_SHAPE, "%s: %s must have the shape %lld × %lld", r->path, name, (long long)rows, (long long)cols);
    if (!cols && (info->rank != 1 || info->shape[0] != rows))
        return atomsi_fail(r->context, ATOMS_E_SHAPE, "%s: %s must be a vector of %lld", r->path, name, (long long)rows);
    return ATOMS_OK;
}

static atoms_status read_vector(const reader *r, const char *name, int64_t n, float *out)
{
    int64_t index;
    atoms_tensor_info info;
    atoms_status status = find(r, name, n, 0, &index, &info);
    return status ? status : atoms_tensorfile_read(r->file, index, 0, n, ATOMS_F32, out);
}

/* A tensor that lies in the file as d_in × d_sae, into `out` as d_sae × d_in. */
static atoms_status read_transposed(const reader *r, int64_t index, float *out)
{
    const atoms_sae *sae = r->sae;
    float *panel = atomsi_alloc(r->context, ATOMSI_SAE_PANEL * sae->d_sae, sizeof *panel);
    if (!panel) return ATOMS_E_MEMORY;
    atoms_status status = ATOMS_OK;
    for (int64_t j = 0; j < sae->d_in && !status; j += ATOMSI_SAE_PANEL) {
        int64_t count = base_min_i64(ATOMSI_SAE_PANEL, sae->d_in - j);
        status = atoms_tensorfile_read(r->file, index, j * sae->d_sae, count * sae->d_sae, ATOMS_F32, panel);
        if (!status) atomsi_sae_put_panel(sae, out, j, count, panel);
    }
    atomsi_free(r->context, panel);
    return status;
}

/* W_enc is stored as d_in × d_sae, W_dec as d_sae × d_in; column-major storage swaps them. */
static atoms_status read_matrix(const reader *r, const char *name, bool transposed, float *out)
{
    int64_t index, d_in = r->sae->d_in, d_sae = r->sae->d_sae;
    atoms_tensor_info info;
    atoms_status status = find(r, name, transposed ? d_in : d_sae, transposed ? d_sae : d_in, &index, &info);
    if (status) return status;
    if (transposed != (info.column_major != 0)) return read_transposed(r, index, out);
    return atoms_tensorfile_read(r->file, index, 0, d_in * d_sae, ATOMS_F32, out);
}

static atoms_status read_threshold(const reader *r)
{
    float *threshold = r->sae->threshold;
    if (!r->log_threshold) return read_vector(r, "threshold", r->sae->d_sae, threshold);
    atoms_status status = read_vector(r, "log_threshold", r->sae->d_sae, threshold);
    for (int64_t i = 0; i < r->sae->d_sae && !status; i++) threshold[i] = (float)exp(threshold[i]);
    return status;
}

/* 1: the tensor is expected, 0: it is not. Marks those that need not be there. */
static int expects(reader *r, const sae_weights_plan *plan, const char *name, int *thresholds)
{
    static const char *const needed[] = {"W_enc", "W_dec", "b_enc", "b_dec"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!strcmp(name, needed[i])) return 1;
    if (!strcmp(name, "scaling_factor")) return r->scaling_factor = plan->scaling_factor;
    bool log = !strcmp(name, "log_threshold");
    if (!plan->threshold || (!log && strcmp(name, "threshold")) || (*thresholds)++) return 0;
    r->log_threshold = log;
    return 1;
}

static atoms_status check_names(reader *r, const sae_weights_plan *plan)
{
    int thresholds = 0;
    for (int64_t i = 0; i < atoms_tensorfile_count(r->file); i++) {
        atoms_tensor_info info;
        atoms_status status = atoms_tensor_info_init(&info, sizeof info);
        if (!status) status = atoms_tensorfile_info(r->file, i, &info);
        if (status) return status;
        if (!expects(r, plan, info.name, &thresholds))
            return atomsi_fail(r->context, ATOMS_E_UNSUPPORTED, "%s: the tensor %s has no place in this architecture", r->path, info.name);
    }
    if (plan->finetuned && !r->scaling_factor)
        return atomsi_fail(r->context, ATOMS_E_UNSUPPORTED, "%s: finetuning_scaling_factor is true, and there is no tensor scaling_factor", r->path);
    return ATOMS_OK;
}

/* The shape of the whole: as planned, or as W_enc has it. */
static atoms_status make_sae(reader *r, const sae_weights_plan *plan)
{
    int64_t index, d_in = plan->d_in, d_sae = plan->d_sae;
    atoms_tensor_info info;
    atoms_status status = atoms_tensorfile_find(r->file, "W_enc", &index);
    if (!status) status = atoms_tensor_info_init(&info, sizeof info);
    if (!status) status = atoms_tensorfile_info(r->file, index, &info);
    if (status) return status;
    if (info.rank != 2) return atomsi_fail(r->context, ATOMS_E_SHAPE, "%s: W_enc has %d dimensions, not 2", r->path, (int)info.rank);
    if (!d_in) d_in = info.shape[0];
    if (!d_sae) d_sae = info.shape[1];
    if (info.shape[0] != d_in || info.shape[1] != d_sae) /* before memory for what a cfg.json claims is asked for */
        return atomsi_fail(r->context, ATOMS_E_SHAPE, "%s: W_enc must have the shape %lld × %lld", r->path, (long long)d_in, (long long)d_sae);
    return atomsi_sae_new(r->context, d_in, d_sae, &r->sae);
}

static atoms_status check_scaling_factor(const reader *r)
{
    int64_t n = r->sae->d_sae;
    if (!r->scaling_factor) return ATOMS_OK;
    float *factor = atomsi_alloc(r->context, n, sizeof *factor);
    if (!factor) return ATOMS_E_MEMORY;
    atoms_status status = read_vector(r, "scaling_factor", n, factor);
    for (int64_t i = 0; i < n && !status; i++)
        if (factor[i] != 1)
            status = atomsi_fail(r->context, ATOMS_E_UNSUPPORTED, "%s: scaling_factor of latent %lld is not 1: finetuned SAEs are not supported",
                                 r->path, (long long)i);
    atomsi_free(r->context, factor);
    return status;
}

atoms_status atomsi_sae_read_weights(atoms_context *context, atoms_tensorfile *file, const char *path, const sae_weights_plan *plan,
                                     atoms_sae **out)
{
    reader r = {.context = context, .file = file, .path = path};
    atoms_status status = check_names(&r, plan);
    if (!status) status = make_sae(&r, plan);
    if (!status) status = read_vector(&r, "b_enc", r.sae->d_sae, r.sae->b_enc);
    if (!status) status = read_vector(&r, "b_dec", r.sae->d_in, r.sae->b_dec);
    if (!status && plan->threshold) status = read_threshold(&r);
    if (!status) status = check_scaling_factor(&r);
    if (!status) status = read_matrix(&r, "W_enc", true, r.sae->encoder);
    if (!status) status = read_matrix(&r, "W_dec", false, r.sae->decoder);
    if (status) atoms_sae_destroy(r.sae);
    *out = status ? NULL : r.sae;
    return status;
}

/* Supplies W_enc in its C order from the transposed encoder, a panel of coordinates at a time. */
typedef struct encoder_stream {
    const atoms_sae *sae;
    float *panel;
    int64_t first; /* coordinate that the panel begins with; −1: it holds nothing */
} encoder_stream;

static int32_t stream_encoder(void *user, int64_t first, int64_t count, void *out)
{
    encoder_stream *s = user;
    int64_t d_sae = s->sae->d_sae;
    for (float *to = out; count > 0;) {
        int64_t start = first / d_sae / ATOMSI_SAE_PANEL * ATOMSI_SAE_PANEL;
        int64_t coordinates = base_min_i64(ATOMSI_SAE_PANEL, s->sae->d_in - start);
        if (start != s->first) atomsi_sae_get_panel(s->sae, s->sae->encoder, start, coordinates, s->panel);
        s->first = start;
        int64_t n = base_min_i64(count, (start + coordinates) * d_sae - first);
        memcpy(to, s->panel + (first - start * d_sae), (size_t)n * sizeof *to);
        to += n;
        first += n;
        count -= n;
    }
    return 0;
}

atoms_status atomsi_sae_write_weights(const atoms_sae *sae, const char *path, int32_t file_format)
{
    atoms_context *context = sae->context;
    atoms_tensorwriter *writer = NULL;
    encoder_stream stream = {.sae = sae, .first = -1};
    const int64_t encoder[2] = {sae->d_in, sae->d_sae}, decoder[2] = {sae->d_sae, sae->d_in};
    if (!(stream.panel = atomsi_alloc(context, ATOMSI_SAE_PANEL * sae->d_sae, sizeof *stream.panel))) return ATOMS_E_MEMORY;
    atoms_status status = atoms_tensorwriter_create(context, path, file_format, &writer);
    if (!status) status = atoms_tensorwriter_add_stream(writer, "W_enc", ATOMS_F32, 2, encoder, stream_encoder, &stream);
    if (!status) status = atoms_tensorwriter_add(writer, "W_dec", ATOMS_F32, 2, decoder, sae->decoder);
    if (!status) status = atoms_tensorwriter_add(writer, "b_enc", ATOMS_F32, 1, &sae->d_sae, sae->b_enc);
    if (!status) status = atoms_tensorwriter_add(writer, "b_dec", ATOMS_F32, 1, &sae->d_in, sae->b_dec);
    if (!status) status = atoms_tensorwriter_add(writer, "threshold", ATOMS_F32, 1, &sae->d_sae, sae->threshold);
    if (!status && file_format == ATOMS_FILE_SAFETENSORS) status = atoms_tensorwriter_metadata(writer, SAE_FORM_KEY, SAE_FORM_CANONICAL);
    if (!status) status = atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    atomsi_free(context, stream.panel);
    return status;
}
