/* The sparse coders behind one face: which solver, with which options, and a plan that runs. */
#ifndef CODING_PLAN_H
#define CODING_PLAN_H

#include <atoms/atoms.h>

#include "arguments.h"

/* What the command line says; 0 or NULL: not given. */
typedef struct coding_options {
    const char *solver;
    int64_t sparsity, iterations;
    double residual, residual_rel, lambda, lambda_rel, sigma, sigma_rel, tol;
    int nonneg, certify;
} coding_options;

enum { CODING_OPTIONS = 12 };

/* The options of a command's table that belong to the coders. */
void coding_options_table(coding_options *o, option out[CODING_OPTIONS]);

/* A known solver, and no option that it does not have. An exit status; the error has been printed. */
int coding_options_check(const coding_options *o);

typedef struct coding_plan {
    atoms_pursuit *pursuit; /* one of the three */
    atoms_lasso *lasso;
    atoms_basis_pursuit *basis_pursuit;
} coding_plan;

atoms_status coding_plan_create(atoms_context *context, const atoms_dictionary *dictionary, const coding_options *o, coding_plan *out);
void coding_plan_destroy(coding_plan *plan);

/* Whether its records have a gap and dual vectors: all but pursuit. */
int coding_plan_has_dual(const coding_plan *plan);

/* What a record's gap is relative to: ½‖x‖² for lasso, ‖a‖₁ for basis pursuit. */
double coding_plan_scale(const coding_plan *plan, const atoms_code_record *record);

/* dual may be NULL; records has one for each row. */
atoms_status coding_plan_run(const coding_plan *plan, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records,
                             const atoms_matrix *dual);

#endif
