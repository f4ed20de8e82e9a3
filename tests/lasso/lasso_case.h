/* Lasso problems, and the oracle that computes a record again from x, D and the code in plain f64 loops. */
#ifndef LASSO_CASE_H
#define LASSO_CASE_H

#include <atoms/atoms.h>

typedef struct lasso_case {
    atoms_context *context;
    int64_t atoms, dim, rows;
    double *d; /* atoms × dim */
    double *x; /* rows × dim */
    const atoms_metric *metric; /* or NULL */
    atoms_dictionary *dictionary; /* made by the first plan */
} lasso_case;

/* Kinds of dictionary. */
enum {
    LASSO_GAUSSIAN = 0,   /* unit atoms */
    LASSO_AR = 1,         /* neighbouring atoms correlate with .95 */
    LASSO_DUPLICATES = 2, /* each fourth atom is a copy of the one before */
    LASSO_CLUSTERS = 3,   /* clusters of four with cosines .9 … .999, as in the decoders of large autoencoders */
    LASSO_LENGTHS = 4,    /* Gaussian, lengths .1 … 10 */
    LASSO_KINDS = 5
};

/* A dictionary of a kind, and signals of about dim/8 atoms with noise. */
lasso_case lasso_case_make(atoms_context *context, int kind, uint64_t seed, int64_t dim, int64_t atoms, int64_t rows);
void lasso_case_free(lasso_case *c);
/* Standard normal. */
double lasso_normal(uint64_t seed, int64_t i);

/* A batch's answers, in memory of their own. */
typedef struct lasso_answers {
    void *memory;
    atoms_lasso *lasso;
    atoms_lasso_work *work;
    atoms_codes_view codes;
    atoms_code_record *records;
    double *dense; /* rows × atoms */
} lasso_answers;

atoms_lasso_opts lasso_options(void);
lasso_answers lasso_solve(lasso_case *c, const atoms_lasso_opts *opts);
lasso_answers lasso_solve_from(lasso_case *c, const atoms_lasso_opts *opts, const atoms_codes_view *start);
void lasso_answers_free(lasso_answers *a);

/* What a record should say. */
typedef struct lasso_figures {
    double norm, residual, objective, gap, kkt, lambda_max;
} lasso_figures;

/* Of a code a (atoms) for row `row` at lambda, by plain loops. */
lasso_figures lasso_figures_of(const lasso_case *c, const atoms_lasso_opts *opts, int64_t row, const double *a, double lambda);

/* All records, and the dual vectors, against the oracle: to 1e-10·½‖x‖² and the like. Returns how many rows were checked. */
int64_t lasso_check(const lasso_case *c, const atoms_lasso_opts *opts, const lasso_answers *a);

#endif
