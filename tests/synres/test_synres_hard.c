/* Where kernels of this family have gone wrong: identical keys, β up to 2, decays to almost nothing or none at all, denormals. T5 first: the reason why
 * forward substitution is safe there. */
#include <math.h>

#include "step/step_internal.h"
#include "suite.h"
#include "synres_inputs.h"

enum { C = 64, D = 8 };
static const double decays[] = {0, -1e-8, -0.3, -80, -700}, betas[] = {0, 0.5, 1, 2};
enum { DECAYS = 5, BETAS = 4 };

/* Erase directions of length 1, all the same where `same`; β_e a number; each value writes a row of its own, once; the query is what the token is about to
 * erase, α∘e, read before: so u_t[i] = (row i of S_{t−1}) Diag(α_t) e_t, which is e_iᵀ(contractions)e_t. */
static inputs unit_tokens(int same, double beta, double decay, int channels)
{
    const int32_t flags = SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE | (channels ? SYNRES_RULE_DECAY_CHANNEL : 0);
    inputs in = random_tokens(7, flags, 1, D, C, C, WITH_DECAY | WITH_ERASE_BETA);
    double *key = (double *)(uintptr_t)in.f64.key, *query = (double *)(uintptr_t)in.f64.query, *value = (double *)(uintptr_t)in.f64.value;
    double *written = (double *)(uintptr_t)in.f64.beta, *erased = (double *)(uintptr_t)in.f64.erase_beta, *log_decay = (double *)(uintptr_t)in.f64.log_decay;
    for (int t = 0; t < C; t++) {
        double length = 0;
        if (same && t) memcpy(key + t * D, key, D * sizeof *key);
        for (int j = 0; j < D; j++) length += key[t * D + j] * key[t * D + j];
        for (int j = 0; j < D; j++) {
            if (!same || !t) key[t * D + j] /= sqrt(length); /* to the last bit of f64 */
            double *a = channels ? &log_decay[t * D + j] : &log_decay[t];
            *a = channels && j % 3 == 1 ? decay / 2 : decay;
            query[t * D + j] = exp(*a) * key[t * D + j];
        }
        for (int i = 0; i < C; i++) value[t * C + i] = i == t;
        written[t] = 1, erased[t] = beta;
    }
    memset(in.S64, 0, (size_t)in.state * sizeof *in.S64);
    return in;
}

/* (I + diag(β)Lee)⁻¹ by columns, Lee_ti = Σ_j e_tj e_ij exp(G_tj − G_ij). */
static void invert(const inputs *in, double beta, int channels, double *inverse)
{
    for (int column = 0; column < C; column++)
        for (int t = 0; t < C; t++) {
            double sum = t == column;
            for (int i = column; i < t; i++) {
                double lee = 0;
                for (int j = 0; j < D; j++) {
                    double g = 0;
                    for (int s = i + 1; s <= t; s++) g += in->f64.log_decay[channels ? s * D + j : s];
                    lee += in->f64.key[t * D + j] * in->f64.key[i * D + j] * exp(g);
                }
                sum -= beta * lee * inverse[i * C + column];
            }
            inverse[t * C + column] = t < column ? 0 : sum;
        }
}

START_TEST(the_inverse_is_small_and_is_what_the_kernels_compute)
{
    static double inverse[C * C];
    double largest = 0;
    for (int channels = 0; channels < 2; channels++)
        for (int same = 0; same < 2; same++)
            for (int b = 0; b < BETAS; b++) {
                inputs in = unit_tokens(same, betas[b], decays[_i], channels);
                double *S = copy_f64(in.S64, in.state), *u = calloc((size_t)in.outputs, sizeof *u);
                size_t bytes;
                ck_synres_ok(synres_chunk_size_f64(&in.shape, &bytes));
                void *memory = malloc(bytes);
                ck_synres_ok(synres_chunk_f64(&in.shape, &in.f64, S, u, C, memory, bytes, 0, 1));
                ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
                invert(&in, betas[b], channels, inverse);
                for (int t = 0; t < C; t++)
                    for (int i = 0; i < t; i++) {
                        const double x = inverse[t * C + i];
                        ck_assert_msg(fabs(x) <= betas[b] * (1 + 1e-12), "[%d, %d]: |%g| > %g", t, i, x, betas[b]);
                        ck_assert(near(-betas[b] * in.u64[t * C + i], x, 1e-12, 1) && near(-betas[b] * u[t * C + i], x, 1e-12, 1));
                        largest = fmax(largest, fabs(x));
                    }
                free(memory), free(S), free(u);
                free_tokens(&in);
            }
    if (decays[_i] > -0.1) ck_assert_msg(largest > 2 - 1e-5, "the bound was never met: %g", largest);
}
END_TEST

/* |a − b| against the largest |b|, and what rounding of denormals may add up to. */
static void assert_close(const float *a, const double *b, int64_t n, const char *what, double decay, double beta)
{
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs(b[i])), worst = fmax(worst, fabs(a[i] - b[i]));
    ck_assert_msg(worst <= 2e-5 * largest + 2e-43, "%s, decay %g, beta %g: %g of %g", what, decay, beta, worst, largest);
}

/* f32: the step, on every instruction set with the same bits, and the chunk, from a state of ordinary numbers or of denormals. */
START_TEST(f32_kernels_are_as_safe)
{
    static const char *const names[] = {"portable", "avx2", "avx512"};
    int64_t compared = 0;
    for (int32_t flags = SYNRES_RULE_ERASE; flags < 16; flags += SYNRES_RULE_DECAY_CHANNEL)
        for (int b = 0; b < BETAS; b++)
            for (int tiny = 0; tiny < 2; tiny++, compared++) {
                inputs in = random_tokens(3, flags, 1, 21, 7, C, WITH_DECAY);
                float *key = (float *)(uintptr_t)in.f32.key, *beta = (float *)(uintptr_t)in.f32.beta, *decay = (float *)(uintptr_t)in.f32.log_decay;
                float *value = (float *)(uintptr_t)in.f32.value;
                const int64_t width = flags & SYNRES_RULE_DECAY_CHANNEL ? 21 : 1;
                for (int64_t t = 0; t < C; t++) {
                    memcpy(key + t * 21, key, 21 * sizeof *key);
                    beta[t] = (float)betas[b];
                    for (int64_t j = 0; j < width; j++) decay[t * width + j] = (float)decays[_i];
                    for (int64_t i = 0; i < 7 && tiny; i++) value[t * 7 + i] *= 1e-42f;
                }
                for (int64_t i = 0; i < in.state && tiny; i++) in.S32[i] *= 1e-42f;
                for (int64_t i = 0; i < C * 21; i++) ((double *)(uintptr_t)in.f64.key)[i] = key[i];
                for (int64_t i = 0; i < C * 7; i++) ((double *)(uintptr_t)in.f64.value)[i] = value[i];
                for (int64_t i = 0; i < C; i++) ((double *)(uintptr_t)in.f64.beta)[i] = beta[i];
                for (int64_t i = 0; i < C * width; i++) ((double *)(uintptr_t)in.f64.log_decay)[i] = decay[i];
                for (int64_t i = 0; i < in.state; i++) in.S64[i] = in.S32[i];
                float *start = copy_f32(in.S32, in.state), *S = copy_f32(start, in.state), *u = calloc((size_t)in.outputs, sizeof *u);
                ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
                ck_synres_ok(synresi_step(synresi_lanes_named(names[0]), &in.shape, &in.f32, in.S32, in.u32, 0, 1));
                assert_close(in.S32, in.S64, in.state, "S", decays[_i], betas[b]);
                assert_close(in.u32, in.u64, in.outputs, "u", decays[_i], betas[b]);
                for (int k = 1; k < 3; k++) {
                    if (!synresi_lanes_named(names[k])) continue;
                    memcpy(S, start, (size_t)in.state * sizeof *S);
                    ck_synres_ok(synresi_step(synresi_lanes_named(names[k]), &in.shape, &in.f32, S, u, 0, 1));
                    ck_assert_mem_eq(S, in.S32, (size_t)in.state * sizeof *S);
                    ck_assert_mem_eq(u, in.u32, (size_t)in.outputs * sizeof *u);
                }
                size_t bytes;
                ck_synres_ok(synres_chunk_size_f32(&in.shape, &bytes));
                void *memory = malloc(bytes);
                ck_synres_ok(synres_chunk_f32(&in.shape, &in.f32, start, u, C, memory, bytes, 0, 1));
                assert_close(start, in.S64, in.state, "chunked S", decays[_i], betas[b]);
                assert_close(u, in.u64, in.outputs, "chunked u", decays[_i], betas[b]);
                free(memory), free(start), free(S), free(u);
                free_tokens(&in);
            }
    ck_assert_int_eq(compared, 2 * BETAS * 2);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "T5", the_inverse_is_small_and_is_what_the_kernels_compute, DECAYS);
    add_loop(suite, "f32", f32_kernels_are_as_safe, DECAYS);
}

SUITE_MAIN("synres_hard", add_cases)
