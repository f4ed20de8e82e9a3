/* What a sweep refuses, and what it leaves behind then: nothing. */
#include <math.h>
#include <stddef.h>

#include "sweep_grid.h"

void add_refusal_cases(Suite *suite);

static void untouched(const grid *g, const atoms_sweep_cell *before)
{
    ck_assert_mem_eq(g->cells, before, sizeof g->cells);
}

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

void add_refusal_cases(Suite *suite)
{
    add_case(suite, "bad input", bad_input_is_refused);
    add_case(suite, "bad row", a_bad_row_is_named);
    add_case(suite, "zeros", a_row_of_zeros_cannot_be_memorised);
    add_case(suite, "older struct", an_older_callers_cells_are_not_overrun);
    add_case(suite, "memory", refused_memory_leaves_nothing_behind);
}
