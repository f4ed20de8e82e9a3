#include "sweep_grid.h"

const int64_t sizes[SIZES] = {50, 200}, widths[WIDTHS] = {60, 24, 52};

grid grid_on(int32_t threads)
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

atoms_status sweep(grid *g)
{
    return atoms_sweep(g->s->context, g->train, g->held_out, &g->train_opts, &g->opts, g->cells);
}

void grid_end(grid *g)
{
    atoms_rows_destroy(g->train);
    atoms_rows_destroy(g->held_out);
    end(g->s);
}

atoms_metric *metric_of(grid *g, atoms_rows *rows)
{
    atoms_moments *moments;
    atoms_metric *metric;
    ck_assert_ok(atoms_moments_create(g->s->context, D, &moments));
    ck_assert_ok(atoms_moments_add_rows(moments, rows));
    ck_assert_ok(atoms_metric_from_moments(g->s->context, moments, NULL, &metric));
    atoms_moments_destroy(moments);
    return metric;
}
