/* Angles: closed forms, the sample's figures by NumPy, drawn pairs against all, threads, what is refused. */
#include <math.h>

#include "../golden/metric_golden.h"
#include "metric/angles_internal.h"
#include "metric_support.h"

static atoms_angles_report angles_of(atoms_context *context, const atoms_matrix *m, const atoms_metric *metric, int64_t pairs, uint64_t seed)
{
    atoms_rows *rows;
    atoms_angles_opts opts;
    atoms_angles_report report;
    ck_assert_ok(atoms_angles_opts_init(&opts, sizeof opts));
    ck_assert_ok(atoms_angles_report_init(&report, sizeof report));
    opts.pairs = pairs;
    opts.seed = seed;
    ck_assert_ok(atoms_rows_from_matrix(context, m, &rows));
    ck_assert_ok(atoms_angles(context, rows, metric, &opts, &report));
    atoms_rows_destroy(rows);
    return report;
}

/* Axes of unequal length: 90° throughout. Then one direction, its opposite and one beside it. */
START_TEST(closed_forms)
{
    enum { DIM = 200 };
    float *axes = calloc(DIM * DIM, sizeof *axes);
    for (int i = 0; i < DIM; i++) axes[i * DIM + i] = (float)(i % 2 ? -1 - i : 1 + i);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f32(axes, DIM, DIM);
    atoms_angles_report r = angles_of(context, &m, NULL, 0, 0);
    ck_assert_int_eq(r.exhaustive, 1);
    ck_assert_int_eq(r.rows, DIM);
    ck_assert_int_eq(r.pairs, DIM * (DIM - 1) / 2);
    ck_assert(near(r.mean_deg, 90, 1e-15, 0) && r.min_deg == r.max_deg && r.sd_deg < 1e-12);
    ck_assert_int_eq(r.histogram[89] + r.histogram[90], r.pairs); /* on the edge of two bins */
    const double tiny = 1e-9; /* radians: far below what an arc cosine can tell */
    double three[] = {2, 0, -5, 0, 3, 3 * tiny};
    m = atoms_matrix_f64(three, 3, 2);
    r = angles_of(context, &m, NULL, 0, 0);
    ck_assert_int_eq(r.pairs, 3);
    ck_assert_near(r.min_deg, tiny * 57.29577951308232, 1e-6);
    ck_assert(r.max_deg == 180 && r.histogram[0] == 1 && r.histogram[179] == 2);
    ck_assert(r.p01_deg == r.min_deg && r.p25_deg == r.min_deg && r.p99_deg == 180 && r.p50_deg < 180 && r.p50_deg > 179.999);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(axes);
}
END_TEST

/* Rows at 0°, 1°, … 100° from the first one: the angles to it are its distances, and all are |i − j|. */
START_TEST(quantiles_are_exact)
{
    enum { N = 101 };
    double x[2 * N];
    for (int i = 0; i < N; i++) x[2 * i] = cos(i * .017453292519943295), x[2 * i + 1] = sin(i * .017453292519943295);
    int64_t smaller[N + 1] = {0}; /* pairs with an angle below a */
    for (int a = 1; a <= N; a++) smaller[a] = smaller[a - 1] + (a == 1 ? 0 : N - (a - 1));
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, N, 2);
    atoms_angles_report r = angles_of(context, &m, NULL, 0, 0);
    const double got[] = {r.p01_deg, r.p05_deg, r.p25_deg, r.p50_deg, r.p75_deg, r.p95_deg, r.p99_deg};
    static const int64_t percent[] = {1, 5, 25, 50, 75, 95, 99};
    for (int q = 0; q < 7; q++) {
        int64_t rank = (percent[q] * r.pairs + 99) / 100 - 1;
        int want = 1;
        while (smaller[want + 1] <= rank) want++;
        ck_assert_near(got[q], want, 1e-12);
    }
    ck_assert_near(r.min_deg, 1, 1e-12);
    ck_assert_near(r.max_deg, 100, 1e-12);
    ck_assert_near(r.mean_deg, (N + 1) / 3.0, 1e-12); /* Σ a (N − a) over Σ (N − a) */
    int64_t counted = 0;
    for (int b = 0; b < ATOMS_ANGLE_BINS; b++) counted += r.histogram[b];
    ck_assert_int_eq(counted, r.pairs);
    atoms_context_destroy(context);
}
END_TEST

static void check_golden(const atoms_angles_report *r, const double *want)
{
    const double got[] = {r->mean_deg, r->sd_deg, r->min_deg, r->p01_deg, r->p05_deg, r->p25_deg,
                          r->p50_deg,  r->p75_deg, r->p95_deg, r->p99_deg, r->max_deg};
    for (int i = 0; i < 11; i++) ck_assert_msg(near(got[i], want[i], 1e-9, 1), "figure %d: %.17g, not %.17g", i, got[i], want[i]);
}

/* _i: Euclidean, AIP. All pairs against NumPy's; drawn ones, from rows that are kept and rows that are fetched, against all. */
START_TEST(the_sample_shows_the_shift_and_its_correction)
{
    unsigned char *bytes, *train_bytes;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_matrix held_out = sample_rows("sample.eval.npy", &bytes), train = sample_rows("sample.train.npy", &train_bytes);
    atoms_metric *metric = _i ? metric_of(context, &train, NULL) : NULL;
    atoms_angles_report all = angles_of(context, &held_out, metric, 0, 0);
    ck_assert_int_eq(all.exhaustive, 1);
    check_golden(&all, _i ? golden_aip : golden_euclidean);
    static const int64_t drawn[] = {900, 40000};
    for (int i = 0; i < 2; i++) {
        atoms_angles_report some = angles_of(context, &held_out, metric, drawn[i], 5);
        ck_assert_int_eq(some.exhaustive, 0);
        ck_assert_int_eq(some.pairs, drawn[i]);
        ck_assert_double_lt(fabs(some.mean_deg - all.mean_deg), 3 * all.sd_deg / sqrt((double)drawn[i]));
        ck_assert(near(some.sd_deg, all.sd_deg, 0.2, 0));
    }
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(bytes); free(train_bytes);
}
END_TEST

START_TEST(drawn_pairs_do_not_depend_on_threads)
{
    enum { ROWS = 1500, DIM = 33 };
    static const int32_t threads[] = {1, 2, 4};
    static const int64_t pairs[] = {0, 600, 5000};
    double *x = correlated_rows(ROWS, DIM, 40);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_angles_report want[3], got;
    int compared = 0;
    for (int t = 0; t < 3; t++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, threads[t]);
        atoms_metric *metric = metric_of(context, &m, NULL);
        for (int p = 0; p < 3; p++) {
            got = angles_of(context, &m, metric, pairs[p], 9);
            if (!t) want[p] = got;
            ck_assert_int_eq(memcmp(&got, &want[p], sizeof got), 0);
            compared += t > 0;
        }
        got = angles_of(context, &m, metric, 600, 10);
        ck_assert(got.mean_deg != want[1].mean_deg); /* the seed counts */
        atoms_metric_destroy(metric);
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
    }
    ck_assert_int_eq(compared, 6);
    free(x);
}
END_TEST

/* Whether rows are kept or fetched, the seed draws the same pairs: the first 500 of many and of 500. */
START_TEST(kept_and_fetched_rows_give_the_same_angles)
{
    enum { ROWS = 1500, DIM = 33, FEW = 500, MANY = 5000 };
    double *x = correlated_rows(ROWS, DIM, 43), *few = malloc(FEW * sizeof *few), *many = malloc(MANY * sizeof *many);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    atoms_metric *metric = metric_of(context, &m, NULL);
    angles_job job = {.context = context, .rows = rows, .metric = metric, .count = ROWS, .width = DIM, .seed = 9};
    job.pairs = FEW, job.values = few;
    ck_assert_ok(atomsi_angles_drawn(&job));
    job.pairs = MANY, job.values = many;
    ck_assert_ok(atomsi_angles_drawn(&job));
    for (int p = 0; p < FEW; p++) ck_assert_near(few[p], many[p], 1e-11);
    atoms_rows_destroy(rows);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x); free(few); free(many);
}
END_TEST

/* Five rows whose ten pairs have ten different angles: each pair comes up as often as any other, and no row with itself. */
START_TEST(draws_are_uniform)
{
    enum { N = 5, PAIRS = 10, SEEDS = 4000, DRAWS = PAIRS - 1 }; /* one fewer than there are, so they are drawn */
    static const double at[N] = {0, 1, 4, 9, 11}; /* a Golomb ruler, in tens of degrees */
    double x[2 * N];
    for (int i = 0; i < N; i++) {
        double angle = (at[i] * 10 + .5 * i) / 57.29577951308232;
        x[2 * i] = cos(angle), x[2 * i + 1] = sin(angle);
    }
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, N, 2);
    int64_t counts[ATOMS_ANGLE_BINS] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        atoms_angles_report r = angles_of(context, &m, NULL, DRAWS, seed);
        for (int b = 0; b < ATOMS_ANGLE_BINS; b++) counts[b] += r.histogram[b];
    }
    int bins = 0;
    for (int b = 0; b < ATOMS_ANGLE_BINS; b++) {
        if (!counts[b]) continue;
        double share = (double)counts[b] / (SEEDS * DRAWS);
        ck_assert_double_lt(fabs(share - .1), 4 * sqrt(.1 * .9 / (SEEDS * DRAWS)));
        bins++;
    }
    ck_assert_int_eq(bins, PAIRS);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    enum { ROWS = 1200, DIM = 5 };
    double *x = normal_numbers(ROWS * DIM, 41);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM), one = atoms_matrix_f64(x, 1, DIM), narrow = atoms_matrix_f64(x, ROWS, DIM - 1);
    atoms_metric *metric = metric_of(context, &narrow, NULL);
    atoms_rows *rows, *single;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    ck_assert_ok(atoms_rows_from_matrix(context, &one, &single));
    atoms_angles_opts opts;
    atoms_angles_report report;
    ck_assert_ok(atoms_angles_opts_init(&opts, sizeof opts));
    ck_assert_ok(atoms_angles_report_init(&report, sizeof report));
    report.mean_deg = 7;
    ck_assert_status(atoms_angles(NULL, rows, NULL, NULL, &report), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_angles(context, NULL, NULL, NULL, &report), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "rows is NULL");
    ck_assert_status(atoms_angles(context, rows, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_angles(context, single, NULL, NULL, &report), ATOMS_E_SHAPE);
    ck_assert_detail(context, "two rows");
    ck_assert_status(atoms_angles(context, rows, metric, NULL, &report), ATOMS_E_SHAPE);
    ck_assert_detail(context, "rows have 5 columns, the metric 4");
    opts.pairs = -1;
    ck_assert_status(atoms_angles(context, rows, NULL, &opts, &report), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "opts.pairs is -1");
    opts.pairs = 0;
    opts.reserved = 3;
    ck_assert_status(atoms_angles(context, rows, NULL, &opts, &report), ATOMS_E_ARGUMENT);
    opts.reserved = 0;
    for (int c = 0; c < DIM; c++) x[777 * DIM + c] = 0;
    static const int64_t pairs[] = {0, 5000, 590}; /* all, drawn from rows kept, drawn and fetched */
    for (int i = 0; i < 3; i++) {
        opts.pairs = pairs[i];
        opts.seed = 3;
        atoms_status status = atoms_angles(context, rows, NULL, &opts, &report);
        if (i < 2) ck_assert_status(status, ATOMS_E_ARGUMENT);
        if (status) ck_assert_detail(context, "rows: row 777 is all zeros");
    }
    x[777 * DIM] = 1e200;
    opts.pairs = 5000;
    ck_assert_status(atoms_angles(context, rows, NULL, &opts, &report), ATOMS_E_OVERFLOW);
    ck_assert_detail(context, "rows: row 777 is too long");
    x[777 * DIM] = NAN;
    opts.pairs = 0;
    report.mean_deg = 7;
    ck_assert_status(atoms_angles(context, rows, NULL, &opts, &report), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 777 column 0 is NaN");
    ck_assert(report.mean_deg == 7);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(single);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* _i: all pairs, drawn from rows kept, drawn and fetched. */
START_TEST(any_allocation_may_fail)
{
    enum { ROWS = 1200, DIM = 5 };
    static const int64_t pairs[] = {0, 5000, 500};
    double *x = normal_numbers(ROWS * DIM, 42);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_metric *metric = metric_of(context, &m, NULL);
    atoms_rows *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &rows));
    atoms_angles_opts opts;
    atoms_angles_report report;
    ck_assert_ok(atoms_angles_opts_init(&opts, sizeof opts));
    ck_assert_ok(atoms_angles_report_init(&report, sizeof report));
    opts.pairs = pairs[_i];
    int failed = 0;
    for (int64_t at = 1;; at++) {
        int64_t failures = memory.failures, held = memory.held;
        memory.fail_at = memory.requests + at;
        atoms_status status = atoms_angles(context, rows, metric, &opts, &report);
        memory.fail_at = 0;
        ck_assert_int_eq(memory.held, held);
        if (memory.failures == failures) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_status(status, ATOMS_E_MEMORY);
        failed++;
    }
    ck_assert_int_ge(failed, 3);
    atoms_rows_destroy(rows);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

void add_angles_cases(Suite *suite)
{
    add_case(suite, "closed forms", closed_forms);
    add_case(suite, "quantiles", quantiles_are_exact);
    add_loop(suite, "sample angles", the_sample_shows_the_shift_and_its_correction, 2);
    add_case(suite, "angles same bits", drawn_pairs_do_not_depend_on_threads);
    add_case(suite, "kept and fetched", kept_and_fetched_rows_give_the_same_angles);
    add_case(suite, "draws", draws_are_uniform);
    add_case(suite, "angles bad input", bad_input_is_refused);
    add_loop(suite, "angles allocations", any_allocation_may_fail, 3);
}
