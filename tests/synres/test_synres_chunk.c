/* The chunk beside the step: every rule it takes, any length, any split of the tokens into calls, hard gates; T5; and what it refuses. */
#include <math.h>

#include "chunk/chunk_internal.h"
#include "suite.h"
#include "synres_inputs.h"

static const int64_t chunks[] = {1, 3, 16, 63, 64}, lengths[] = {0, 1, 63, 64, 65, 257};
enum { CHUNKS = 5, LENGTHS = 6, RULES = 16 };

static void run_f64(const inputs *in, int64_t chunk, double *S, double *u)
{
    size_t bytes;
    ck_synres_ok(synres_chunk_size_f64(&in->shape, &bytes));
    void *memory = malloc(bytes);
    for (int32_t ith = 0; ith < 2; ith++) ck_synres_ok(synres_chunk_f64(&in->shape, &in->f64, S, u, chunk, memory, bytes, ith, 2));
    free(memory);
}

/* One chunked run of everything, f64 and f32, against the step in f64. */
static void compare(int32_t flags, int with, int64_t d_key, int64_t d_value, int64_t tokens, int64_t chunk)
{
    inputs in = random_tokens((uint64_t)flags, flags, d_key * d_value > 1000 ? 1 : 2, d_key, d_value, tokens, with);
    double *S = copy_f64(in.S64, in.state), *u = calloc((size_t)in.outputs + 1, sizeof *u);
    float *S32 = copy_f32(in.S32, in.state);
    run_f64(&in, chunk, S, u);
    ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
    double error = fmax(rms_ratio_f64(S, in.S64, in.state), rms_ratio_f64(u, in.u64, in.outputs));
    ck_assert_msg(error <= 1e-12, "flags %d, with %d, %d x %d, T %d, C %d: %g", flags, with, (int)d_value, (int)d_key, (int)tokens, (int)chunk, error);
    size_t bytes;
    ck_synres_ok(synres_chunk_size_f32(&in.shape, &bytes));
    void *memory = malloc(bytes);
    ck_synres_ok(synres_chunk_f32(&in.shape, &in.f32, S32, in.u32, chunk, memory, bytes, 0, 1));
    error = fmax(rms_ratio(S32, in.S64, in.state), rms_ratio(in.u32, in.u64, in.outputs));
    ck_assert_msg(error <= 1e-5, "f32, flags %d, with %d, %d x %d, T %d, C %d: %g", flags, with, (int)d_value, (int)d_key, (int)tokens, (int)chunk, error);
    free(memory), free(S), free(u), free(S32);
    free_tokens(&in);
}

START_TEST(is_the_step)
{
    const int64_t d_key = dimensions[_i / DIMENSIONS], d_value = dimensions[_i % DIMENSIONS];
    const int every_rule = d_key * d_value == 24;
    int64_t compared = 0;
    for (int l = 0; l < LENGTHS; l++)
        for (int c = 0; c < CHUNKS; c++) {
            for (int32_t flags = 0; flags < RULES; flags++) {
                if (!every_rule && flags != (_i + 5 * l + 3 * c) % RULES) continue; /* one rule for each length and chunk */
                int with = (flags + l + c) % 8;
                if (with & WITH_ERASE_BETA) with &= ~WITH_ERASE; /* a foreign strength along a foreign direction may grow without bound */
                compare(flags, with, d_key, d_value, lengths[l], chunks[c]);
                compared++;
            }
        }
    ck_assert_int_eq(compared, LENGTHS * CHUNKS * (every_rule ? RULES : 1));
}
END_TEST

static const char *const sets[] = {"portable", "avx2", "avx512"};

/* Each instruction set, with rows apart and heads on two threads, in both number types. */
START_TEST(every_set_is_the_step)
{
    const synresi_chunks *set = synresi_chunks_named(sets[_i]);
    enum { T = 53, K = 19, V = 21, STRIDE = 23, HEADS = 3 };
    for (int32_t flags = 0; flags < 16 && set; flags++)
        for (int with = 0; with < 8; with++) {
            if ((with & WITH_ERASE) && (with & WITH_ERASE_BETA)) continue; /* it may grow without bound */
            inputs in = random_tokens((uint64_t)flags, flags, HEADS, K, V, T, with);
            synres_shape apart = in.shape;
            apart.stride = STRIDE;
            size_t bytes;
            ck_synres_ok(synres_chunk_size_f64(&apart, &bytes));
            void *memory = malloc(bytes);
            double *S = calloc(HEADS * V * STRIDE, sizeof *S), *u = calloc((size_t)in.outputs, sizeof *u);
            float *S32 = calloc(HEADS * V * STRIDE, sizeof *S32);
            for (int i = 0; i < HEADS * V * K; i++) S[i / K * STRIDE + i % K] = in.S64[i], S32[i / K * STRIDE + i % K] = in.S32[i];
            for (int32_t ith = 0; ith < 2; ith++) {
                ck_synres_ok(synresi_chunk_f64(set, &apart, &in.f64, S, u, 37, memory, bytes, ith, 2));
                ck_synres_ok(synresi_chunk_f32(set, &apart, &in.f32, S32, in.u32, 37, memory, bytes, ith, 2));
            }
            ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
            double error = rms_ratio_f64(u, in.u64, in.outputs), error32 = rms_ratio(in.u32, in.u64, in.outputs);
            for (int i = 0; i < HEADS * V; i++) {
                error = fmax(error, rms_ratio_f64(S + i * STRIDE, in.S64 + i * K, K));
                error32 = fmax(error32, rms_ratio(S32 + i * STRIDE, in.S64 + i * K, K));
                for (int j = K; j < STRIDE; j++) ck_assert(S[i * STRIDE + j] == 0 && S32[i * STRIDE + j] == 0);
            }
            ck_assert_msg(error <= 1e-12 && error32 <= 1e-5, "%s, flags %d, with %d: %g, %g", sets[_i], flags, with, error, error32);
            free(memory), free(S), free(u), free(S32);
            free_tokens(&in);
        }
}
END_TEST

START_TEST(products_are_sums)
{
    const synresi_chunks *set = synresi_chunks_named(sets[_i]);
    enum { M = 7, N = 80, DEPTH = 9 };
    inputs in = random_tokens(1, 0, 1, N, 1, DEPTH + M, 0);
    const double *a = in.f64.key, *b = in.f64.query;
    for (int64_t m = 1; m <= M && set; m++)
        for (int64_t n = SYNRESI_LANES; n <= N; n += SYNRESI_LANES)
            for (int64_t depth = 0; depth <= DEPTH; depth++)
                for (int add = 0; add < 2; add++) {
                    double c[M * N];
                    float c32[M * N];
                    for (int i = 0; i < M * N; i++) c[i] = c32[i] = 3;
                    set->product_f64(m, n, depth, a, 1, M, b, N, add, c, N); /* A by columns */
                    set->product_f32(m, n, depth, in.f32.key, 1, M, in.f32.query, N, add, c32, N);
                    for (int64_t i = 0; i < M; i++)
                        for (int64_t j = 0; j < N; j++) {
                            double want = i < m && j < n ? add ? 3 : 0 : 3;
                            for (int64_t l = 0; l < depth && i < m && j < n; l++) want += a[l * M + i] * b[l * N + j];
                            ck_assert_msg(near(c[i * N + j], want, 1e-14, 10) && near(c32[i * N + j], want, 1e-6, 10), "%d %d", (int)i, (int)j);
                        }
                }
    free_tokens(&in);
}
END_TEST

/* Cut once anywhere, for all lengths and chunks; and one length cut twice anywhere. */
START_TEST(any_split_into_calls_is_the_same)
{
    static const int32_t rules[] = {SYNRES_RULE_ERASE, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL | SYNRES_RULE_ROW_GATES | SYNRES_RULE_READ_PRE};
    const int twice = chunks[_i % CHUNKS] == 16;
    int64_t splits = 0;
    for (int l = 0; l < LENGTHS; l++) {
        const int64_t T = lengths[l];
        inputs in = random_tokens(2, rules[_i / CHUNKS], 1, 8, 5, T, WITH_DECAY);
        double *start = copy_f64(in.S64, in.state), *u = calloc((size_t)in.outputs + 1, sizeof *u), *S = copy_f64(in.S64, in.state);
        ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
        for (int64_t cut = 0; cut <= T; cut++)
            for (int64_t again = twice && T == 63 ? cut : T; again <= T; again++, splits++) {
                const int64_t from[] = {0, cut, again, T};
                memcpy(S, start, (size_t)in.state * sizeof *S);
                for (int part = 0; part < 3; part++) {
                    inputs some = tokens_from(&in, from[part], from[part + 1] - from[part]);
                    run_f64(&some, chunks[_i % CHUNKS], S, u + from[part] * 5);
                }
                ck_assert(rms_ratio_f64(S, in.S64, in.state) <= 1e-12 && rms_ratio_f64(u, in.u64, in.outputs) <= 1e-12);
            }
        free(start), free(u), free(S);
        free_tokens(&in);
    }
    ck_assert_int_eq(splits, 1 + 2 + 65 + 66 + 258 + (twice ? 64 * 65 / 2 : 64));
}
END_TEST

/* Identical keys 64 times, decays to almost nothing, decays of 1, β = 2: nothing overflows, and the step agrees. */
START_TEST(hard_gates_are_safe)
{
    static const double decays[] = {0, -80, -1e-8, -700}, betas[] = {0, 1, 2};
    for (int32_t flags = SYNRES_RULE_ERASE; flags < 16; flags += SYNRES_RULE_DECAY_CHANNEL)
        for (int d = 0; d < 4; d++)
            for (int b = 0; b < 3; b++) {
                inputs in = random_tokens(3, flags, 1, 8, 5, 64, WITH_DECAY);
                double *key = (double *)(uintptr_t)in.f64.key, *beta = (double *)(uintptr_t)in.f64.beta, *decay = (double *)(uintptr_t)in.f64.log_decay;
                for (int t = 0; t < 64; t++) {
                    memcpy(key + t * 8, key, 8 * sizeof *key);
                    beta[t] = betas[b];
                    for (int j = 0; j < (flags & SYNRES_RULE_DECAY_CHANNEL ? 8 : 1); j++) decay[t * (flags & SYNRES_RULE_DECAY_CHANNEL ? 8 : 1) + j] = decays[d];
                }
                double *S = copy_f64(in.S64, in.state), *u = calloc((size_t)in.outputs, sizeof *u);
                run_f64(&in, 64, S, u);
                ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
                double error = fmax(rms_ratio_f64(S, in.S64, in.state), rms_ratio_f64(u, in.u64, in.outputs));
                ck_assert_msg(error <= 1e-11, "decay %g, beta %g: %g", decays[d], betas[b], error);
                free(S), free(u);
                free_tokens(&in);
            }
}
END_TEST

START_TEST(bad_input_is_refused)
{
    inputs in = random_tokens(1, SYNRES_RULE_ERASE, 1, 4, 4, 3, WITH_DECAY);
    size_t bytes;
    ck_synres_ok(synres_chunk_size_f32(&in.shape, &bytes));
    void *memory = malloc(bytes);
#define CHUNK(shape, S, u, chunk, memory, bytes, ith, nth) synres_chunk_f32(shape, &in.f32, S, u, chunk, memory, bytes, ith, nth)
    ck_synres_status(CHUNK(NULL, in.S32, in.u32, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(CHUNK(&in.shape, NULL, in.u32, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(CHUNK(&in.shape, in.S32, NULL, 0, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(CHUNK(&in.shape, in.S32, in.u32, 65, memory, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(CHUNK(&in.shape, in.S32, in.u32, 0, NULL, bytes, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(CHUNK(&in.shape, in.S32, in.u32, 0, memory, bytes - 1, 0, 1), SYNRES_E_CAPACITY);
    ck_synres_status(CHUNK(&in.shape, in.S32, in.u32, 0, memory, bytes, 1, 1), SYNRES_E_ARGUMENT);
    in.shape.flags |= SYNRES_RULE_DECAY_ROW;
    ck_synres_status(CHUNK(&in.shape, in.S32, in.u32, 0, memory, bytes, 0, 1), SYNRES_E_UNSUPPORTED);
    free(memory);
    free_tokens(&in);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "sets", every_set_is_the_step, 3);
    add_loop(suite, "products", products_are_sums, 3);
    add_loop(suite, "step", is_the_step, PAIRS);
    add_loop(suite, "splits", any_split_into_calls_is_the_same, 2 * CHUNKS);
    add_case(suite, "hard gates", hard_gates_are_safe);
    add_case(suite, "bad input", bad_input_is_refused);
}

SUITE_MAIN("synres_chunk", add_cases)
