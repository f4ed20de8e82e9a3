#include "coding_plan.h"

#include <string.h>

#include "failure.h"

typedef enum coder_kind { PURSUIT, LASSO, BASIS_PURSUIT } coder_kind;

typedef struct solver_name {
    const char *name;
    coder_kind kind;
    int32_t number; /* rule or solver of its kind */
} solver_name;

static const solver_name solvers[] = {
    {"omp", PURSUIT, ATOMS_PURSUIT_OMP}, {"ols", PURSUIT, ATOMS_PURSUIT_OLS},
    {"cd", LASSO, ATOMS_LASSO_CD}, {"lars", LASSO, ATOMS_LASSO_LARS}, {"fista", LASSO, ATOMS_LASSO_FISTA}, {"ista", LASSO, ATOMS_LASSO_ISTA},
    {"bp", BASIS_PURSUIT, ATOMS_BASIS_PURSUIT_AUTO}, {"bpdn", BASIS_PURSUIT, ATOMS_BASIS_PURSUIT_AUTO},
};

void coding_options_table(coding_options *o, option out[CODING_OPTIONS])
{
    const option table[CODING_OPTIONS] = {
        {.name = "--solver", .value = "S", .help = "omp, ols; cd, lars, fista, ista (lasso); bp, bpdn", .kind = OPTION_TEXT, .target = &o->solver, .standard = "required"},
        {.name = "--sparsity", .value = "K", .help = "omp, ols: atoms a row", .kind = OPTION_WHOLE, .target = &o->sparsity, .low = 1, .standard = "32, without --residual"},
        {.name = "--residual", .value = "E", .help = "omp, ols: stop where the residual's length is at most E, in units of X", .kind = OPTION_POSITIVE, .target = &o->residual, .standard = "none"},
        {.name = "--residual-rel", .value = "E", .help = "omp, ols: the same, in units of each row's length", .kind = OPTION_POSITIVE, .target = &o->residual_rel, .standard = "none"},
        {.name = "--lambda", .value = "L", .help = "lasso: weight of |a|_1 beside half the squared residual", .kind = OPTION_POSITIVE, .target = &o->lambda, .standard = "by --lambda-rel"},
        {.name = "--lambda-rel", .value = "F", .help = "lasso: the same, in units of each row's lambda_max", .kind = OPTION_POSITIVE, .target = &o->lambda_rel, .standard = "0.1"},
        {.name = "--sigma", .value = "S", .help = "bpdn: the residual's length may be S, in units of X", .kind = OPTION_POSITIVE, .target = &o->sigma, .standard = "by --sigma-rel"},
        {.name = "--sigma-rel", .value = "S", .help = "bpdn: the same, in units of each row's length", .kind = OPTION_POSITIVE, .target = &o->sigma_rel, .standard = "0.01"},
        {.name = "--nonneg", .help = "coefficients are not negative", .kind = OPTION_FLAG, .target = &o->nonneg},
        {.name = "--tol", .value = "T", .help = "all but omp, ols: duality gap to reach, relative to half |x|^2 (lasso) or |a|_1 (bp)", .kind = OPTION_POSITIVE, .target = &o->tol, .standard = "1e-6"},
        {.name = "--max-iter", .value = "N", .help = "all but omp, ols: iterations a row", .kind = OPTION_WHOLE, .target = &o->iterations, .low = 1, .standard = "the solver's own"},
        {.name = "--certify", .help = "records also have the certificates of Fuchs and Tropp (ERC)", .kind = OPTION_FLAG, .target = &o->certify},
    };
    memcpy(out, table, sizeof table);
}

static const solver_name *find(const char *name)
{
    for (size_t i = 0; name && i < sizeof solvers / sizeof solvers[0]; i++)
        if (strcmp(name, solvers[i].name) == 0) return solvers + i;
    return NULL;
}

int coding_options_check(const coding_options *o)
{
    const solver_name *solver = find(o->solver);
    if (!o->solver) return usage_error("--solver", "is missing: one of omp ols ista fista cd lars bp bpdn");
    if (!solver) return usage_error("--solver", "'%s' is none of omp ols ista fista cd lars bp bpdn", o->solver);
    int bpdn = strcmp(o->solver, "bpdn") == 0;
    const struct { const char *name; int given, allowed; } uses[] = {
        {"--sparsity", o->sparsity != 0, solver->kind == PURSUIT},   {"--residual", o->residual > 0, solver->kind == PURSUIT},
        {"--residual-rel", o->residual_rel > 0, solver->kind == PURSUIT}, {"--lambda", o->lambda > 0, solver->kind == LASSO},
        {"--lambda-rel", o->lambda_rel > 0, solver->kind == LASSO},  {"--sigma", o->sigma > 0, bpdn},
        {"--sigma-rel", o->sigma_rel > 0, bpdn},                     {"--tol", o->tol > 0, solver->kind != PURSUIT},
        {"--max-iter", o->iterations != 0, solver->kind != PURSUIT},
    };
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if (uses[i].given && !uses[i].allowed) return usage_error(uses[i].name, "is not for --solver %s", o->solver);
    if (o->lambda > 0 && o->lambda_rel > 0) return usage_error("--lambda-rel", "beside --lambda: give one of them");
    if (o->sigma > 0 && o->sigma_rel > 0) return usage_error("--sigma-rel", "beside --sigma: give one of them");
    return EXIT_DONE;
}

static int32_t certificates(const coding_options *o)
{
    return o->certify ? ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC : 0;
}

static atoms_status create_pursuit(atoms_context *context, const atoms_dictionary *dictionary, const coding_options *o, int32_t rule, atoms_pursuit **out)
{
    atoms_pursuit_opts opts;
    atoms_status status = atoms_pursuit_opts_init(&opts, sizeof opts);
    if (status) return status;
    opts.rule = rule;
    opts.nonnegative = o->nonneg;
    opts.certify = certificates(o);
    opts.max_atoms = o->sparsity;
    opts.residual = o->residual;
    opts.residual_rel = o->residual_rel;
    return atoms_pursuit_create(context, dictionary, &opts, out);
}

static atoms_status create_lasso(atoms_context *context, const atoms_dictionary *dictionary, const coding_options *o, int32_t solver, atoms_lasso **out)
{
    atoms_lasso_opts opts;
    atoms_status status = atoms_lasso_opts_init(&opts, sizeof opts);
    if (status) return status;
    opts.solver = solver;
    opts.nonnegative = o->nonneg;
    opts.certify = certificates(o);
    opts.max_iterations = o->iterations;
    if (o->lambda > 0) opts.lambda = o->lambda;
    if (o->lambda_rel > 0) opts.lambda_rel = o->lambda_rel;
    if (o->tol > 0) opts.tol = o->tol;
    return atoms_lasso_create(context, dictionary, &opts, out);
}

static atoms_status create_basis_pursuit(atoms_context *context, const atoms_dictionary *dictionary, const coding_options *o, int32_t solver,
                                         atoms_basis_pursuit **out)
{
    atoms_basis_pursuit_opts opts;
    atoms_status status = atoms_basis_pursuit_opts_init(&opts, sizeof opts);
    if (status) return status;
    opts.solver = solver;
    opts.nonnegative = o->nonneg;
    opts.certify = certificates(o);
    opts.max_iterations = o->iterations;
    opts.sigma = o->sigma;
    opts.sigma_rel = o->sigma_rel > 0 ? o->sigma_rel : strcmp(o->solver, "bpdn") == 0 && !(o->sigma > 0) ? .01 : 0;
    if (o->tol > 0) opts.tol = o->tol;
    return atoms_basis_pursuit_create(context, dictionary, &opts, out);
}

atoms_status coding_plan_create(atoms_context *context, const atoms_dictionary *dictionary, const coding_options *o, coding_plan *out)
{
    const solver_name *solver = find(o->solver);
    *out = (coding_plan){0};
    switch (solver->kind) {
    case PURSUIT: return create_pursuit(context, dictionary, o, solver->number, &out->pursuit);
    case LASSO: return create_lasso(context, dictionary, o, solver->number, &out->lasso);
    default: return create_basis_pursuit(context, dictionary, o, solver->number, &out->basis_pursuit);
    }
}

void coding_plan_destroy(coding_plan *plan)
{
    atoms_pursuit_destroy(plan->pursuit);
    atoms_lasso_destroy(plan->lasso);
    atoms_basis_pursuit_destroy(plan->basis_pursuit);
}

int coding_plan_has_dual(const coding_plan *plan)
{
    return !plan->pursuit;
}

double coding_plan_scale(const coding_plan *plan, const atoms_code_record *record)
{
    return plan->lasso ? .5 * record->norm * record->norm : record->objective;
}

atoms_status coding_plan_run(const coding_plan *plan, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records, const atoms_matrix *dual)
{
    if (plan->pursuit) return atoms_pursuit_run(plan->pursuit, signals, codes, records);
    if (plan->lasso) return atoms_lasso_run_dual(plan->lasso, signals, codes, records, dual);
    return atoms_basis_pursuit_run_dual(plan->basis_pursuit, signals, codes, records, dual);
}
