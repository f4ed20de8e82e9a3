/* Intervals that were cut short, by the caller or by time, at every point where that can happen: they hold the truth that brute force finds. */
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "counting_memory.h"
#include "rip_support.h"
#include "suite.h"

enum { ORDERS = 6 };

/* At call `at` the callback cancels, or lets time pass until `until`. */
typedef struct listener {
    int64_t calls, at;
    bool cancels;
    double until;
} listener;

static int32_t listen(void *user, const char *part, int64_t done, int64_t total)
{
    static const char *const parts[] = {"pair blocks", "beam sizes", "power starts", "search rows", "bound steps", "bound columns"};
    listener *l = user;
    bool known = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) known |= strcmp(part, parts[i]) == 0;
    ck_assert(known && 0 < done && done <= total);
    if (++l->calls != l->at) return 0;
    while (!l->cancels && base_clock_seconds() < l->until) continue;
    return l->cancels;
}

static atoms_context *listening_context(counting_memory *memory, listener *l)
{
    atoms_context_opts opts;
    atoms_context *context;
    ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
    counting_memory_use(memory, &opts);
    opts.progress = listen;
    opts.progress_user = l;
    ck_assert_ok(atoms_context_create(&opts, &context));
    return context;
}

typedef struct tiny { /* a dictionary, and the truth about it */
    int64_t atoms, dim, order;
    double *rows;
    extremes truth[ORDERS];
} tiny;

/* Also with atoms that repeat, or are sums of others. */
static tiny make_tiny(uint64_t seed)
{
    tiny t = {.atoms = 3 + (int64_t)(seed * 7 % 8), .dim = 2 + (int64_t)(seed * 5 % 7), .order = 2 + (int64_t)(seed % 4)};
    if (t.order > t.atoms) t.order = t.atoms;
    t.rows = normal_rows(seed + 1000, t.atoms, t.dim);
    for (int64_t j = 0; j < t.dim; j++) {
        if (seed % 5 == 1) t.rows[j] = 3 * t.rows[t.dim + j];
        if (seed % 5 == 2) t.rows[j] = t.rows[t.dim + j] + t.rows[2 * t.dim + j];
    }
    for (int64_t k = 2; k <= t.order; k++) t.truth[k] = brute_force(t.rows, t.atoms, t.dim, k);
    return t;
}

/* Every order's interval, and a spark that no dependent atoms contradict. Returns how many orders were cut for that reason. */
static int64_t check_all(const atoms_rip *rip, const tiny *t, int32_t reason)
{
    atoms_guarantees_report g;
    ck_assert_ok(atoms_guarantees_report_init(&g, sizeof g));
    ck_assert_ok(atoms_rip_guarantees(rip, NULL, &g));
    int64_t cut = 0;
    for (int64_t k = 1; k <= t->order; k++) {
        atoms_rip_report r;
        ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
        ck_assert_ok(atoms_rip_describe(rip, k, &r));
        check_interval(&r, t->truth[k], t->rows, t->dim);
        ck_assert(r.stopped == ATOMS_RIP_DONE || !r.exact);
        cut += r.stopped == reason;
        if (k < g.spark) ck_assert(t->truth[k].minus < 1);
    }
    return cut;
}

/* seconds 0: cancelled. `nodes` makes the search end, so that the bounds that look at everything are cut short too. */
static int64_t cut_everywhere(const tiny *t, int64_t nodes, double seconds, int64_t *points)
{
    int64_t cut = 0, orders[] = {t->order, 2};
    for (int64_t at = 1;; at += at < 24 ? 1 : at / 3) { /* an iteration of a bound is like another */
        counting_memory memory = {0};
        listener l = {.at = at, .cancels = seconds == 0, .until = base_clock_seconds() + 1.5 * seconds};
        atoms_context *context = listening_context(&memory, &l);
        atoms_dictionary *dictionary = dictionary_from(context, t->rows, t->atoms, t->dim);
        atoms_rip_opts o = rip_options();
        o.nodes = nodes;
        o.beam = 20;
        o.seconds = seconds;
        atoms_rip *rip;
        ck_assert_ok(atoms_rip_create(dictionary, orders, 2, &o, &rip));
        cut += check_all(rip, t, seconds > 0 ? ATOMS_RIP_OUT_OF_TIME : ATOMS_RIP_CANCELLED);
        atoms_rip_destroy(rip);
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (seconds == 0 && l.calls >= at) ck_assert_int_eq(l.calls, at); /* not asked again */
        if (l.calls < at) return cut;
        ++*points;
    }
}

START_TEST(cancelled_anywhere_the_intervals_hold)
{
    int64_t points = 0, cut = 0;
    for (uint64_t seed = 0; seed < 300; seed += _i ? 7 : 1) {
        tiny t = make_tiny(seed);
        cut += cut_everywhere(&t, _i, 0, &points);
        free(t.rows);
    }
    ck_assert_int_gt(points, 900);
    ck_assert_int_gt(cut, 900);
}
END_TEST

START_TEST(out_of_time_anywhere_the_intervals_hold)
{
    int64_t points = 0, cut = 0; /* the points are not counted on: time may run out before any of them */
    for (uint64_t seed = 0; seed < 300; seed += _i ? 21 : 3) {
        tiny t = make_tiny(seed);
        cut += cut_everywhere(&t, _i, 1e-3, &points);
        free(t.rows);
    }
    ck_assert_int_gt(cut, 15); /* how many more there are hangs on the machine's load */
}
END_TEST

/* In the midst of the Gram matrix nothing is known but what holds for any atoms, and one support. */
START_TEST(cancelled_at_once_the_interval_is_trivial)
{
    enum { ATOMS = 1200, DIM = 5, ORDER = 4 };
    counting_memory memory = {0};
    listener l = {.at = 1, .cancels = true};
    atoms_context *context = listening_context(&memory, &l);
    double *d = normal_rows(60, ATOMS, DIM);
    atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
    for (int part = 0; part < 2; part++) {
        atoms_rip_opts o = rip_options();
        if (part) o.gram_bytes = 0;
        l.calls = 0;
        atoms_rip_report r = estimate(dictionary, ORDER, &o);
        extremes e = extremes_of(d, DIM, r.plus_witness, ORDER);
        ck_assert(r.stopped == ATOMS_RIP_CANCELLED && !r.exact && r.exact_order == 1);
        ck_assert(ORDER - 1 <= r.upper && r.upper < ORDER - 1 + 1e-9 && r.minus_upper == 1 && r.minus_bound == ATOMS_RIP_BOUND_POSITIVE);
        ck_assert(r.plus_lower > 0 && fabs(e.plus - r.plus_lower) < 1e-9 && l.calls == 1);
    }
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* What was proved before it was cut is in the interval: later the upper end is never higher. */
START_TEST(the_later_it_is_cancelled_the_narrower)
{
    enum { ATOMS = 90, DIM = 14, ORDER = 6 };
    double *d = normal_rows(61, ATOMS, DIM), upper = INFINITY, width = 0, first = 0;
    int64_t lowered = 0;
    for (int64_t at = 1;; at++) {
        counting_memory memory = {0};
        listener l = {.at = at, .cancels = true};
        atoms_context *context = listening_context(&memory, &l);
        atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
        atoms_rip_opts o = rip_options();
        o.nodes = 2000;
        atoms_rip_report r = estimate(dictionary, ORDER, &o);
        ck_assert(r.upper <= upper && r.lower > 0);
        lowered += r.upper < upper;
        upper = r.upper;
        width = r.upper - r.lower;
        if (at == 1) first = width;
        atoms_dictionary_destroy(dictionary);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        if (l.calls < at) break;
    }
    ck_assert_int_ge(lowered, 4);
    ck_assert(0 <= width && width < first / 3);
    free(d);
}
END_TEST

static double process_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The time of the process, which is no more than what the clock on the wall shows: a busy machine does not matter. What a run with no time at all takes
 * (the pass over the Gram matrix, which is not cut) says how slow this build is. */
START_TEST(seconds_are_kept)
{
    enum { ATOMS = 2500, DIM = 40 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    double *d = normal_rows(62, ATOMS, DIM);
    atoms_dictionary *dictionary = dictionary_from(context, d, ATOMS, DIM);
    int cut = 0;
    for (int64_t order = 8; order <= 64; order += 56) {
        double least = 0;
        for (double seconds = 1e-9; seconds < 1; seconds = seconds < 0.1 ? 0.1 : seconds * 3) {
            atoms_rip_opts o = rip_options();
            o.seconds = seconds;
            double began = process_seconds();
            atoms_rip_report r = estimate(dictionary, order, &o);
            double took = process_seconds() - began;
            ck_assert(0 < r.lower && r.lower <= r.upper && (r.exact || r.stopped == ATOMS_RIP_OUT_OF_TIME));
            cut += !r.exact;
            if (seconds < 0.1) least = took;
            ck_assert_msg(took < 1.1 * seconds + 2 * least + 0.2, "order %d: %.2f s, %.2f asked, %.2f at the least", (int)order, took, seconds, least);
        }
    }
    ck_assert_int_gt(cut, 0);
    atoms_dictionary_destroy(dictionary);
    free(d);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "cancelled", cancelled_anywhere_the_intervals_hold, 2);
    add_loop(suite, "out of time", out_of_time_anywhere_the_intervals_hold, 2);
    add_case(suite, "at once", cancelled_at_once_the_interval_is_trivial);
    add_case(suite, "narrower", the_later_it_is_cancelled_the_narrower);
    add_case(suite, "seconds", seconds_are_kept);
}

SUITE_MAIN("rip cut short", add_cases)
