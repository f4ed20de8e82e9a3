/* The public edge: options and arguments are checked here, outputs are written here and last. */
#include "judge.h"

static const atoms_figures empty_figures = {.struct_size = sizeof(atoms_figures)};
static const atoms_evaluate_opts default_opts = {.struct_size = sizeof(atoms_evaluate_opts)};

atoms_status atoms_figures_init(atoms_figures *figures, size_t size)
{
    return atomsi_struct_init(figures, size, &empty_figures, sizeof empty_figures);
}

atoms_status atoms_evaluate_opts_init(atoms_evaluate_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

typedef struct arguments {
    atoms_context *context;
    const atoms_sae *sae;
    const atoms_evaluate_opts *opts;
    atoms_rows *train, *rows;
    atoms_figures *in_sample, *held_out;
} arguments;

static atoms_status check_rows(atoms_context *context, const atoms_rows *rows, const atoms_sae *sae, const char *name)
{
    if (atoms_rows_width(rows) == atoms_sae_d_in(sae)) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_SHAPE, "%s: rows of %lld columns, the sae takes %lld", name, (long long)atoms_rows_width(rows),
                       (long long)atoms_sae_d_in(sae));
}

static atoms_status check_figures(atoms_context *context, const atoms_figures *figures, const char *name)
{
    if (figures->struct_size >= sizeof figures->struct_size) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s: struct_size is not set; call atoms_figures_init first", name);
}

static atoms_status check(const arguments *a, atoms_evaluate_opts *opts)
{
    atoms_context *context = a->context;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!a->sae || !a->rows || !a->held_out)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "%s is NULL", !a->sae ? "sae" : !a->rows ? "rows" : "held_out");
    if (!a->train != !a->in_sample)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "train and in_sample go together: give both or neither");
    atoms_status status = atomsi_read_options(context, opts, sizeof *opts, &default_opts, a->opts, "atoms_evaluate_opts");
    if (!status) status = check_figures(context, a->held_out, "held_out");
    if (!status && a->in_sample) status = check_figures(context, a->in_sample, "in_sample");
    if (!status) status = check_rows(context, a->rows, a->sae, "rows");
    if (!status && a->train) status = check_rows(context, a->train, a->sae, "train");
    if (status) return status;
    if (opts->reserved) return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.reserved is not 0");
    if (opts->features_steps < 0 || opts->features_batch < 0)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: %s is less than 0", opts->features_steps < 0 ? "features_steps" : "features_batch");
    if (opts->metric && atoms_metric_dim(opts->metric) != atoms_sae_d_in(a->sae))
        return atomsi_fail(context, ATOMS_E_SHAPE, "opts: the metric has %lld dimensions, the sae takes %lld",
                           (long long)atoms_metric_dim(opts->metric), (long long)atoms_sae_d_in(a->sae));
    return ATOMS_OK;
}

static atoms_status run(const arguments *a, const atoms_evaluate_opts *opts, atoms_status (*judge)(judgement *))
{
    row_source rows = atomsi_row_source(a->context, a->rows), train = atomsi_row_source(a->context, a->train);
    judgement j = {.context = a->context, .sae = a->sae, .metric = opts->metric, .seed = opts->seed,
                   .features_steps = opts->features_steps, .features_batch = opts->features_batch,
                   .train = a->train ? &train : NULL, .rows = &rows};
    atoms_status status = judge(&j);
    if (!status && a->train) status = atomsi_write_report(a->context, a->in_sample, &j.in_sample, sizeof j.in_sample, "atoms_figures");
    if (!status) status = atomsi_write_report(a->context, a->held_out, &j.held_out, sizeof j.held_out, "atoms_figures");
    atomsi_row_source_free(&train);
    atomsi_row_source_free(&rows);
    return status;
}

atoms_status atoms_evaluate(atoms_context *context, const atoms_sae *sae, const atoms_evaluate_opts *opts, atoms_rows *train, atoms_rows *rows,
                            atoms_figures *in_sample, atoms_figures *held_out)
{
    arguments a = {context, sae, opts, train, rows, in_sample, held_out};
    atoms_evaluate_opts o;
    atoms_status status = check(&a, &o);
    return status ? status : run(&a, &o, atomsi_judge_sae);
}

atoms_status atoms_evaluate_control(atoms_context *context, int32_t control, const atoms_sae *sae, const atoms_evaluate_opts *opts,
                                    atoms_rows *train, atoms_rows *rows, atoms_figures *in_sample, atoms_figures *held_out)
{
    arguments a = {context, sae, opts, train, rows, in_sample, held_out};
    atoms_evaluate_opts o;
    atoms_status status = check(&a, &o);
    if (status) return status;
    if ((control == ATOMS_CONTROL_RANDOM || control == ATOMS_CONTROL_MEMORISER) && !o.metric)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts: the control %s lives in the AIP's space and needs opts->metric",
                           control == ATOMS_CONTROL_RANDOM ? "random" : "memoriser");
    switch (control) {
    case ATOMS_CONTROL_NEURONS:
        return run(&a, &o, atomsi_judge_neurons);
    case ATOMS_CONTROL_RANDOM:
        return run(&a, &o, atomsi_judge_random);
    case ATOMS_CONTROL_SHUFFLED:
        return run(&a, &o, atomsi_judge_shuffled);
    case ATOMS_CONTROL_MEMORISER:
        return run(&a, &o, atomsi_judge_memoriser);
    case ATOMS_CONTROL_FEATURES:
        return run(&a, &o, atomsi_judge_features);
    default:
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "control: %d is no control", (int)control);
    }
}
