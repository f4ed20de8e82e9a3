/* The trainer's gradient in f64, S_b held fixed as the header says: finite differences for every parameter and for x, of every kind of layer; the adjoint
 * identity; any distance of kept states with equal bits; f32 beside f64. */
#include <math.h>

#include "suite.h"
#include "synres_inputs.h"
#include "train_oracle.h"

typedef struct net64 {
    synresi_net_f64 net;
    void *memory;
    double x[TINY_X], dx[TINY_X], dy[TINY_TAPS][TINY_Y], y[TINY_TAPS][TINY_Y];
} net64;

static double weight(int tap, int64_t i) { return tiny_number(1000 + tap, i); }

/* The trainer's layer in f64, run forward and backward with L = Σ weight·y. */
static net64 *run(const synres_trainer *trainer, const synresi_plan *plan)
{
    net64 *n = calloc(1, sizeof *n);
    base_layout measure = {.fits = true};
    synresi_net_place_f64(plan, &measure, &n->net);
    ck_assert(measure.fits);
    base_layout layout = {.fits = true, .memory = n->memory = aligned_alloc(64, (measure.used + 63) / 64 * 64)};
    memset(n->memory, 0x5a, measure.used);
    synresi_net_place_f64(plan, &layout, &n->net);
    for (int64_t i = 0; i < plan->count; i++) n->net.parameter[i] = trainer->net.parameter[i];
    for (int64_t i = 0; i < TINY_X; i++) n->x[i] = tiny_number(77, i);
    double *y[TINY_TAPS];
    const double *dy[TINY_TAPS];
    for (int t = 0; t < TINY_TAPS; t++) {
        y[t] = n->y[t], dy[t] = n->dy[t];
        for (int64_t i = 0; i < TINY_Y; i++) n->dy[t][i] = weight(t, i);
    }
    ck_assert(synresi_net_forward_f64(plan, &n->net, n->x, TINY_SEQUENCES, TINY_TOKENS, y, 0, 1));
    ck_assert(synresi_net_backward_f64(plan, &n->net, dy, n->dx, 0, 1));
    synresi_net_gradients_f64(plan, &n->net, 0, 1);
    return n;
}

static void end(net64 *n)
{
    free(n->memory);
    free(n);
}

static double loss(const synresi_plan *plan, const double *parameter, const double *x, tiny_blocks *blocks)
{
    static double y[TINY_TAPS][TINY_Y];
    double sum = 0;
    tiny_output(plan, parameter, x, blocks, y);
    for (int t = 0; t < TINY_TAPS; t++)
        for (int64_t i = 0; i < TINY_Y; i++) sum += weight(t, i) * y[t][i];
    return sum;
}

/* By differences of the fourth order, what is shifted being `at`. */
static double slope(const synresi_plan *plan, const net64 *n, double *at, tiny_blocks *blocks)
{
    static const double steps[] = {-2, -1, 1, 2}, weights[] = {1, -8, 8, -1};
    const double kept = *at, h = 2e-5;
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        *at = kept + steps[i] * h;
        sum += weights[i] * loss(plan, n->net.parameter, n->x, blocks);
    }
    *at = kept;
    return sum / (12 * h);
}

static int64_t compare(const synresi_plan *plan, const net64 *n, double *x, int64_t size, const double *g, tiny_blocks *blocks, const char *what, int kind)
{
    double largest = 0;
    for (int64_t i = 0; i < size; i++) largest = fmax(largest, fabs(g[i]));
    for (int64_t i = 0; i < size; i++) {
        const double want = slope(plan, n, x + i, blocks);
        ck_assert_msg(near(want, g[i], 1e-7, largest), "kind %d, %s[%d]: %.12g, not %.12g", kind, what, (int)i, g[i], want);
    }
    ck_assert_msg(size == 0 || largest > 1e-6, "kind %d, %s: no gradient at all", kind, what);
    return size;
}

static const char *const names[] = {"A_key", "A_query", "A_value", "w_beta", "b_beta", "w_decay", "b_decay", "rate", "kappa_beta", "kappa_decay",
                                    "kappa_agreement", "B", "gain", "gate", "gate_bias"};

START_TEST(is_what_finite_differences_say)
{
    static tiny_blocks blocks;
    static double y[TINY_TAPS][TINY_Y];
    const int kind = _i;
    synres_trainer *trainer = tiny_trainer(kind, 0);
    const synresi_plan *plan = &trainer->plan;
    net64 *n = run(trainer, plan);
    blocks.held = false;
    tiny_output(plan, n->net.parameter, n->x, &blocks, y);
    blocks.held = true;
    ck_assert_msg(rms_ratio_f64(n->y[0], y[0], TINY_TAPS * TINY_Y) <= 1e-13, "kind %d: forward", kind);
    int64_t compared = compare(plan, n, n->x, TINY_X, n->dx, &blocks, "x", kind);
    const bool tied = plan->layer.w.flags & SYNRES_LAYER_TIED;
    for (int tap = 0; tap < TINY_TAPS; tap++)
        for (int which = tap ? SYNRES_PARAMETER_B : 0; which <= SYNRES_PARAMETER_GATE_BIAS; which++) {
            const synresi_range *range = &plan->range[synresi_range_of(which, tap)];
            if (!range->trained || (tied && which == SYNRES_PARAMETER_KAPPA_DECAY)) continue; /* tied: κ_α moves nothing */
            compared += compare(plan, n, n->net.parameter + range->offset, range->size, n->net.gradient + range->offset, &blocks, names[which], kind);
        }
    ck_assert_int_gt(compared, 300);
    end(n);
    synres_trainer_destroy(trainer);
}
END_TEST

/* ⟨J a, v⟩ = ⟨a, Jᵀ v⟩ along random directions a of everything at once, J a by differences. */
START_TEST(is_the_adjoint)
{
    static tiny_blocks blocks;
    static double y[TINY_TAPS][TINY_Y];
    synres_trainer *trainer = tiny_trainer(_i, 0);
    const synresi_plan *plan = &trainer->plan;
    net64 *n = run(trainer, plan);
    blocks.held = false;
    tiny_output(plan, n->net.parameter, n->x, &blocks, y);
    blocks.held = true;
    double *parameter = malloc((size_t)plan->count * sizeof *parameter), x[TINY_X], along = 0, across = 0, size = 0;
    static const double steps[] = {-2, -1, 1, 2}, weights[] = {1, -8, 8, -1};
    const double h = 2e-5;
    for (int k = 0; k < 4; k++) {
        for (int64_t i = 0; i < plan->count; i++) parameter[i] = n->net.parameter[i] + h * steps[k] * tiny_number(5, i);
        for (int64_t i = 0; i < TINY_X; i++) x[i] = n->x[i] + h * steps[k] * tiny_number(6, i);
        along += weights[k] * loss(plan, parameter, x, &blocks) / (12 * h);
    }
    for (int64_t i = 0; i < plan->count; i++) across += n->net.gradient[i] * tiny_number(5, i), size += fabs(n->net.gradient[i] * tiny_number(5, i));
    for (int64_t i = 0; i < TINY_X; i++) across += n->dx[i] * tiny_number(6, i), size += fabs(n->dx[i] * tiny_number(6, i));
    ck_assert_msg(near(along, across, 1e-8, size), "kind %d: %.12g, not %.12g", _i, across, along);
    free(parameter);
    end(n);
    synres_trainer_destroy(trainer);
}
END_TEST

START_TEST(no_bit_depends_on_how_many_states_are_kept)
{
    synres_trainer *trainer = tiny_trainer(_i, 0);
    synresi_plan plan = trainer->plan;
    plan.every = TINY_TOKENS;
    net64 *want = run(trainer, &plan);
    for (plan.every = 1; plan.every < TINY_TOKENS; plan.every++) {
        net64 *got = run(trainer, &plan);
        ck_assert_mem_eq(got->net.gradient, want->net.gradient, (size_t)plan.count * sizeof(double));
        ck_assert_mem_eq(got->dx, want->dx, sizeof got->dx);
        end(got);
    }
    end(want);
    synres_trainer_destroy(trainer);
}
END_TEST

START_TEST(f32_is_f64_within_rounding)
{
    synres_trainer *trainer = tiny_trainer(_i, 0);
    const synresi_plan *plan = &trainer->plan;
    net64 *n = run(trainer, plan);
    static float x[TINY_X], dx[TINY_X], y[TINY_TAPS][TINY_Y], dy[TINY_TAPS][TINY_Y];
    float *out[TINY_TAPS];
    const float *in[TINY_TAPS];
    memset(dx, 0, sizeof dx), memset(y, 0, sizeof y);
    for (int64_t i = 0; i < TINY_X; i++) x[i] = (float)n->x[i];
    for (int t = 0; t < TINY_TAPS; t++) {
        out[t] = y[t], in[t] = dy[t];
        for (int64_t i = 0; i < TINY_Y; i++) dy[t][i] = (float)n->dy[t][i];
    }
    ck_synres_ok(synres_trainer_forward(trainer, x, TINY_SEQUENCES, TINY_TOKENS, out, 0, 1));
    ck_synres_ok(synres_trainer_backward(trainer, in, dx, 0, 1));
    ck_synres_ok(synres_trainer_gradients(trainer, 0, 1));
    ck_assert(rms_ratio(y[0], n->y[0], TINY_TAPS * TINY_Y) <= 1e-6);
    ck_assert(rms_ratio(dx, n->dx, TINY_X) <= 1e-5);
    ck_assert(rms_ratio(trainer->net.gradient, n->net.gradient, plan->count) <= 1e-5);
    end(n);
    synres_trainer_destroy(trainer);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "differences", is_what_finite_differences_say, TINY_KINDS);
    add_loop(suite, "adjoint", is_the_adjoint, TINY_KINDS);
    add_loop(suite, "kept states", no_bit_depends_on_how_many_states_are_kept, TINY_KINDS);
    add_loop(suite, "f32", f32_is_f64_within_rounding, TINY_KINDS);
}

SUITE_MAIN("synres_train_gradient", add_cases)
