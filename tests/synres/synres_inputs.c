#include "synres_inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static double *normal(uint64_t seed, uint64_t stream, int64_t n)
{
    double *x = malloc((size_t)(n + 1) * sizeof *x);
    for (int64_t i = 0; i < n; i++) x[i] = (float)base_random_normal(seed, BASE_STREAM_TEST, ((uint64_t)stream << 40) + (uint64_t)i);
    return x;
}

static void unit_rows(double *x, int64_t rows, int64_t n)
{
    for (int64_t i = 0; i < rows; i++) {
        double sum = 0;
        for (int64_t j = 0; j < n; j++) sum += x[i * n + j] * x[i * n + j];
        for (int64_t j = 0; j < n; j++) x[i * n + j] = (float)(x[i * n + j] / sqrt(sum));
    }
}

static float *narrow(const double *x, int64_t n)
{
    float *y = malloc((size_t)(n + 1) * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = (float)x[i];
    return y;
}

inputs random_tokens(uint64_t seed, int32_t flags, int64_t heads, int64_t d_key, int64_t d_value, int64_t tokens, int with)
{
    inputs in = {0};
    int64_t rows = tokens * heads, gates = rows * (flags & SYNRES_RULE_ROW_GATES ? d_value : 1);
    int64_t decays = rows * (flags & SYNRES_RULE_DECAY_CHANNEL ? d_key : flags & SYNRES_RULE_DECAY_ROW ? d_value : 1);
    if (synres_shape_init(&in.shape, sizeof in.shape) || synres_tokens_f32_init(&in.f32, sizeof in.f32) || synres_tokens_f64_init(&in.f64, sizeof in.f64))
        abort();
    in.shape.flags = flags;
    in.shape.heads = heads;
    in.shape.d_key = d_key;
    in.shape.d_value = d_value;
    in.state = heads * d_value * d_key;
    in.outputs = rows * d_value;
    double *key = normal(seed, 1, rows * d_key), *query = normal(seed, 2, rows * d_key), *value = normal(seed, 3, rows * d_value);
    double *beta = normal(seed, 4, gates), *decay = normal(seed, 5, decays), *erase = normal(seed, 6, rows * d_key), *erase_beta = normal(seed, 7, gates);
    unit_rows(key, rows, d_key);
    unit_rows(erase, rows, d_key);
    for (int64_t i = 0; i < gates; i++) beta[i] = (float)(1.5 / (1 + exp(beta[i]))), erase_beta[i] = (float)(1 / (1 + exp(erase_beta[i])));
    for (int64_t i = 0; i < decays; i++) decay[i] = (float)(-0.3 / (1 + exp(2 * decay[i])));
    in.f32.tokens = in.f64.tokens = tokens;
    in.f64.key = key;
    in.f64.query = query;
    in.f64.value = value;
    in.f64.beta = beta;
    in.f32.key = narrow(key, rows * d_key);
    in.f32.query = narrow(query, rows * d_key);
    in.f32.value = narrow(value, rows * d_value);
    in.f32.beta = narrow(beta, gates);
    if (with & WITH_DECAY) in.f64.log_decay = decay, in.f32.log_decay = narrow(decay, decays);
    else free(decay);
    if (with & WITH_ERASE) in.f64.erase = erase, in.f32.erase = narrow(erase, rows * d_key);
    else free(erase);
    if (with & WITH_ERASE_BETA) in.f64.erase_beta = erase_beta, in.f32.erase_beta = narrow(erase_beta, gates);
    else free(erase_beta);
    in.S64 = normal(seed, 8, in.state);
    in.S32 = narrow(in.S64, in.state);
    in.u64 = calloc((size_t)in.outputs + 1, sizeof *in.u64);
    in.u32 = calloc((size_t)in.outputs + 1, sizeof *in.u32);
    return in;
}

const int64_t dimensions[DIMENSIONS] = {1, 3, 8, 17, 64, 128};

inputs tokens_from(const inputs *in, int64_t first, int64_t count)
{
    inputs part = *in;
    const int64_t rows = first * in->shape.heads, k = in->shape.d_key, v = in->shape.d_value;
    const int64_t gates = rows * (in->shape.flags & SYNRES_RULE_ROW_GATES ? v : 1);
    const int64_t decays = rows * (in->shape.flags & SYNRES_RULE_DECAY_CHANNEL ? k : in->shape.flags & SYNRES_RULE_DECAY_ROW ? v : 1);
    part.f32.tokens = part.f64.tokens = count;
#define FROM(array, offset) if (in->f64.array) part.f64.array += (offset), part.f32.array += (offset)
    FROM(key, rows * k);
    FROM(query, rows * k);
    FROM(value, rows * v);
    FROM(beta, gates);
    FROM(log_decay, decays);
    FROM(erase, rows * k);
    FROM(erase_beta, gates);
    part.u64 += rows * v, part.u32 += rows * v;
    part.outputs = count * in->shape.heads * v;
    return part;
}

void free_tokens(inputs *in)
{
    const void *owned[] = {in->f32.key,  in->f32.query,     in->f32.value, in->f32.beta,       in->f32.log_decay, in->f32.erase, in->f32.erase_beta,
                           in->f64.key,  in->f64.query,     in->f64.value, in->f64.beta,       in->f64.log_decay, in->f64.erase, in->f64.erase_beta,
                           in->S32,      in->S64,           in->u32,       in->u64};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free((void *)(uintptr_t)owned[i]);
}

float *copy_f32(const float *x, int64_t n)
{
    return memcpy(malloc((size_t)(n + 1) * sizeof *x), x, (size_t)n * sizeof *x);
}

double *copy_f64(const double *x, int64_t n)
{
    return memcpy(malloc((size_t)(n + 1) * sizeof *x), x, (size_t)n * sizeof *x);
}

double rms_ratio(const float *a, const double *b, int64_t n)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < n; i++) difference += (a[i] - b[i]) * (a[i] - b[i]), size += b[i] * b[i];
    return n ? sqrt(difference / (size > 0 ? size : 1)) : 0;
}

double rms_ratio_f64(const double *a, const double *b, int64_t n)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < n; i++) difference += (a[i] - b[i]) * (a[i] - b[i]), size += b[i] * b[i];
    return n ? sqrt(difference / (size > 0 ? size : 1)) : 0;
}
