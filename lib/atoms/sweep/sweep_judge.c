/* The figures of one cell: those of atoms_evaluate, and those of the memoriser beside them. */
#include <math.h>

#include <atoms/evaluate.h>

#include "sweep_parts.h"

static void put_model(const atoms_figures *in, const atoms_figures *out, atoms_sweep_cell *cell)
{
    cell->r2_in = in->r2;
    cell->r2_out = out->r2;
    cell->aip_r2_in = in->aip_r2;
    cell->aip_r2_out = out->aip_r2;
    cell->q_star_in = in->q_star;
    cell->q_star_out = out->q_star;
    cell->q_star_all_in = in->q_star_all;
    cell->q_star_all_out = out->q_star_all;
    cell->q_star_euclidean_in = in->q_star_euclidean;
    cell->q_star_euclidean_out = out->q_star_euclidean;
    cell->l0_in = in->l0_mean;
    cell->l0_out = out->l0_mean;
    cell->dead_in = in->dead_fraction;
    cell->dead_out = out->dead_fraction;
}

static void put_memoriser(double r2_in, double r2_out, double q_star_in, double q_star_out, atoms_sweep_cell *cell)
{
    cell->memoriser_r2_in = r2_in;
    cell->memoriser_r2_out = r2_out;
    cell->memoriser_q_star_in = q_star_in;
    cell->memoriser_q_star_out = q_star_out;
}

static int64_t memorised(const atoms_sweep_cell *cell)
{
    return base_min_i64(cell->rows, cell->width);
}

atoms_status atomsi_sweep_judge(const sweep *s, const atoms_sae *sae, atoms_rows *rows, const atoms_metric *metric,
                                const atoms_sweep_cell *before, atoms_sweep_cell *cell)
{
    atoms_evaluate_opts opts;
    atoms_figures in, out;
    atoms_status status = atoms_evaluate_opts_init(&opts, sizeof opts);
    if (!status) status = atoms_figures_init(&in, sizeof in);
    if (!status) status = atoms_figures_init(&out, sizeof out);
    opts.metric = metric;
    if (!status) status = atoms_evaluate(s->context, sae, &opts, rows, s->held_out, &in, &out);
    if (status) return status;
    put_model(&in, &out, cell);
    put_memoriser(NAN, NAN, NAN, NAN, cell);
    if (!s->opts.memoriser || !metric) return ATOMS_OK;
    if (before && memorised(before) == memorised(cell)) { /* the same rows, the same table */
        put_memoriser(before->memoriser_r2_in, before->memoriser_r2_out, before->memoriser_q_star_in, before->memoriser_q_star_out, cell);
        return ATOMS_OK;
    }
    status = atoms_evaluate_control(s->context, ATOMS_CONTROL_MEMORISER, sae, &opts, rows, s->held_out, &in, &out);
    if (status == ATOMS_E_ARGUMENT) return ATOMS_OK; /* everything else was checked: these rows are zeros */
    if (!status) put_memoriser(in.r2, out.r2, in.q_star, out.q_star, cell);
    return status;
}
