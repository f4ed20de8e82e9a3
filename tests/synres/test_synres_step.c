/* The f32 step: against the f64 reference, the same bits on every instruction set and for any number of threads, rows left alone, bad input. */
#include <math.h>

#include "step/step_internal.h"
#include "suite.h"
#include "synres_inputs.h"

enum { FLAGS = 32, WITHS = 8 };

START_TEST(is_the_reference_within_rounding)
{
    int64_t compared = 0;
    double worst = 0;
    for (int32_t flags = 0; flags < FLAGS; flags++)
        for (int with = 0; with < WITHS; with++) {
            if ((flags & SYNRES_RULE_DECAY_CHANNEL) && (flags & SYNRES_RULE_DECAY_ROW)) continue;
            inputs in = random_tokens((uint64_t)(flags * WITHS + with), flags, 2, dimensions[_i / DIMENSIONS], dimensions[_i % DIMENSIONS], 3, with);
            ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
            ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, in.u32, 0, 1));
            worst = fmax(worst, fmax(rms_ratio(in.S32, in.S64, in.state), rms_ratio(in.u32, in.u64, in.outputs)));
            compared++;
            free_tokens(&in);
        }
    ck_assert_int_eq(compared, 24 * WITHS);
    ck_assert_msg(worst <= 1e-6, "rms ratio %g at %d x %d", worst, (int)dimensions[_i % DIMENSIONS], (int)dimensions[_i / DIMENSIONS]);
}
END_TEST

/* Hundreds of tokens, stable rules: rounding does not add up, and no split of the tokens into calls changes a bit. */
START_TEST(is_the_reference_after_many_tokens_and_any_split)
{
    enum { T = 257 };
    static const int32_t flags[] = {SYNRES_RULE_ERASE, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW,
                                    SYNRES_RULE_READ_PRE};
    inputs in = random_tokens(1, flags[_i % 4], 1, dimensions[(_i / 4 + 3) % DIMENSIONS], 9, T, WITH_DECAY);
    float *start = copy_f32(in.S32, in.state), *S = copy_f32(in.S32, in.state);
    ck_synres_ok(synres_step_f64(&in.shape, &in.f64, in.S64, in.u64, 0, 1));
    ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, in.u32, 0, 1));
    double worst = fmax(rms_ratio(in.S32, in.S64, in.state), rms_ratio(in.u32, in.u64, in.outputs));
    ck_assert_msg(worst <= 1e-6, "rms ratio %g at d_key %d", worst, (int)in.shape.d_key);
    float *u = copy_f32(in.u32, in.outputs);
    for (int64_t cut = 0; cut <= T; cut += _i < 4 ? 1 : 37) {
        inputs first = tokens_from(&in, 0, cut), second = tokens_from(&in, cut, T - cut);
        memcpy(S, start, (size_t)in.state * sizeof *S);
        memset(in.u32, 0x5a, (size_t)in.outputs * sizeof *S);
        ck_synres_ok(synres_step_f32(&in.shape, &first.f32, S, first.u32, 0, 1));
        ck_synres_ok(synres_step_f32(&in.shape, &second.f32, S, second.u32, 0, 1));
        ck_assert_mem_eq(S, in.S32, (size_t)in.state * sizeof *S);
        ck_assert_mem_eq(u, in.u32, (size_t)in.outputs * sizeof *S);
    }
    free(start), free(S), free(u);
    free_tokens(&in);
}
END_TEST

START_TEST(has_the_same_bits_everywhere)
{
    static const char *const names[] = {"portable", "avx2", "avx512"};
    int64_t compared = 0;
    for (int32_t flags = 0; flags < FLAGS; flags++)
        for (int with = 0; with < WITHS; with++) {
            if ((flags & SYNRES_RULE_DECAY_CHANNEL) && (flags & SYNRES_RULE_DECAY_ROW)) continue;
            if (_i % 7 && with % 7 != _i % 7) continue; /* squares with each company, the others with some */
            inputs in = random_tokens((uint64_t)flags, flags, 3, dimensions[_i / DIMENSIONS], dimensions[_i % DIMENSIONS], 3, with);
            float *start = copy_f32(in.S32, in.state);
            ck_synres_ok(synresi_step(synresi_lanes_named("portable"), &in.shape, &in.f32, in.S32, in.u32, 0, 1));
            for (int k = 1; k < 3 + 8; k++) { /* the other sets on one thread, then the picked one on 1 … 8 */
                const synresi_lanes *lanes = k < 3 ? synresi_lanes_named(names[k]) : synresi_lanes_pick();
                if (!lanes) continue;
                float *S = copy_f32(start, in.state), *u = calloc((size_t)in.outputs, sizeof *u);
                int32_t nth = k < 3 ? 1 : k - 2;
                for (int32_t ith = nth - 1; ith >= 0; ith--) ck_synres_ok(synresi_step(lanes, &in.shape, &in.f32, S, u, ith, nth));
                ck_assert_mem_eq(S, in.S32, (size_t)in.state * sizeof *S);
                ck_assert_mem_eq(u, in.u32, (size_t)in.outputs * sizeof *u);
                compared++;
                free(S);
                free(u);
            }
            free(start);
            free_tokens(&in);
        }
    ck_assert_int_ge(compared, 24 * 8);
}
END_TEST

START_TEST(lanes_dot_has_the_same_bits_everywhere)
{
    inputs in = random_tokens(9, 0, 1, 300, 1, 2, 0);
    for (int64_t n = 0; n <= 300; n++) {
        float want = synresi_lanes_portable.dot(n, in.f32.key, in.f32.query);
        float got = synresi_lanes_pick()->dot(n, in.f32.key, in.f32.query);
        ck_assert_mem_eq(&got, &want, sizeof want);
        double sum = 0;
        for (int64_t j = 0; j < n; j++) sum += (double)in.f32.key[j] * in.f32.query[j];
        ck_assert_msg(near(want, sum, 1e-6, 1), "%d: %g, %g", (int)n, want, sum);
    }
    free_tokens(&in);
}
END_TEST

/* Each number of a product is the dot of its row and its token, whatever stands beside it. */
START_TEST(lanes_products_have_the_bits_of_their_dots)
{
    static const char *const names[] = {"portable", "avx2", "avx512"};
    static const int64_t lengths[] = {1, 8, 16, 17, 100};
    enum { ROWS = 11, TOKENS = 7, WIDE = 100 };
    inputs in = random_tokens(4, 0, 1, WIDE, 1, ROWS + TOKENS, 0);
    const float *a = in.f32.key, *x = in.f32.query;
    int64_t compared = 0;
    for (int l = 0; l < 3; l++)
        for (int k = 0; k < 5 && synresi_lanes_named(names[l]); k++)
            for (int64_t count = 1; count <= ROWS; count++)
                for (int64_t tokens = 1; tokens <= TOKENS; tokens++) {
                    float out[TOKENS * 13];
                    synresi_lanes_named(names[l])->rows(count, lengths[k], a, WIDE, tokens, x, WIDE, out, 13);
                    for (int64_t i = 0; i < count; i++)
                        for (int64_t t = 0; t < tokens; t++, compared++) {
                            float want = synresi_lanes_portable.dot(lengths[k], a + i * WIDE, x + t * WIDE);
                            ck_assert_mem_eq(out + t * 13 + i, &want, sizeof want);
                        }
                }
    ck_assert_int_ge(compared, 5 * ROWS * (ROWS + 1) / 2 * TOKENS * (TOKENS + 1) / 2);
    free_tokens(&in);
}
END_TEST

START_TEST(reading_out_has_the_same_bits_everywhere)
{
    static const char *const names[] = {"portable", "avx2", "avx512"};
    enum { HEADS = 3, WIDEST = 21 };
    inputs in = random_tokens(6, 0, 1, 16, 1, HEADS * WIDEST, 0); /* keys: B, and the first queries: u */
    float *u = copy_f32(in.f32.query, HEADS * WIDEST);
    for (int64_t d = 1; d <= WIDEST; d++)
        for (int closed = 0; closed < 4; closed++) {
            float gate[HEADS] = {0.5f, -2, 0.25f}, want[SYNRESI_LANES], got[SYNRESI_LANES];
            float kept = u[d];
            if (closed < HEADS) gate[closed] = 0;
            if (closed == 1) u[d] = NAN; /* a closed head is not looked at */
            ck_assert(synresi_lanes_portable.read_out(HEADS, d, in.f32.key, u, gate, want));
            for (int l = 1; l < 3 && synresi_lanes_named(names[l]); l++) {
                ck_assert(synresi_lanes_named(names[l])->read_out(HEADS, d, in.f32.key, u, gate, got));
                ck_assert_mem_eq(got, want, sizeof got);
            }
            for (int i = 0; i < SYNRESI_LANES; i++) {
                double sum = 0;
                for (int64_t j = 0; j < HEADS * d; j++)
                    if (gate[j / d] != 0) sum += (double)gate[j / d] * in.f32.key[j * SYNRESI_LANES + i] * u[j];
                ck_assert_msg(near(want[i], sum, 1e-6, 10), "%d: %g, %g", (int)d, want[i], sum);
            }
            u[d] = kept;
        }
    const float nothing[HEADS] = {0};
    float out[SYNRESI_LANES];
    ck_assert(!synresi_lanes_pick()->read_out(HEADS, 4, in.f32.key, u, nothing, out));
    free(u);
    free_tokens(&in);
}
END_TEST

START_TEST(rows_may_be_apart)
{
    inputs in = random_tokens(5, SYNRES_RULE_ERASE, 2, 19, 6, 4, WITH_DECAY);
    enum { STRIDE = 23 };
    float *S = malloc(2 * 6 * STRIDE * sizeof *S), *u = malloc((size_t)in.outputs * sizeof *u);
    for (int i = 0; i < 2 * 6 * STRIDE; i++) S[i] = i % STRIDE < 19 ? in.S32[i / STRIDE * 19 + i % STRIDE] : 77;
    synres_shape apart = in.shape;
    apart.stride = STRIDE;
    ck_synres_ok(synres_step_f32(&apart, &in.f32, S, u, 0, 1));
    ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, in.u32, 0, 1));
    ck_assert_mem_eq(u, in.u32, (size_t)in.outputs * sizeof *u);
    for (int i = 0; i < 2 * 6 * STRIDE; i++)
        ck_assert_float_eq(S[i], i % STRIDE < 19 ? in.S32[i / STRIDE * 19 + i % STRIDE] : 77);
    free(S);
    free(u);
    free_tokens(&in);
}
END_TEST

START_TEST(a_row_with_nothing_to_do_keeps_each_bit)
{
    static const float odd[] = {-0.0f, NAN, INFINITY, -INFINITY, 1e-45f, -1e-40f, 3.0f};
    static const int32_t flags[] = {SYNRES_RULE_ERASE, 0, SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL,
                                    SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_ROW};
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
        for (int with = 0; with <= WITH_DECAY; with++) {
            inputs in = random_tokens(f, flags[f], 2, 21, 7, 2, with);
            int64_t gates = 2 * 2 * synresi_gate_width(&in.shape), decays = 2 * 2 * synresi_decay_width(&in.shape);
            float *zero = calloc((size_t)(gates + decays), sizeof *zero);
            in.f32.beta = (free((void *)(uintptr_t)in.f32.beta), zero);
            if (with) in.f32.log_decay = (free((void *)(uintptr_t)in.f32.log_decay), copy_f32(zero, decays));
            for (int64_t i = 0; i < in.state; i++) in.S32[i] = odd[i % 7];
            float *before = copy_f32(in.S32, in.state);
            ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, in.u32, 0, 1));
            ck_assert_mem_eq(in.S32, before, (size_t)in.state * sizeof *before);
            free(before);
            free_tokens(&in);
        }
}
END_TEST

START_TEST(one_row_of_gates_may_be_idle)
{
    inputs in = random_tokens(3, SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES, 1, 16, 6, 1, 0);
    float beta[6] = {0, 0.5f, 0, 1, 0.25f, 0};
    float *before = copy_f32(in.S32, in.state);
    in.f32.beta = (free((void *)(uintptr_t)in.f32.beta), copy_f32(beta, 6));
    before[3] = in.S32[3] = -0.0f;
    ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, in.u32, 0, 1));
    for (int i = 0; i < 6; i++) ck_assert_int_eq(memcmp(in.S32 + 16 * i, before + 16 * i, 16 * sizeof *before) == 0, beta[i] == 0);
    free(before);
    free_tokens(&in);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    inputs in = random_tokens(1, SYNRES_RULE_ERASE, 2, 4, 4, 1, 0);
    float *before = copy_f32(in.S32, in.state);
#define REFUSED(change, status)                                                                   \
    do {                                                                                          \
        synres_shape shape = in.shape;                                                            \
        synres_tokens_f32 tokens = in.f32;                                                        \
        int32_t ith = 0, nth = 1;                                                                 \
        float *S = in.S32, *u = in.u32;                                                           \
        change;                                                                                   \
        ck_synres_status(synres_step_f32(&shape, &tokens, S, u, ith, nth), status);               \
        ck_assert_mem_eq(in.S32, before, (size_t)in.state * sizeof *before);                      \
    } while (0)
    REFUSED(shape.heads = 0, SYNRES_E_SHAPE);
    REFUSED(shape.heads = SYNRES_MAX_HEADS + 1, SYNRES_E_SHAPE);
    REFUSED(shape.d_key = 0, SYNRES_E_SHAPE);
    REFUSED(shape.d_key = SYNRES_MAX_DIMENSION + 1, SYNRES_E_SHAPE);
    REFUSED(shape.d_value = -1, SYNRES_E_SHAPE);
    REFUSED(shape.stride = 3, SYNRES_E_SHAPE);
    REFUSED(shape.stride = INT64_MAX, SYNRES_E_OVERFLOW);
    REFUSED(shape.flags = 64, SYNRES_E_UNSUPPORTED);
    REFUSED(shape.flags = SYNRES_RULE_DECAY_ROW | SYNRES_RULE_DECAY_CHANNEL, SYNRES_E_ARGUMENT);
    REFUSED(shape.struct_size = 2, SYNRES_E_ARGUMENT);
    REFUSED(tokens.tokens = -1, SYNRES_E_SHAPE);
    REFUSED(tokens.key = NULL, SYNRES_E_ARGUMENT);
    REFUSED(tokens.query = NULL, SYNRES_E_ARGUMENT);
    REFUSED(tokens.value = NULL, SYNRES_E_ARGUMENT);
    REFUSED(tokens.beta = NULL, SYNRES_E_ARGUMENT);
    REFUSED(S = NULL, SYNRES_E_ARGUMENT);
    REFUSED(u = NULL, SYNRES_E_ARGUMENT);
    REFUSED(ith = 1, SYNRES_E_ARGUMENT);
    REFUSED(ith = -1, SYNRES_E_ARGUMENT);
    REFUSED(nth = 0, SYNRES_E_ARGUMENT);
    ck_synres_status(synres_step_f32(NULL, &in.f32, in.S32, in.u32, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_step_f32(&in.shape, NULL, in.S32, in.u32, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_step_f64(NULL, &in.f64, in.S64, in.u64, 0, 1), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_shape_init(NULL, 48), SYNRES_E_ARGUMENT);
    ck_assert_str_eq(synres_status_name(SYNRES_E_SHAPE), "SYNRES_E_SHAPE");
    ck_assert_str_eq(synres_status_name(-99), "SYNRES_E_?");
    ck_assert_ptr_nonnull(strstr(synres_status_text(SYNRES_E_CAPACITY), "too small"));
    in.f32.tokens = 0;
    ck_synres_ok(synres_step_f32(&in.shape, &in.f32, in.S32, NULL, 0, 1));
    ck_assert_mem_eq(in.S32, before, (size_t)in.state * sizeof *before);
    free(before);
    free_tokens(&in);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "reference", is_the_reference_within_rounding, PAIRS);
    add_loop(suite, "many tokens", is_the_reference_after_many_tokens_and_any_split, 4 * DIMENSIONS);
    add_loop(suite, "bits", has_the_same_bits_everywhere, PAIRS);
    add_case(suite, "dot", lanes_dot_has_the_same_bits_everywhere);
    add_case(suite, "products", lanes_products_have_the_bits_of_their_dots);
    add_case(suite, "read out", reading_out_has_the_same_bits_everywhere);
    add_case(suite, "stride", rows_may_be_apart);
    add_case(suite, "idle", a_row_with_nothing_to_do_keeps_each_bit);
    add_case(suite, "idle row", one_row_of_gates_may_be_idle);
    add_case(suite, "bad input", bad_input_is_refused);
}

SUITE_MAIN("synres_step", add_cases)
