/* What the sparse coders (pursuit, lasso, basis pursuit) have in common: the record that proves one signal's code.
 *
 * A signal x is coded as Σ_j a_j d_j over the atoms d_j (rows of the dictionary, of any length). Where the dictionary has a metric S,
 * every norm and product of signals and atoms is taken in it: ‖v‖² = vᵀ S v. Everything in a record is computed in f64 from the code as
 * it is returned, rounded to f32, so that anybody can compute it again from x, D and a.
 */
#ifndef ATOMS_CODING_H
#define ATOMS_CODING_H

#include <atoms/codes.h>
#include <atoms/dictionary.h>
#include <atoms/rows.h>

ATOMS_BEGIN

/* How the work on one signal ended. None of them is an error. Pinned for ever. */
enum {
    ATOMS_CODE_CONVERGED = 0,  /* what was asked for is reached: the gap, the residual, or the number of atoms */
    ATOMS_CODE_STOPPED = 1,    /* the iteration limit or rounding came first; the record says how good the code is */
    ATOMS_CODE_DEPENDENT = 2,  /* pursuit: no atom was left that is independent of those chosen, or that correlates with the residual */
    ATOMS_CODE_INFEASIBLE = 3  /* basis pursuit: no code comes as close to x as σ asks; this one is about as close as any */
};

/* What else is worth knowing, a bit each. Pinned for ever. */
enum {
    ATOMS_CODE_ZERO_SIGNAL = 1, /* ‖x‖ = 0: the code is empty */
    ATOMS_CODE_MASKED = 2,      /* an atom was passed over because it depends on those chosen */
    ATOMS_CODE_NOT_UNIQUE = 4,  /* an atom outside the support attains the dual bound too, or the support is dependent: other codes may be as good */
    ATOMS_CODE_POLISHED = 8     /* values were solved for in f64 on the final support */
};

/* Certificates that cost extra, a bit each: ask for them in a plan's options. Pinned for ever. */
enum {
    ATOMS_CERTIFY_FUCHS = 1, /* one more product with all atoms */
    ATOMS_CERTIFY_ERC = 2    /* as many more products as the support has atoms */
};

/* One signal's record. A number that was not asked for or has no meaning for the solver is NaN. This layout is frozen. */
typedef struct atoms_code_record {
    int32_t status;     /* ATOMS_CODE_CONVERGED … */
    int32_t flags;      /* ATOMS_CODE_ZERO_SIGNAL | … */
    int32_t support;    /* number of non-zeros */
    int32_t iterations; /* the solver's own unit: its page says which */
    double norm;        /* ‖x‖ */
    double residual;    /* ‖x − D a‖ */
    double objective;   /* what the solver minimises; pursuit: ½ residual² */
    double gap;         /* objective minus a dual lower bound of it, ≥ objective − optimum; lasso: of the best multiple of x − D a */
    double kkt;         /* largest violation of the optimality conditions, relative: each solver's header says to what */
    double lambda;      /* λ in use; BPDN: the multiplier found; else NaN */
    double lambda_max;  /* the smallest λ whose code is 0 */
    double min_pivot;   /* smallest pivot of the Cholesky factor of the chosen unit atoms' Gram: a squared sine, 1 = orthogonal */
    double fuchs;       /* max_{j∉S} |d_jᵀ D_S (D_Sᵀ D_S)⁻¹ s| (S support, s signs); < 1: for small λ lasso finds exactly this support
                           and sign from a noiseless signal with it, and basis pursuit has it as its only answer (Fuchs 2004) */
    double erc;         /* max_{j∉S} ‖(D_Sᵀ D_S)⁻¹ D_Sᵀ d_j‖₁; < 1: OMP and basis pursuit recover every code on S (Tropp 2004) */
    double reserved[4]; /* 0 */
} atoms_code_record;

ATOMS_END

#endif
