/* The controls against plain loops, and on real activations. */
#include <math.h>

#include "base/random.h"
#include "evaluate/row_source.h"
#include "evaluate_oracle.h"
#include "files.h"
#include "known_atoms.h"

void add_control_cases(Suite *suite);

enum { N = 400, TRAIN = 300, D = 5, M = 12 };


typedef struct setting {
    counting_memory memory;
    atoms_context *context;
    double *x, *x0, *s;
    float *xf, *x0f;
    toy_sae toy;
    atoms_metric *metric;
    atoms_rows *rows, *train;
    atoms_figures in, out;
} setting;

static setting *set_up(int64_t m)
{
    setting *t = calloc(1, sizeof *t);
    t->context = counting_context(&t->memory, 2);
    t->x = some_rows(N, D, 11);
    t->x0 = some_rows(TRAIN, D, 12);
    for (int j = 0; j < D; j++) {
        t->x0[3 * D + j] = 0;                     /* a row of zeros */
        t->x0[7 * D + j] = t->x0[4 * D + j];      /* a row twice */
        t->x[2 * D + j] = 2 * t->x0[5 * D + j];   /* a known direction, held out */
    }
    t->xf = narrowed(t->x, N * D);
    t->x0f = narrowed(t->x0, TRAIN * D);
    t->s = oracle_metric(t->x0, TRAIN, D);
    t->toy = toy_sae_make(t->context, D, m, 1.2, 40);
    t->metric = metric_of_rows(t->context, t->x0f, TRAIN, D);
    t->rows = rows_of(t->context, t->xf, N, D);
    t->train = rows_of(t->context, t->x0f, TRAIN, D);
    t->in = new_figures();
    t->out = new_figures();
    return t;
}

static void tear_down(setting *t)
{
    free(t->x), free(t->x0), free(t->s), free(t->xf), free(t->x0f);
    toy_sae_free(&t->toy);
    atoms_metric_destroy(t->metric);
    atoms_rows_destroy(t->rows);
    atoms_rows_destroy(t->train);
    atoms_context_destroy(t->context);
    ck_assert_int_eq(t->memory.held, 0);
    free(t);
}

static atoms_status control(setting *t, int32_t which, const atoms_metric *metric, uint64_t seed, int with_train)
{
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = metric;
    o.seed = seed;
    return atoms_evaluate_control(t->context, which, t->toy.sae, &o, with_train ? t->train : NULL, t->rows, with_train ? &t->in : NULL, &t->out);
}

START_TEST(neurons_are_the_identity)
{
    setting *t = set_up(M);
    double *ones = malloc(N * D * sizeof *ones), identity[D * D] = {0};
    for (int i = 0; i < N * D; i++) ones[i] = 1;
    for (int i = 0; i < D; i++) identity[i * D + i] = 1;
    problem outside = {N, D, D, t->x, t->x, ones, identity}, inside = {TRAIN, D, D, t->x0, t->x0, ones, identity};
    atoms_figures want_out = oracle_figures(&outside, t->s, NULL), want_in = oracle_figures(&inside, t->s, NULL);
    ck_assert_ok(control(t, ATOMS_CONTROL_NEURONS, t->metric, 0, 1));
    assert_figures_near(&t->in, &want_in, 1e-9);
    assert_figures_near(&t->out, &want_out, 1e-9);
    ck_assert(t->out.r2 == 1 && t->out.aip_r2 == 1 && t->out.mse == 0 && t->out.l0_mean == D && t->out.q_star_euclidean == 1);
    ck_assert_ok(control(t, ATOMS_CONTROL_NEURONS, NULL, 0, 0));
    ck_assert(t->out.r2 == 1 && isnan(t->out.q_star));
    free(ones);
    tear_down(t);
}
END_TEST

/* By hand: in the AIP of data with the second moment ρ^|i − j| S is tridiagonal. Codes are dense, K = D, and the D − 1 pairs of neighbours are not
 * below 1/(2D − 1), the others are: q* = 1 − 2/D. */
START_TEST(neurons_have_the_q_star_of_their_neighbours)
{
    setting *t = set_up(M);
    double *l = autoregressive_atoms(D, .5), rows[D * D];
    for (int i = 0; i < D * D; i++) rows[i] = sqrt(D) * l[i % D * D + i / D]; /* XᵀX/D = L Lᵀ */
    atoms_metric *metric = metric_from_rows(t->context, rows, D, D);
    ck_assert_ok(control(t, ATOMS_CONTROL_NEURONS, metric, 0, 1));
    ck_assert_near(t->in.q_star, 1 - 2. / D, 1e-15);
    ck_assert_near(t->out.q_star, 1 - 2. / D, 1e-15);
    atoms_metric_destroy(metric);
    free(l);
    tear_down(t);
}
END_TEST

/* Code and reconstruction of rows by a look-up table over `atoms` (unit in S, given as raw rows). */
static problem memorised(const double *x, int64_t n, const double *atoms, int64_t m, const double *s)
{
    problem p = {.n = n, .d = D, .m = m, .x = x, .atoms = atoms};
    double *code = calloc((size_t)(n * m), sizeof *code), *hat = calloc((size_t)(n * D), sizeof *hat);
    double *sx = product(x, s, n, D, D), *sa = product(atoms, s, m, D, D);
    for (int64_t r = 0; r < n; r++)
        for (int64_t i = 0; i < m; i++) {
            double xx = 0, aa = 0, xa = 0;
            for (int64_t j = 0; j < D; j++) {
                xx += x[r * D + j] * sx[r * D + j];
                aa += atoms[i * D + j] * sa[i * D + j];
                xa += x[r * D + j] * sa[i * D + j];
            }
            if (!(xa > .999 * sqrt(xx * aa))) continue;
            code[r * m + i] = xa / sqrt(aa);
            for (int64_t j = 0; j < D; j++) hat[r * D + j] += xa / aa * atoms[i * D + j];
        }
    free(sx), free(sa);
    p.code = code;
    p.hat = hat;
    return p;
}

/* _i: 0 an SAE with fewer latents than rows, 1 with more. */
START_TEST(the_memoriser_is_a_look_up_table)
{
    int64_t m = _i ? 2 * TRAIN : 40, kept = _i ? TRAIN : 40;
    setting *t = set_up(m);
    double *atoms = malloc((size_t)(kept * D) * sizeof *atoms);
    memcpy(atoms, t->x0, 3 * D * sizeof *atoms); /* row 3 is zero */
    memcpy(atoms + 3 * D, t->x0 + 4 * D, (size_t)(kept - 4) * D * sizeof *atoms);
    problem inside = memorised(t->x0, kept, atoms, kept - 1, t->s), outside = memorised(t->x, N, atoms, kept - 1, t->s);
    uint8_t *fires = malloc((size_t)kept);
    oracle_fires(&inside, fires);
    atoms_figures want_in = oracle_figures(&inside, t->s, fires), want_out = oracle_figures(&outside, t->s, fires);
    ck_assert_ok(control(t, ATOMS_CONTROL_MEMORISER, t->metric, 0, 1));
    want_in.q_star = want_in.q_star_all = want_in.q_star_euclidean = 0; /* a row twice: rounding decides in the oracle whether that is below 1 */
    want_out.q_star = want_out.q_star_all = want_out.q_star_euclidean = 0;
    ck_assert(t->in.q_star > 0 && t->in.q_star_euclidean > 0 && t->out.q_star > 0);
    t->in.q_star = t->in.q_star_all = t->in.q_star_euclidean = 0;
    t->out.q_star = t->out.q_star_all = t->out.q_star_euclidean = 0;
    assert_figures_near(&t->in, &want_in, 1e-8);
    assert_figures_near(&t->out, &want_out, 1e-8);
    ck_assert(t->in.l0_max >= 2 && t->out.l0_max >= 1 && t->in.mu == 1);
    ck_assert_ok(control(t, ATOMS_CONTROL_MEMORISER, t->metric, 0, 0)); /* without train, of the rows themselves */
    ck_assert(t->out.rows == N && t->out.l0_mean >= (double)(_i ? N : 40) / N);
    ck_assert_status(control(t, ATOMS_CONTROL_MEMORISER, NULL, 0, 1), ATOMS_E_ARGUMENT);
    ck_assert_detail(t->context, "memoriser lives in the AIP's space");
    free(atoms), free(fires);
    free((void *)(uintptr_t)inside.code), free((void *)(uintptr_t)inside.hat);
    free((void *)(uintptr_t)outside.code), free((void *)(uintptr_t)outside.hat);
    tear_down(t);
}
END_TEST

START_TEST(zeros_cannot_be_memorised)
{
    setting *t = set_up(M);
    const float zeros[20 * D] = {0};
    atoms_rows_destroy(t->train);
    t->train = rows_of(t->context, zeros, 20, D);
    ck_assert_status(control(t, ATOMS_CONTROL_MEMORISER, t->metric, 0, 1), ATOMS_E_ARGUMENT);
    ck_assert_detail(t->context, "the first 12 rows are zeros");
    tear_down(t);
}
END_TEST

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Scores (x − mean)ᵀ S d of unit atoms d. */
static double *scores(const double *x, int64_t n, const double *mean, const double *s, const double *atoms)
{
    double *centred = malloc((size_t)(n * D) * sizeof *centred);
    for (int64_t i = 0; i < n * D; i++) centred[i] = x[i] - mean[i % D];
    double *sc = product(centred, s, n, D, D), *at = transposed(atoms, M, D), *z = product(sc, at, n, D, M);
    free(centred), free(sc), free(at);
    return z;
}

/* y = Σ z d over the scores above the threshold, which are left in z. */
static double *active_sum(double *z, int64_t n, double threshold, const double *atoms)
{
    for (int64_t i = 0; i < n * M; i++)
        if (!(z[i] > threshold)) z[i] = 0;
    return product(z, atoms, n, M, D);
}

START_TEST(random_atoms_match_the_saes_l0)
{
    setting *t = set_up(M);
    const uint64_t seed = 5;
    atoms_figures in = new_figures(), out = new_figures();
    ck_assert_ok(atoms_evaluate(t->context, t->toy.sae, NULL, t->train, t->rows, &in, &out));
    int64_t active = (int64_t)(in.l0_mean * TRAIN + .5);

    double g[M * D], mean[D] = {0}, *l = oracle_factor(t->x0, TRAIN, D), *lt = transposed(l, D, D);
    for (int i = 0; i < M; i++) {
        double length = 0;
        for (int j = 0; j < D; j++) {
            g[i * D + j] = base_random_normal(seed, BASE_STREAM_CONTROL_RANDOM, (uint64_t)(i * D + j));
            length += g[i * D + j] * g[i * D + j];
        }
        for (int j = 0; j < D; j++) g[i * D + j] /= sqrt(length);
    }
    for (int i = 0; i < TRAIN * D; i++) mean[i % D] += t->x0[i] / TRAIN;
    double *atoms = product(g, lt, M, D, D), *z0 = scores(t->x0, TRAIN, mean, t->s, atoms), *z = scores(t->x, N, mean, t->s, atoms);
    double *sorted = malloc(TRAIN * M * sizeof *sorted);
    memcpy(sorted, z0, TRAIN * M * sizeof *sorted);
    qsort(sorted, TRAIN * M, sizeof *sorted, falling);
    double threshold = (sorted[active - 1] + sorted[active]) / 2, xy = 0, yy = 0;
    ck_assert(threshold > 0);
    double *y0 = active_sum(z0, TRAIN, threshold, atoms), *y = active_sum(z, N, threshold, atoms);
    for (int i = 0; i < TRAIN * D; i++) xy += (t->x0[i] - mean[i % D]) * y0[i], yy += y0[i] * y0[i];
    for (int i = 0; i < TRAIN * D; i++) y0[i] = mean[i % D] + xy / yy * y0[i];
    for (int i = 0; i < N * D; i++) y[i] = mean[i % D] + xy / yy * y[i];
    problem inside = {TRAIN, D, M, t->x0, y0, z0, atoms}, outside = {N, D, M, t->x, y, z, atoms};
    uint8_t fires[M];
    oracle_fires(&inside, fires);
    atoms_figures want_in = oracle_figures(&inside, t->s, fires), want_out = oracle_figures(&outside, t->s, fires);
    ck_assert_ok(control(t, ATOMS_CONTROL_RANDOM, t->metric, seed, 1));
    ck_assert(t->in.l0_mean == in.l0_mean); /* exactly */
    assert_figures_near(&t->in, &want_in, 1e-8);
    assert_figures_near(&t->out, &want_out, 1e-8);
    ck_assert_ok(control(t, ATOMS_CONTROL_RANDOM, t->metric, seed, 0)); /* without train, made to match on the rows themselves */
    ck_assert(t->out.l0_mean == out.l0_mean);
    ck_assert_status(control(t, ATOMS_CONTROL_RANDOM, NULL, 0, 1), ATOMS_E_ARGUMENT);
    ck_assert_detail(t->context, "random lives in the AIP's space");
    free(l), free(lt), free(atoms), free(z0), free(z), free(sorted), free(y0), free(y);
    tear_down(t);
}
END_TEST

/* An SAE that never fires has random atoms that never fire. */
START_TEST(random_atoms_may_be_silent)
{
    setting *t = set_up(M);
    toy_sae_free(&t->toy);
    t->toy = toy_sae_make(t->context, D, M, 1e9, 40);
    ck_assert_ok(control(t, ATOMS_CONTROL_RANDOM, t->metric, 1, 1));
    ck_assert(t->in.l0_max == 0 && fabs(t->in.r2) < 1e-12 && t->in.dead_fraction == 1 && isnan(t->in.q_star));
    tear_down(t);
}
END_TEST

START_TEST(shuffled_is_the_sae_on_permuted_columns)
{
    setting *t = set_up(M);
    atoms_figures in = new_figures(), out = new_figures();
    float *shuffled[2];
    atoms_rows *from[] = {t->train, t->rows}, *to[2];
    for (int i = 0; i < 2; i++) {
        row_source source = atomsi_row_source(t->context, from[i]);
        shuffled[i] = malloc((size_t)(source.count * D) * sizeof(float));
        ck_assert_ok(atomsi_row_source_shuffle(&source, 9));
        ck_assert_ok(atomsi_row_source_read(&source, 0, source.count, shuffled[i]));
        to[i] = rows_of(t->context, shuffled[i], source.count, D);
        atomsi_row_source_free(&source);
    }
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = t->metric;
    ck_assert_ok(atoms_evaluate(t->context, t->toy.sae, &o, to[0], to[1], &in, &out));
    ck_assert_ok(control(t, ATOMS_CONTROL_SHUFFLED, t->metric, 9, 1));
    ck_assert_mem_eq(&t->in, &in, sizeof in);
    ck_assert_mem_eq(&t->out, &out, sizeof out);
    ck_assert_ok(control(t, ATOMS_CONTROL_SHUFFLED, t->metric, 10, 1));
    ck_assert(t->out.r2 != out.r2); /* the seed matters */
    ck_assert_status(control(t, 6, t->metric, 0, 1), ATOMS_E_ARGUMENT);
    ck_assert_detail(t->context, "6 is no control");
    ck_assert_status(control(t, 0, t->metric, 0, 1), ATOMS_E_ARGUMENT);
    for (int i = 0; i < 2; i++) free(shuffled[i]), atoms_rows_destroy(to[i]);
    tear_down(t);
}
END_TEST

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static float *sorted_column(const float *x, int64_t first, int64_t rows, int64_t width, int64_t c)
{
    float *column = malloc((size_t)rows * sizeof *column);
    for (int64_t r = 0; r < rows; r++) column[r] = x[(first + r) * width + c];
    qsort(column, (size_t)rows, sizeof *column, rising);
    return column;
}

/* Two blocks of 8192 rows and a rest, read in pieces that cross their borders: each column of each block is a permutation, and columns move apart. */
START_TEST(shuffling_permutes_each_column_of_each_block)
{
    enum { ROWS = 17000, WIDTH = 3, BLOCK = 8192 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    float *x = malloc(ROWS * WIDTH * sizeof *x), *got = malloc(ROWS * WIDTH * sizeof *got);
    for (int i = 0; i < ROWS * WIDTH; i++) x[i] = (float)(i / WIDTH);
    atoms_rows *rows = rows_of(context, x, ROWS, WIDTH);
    row_source source = atomsi_row_source(context, rows);
    ck_assert_ok(atomsi_row_source_shuffle(&source, 3));
    for (int64_t first = 0; first < ROWS; first += 1000)
        ck_assert_ok(atomsi_row_source_read(&source, first, first + 1000 < ROWS ? 1000 : ROWS - first, got + first * WIDTH));
    int64_t blocks = 0, together = 0, in_place = 0;
    for (int64_t first = 0; first < ROWS; first += BLOCK, blocks++)
        for (int64_t c = 0; c < WIDTH; c++) {
            int64_t n = first + BLOCK < ROWS ? BLOCK : ROWS - first;
            float *a = sorted_column(x, first, n, WIDTH, c), *b = sorted_column(got, first, n, WIDTH, c);
            ck_assert_mem_eq(a, b, (size_t)n * sizeof *a);
            free(a), free(b);
        }
    for (int r = 0; r < ROWS; r++) {
        together += got[r * WIDTH] == got[r * WIDTH + 1];
        in_place += got[r * WIDTH] == x[r * WIDTH];
    }
    ck_assert_int_eq(blocks, 3);
    ck_assert_int_lt(together, 20);
    ck_assert_int_lt(in_place, 20);
    atomsi_row_source_free(&source);
    atoms_rows_destroy(rows);
    free(x), free(got);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Real activations (examples/data/README.md): version 1 .npy, f16, 576 columns. */
static atoms_matrix sample_matrix(const char *name, int64_t rows, unsigned char **bytes)
{
    size_t size;
    *bytes = read_bytes(sample_path(name), &size);
    size_t header = 10 + (size_t)(*bytes)[8] + 256 * (size_t)(*bytes)[9];
    ck_assert_uint_ge(size - header, (size_t)rows * 576 * 2);
    return atoms_matrix_view(*bytes + header, rows, 576, ATOMS_F16);
}

/* A look-up table looks perfect in sample and is worse than the mean held out; neurons are faithful and not stable at all. */
/* The control is what anybody gets who trains one. */
START_TEST(features_are_an_sae_trained_for_the_same_budget)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    toy_sae toy = toy_sae_make(context, D, M, 1.2, 40);
    double *x = some_rows(N, D, 6);
    float *xf = narrowed(x, N * D);
    atoms_rows *train = rows_of(context, xf, 300, D), *rows = rows_of(context, xf + 300 * D, 100, D);
    atoms_evaluate_opts o;
    atoms_train_opts t;
    atoms_figures in = new_figures(), out = new_figures(), want_in = new_figures(), want_out = new_figures();
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = metric_of_rows(context, xf, 300, D);
    o.seed = 4;
    o.features_steps = 30;
    for (int budget = 0; budget < 2; budget++) { /* a batch that fits, and the recipe's, which is cut to the rows */
        atoms_trainer *trainer;
        atoms_sae *features;
        o.features_batch = budget ? 0 : 64;
        ck_assert_ok(atoms_train_opts_recipe(&t, sizeof t, "features"));
        t.width = M;
        t.seed = 4;
        t.steps = 30;
        t.batch = budget ? 300 : 64;
        ck_assert_ok(atoms_trainer_create(context, D, &t, &trainer));
        ck_assert_ok(atoms_trainer_run(trainer, train, NULL, NULL, NULL));
        ck_assert_ok(atoms_trainer_snapshot(trainer, &features));
        ck_assert_ok(atoms_evaluate(context, features, &o, train, rows, &want_in, &want_out));
        ck_assert_ok(atoms_evaluate_control(context, ATOMS_CONTROL_FEATURES, toy.sae, &o, train, rows, &in, &out));
        ck_assert_mem_eq(&in, &want_in, sizeof in);
        ck_assert_mem_eq(&out, &want_out, sizeof out);
        ck_assert(in.r2 != out.r2 && in.l0_mean > 0);
        if (!budget) {
            ck_assert_ok(atoms_evaluate_control(context, ATOMS_CONTROL_FEATURES, toy.sae, &o, NULL, train, NULL, &out));
            ck_assert_mem_eq(&out, &want_in, sizeof out); /* without train, of the rows themselves */
        }
        atoms_sae_destroy(features);
        atoms_trainer_destroy(trainer);
    }
    atoms_metric_destroy((atoms_metric *)(uintptr_t)o.metric);
    atoms_rows_destroy(train);
    atoms_rows_destroy(rows);
    toy_sae_free(&toy);
    free(x), free(xf);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(on_real_activations_the_controls_show_what_they_are_for)
{
    enum { WIDTH = 2500, DIM = 576 };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    unsigned char *train_bytes, *eval_bytes;
    atoms_matrix train_view = sample_matrix("sample.train.npy", 2048, &train_bytes), view = sample_matrix("sample.eval.npy", 2048, &eval_bytes);
    atoms_rows *train, *rows;
    ck_assert_ok(atoms_rows_from_matrix(context, &train_view, &train));
    ck_assert_ok(atoms_rows_from_matrix(context, &view, &rows));
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(context, DIM, &moments));
    ck_assert_ok(atoms_moments_add(moments, &train_view));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    toy_sae toy = toy_sae_make(context, DIM, WIDTH, 100, 1);
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = metric;
    atoms_figures in = new_figures(), out = new_figures();
    ck_assert_ok(atoms_evaluate_control(context, ATOMS_CONTROL_MEMORISER, toy.sae, &o, train, rows, &in, &out));
    ck_assert_int_eq(in.rows, 2048);
    ck_assert(in.r2 >= .99 && in.q_star >= .999 && in.l0_mean < 1.01);
    ck_assert(out.r2 < 0 && out.l0_mean < .1);
    ck_assert_ok(atoms_evaluate_control(context, ATOMS_CONTROL_NEURONS, toy.sae, &o, train, rows, &in, &out));
    ck_assert(in.r2 == 1 && out.r2 == 1 && out.l0_mean == DIM);
    ck_assert(out.q_star > .005 && out.q_star < .03);
    toy_sae_free(&toy);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_rows_destroy(train);
    atoms_rows_destroy(rows);
    free(train_bytes), free(eval_bytes);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_control_cases(Suite *suite)
{
    add_case(suite, "neurons", neurons_are_the_identity);
    add_case(suite, "neurons by hand", neurons_have_the_q_star_of_their_neighbours);
    add_loop(suite, "memoriser", the_memoriser_is_a_look_up_table, 2);
    add_case(suite, "zeros", zeros_cannot_be_memorised);
    add_case(suite, "random", random_atoms_match_the_saes_l0);
    add_case(suite, "silent", random_atoms_may_be_silent);
    add_case(suite, "shuffled", shuffled_is_the_sae_on_permuted_columns);
    add_case(suite, "shuffling", shuffling_permutes_each_column_of_each_block);
    add_case(suite, "features", features_are_an_sae_trained_for_the_same_budget);
    add_case(suite, "real activations", on_real_activations_the_controls_show_what_they_are_for);
}
