/* A sweep against what it stands for: plain runs of the trainer and plain evaluations, cell by cell and bit by bit. */
#include <math.h>

#include <atoms/evaluate.h>

#include "sweep_grid.h"

void add_refusal_cases(Suite *suite);

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
        ck_assert_mem_eq(g.cells, before, sizeof before);
        grid_end(&g);
    }
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
    add_refusal_cases(suite);
}

SUITE_MAIN("sweep", add_cases)
