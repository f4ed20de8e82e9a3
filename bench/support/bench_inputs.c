#include "bench_inputs.h"

#include <math.h>
#include <string.h>

#include "bench_check.h"

static uint64_t next(uint64_t *state) /* SplitMix64 */
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static float uniform(uint64_t *state) /* in (0, 1] */
{
    return (float)((next(state) >> 40) + 1) * 0x1p-24f;
}

void bench_normal(uint64_t stream, int64_t n, float *out) /* Box–Muller */
{
    uint64_t state = stream << 32;
    for (int64_t i = 0; i < n; i += 2) {
        float radius = sqrtf(-2 * logf(uniform(&state))), angle = 6.2831853f * uniform(&state);
        out[i] = radius * cosf(angle);
        if (i + 1 < n) out[i + 1] = radius * sinf(angle);
    }
}

/* The t that a standard normal number exceeds with probability p. */
static float normal_quantile(double p)
{
    double low = -8, high = 8;
    for (int i = 0; i < 60; i++) {
        double t = (low + high) / 2;
        if (erfc(t / sqrt(2)) / 2 > p) low = t;
        else high = t;
    }
    return (float)low;
}

void *bench_read(atoms_context *context, const char *folder, const char *name, int64_t rows, int64_t cols, int32_t dtype)
{
    char path[4096];
    atoms_tensorfile *file;
    atoms_tensor_info info;
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    CHECK(context, atoms_tensorfile_open(context, path, &file));
    CHECK(context, atoms_tensor_info_init(&info, sizeof info));
    CHECK(context, atoms_tensorfile_info(file, 0, &info));
    int transposed = info.rank == 2 && info.column_major; /* the same numbers in the same order */
    int64_t there = info.rank == 1 ? 1 : info.shape[transposed], width = info.rank == 1 ? info.shape[0] : info.shape[!transposed];
    if (info.rank > 2 || there < rows || width != cols) {
        fprintf(stderr, "%s is not of at least %lld rows of %lld in C order, or of as many columns in Fortran order\n", path, (long long)rows, (long long)cols);
        exit(1);
    }
    void *data = bench_memory((size_t)(rows * cols), (size_t)atoms_dtype_size(dtype));
    CHECK(context, atoms_tensorfile_read(file, 0, 0, rows * cols, dtype, data));
    atoms_tensorfile_close(file);
    return data;
}

void bench_sae_name(bench_sae_size s, char name[64])
{
    snprintf(name, 64, "d%d m%d B%d", s.d, s.m, s.rows);
}

static int is_there(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    FILE *file = fopen(path, "rb");
    return file && !fclose(file);
}

static void read_sae(atoms_context *context, const char *folder, bench_sae_inputs *in)
{
    bench_sae_size s = in->size;
    char name[100];
    int stem = snprintf(name, sizeof name, "sae_d%d_m%d_", s.d, s.m);
    strcpy(name + stem, "W_enc");
    in->w_enc = bench_read(context, folder, name, s.d, s.m, ATOMS_F32);
    strcpy(name + stem, "W_dec");
    in->w_dec = bench_read(context, folder, name, s.m, s.d, ATOMS_F32);
    strcpy(name + stem, "threshold");
    in->threshold = bench_read(context, folder, name, 1, s.m, ATOMS_F32);
    snprintf(name + stem, sizeof name - (size_t)stem, "x_B%d", s.rows);
    if (!is_there(folder, name)) strcpy(name + stem, "x_B4096");
    in->x = bench_read(context, folder, name, s.rows, s.d, ATOMS_F32);
}

static void make_sae(bench_sae_inputs *in)
{
    int64_t d = in->size.d, m = in->size.m;
    in->w_enc = bench_memory((size_t)(d * m), sizeof *in->w_enc);
    in->w_dec = bench_memory((size_t)(d * m), sizeof *in->w_dec);
    in->threshold = bench_memory((size_t)m, sizeof *in->threshold);
    in->x = bench_memory((size_t)(in->size.rows * d), sizeof *in->x);
    bench_normal(1, d * m, in->w_dec);
    bench_normal(2, in->size.rows * d, in->x);
    for (int64_t i = 0; i < m; i++) {
        float *row = in->w_dec + i * d, squares = 0;
        for (int64_t j = 0; j < d; j++) squares += row[j] * row[j];
        for (int64_t j = 0; j < d; j++) in->w_enc[j * m + i] = row[j] /= sqrtf(squares);
        in->threshold[i] = normal_quantile((double)in->size.l0 / (double)m);
    }
}

bench_sae_inputs bench_sae_make(atoms_context *context, const bench_options *options, bench_sae_size size)
{
    bench_sae_inputs in = {.size = size};
    bench_sae_name(size, in.name);
    if (options->inputs) read_sae(context, options->inputs, &in);
    else make_sae(&in);
    return in;
}

void bench_sae_free(bench_sae_inputs *in)
{
    free(in->w_enc);
    free(in->w_dec);
    free(in->threshold);
    free(in->x);
}

atoms_sae *bench_sae_create(atoms_context *context, const bench_sae_inputs *in)
{
    atoms_sae_weights weights;
    atoms_sae *sae;
    CHECK(context, atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = atoms_matrix_f32(in->w_enc, in->size.d, in->size.m);
    weights.w_dec = atoms_matrix_f32(in->w_dec, in->size.m, in->size.d);
    weights.threshold = in->threshold;
    CHECK(context, atoms_sae_create(context, &weights, &sae));
    return sae;
}

atoms_context *bench_context(int threads)
{
    atoms_context_opts opts;
    atoms_context *context;
    CHECK(NULL, atoms_context_opts_init(&opts, sizeof opts));
    opts.threads = threads;
    CHECK(NULL, atoms_context_create(&opts, &context));
    return context;
}

uint64_t bench_allocations(const atoms_context *context)
{
    atoms_memory_report report;
    CHECK(context, atoms_memory_report_init(&report, sizeof report));
    CHECK(context, atoms_context_memory(context, &report));
    return report.allocations;
}
