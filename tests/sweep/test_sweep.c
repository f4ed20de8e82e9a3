/* A sweep against what it stands for: plain runs of the trainer and plain evaluations, cell by cell and bit by bit. */
#include <math.h>
#include <stdio.h>

#include <atoms/evaluate.h>
#include <atoms/sweep.h>

#include "../train/training_data.h"
#include "suite.h"

enum { N = 300, D = 12, SIZES = 2, WIDTHS = 3, CELLS = SIZES * WIDTHS };

static const int64_t sizes[SIZES] = {50, 200}, widths[WIDTHS] = {60, 24, 52};

/* Training rows are the first 240 of the setting, the rest is held out. */
typedef struct grid {
    setting *s;
    atoms_rows *train, *held_out;
    atoms_train_opts train_opts;
    atoms_sweep_opts opts;
    atoms_sweep_cell cells[CELLS];
} grid;

static grid grid_on(int32_t threads)
{
    grid g = {.s = begin(N, D, threads), .train_opts = small_opts()};
    const atoms_matrix rest = atoms_matrix_f32(g.s->x + (ptrdiff_t)240 * D, 60, D);
    ck_assert_ok(atoms_rows_first(g.s->context, g.s->rows, 240, &g.train));
    ck_assert_ok(atoms_rows_from_matrix(g.s->context, &rest, &g.held_out));
    ck_assert_ok(atoms_sweep_opts_init(&g.opts, sizeof g.opts));
    g.opts.sizes = sizes;
    g.opts.sizes_count = SIZES;
    g.opts.widths = widths;
    g.opts.widths_count = WIDTHS;
    ck_assert_ok(atoms_sweep_cell_init(g.cells, sizeof *g.cells));
    return g;
}

static atoms_status sweep(grid *g)
{
    return atoms_sweep(g->s->context, g->train, g->held_out, &g->train_opts, &g->opts, g->cells);
}

static void grid_end(grid *g)
{
    atoms_rows_destroy(g->train);
    atoms_rows_destroy(g->held_out);
    end(g->s);
}

static atoms_metric *metric_of(grid *g, atoms_rows *rows)
{
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(g->s->context, D, &moments));
    ck_assert_ok(atoms_moments_add_rows(moments, rows));
    ck_assert_ok(atoms_metric_from_moments(g->s->context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    return metric;
}

/* NaN is NaN; everything else is equal. */
static void same(double a, double b)
{
    ck_assert_msg(a == b || (isnan(a) && isnan(b)), "%.17g, not %.17g", a, b);
}

/* The figures of a cell, done again by hand. */
static void compare_figures(grid *g, const atoms_sae *sae, atoms_rows *rows, const atoms_metric *metric, const atoms_sweep_cell *cell)
{
    atoms_figures in, out;
    atoms_evaluate_opts o;
    ck_assert_ok(atoms_evaluate_opts_init(&o, sizeof o));
    o.metric = metric;
    ck_assert_ok(atoms_figures_init(&in, sizeof in));
    ck_assert_ok(atoms_figures_init(&out, sizeof out));
    ck_assert_ok(atoms_evaluate(g->s->context, sae, &o, rows, g->held_out, &in, &out));
    same(cell->r2_in, in.r2), same(cell->r2_out, out.r2);
    same(cell->aip_r2_in, in.aip_r2), same(cell->aip_r2_out, out.aip_r2);
    same(cell->q_star_in, in.q_star), same(cell->q_star_out, out.q_star);
    same(cell->q_star_all_in, in.q_star_all), same(cell->q_star_all_out, out.q_star_all);
    same(cell->q_star_euclidean_in, in.q_star_euclidean), same(cell->q_star_euclidean_out, out.q_star_euclidean);
    same(cell->l0_in, in.l0_mean), same(cell->l0_out, out.l0_mean);
    same(cell->dead_in, in.dead_fraction), same(cell->dead_out, out.dead_fraction);
    ck_assert(cell->r2_in != cell->r2_out && cell->l0_in > 0);
    if (!g->opts.memoriser || !metric) {
        ck_assert(isnan(cell->memoriser_r2_in) && isnan(cell->memoriser_r2_out));
        ck_assert(isnan(cell->memoriser_q_star_in) && isnan(cell->memoriser_q_star_out));
        return;
    }
    ck_assert_ok(atoms_evaluate_control(g->s->context, ATOMS_CONTROL_MEMORISER, sae, &o, rows, g->held_out, &in, &out));
    same(cell->memoriser_r2_in, in.r2), same(cell->memoriser_r2_out, out.r2);
    same(cell->memoriser_q_star_in, in.q_star), same(cell->memoriser_q_star_out, out.q_star);
    ck_assert(in.r2 > 0.9);
}

/* The cell's model and figures are those of a run of its own. */
static void compare(grid *g, const atoms_sweep_cell *cell, const atoms_sae *sae)
{
    atoms_rows *rows;
    atoms_trainer *trainer;
    atoms_sae *plain;
    atoms_train_opts o = g->train_opts;
    o.width = cell->width;
    o.steps = cell->steps;
    if (g->opts.aip) o.metric = g->opts.metric;
    if (o.batch > cell->rows) o.batch = cell->rows;
    ck_assert_ok(atoms_rows_first(g->s->context, g->s->rows, cell->rows, &rows));
    atoms_metric *own = g->opts.metric ? NULL : metric_of(g, rows);
    if (g->opts.aip && own) o.metric = own;
    ck_assert_ok(atoms_trainer_create(g->s->context, D, &o, &trainer));
    ck_assert_ok(atoms_trainer_run(trainer, rows, NULL, NULL, NULL));
    ck_assert_ok(atoms_trainer_snapshot(trainer, &plain));
    atoms_matrix a, b;
    size_t row = sizeof(float) * D, width = (size_t)cell->width;
    ck_assert_int_eq(atoms_sae_d_sae(sae), cell->width);
    ck_assert_ok(atoms_sae_encoder(sae, &a));
    ck_assert_ok(atoms_sae_encoder(plain, &b));
    ck_assert_mem_eq(a.data, b.data, width * row);
    ck_assert_ok(atoms_sae_decoder(sae, &a));
    ck_assert_ok(atoms_sae_decoder(plain, &b));
    ck_assert_mem_eq(a.data, b.data, width * row);
    ck_assert_mem_eq(atoms_sae_b_enc(sae), atoms_sae_b_enc(plain), width * sizeof(float));
    ck_assert_mem_eq(atoms_sae_threshold(sae), atoms_sae_threshold(plain), width * sizeof(float));
    ck_assert_mem_eq(atoms_sae_b_dec(sae), atoms_sae_b_dec(plain), row);
    compare_figures(g, plain, rows, own ? own : g->opts.metric, cell);
    ck_assert_int_eq(cell->has_metric, 1);
    atoms_metric_destroy(own);
    atoms_sae_destroy(plain);
    atoms_trainer_destroy(trainer);
    atoms_rows_destroy(rows);
}

typedef struct watch {
    grid *g;
    int64_t steps, cells, step_of_size;
    int64_t stop_at_step, stop_at_cell;
} watch;

static int32_t on_progress(void *user, const atoms_sweep_progress *p)
{
    watch *w = user;
    ck_assert_int_eq(p->rows, w->g->opts.sizes[w->cells / w->g->opts.widths_count]);
    if (!p->cell) {
        w->steps++;
        w->step_of_size = p->step == 1 ? 1 : w->step_of_size + 1;
        ck_assert_int_eq(p->step, w->step_of_size);
        ck_assert_int_eq(p->done, w->steps);
        ck_assert_ptr_null(p->sae);
        return w->steps == w->stop_at_step;
    }
    ck_assert_int_eq(p->step, p->steps);
    ck_assert_int_eq(p->cell->width, w->g->opts.widths[w->cells % w->g->opts.widths_count]);
    w->cells++;
    if (!w->stop_at_cell) compare(w->g, p->cell, p->sae);
    if (w->cells == w->g->opts.sizes_count * w->g->opts.widths_count) ck_assert_int_eq(p->done, p->total);
    return w->cells == w->stop_at_cell;
}

START_TEST(cells_are_plain_runs)
{
    grid g = grid_on(1);
    watch w = {.g = &g};
    g.opts.progress = on_progress;
    g.opts.user = &w;
    ck_assert_ok(sweep(&g));
    ck_assert_int_eq(w.cells, CELLS);
    ck_assert_int_eq(w.steps, SIZES * g.train_opts.steps);
    for (int i = 0; i < CELLS; i++) {
        ck_assert_uint_eq(g.cells[i].struct_size, sizeof *g.cells);
        ck_assert_int_eq(g.cells[i].rows, sizes[i / WIDTHS]);
        ck_assert_int_eq(g.cells[i].width, widths[i % WIDTHS]);
        ck_assert_int_eq(g.cells[i].steps, g.train_opts.steps);
    }
    ck_assert(g.cells[0].memoriser_r2_in == g.cells[2].memoriser_r2_in); /* widths 60 and 52 both hold all 50 rows */
    ck_assert(g.cells[0].memoriser_r2_in != g.cells[1].memoriser_r2_in);
    grid_end(&g);
}
END_TEST

START_TEST(epochs_and_one_metric_for_all)
{
    grid g = grid_on(1);
    watch w = {.g = &g};
    atoms_metric *metric = metric_of(&g, g.s->rows);
    g.opts.epochs = 1.6;
    g.opts.metric = metric;
    g.opts.memoriser = 0;
    g.opts.progress = on_progress;
    g.opts.user = &w;
    ck_assert_ok(sweep(&g));
    ck_assert_int_eq(w.cells, CELLS);
    ck_assert_int_eq(g.cells[0].steps, 2);      /* batch 50: 1.6 rounded */
    ck_assert_int_eq(g.cells[WIDTHS].steps, 5); /* batch 64: three a pass, 4.8 rounded */
    atoms_metric_destroy(metric);
    grid_end(&g);
}
END_TEST

/* AIP mode, _i: by each cell's own metric, or one for all. */
START_TEST(cells_train_in_their_own_aip)
{
    grid g = grid_on(1);
    watch w = {.g = &g};
    atoms_metric *metric = _i ? metric_of(&g, g.s->rows) : NULL;
    g.opts.aip = 1;
    g.opts.metric = metric;
    g.opts.progress = on_progress;
    g.opts.user = &w;
    ck_assert_ok(sweep(&g));
    ck_assert_int_eq(w.cells, CELLS);
    const int64_t few[] = {D - 1};
    g.opts.sizes = few;
    g.opts.sizes_count = 1;
    g.opts.progress = NULL;
    if (_i) {
        ck_assert_ok(sweep(&g));
    } else {
        ck_assert_status(sweep(&g), ATOMS_E_RANK);
        ck_assert_detail(g.s->context, "opts.sizes[0] is 11: fewer rows than columns (12)");
        memset(g.s->x, 0, sizeof(float) * 45 * D);
        g.opts.sizes = sizes; /* of the first 50 rows five are left, which have no rank of 12 */
        ck_assert_status(sweep(&g), ATOMS_E_RANK);
        ck_assert_detail(g.s->context, "rank");
    }
    atoms_metric_destroy(metric);
    grid_end(&g);
}
END_TEST

START_TEST(rows_that_span_too_little_have_no_aip)
{
    grid g = grid_on(1);
    const int64_t few[] = {D - 1};
    g.opts.sizes = few;
    g.opts.sizes_count = 1;
    ck_assert_ok(sweep(&g));
    for (int i = 0; i < WIDTHS; i++) {
        const atoms_sweep_cell *c = &g.cells[i];
        ck_assert_int_eq(c->has_metric, 0);
        ck_assert(isnan(c->q_star_in) && isnan(c->q_star_out) && isnan(c->aip_r2_in) && isnan(c->q_star_all_out));
        ck_assert(isnan(c->memoriser_r2_in) && isnan(c->memoriser_q_star_out));
        ck_assert(isfinite(c->r2_in) && isfinite(c->r2_out) && isfinite(c->q_star_euclidean_in));
    }
    atoms_metric *metric = metric_of(&g, g.train);
    g.opts.metric = metric;
    ck_assert_ok(sweep(&g));
    ck_assert_int_eq(g.cells[0].has_metric, 1);
    ck_assert(isfinite(g.cells[0].aip_r2_out) && isfinite(g.cells[0].memoriser_r2_in));
    atoms_metric_destroy(metric);
    grid_end(&g);
}
END_TEST

START_TEST(threads_leave_no_trace)
{
    atoms_sweep_cell first[CELLS];
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        grid g = grid_on(threads);
        ck_assert_ok(sweep(&g));
        if (threads == 1) memcpy(first, g.cells, sizeof first);
        ck_assert_mem_eq(first, g.cells, sizeof first);
        grid_end(&g);
    }
}
END_TEST

/* Rows that count how often they are read. */
typedef struct source {
    const float *x;
    int64_t read, before, steps;
} source;

static int32_t read_rows(void *user, int64_t first, int64_t count, float *out)
{
    source *s = user;
    s->read += count;
    memcpy(out, s->x + first * D, (size_t)(count * D) * sizeof *out);
    return 0;
}

static int32_t count_reads(void *user, const atoms_sweep_progress *p)
{
    source *s = user;
    if (!p->cell && p->step > 1) {
        ck_assert_int_eq(s->read - s->before, 32);
        s->steps++;
    }
    s->before = s->read;
    return 0;
}

START_TEST(a_batch_is_read_once_for_all_widths)
{
    grid g = grid_on(1);
    source s = {.x = g.s->x};
    atoms_rows_destroy(g.train);
    ck_assert_ok(atoms_rows_from_callback(g.s->context, 240, D, read_rows, &s, &g.train));
    g.train_opts.batch = 32;
    g.opts.progress = count_reads;
    g.opts.user = &s;
    ck_assert_ok(sweep(&g));
    ck_assert_int_eq(s.steps, SIZES * (g.train_opts.steps - 1));
    grid_end(&g);
}
END_TEST

static void untouched(const grid *g, const atoms_sweep_cell *before)
{
    ck_assert_mem_eq(g->cells, before, sizeof g->cells);
}

START_TEST(the_callback_ends_it)
{
    for (int by_cell = 0; by_cell < 2; by_cell++) {
        grid g = grid_on(2);
        atoms_sweep_cell before[CELLS];
        watch w = {.g = &g, .stop_at_step = by_cell ? 0 : 17, .stop_at_cell = by_cell ? 2 : 99};
        memcpy(before, g.cells, sizeof before);
        g.opts.progress = on_progress;
        g.opts.user = &w;
        ck_assert_status(sweep(&g), ATOMS_E_CANCELLED);
        ck_assert_detail(g.s->context, "stopped by its callback");
        ck_assert_int_eq(w.cells, by_cell ? 2 : 3);
        ck_assert_int_eq(w.steps, by_cell ? 12 : 17);
        untouched(&g, before);
        grid_end(&g);
    }
}
END_TEST

START_TEST(bad_input_is_refused)
{
    grid g = grid_on(1), good = g;
    atoms_sweep_cell before[CELLS];
    const int64_t too_many[] = {50, 241}, none[] = {0}, narrow[] = {24, 3};
    int refused = 0;
    memcpy(before, g.cells, sizeof before);
    atoms_metric *metric = metric_of(&g, g.s->rows);
    int64_t held = g.s->memory.held;
#define REFUSE(change, status, words)                       \
    do {                                                    \
        g.opts = good.opts, g.train_opts = good.train_opts; \
        change;                                             \
        ck_assert_status(sweep(&g), status);                \
        ck_assert_detail(g.s->context, words);              \
        ck_assert_int_eq(g.s->memory.held, held);           \
        untouched(&g, before);                              \
        refused++;                                          \
    } while (0)
    REFUSE(g.opts.sizes = NULL, ATOMS_E_ARGUMENT, "opts.sizes: there must be at least one");
    REFUSE(g.opts.widths_count = 0, ATOMS_E_ARGUMENT, "opts.widths: there must be at least one");
    REFUSE(g.opts.sizes = too_many, ATOMS_E_ARGUMENT, "opts.sizes[1] is 241; there are 240 training rows");
    REFUSE((g.opts.sizes = none, g.opts.sizes_count = 1), ATOMS_E_ARGUMENT, "opts.sizes[0] is 0");
    REFUSE((g.opts.widths = none, g.opts.widths_count = 1), ATOMS_E_ARGUMENT, "opts.widths[0] is 0");
    REFUSE((g.opts.widths = narrow, g.opts.widths_count = 2), ATOMS_E_ARGUMENT, "target_l0 is 4; it must be above 0 and at most 3");
    REFUSE(g.opts.memoriser = 2, ATOMS_E_ARGUMENT, "opts.memoriser is 2");
    REFUSE(g.opts.aip = -1, ATOMS_E_ARGUMENT, "opts.aip is -1; it must be 0 or 1");
    REFUSE(g.opts.reserved = 1, ATOMS_E_ARGUMENT, "opts.reserved is 1; it must be 0");
    REFUSE((g.opts.aip = 1, g.train_opts.metric = metric), ATOMS_E_ARGUMENT, "leave train.metric out");
    REFUSE(g.opts.epochs = -1, ATOMS_E_ARGUMENT, "opts.epochs");
    REFUSE(g.opts.epochs = INFINITY, ATOMS_E_ARGUMENT, "opts.epochs");
    REFUSE(g.opts.struct_size = 0, ATOMS_E_ARGUMENT, "atoms_sweep_opts");
    REFUSE(g.train_opts.struct_size = 0, ATOMS_E_ARGUMENT, "atoms_train_opts");
    REFUSE(g.train_opts.steps = 0, ATOMS_E_ARGUMENT, "steps is 0");
    REFUSE(g.train_opts.checkpoint_path = "x", ATOMS_E_ARGUMENT, "a sweep writes no checkpoints");
    REFUSE(memset(g.s->x, 0, sizeof(float) * 50 * D), ATOMS_E_ARGUMENT, "50 rows, width 60: all rows are zero");
#undef REFUSE
    ck_assert_int_eq(refused, 17);
    atoms_metric_destroy(metric);
    const atoms_matrix narrow_rows = atoms_matrix_f32(g.s->x, 20, D - 1);
    atoms_rows *other;
    ck_assert_ok(atoms_rows_from_matrix(g.s->context, &narrow_rows, &other));
    ck_assert_status(atoms_sweep(g.s->context, g.train, other, NULL, &good.opts, g.cells), ATOMS_E_SHAPE);
    ck_assert_detail(g.s->context, "held_out has 11 columns, train_rows 12");
    atoms_rows_destroy(other);
    ck_assert_status(atoms_sweep(NULL, g.train, g.held_out, NULL, &good.opts, g.cells), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sweep(g.s->context, NULL, g.held_out, NULL, &good.opts, g.cells), ATOMS_E_ARGUMENT);
    ck_assert_detail(g.s->context, "train_rows is NULL");
    ck_assert_status(atoms_sweep(g.s->context, g.train, NULL, NULL, &good.opts, g.cells), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sweep(g.s->context, g.train, g.held_out, NULL, NULL, g.cells), ATOMS_E_ARGUMENT);
    ck_assert_detail(g.s->context, "opts is NULL");
    ck_assert_status(atoms_sweep(g.s->context, g.train, g.held_out, NULL, &good.opts, NULL), ATOMS_E_ARGUMENT);
    g.cells[0].struct_size = 0;
    ck_assert_status(atoms_sweep(g.s->context, g.train, g.held_out, NULL, &good.opts, g.cells), ATOMS_E_ARGUMENT);
    ck_assert_detail(g.s->context, "struct_size is not set");
    grid_end(&g);
}
END_TEST

START_TEST(a_bad_row_is_named)
{
    grid g = grid_on(1);
    g.s->x[(ptrdiff_t)130 * D + 3] = NAN;
    ck_assert_status(sweep(&g), ATOMS_E_NOT_FINITE);
    ck_assert_detail(g.s->context, "row 130 column 3 is NaN");
    g.opts.sizes_count = 1; /* the first 50 rows are good */
    ck_assert_ok(sweep(&g));
    g.s->x[(ptrdiff_t)250 * D] = INFINITY;
    ck_assert_status(sweep(&g), ATOMS_E_NOT_FINITE);
    ck_assert_detail(g.s->context, "row 10 column 0");
    grid_end(&g);
}
END_TEST

/* Nothing to memorise is no reason to lose the sweep. */
START_TEST(a_row_of_zeros_cannot_be_memorised)
{
    grid g = grid_on(1);
    const int64_t one[] = {1};
    memset(g.s->x, 0, D * sizeof(float));
    g.train_opts.target_l0 = 1;
    g.opts.widths = one;
    g.opts.widths_count = 1;
    ck_assert_ok(sweep(&g));
    ck_assert(g.cells[1].has_metric == 1 && isfinite(g.cells[1].r2_in) && isnan(g.cells[1].memoriser_r2_in));
    grid_end(&g);
}
END_TEST

START_TEST(an_older_callers_cells_are_not_overrun)
{
    enum { OLD = offsetof(atoms_sweep_cell, aip_r2_in) };
    grid g = grid_on(1);
    _Alignas(atoms_sweep_cell) unsigned char cells[CELLS * OLD + 16];
    memset(cells, 0x77, sizeof cells);
    ck_assert_ok(atoms_sweep_cell_init((atoms_sweep_cell *)(void *)cells, OLD));
    ck_assert_ok(sweep(&g));
    ck_assert_ok(atoms_sweep(g.s->context, g.train, g.held_out, &g.train_opts, &g.opts, (atoms_sweep_cell *)(void *)cells));
    for (size_t i = 0; i < CELLS; i++) {
        uint32_t size;
        memcpy(&size, cells + i * OLD, sizeof size);
        ck_assert_uint_eq(size, OLD);
        ck_assert_mem_eq(cells + i * OLD + sizeof size, (char *)&g.cells[i] + sizeof size, OLD - sizeof size);
    }
    for (size_t i = CELLS * OLD; i < sizeof cells; i++) ck_assert_int_eq(cells[i], 0x77);
    grid_end(&g);
}
END_TEST

START_TEST(refused_memory_leaves_nothing_behind)
{
    grid g = grid_on(2);
    const int64_t small[] = {16, 9};
    int64_t held = g.s->memory.held, refused = 0;
    atoms_sweep_cell before[CELLS];
    memcpy(before, g.cells, sizeof before);
    g.opts.sizes_count = 1;
    g.opts.widths = small;
    g.opts.widths_count = 2;
    g.train_opts.steps = 2;
    for (int64_t k = 1;; k++) {
        g.s->memory.fail_at = g.s->memory.requests + k;
        atoms_status status = sweep(&g);
        g.s->memory.fail_at = 0;
        ck_assert_int_eq(g.s->memory.held, held);
        if (status == ATOMS_OK) break;
        ck_assert_status(status, ATOMS_E_MEMORY);
        untouched(&g, before);
        refused++;
    }
    ck_assert_int_ge(refused, 100);
    grid_end(&g);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "plain runs", cells_are_plain_runs);
    add_case(suite, "epochs, metric", epochs_and_one_metric_for_all);
    add_loop(suite, "aip mode", cells_train_in_their_own_aip, 2);
    add_case(suite, "no aip", rows_that_span_too_little_have_no_aip);
    add_case(suite, "threads", threads_leave_no_trace);
    add_case(suite, "read once", a_batch_is_read_once_for_all_widths);
    add_case(suite, "callback", the_callback_ends_it);
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "bad row", a_bad_row_is_named);
    add_case(suite, "zeros", a_row_of_zeros_cannot_be_memorised);
    add_case(suite, "older struct", an_older_callers_cells_are_not_overrun);
    add_case(suite, "memory", refused_memory_leaves_nothing_behind);
}

SUITE_MAIN("sweep", add_cases)
