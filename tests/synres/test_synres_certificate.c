/* The certificate of a running model, under keys chosen against it; the radius; and the rules without a bound, which grow where they are allowed to
 * and are refused elsewhere. */
#include <math.h>

#include "glass_layer.h"
#include "suite.h"
#include "synres_inputs.h"

enum { D = 8 };

/* The step of length ±1 in the first value that makes the state longest: against what the key recalls when β > 1, with it when β < 1. */
static double adverse(const glass *g, const double *key, double beta)
{
    int64_t stride;
    const float *S = glass_state(g, &stride);
    double p = 0;
    for (int64_t j = 0; j < g->options.d_key; j++) p += (double)S[j] * key[j];
    return p * (1 - beta) < 0 ? -1 : 1;
}

/* The unit key for which T2 is an equality for the value 1 and a state of one row: s·k = (1 − β)/(2 − β), as near to it as the state's length lets it. */
static void sharp_key(const glass *g, double beta, double *key)
{
    double strong[D], wanted = (1 - beta) / (2 - beta) / (glass_norm(g) + 1e-300), cosine = fmax(-1, fmin(1, wanted));
    weakest_key(g, key);
    strongest_key(g, strong);
    if (adverse(g, strong, 0) < 0) cosine = -cosine; /* which way the singular vector points */
    for (int j = 0; j < D && cosine != 0; j++) key[j] = cosine * strong[j] + sqrt(1 - cosine * cosine) * key[j];
}

START_TEST(norms_stay_below_the_bound_under_adversarial_keys)
{
    static const double betas[] = {1, 2, 0.5, 1.7};
    for (int b = 0; b < 4; b++)
        for (int strong = 0; strong < 2; strong++) {
            glass g;
            double tightest = 0, key[D], value[1];
            ck_synres_ok(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE, .d_key = D, .d_value = 1, .beta_max = betas[b], .max_decay = 0.999}, 0));
            for (int t = 0; t < 600; t++) {
                strong ? strongest_key(&g, key) : sharp_key(&g, betas[b], key);
                value[0] = strong ? adverse(&g, key, betas[b]) : 1;
                write_glass(&g, key, value, GLASS_PUSH);
                ck_assert_msg(glass_norm(&g) <= glass_bound(&g) * (1 + 1e-5), "beta %g, token %d: %g > %g", betas[b], t, glass_norm(&g), glass_bound(&g));
                if (t > 300) tightest = fmax(tightest, glass_norm(&g) / glass_bound(&g));
                if (t % 3) continue;
                double before = glass_bound(&g); /* β = 0: the state only fades, and so does its bound */
                write_glass(&g, key, value, -GLASS_PUSH);
                ck_assert_double_le(glass_bound(&g), 0.9990001 * before);
                ck_assert_double_le(glass_norm(&g), glass_bound(&g) * (1 + 1e-5));
            }
            if ((betas[b] < 2) != strong) ck_assert_msg(tightest > 0.999, "beta %g, strong %d: never approached: %g", betas[b], strong, tightest);
            close_glass(&g);
        }
}
END_TEST

/* β = 2 reflects along the key, and rounding leaves some keys longer than 1 by 10⁻⁷: what is written along such a key again and again grows by more than
 * T2 of a unit key says, and the bound knows it. */
START_TEST(keys_that_rounding_left_long_are_bounded_as_they_are)
{
    enum { K = GLASS_MOST, KEYS = 24, T = 1500 };
    for (int n = 0; n < KEYS; n++) {
        glass g;
        double key[K];
        for (int j = 0; j < K; j++) key[j] = 1000 * sin(1 + 7.3 * n + 1.7 * j);
        ck_synres_ok(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE, .d_key = K, .d_value = 1, .beta_max = 2}, 0));
        for (int t = 0; t < T; t++) {
            const double value[1] = {t % 2 ? -1 : 1};
            write_glass(&g, key, value, GLASS_PUSH);
        }
        ck_assert_msg(glass_norm(&g) <= glass_bound(&g) * (1 + 1e-5), "key %d: %.9g > %.9g", n, glass_norm(&g), glass_bound(&g));
        close_glass(&g);
    }
}
END_TEST

/* α = 1: √t exactly, which only a layer that says so may do; a radius makes it a rule with a bound. */
START_TEST(the_pure_delta_rule_is_refused_allowed_or_held)
{
    enum { T = 1000, BLOCK = 16 };
    const double radius = 3;
    glass_options options = {.flags = SYNRES_RULE_ERASE, .d_key = 2, .d_value = 1, .max_decay = 1, .block = BLOCK};
    glass g;
    ck_synres_status(open_glass(&g, options, 0), SYNRES_E_CERTIFICATE);
    options.flags |= SYNRES_LAYER_UNCERTIFIED;
    ck_synres_ok(open_glass(&g, options, 0));
    const double one[1] = {1};
    double key[2], longest = 0;
    for (int t = 1; t <= T; t++) {
        weakest_key(&g, key);
        write_glass(&g, key, one, GLASS_PUSH);
        ck_assert_msg(near(glass_norm(&g), sqrt(t), 1e-4, 0), "%d: %.9g", t, glass_norm(&g));
        ck_assert_msg(near(glass_bound(&g), sqrt(t), 1e-6, 0), "%d: %.9g", t, glass_bound(&g));
    }
    close_glass(&g);
    options.flags = SYNRES_RULE_ERASE, options.radius = radius;
    ck_synres_ok(open_glass(&g, options, 0));
    for (int t = 1; t <= T; t++) {
        weakest_key(&g, key);
        write_glass(&g, key, one, GLASS_PUSH);
        const int inside = (t - 1) % BLOCK + 1;
        ck_assert_msg(glass_norm(&g) <= sqrt(radius * radius + inside) * (1 + 1e-6), "%d: %g", t, glass_norm(&g));
        ck_assert_msg(glass_bound(&g) <= sqrt(radius * radius + inside) * (1 + 1e-6), "%d: %g", t, glass_bound(&g));
        longest = fmax(longest, glass_norm(&g));
    }
    ck_assert_msg(near(longest, sqrt(radius * radius + BLOCK), 1e-4, 0), "%g", longest);
    close_glass(&g);
}
END_TEST

/* What lies inside the radius keeps each bit at a boundary; what lies outside is brought to it, and not beyond, by one factor. */
START_TEST(the_radius_only_scales)
{
    enum { BLOCK = 4, V = 3 };
    const double value[V] = {3, -4, 12}, nothing[V] = {0};
    double key[D] = {0.6, 0.8};
    for (int outside = 0; outside < 2; outside++) {
        glass g;
        int64_t stride;
        ck_synres_ok(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE, .d_key = D, .d_value = V, .max_decay = 1, .radius = outside ? 1.5 : 14,
                                                    .block = BLOCK}, 0));
        for (int t = 0; t < BLOCK; t++) write_glass(&g, key, t ? nothing : value, t ? -GLASS_PUSH : GLASS_PUSH);
        const float *S = glass_state(&g, &stride);
        float *before = copy_f32(S, V * stride);
        ck_assert_msg(near(glass_norm(&g), 13, 1e-6, 0), "%g", glass_norm(&g));
        write_glass(&g, key, nothing, -GLASS_PUSH);
        if (!outside) ck_assert_mem_eq(S, before, (size_t)(V * stride) * sizeof *S);
        for (int64_t i = 0; i < V * stride && outside; i++) ck_assert_msg(near(S[i], before[i] * 1.5 / 13, 1e-6, 0), "%d", (int)i);
        if (outside) ck_assert_msg(glass_norm(&g) <= 1.5 && glass_norm(&g) > 1.499999, "%.9g", glass_norm(&g));
        ck_assert_double_le(glass_bound(&g), outside ? 1.5 : 14);
        free(before);
        close_glass(&g);
    }
}
END_TEST

/* T3b through a model: tied and nested, a row never exceeds its largest value. C2: outside the decay it is driven to β/(2(1 − β)), where that is allowed. */
START_TEST(tied_gates_are_bounded_and_the_erase_outside_is_refused)
{
    const int32_t tied = SYNRES_RULE_ERASE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | SYNRES_LAYER_TIED, outside = tied | SYNRES_LAYER_ERASE_OUTSIDE;
    const double beta = 0.9, push = log(beta / (1 - beta)), grown = beta / (2 * (1 - beta));
    double key[D] = {1}, value[2];
    glass g;
    ck_synres_ok(open_glass(&g, (glass_options){.flags = tied, .d_key = D, .d_value = 2}, 0));
    for (int t = 0; t < 500; t++) {
        int64_t stride;
        const float *S = glass_state(&g, &stride);
        weakest_key(&g, key);
        value[0] = t % 2 ? 1 : -1, value[1] = t % 3 ? 1 : -1;
        write_glass(&g, key, value, t % 5 - 2);
        for (int i = 0; i < 2; i++) {
            double row = 0;
            for (int64_t j = 0; j < stride; j++) row += (double)S[i * stride + j] * S[i * stride + j];
            ck_assert_msg(sqrt(row) <= 1 + 1e-6, "token %d, row %d: %.9g", t, i, sqrt(row));
        }
        ck_assert_double_le(glass_norm(&g), glass_bound(&g) * (1 + 1e-5));
    }
    close_glass(&g);
    ck_synres_status(open_glass(&g, (glass_options){.flags = outside, .d_key = D, .d_value = 2}, 0), SYNRES_E_CERTIFICATE);
    for (int held = 0; held < 2; held++) {
        const int32_t flags = held ? outside : outside | SYNRES_LAYER_UNCERTIFIED;
        ck_synres_ok(open_glass(&g, (glass_options){.flags = flags, .d_key = D, .d_value = 1, .radius = held ? 1 : 0, .block = 2}, 0));
        memset(key, 0, sizeof key);
        key[0] = 1;
        for (int t = 0; t < 400; t++) {
            value[0] = t % 2 ? 1 : -1;
            write_glass(&g, key, value, push);
            ck_assert_double_le(glass_norm(&g), glass_bound(&g) * (1 + 1e-5));
            if (held) ck_assert_double_le(glass_bound(&g), 1 + 2 * 0.9001);
        }
        if (!held) ck_assert_msg(near(glass_norm(&g), grown, 1e-3, 0), "%g, not %g", glass_norm(&g), grown);
        close_glass(&g);
    }
}
END_TEST

/* C1 cannot be said: the only erase there is lies along the direction that recalls. A direction that is not of unit length is the nearest to it, and
 * the layer has none: its erase is the key, of length at most 1. So the two keys that expand under gates per channel only shrink. */
START_TEST(erase_gates_per_key_channel_cannot_be_said)
{
    const double keys[2][2] = {{1 / sqrt(6), sqrt(5) / sqrt(6)}, {sqrt(5) / sqrt(6), 1 / sqrt(6)}}, one[2] = {1, -1}, nothing[2] = {0};
    glass g;
    ck_synres_status(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE | 32, .d_key = 2, .d_value = 2}, 0), SYNRES_E_UNSUPPORTED);
    ck_synres_ok(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE, .d_key = 2, .d_value = 2}, 0));
    write_glass(&g, keys[0], one, GLASS_PUSH);
    for (int t = 0; t < 60; t++) {
        double before = glass_norm(&g);
        write_glass(&g, keys[(t + 1) % 2], nothing, GLASS_PUSH);
        ck_assert_double_le(glass_norm(&g), before * (1 + 1e-6));
    }
    close_glass(&g);
}
END_TEST

/* T6: ‖y − y⁰‖ ≤ s‖B‖ g_max B_t; with one write, read by its key, it is met. */
START_TEST(an_output_moves_by_no_more_than_the_bound)
{
    enum { V = 5 };
    glass g;
    double key[D] = {0.6, 0, -0.8}, value[V] = {1, -2, 3, 0.5, -1}, closest = 0;
    ck_synres_ok(open_glass(&g, (glass_options){.flags = SYNRES_RULE_ERASE, .d_key = D, .d_value = V}, 0));
    for (int t = 0; t < 300; t++) {
        float y[V] = {1, 2, 3, 4, 5};
        double moved = 0;
        for (int i = 0; i < D && t; i++) key[i] = sin(t * (i + 1.0));
        for (int i = 0; i < V && t; i++) value[i] = 3 * cos(t * (i + 2.0));
        write_glass(&g, key, value, t ? t % 7 - 3 : GLASS_PUSH);
        ck_synres_ok(synres_tap(g.model, 0, 0, g.work, y, 0, 0, 1)); /* s = g = ‖B‖ = 1 */
        for (int i = 0; i < V; i++) moved += (y[i] - (i + 1.0)) * (y[i] - (i + 1.0));
        ck_assert_msg(sqrt(moved) <= glass_bound(&g) * (1 + 1e-5), "token %d: %g > %g", t, sqrt(moved), glass_bound(&g));
        closest = fmax(closest, sqrt(moved) / glass_bound(&g));
    }
    ck_assert_msg(near(closest, 1, 1e-5, 0), "%g", closest);
    close_glass(&g);
}
END_TEST

/* Values that f32 could not keep adding are flagged before they are written: finite tokens do not poison a state either. */
START_TEST(a_state_does_not_overflow)
{
    const double key[D] = {1, 1}, far[D] = {2e19, 1}, small[2] = {1, 1}, huge[2] = {3e38, -3e38}, large[2] = {1e25, 0};
    int64_t heads, written = 0;
    glass g;
    ck_synres_ok(open_glass(&g, (glass_options){.flags = 0, .d_key = D, .d_value = 2, .max_decay = 1, .radius = 1e35, .block = 64}, 0));
    write_glass(&g, key, huge, GLASS_PUSH);
    ck_synres_ok(synres_work_flagged(g.work, 0, &heads));
    ck_assert_int_eq(heads, 1);
    write_glass(&g, far, small, GLASS_PUSH); /* a key whose square f32 does not hold has no direction */
    ck_synres_ok(synres_work_flagged(g.work, 0, &heads));
    ck_assert_int_eq(heads, 1);
    ck_assert_double_eq(glass_norm(&g), 0);
    ck_assert_double_eq(glass_bound(&g), 0);
    for (int t = 0; t < 200000 && written == t; t++) {
        write_glass(&g, key, large, GLASS_PUSH);
        ck_synres_ok(synres_work_flagged(g.work, 0, &heads));
        written += !heads;
    }
    ck_assert_msg(written > 120000 && written < 130000, "%d", (int)written); /* 2¹⁰⁰/10²⁵ = 126765 */
    ck_assert(isfinite(glass_norm(&g)) && glass_norm(&g) <= glass_bound(&g) * (1 + 1e-2));
    close_glass(&g);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "T2", norms_stay_below_the_bound_under_adversarial_keys);
    add_case(suite, "long keys", keys_that_rounding_left_long_are_bounded_as_they_are);
    add_case(suite, "C0", the_pure_delta_rule_is_refused_allowed_or_held);
    add_case(suite, "radius", the_radius_only_scales);
    add_case(suite, "T3b, C2", tied_gates_are_bounded_and_the_erase_outside_is_refused);
    add_case(suite, "C1", erase_gates_per_key_channel_cannot_be_said);
    add_case(suite, "T6", an_output_moves_by_no_more_than_the_bound);
    add_case(suite, "overflow", a_state_does_not_overflow);
}

SUITE_MAIN("synres_certificate", add_cases)
