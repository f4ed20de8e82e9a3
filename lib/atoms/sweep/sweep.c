/* The public edge of a sweep: every size, width and option is judged before the first row is read, results are written last. */
#include <math.h>

#include "../train/train_internal.h"
#include "sweep_parts.h"

static const atoms_sweep_cell empty_cell = {.struct_size = sizeof(atoms_sweep_cell)};
static const atoms_sweep_opts default_opts = {.struct_size = sizeof(atoms_sweep_opts), .memoriser = 1};

atoms_status atoms_sweep_cell_init(atoms_sweep_cell *cell, size_t size)
{
    return atomsi_struct_init(cell, size, &empty_cell, sizeof empty_cell);
}

atoms_status atoms_sweep_opts_init(atoms_sweep_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

static int64_t steps_of(double epochs, int64_t rows, int64_t batch)
{
    double steps = round(epochs * (double)(rows / batch)); /* the rest of an epoch smaller than a batch is left out */
    return steps < 1 ? 1 : steps > 0x1p40 ? (int64_t)1 << 40 : (int64_t)steps;
}

atoms_train_opts atomsi_sweep_train_opts(const sweep *s, int64_t size)
{
    atoms_train_opts o = s->train;
    o.batch = base_min_i64(o.batch, size);
    if (s->opts.epochs > 0) o.steps = steps_of(s->opts.epochs, size, o.batch);
    return o;
}

atoms_status atomsi_sweep_tell(sweep *s, const atoms_sweep_cell *cell, const atoms_sae *sae)
{
    s->now.cell = cell;
    s->now.sae = sae;
    if (!s->opts.progress || !s->opts.progress(s->opts.user, &s->now)) return ATOMS_OK;
    return atomsi_fail(s->context, ATOMS_E_CANCELLED, "the sweep was stopped by its callback");
}

static atoms_status check_rows(const sweep *s)
{
    int64_t width = atoms_rows_width(s->train_rows), held_out = atoms_rows_width(s->held_out);
    if (width != held_out)
        return atomsi_fail(s->context, ATOMS_E_SHAPE, "held_out has %lld columns, train_rows %lld", (long long)held_out, (long long)width);
    if (s->opts.metric && atoms_metric_dim(s->opts.metric) != width)
        return atomsi_fail(s->context, ATOMS_E_SHAPE, "opts: the metric has %lld dimensions, the rows have %lld columns",
                           (long long)atoms_metric_dim(s->opts.metric), (long long)width);
    return ATOMS_OK;
}

static atoms_status check_grid(const sweep *s)
{
    const atoms_sweep_opts *o = &s->opts;
    if (!o->sizes || o->sizes_count < 1 || !o->widths || o->widths_count < 1)
        return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.%s: there must be at least one", !o->sizes || o->sizes_count < 1 ? "sizes" : "widths");
    if (o->memoriser != 0 && o->memoriser != 1)
        return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.memoriser is %d; it must be 0 or 1", (int)o->memoriser);
    if ((o->aip != 0 && o->aip != 1) || o->reserved)
        return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.%s is %d; it must be 0%s", o->reserved ? "reserved" : "aip",
                           (int)(o->reserved ? o->reserved : o->aip), o->reserved ? "" : " or 1");
    if (o->aip && s->train.metric)
        return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.aip takes each cell's AIP; leave train.metric out, or give opts.metric");
    if (!isfinite(o->epochs) || o->epochs < 0) return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.epochs must be at least 0, and finite");
    int64_t count = atoms_rows_count(s->train_rows);
    for (int64_t i = 0; i < o->sizes_count; i++)
        if (o->sizes[i] < 1 || o->sizes[i] > count)
            return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.sizes[%lld] is %lld; there are %lld training rows", (long long)i,
                               (long long)o->sizes[i], (long long)count);
    for (int64_t i = 0; i < o->sizes_count && o->aip && !o->metric; i++)
        if (o->sizes[i] < atoms_rows_width(s->train_rows))
            return atomsi_fail(s->context, ATOMS_E_RANK, "opts.sizes[%lld] is %lld: fewer rows than columns (%lld) have no AIP to train in",
                               (long long)i, (long long)o->sizes[i], (long long)atoms_rows_width(s->train_rows));
    for (int64_t j = 0; j < o->widths_count; j++)
        if (o->widths[j] < 1)
            return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "opts.widths[%lld] is %lld; it must be at least 1", (long long)j,
                               (long long)o->widths[j]);
    return ATOMS_OK;
}

/* The options of every cell, as the trainer will judge them; hours later would be late. Counts the steps on the way. */
static atoms_status check_training(sweep *s)
{
    if (s->train.checkpoint_every || s->train.checkpoint_path)
        return atomsi_fail(s->context, ATOMS_E_ARGUMENT, "train: a sweep writes no checkpoints; leave checkpoint_every and checkpoint_path out");
    for (int64_t i = 0; i < s->opts.sizes_count; i++) {
        atoms_train_opts o = atomsi_sweep_train_opts(s, s->opts.sizes[i]), resolved;
        for (int64_t j = 0; j < s->opts.widths_count; j++) {
            o.width = s->opts.widths[j];
            atoms_status status = atomsi_train_read_opts(s->context, atoms_rows_width(s->train_rows), &o, &resolved);
            if (status) return status;
        }
        if (!base_add_i64(s->now.total, o.steps, &s->now.total)) return atomsi_fail(s->context, ATOMS_E_OVERFLOW, "too many steps to be counted");
    }
    return ATOMS_OK;
}

static atoms_status write_cells(const sweep *s, atoms_sweep_cell *cells)
{
    uint32_t size = cells->struct_size;
    for (int64_t i = 0; i < s->opts.sizes_count * s->opts.widths_count; i++) {
        atoms_sweep_cell *cell = (atoms_sweep_cell *)(void *)((char *)cells + i * size);
        cell->struct_size = size;
        atoms_status status = atomsi_write_report(s->context, cell, &s->cells[i], sizeof s->cells[i], "atoms_sweep_cell");
        if (status) return status; /* of the first cell, or of none */
    }
    return ATOMS_OK;
}

static atoms_status run(sweep *s, atoms_sweep_cell *cells)
{
    int64_t count;
    if (!base_mul_i64(s->opts.sizes_count, s->opts.widths_count, &count))
        return atomsi_fail(s->context, ATOMS_E_OVERFLOW, "%lld sizes of %lld widths are too many", (long long)s->opts.sizes_count,
                           (long long)s->opts.widths_count);
    s->cells = atomsi_alloc_zero(s->context, count, sizeof *s->cells);
    atoms_status status = s->cells ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int64_t i = 0; i < s->opts.sizes_count && !status; i++) status = atomsi_sweep_size(s, i);
    if (!status) status = write_cells(s, cells);
    atomsi_free(s->context, s->cells);
    return status;
}

atoms_status atoms_sweep(atoms_context *context, atoms_rows *train_rows, atoms_rows *held_out, const atoms_train_opts *train,
                         const atoms_sweep_opts *opts, atoms_sweep_cell *cells)
{
    if (!context) return ATOMS_E_ARGUMENT;
    if (!train_rows || !held_out || !opts || !cells)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", !train_rows ? "train_rows" : !held_out ? "held_out" : !opts ? "opts" : "cells");
    if (cells->struct_size < sizeof cells->struct_size)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "cells: struct_size is not set; call atoms_sweep_cell_init on the first one");
    sweep s = {.context = context, .train_rows = train_rows, .held_out = held_out, .now.struct_size = sizeof s.now};
    atoms_train_opts train_defaults;
    atoms_status status = atoms_train_opts_init(&train_defaults, sizeof train_defaults);
    if (!status) status = atomsi_read_options(context, &s.train, sizeof s.train, &train_defaults, train, "atoms_train_opts");
    if (!status) status = atomsi_read_options(context, &s.opts, sizeof s.opts, &default_opts, opts, "atoms_sweep_opts");
    if (!status) status = check_rows(&s);
    if (!status) status = check_grid(&s);
    if (!status) status = check_training(&s);
    return status ? status : run(&s, cells);
}
