/* The identifiability theorem on your data: whether the support of every code can be read off by thresholds, and the encoder that does.
 *
 * With atoms u_i of length 1 in the metric, x = Σ δ_j u_j over at most K of them, δ_min ≤ δ_j ≤ δ_max and |⟨u_i, u_j⟩| ≤ ε, the score z_i = ⟨u_i, x⟩ is above
 * δ_min − ε (K − 1) δ_max where i is active and at most ε K δ_max where it is not. So z_i > τ is the exact support for
 *     ε K δ_max < τ < δ_min − ε (K − 1) δ_max,    which is empty unless δ_min > ε (2K − 1) δ_max.
 * A code's value a_j belongs to an atom of length ‖d_j‖_S: δ_j = a_j ‖d_j‖_S, and an SAE's threshold θ_i stands for τ_i = θ_i ‖d_i‖_S.
 * Source: arXiv 2509.20784, with the choices of docs/identify.md. */
#ifndef ATOMS_IDENTIFY_H
#define ATOMS_IDENTIFY_H

#include <atoms/dictionary.h>
#include <atoms/rows.h>
#include <atoms/sae.h>

ATOMS_BEGIN

typedef struct atoms_identify_report {
    uint32_t struct_size;
    int32_t feasible;       /* 1: the interval is not empty */
    int64_t atoms;          /* that fire at least once; the figures below are theirs */
    int64_t k;              /* K: the largest number of non-zeros of a sample */
    int64_t atoms_inside;   /* whose threshold lies in the interval; −1 where no thresholds were given */
    double epsilon;         /* coherence; 0 where one atom fires */
    double epsilon_all;     /* of all atoms; 0 where there is one */
    double delta_min, delta_max; /* of δ over all entries of the codes */
    double low, high;       /* ε K δ_max and δ_min − ε (K − 1) δ_max, also where low ≥ high */
    double q_star, q_star_all; /* as atoms_stability; NaN where there is no pair */
} atoms_identify_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_report_init(atoms_identify_report *report, size_t size);

/* The figures for codes over a dictionary (made of the decoder's rows as they are: lengths count). threshold: θ of each atom, or NULL;
 * inside[i] = 1 where atom i fires and θ_i ‖d_i‖_S lies in the interval; may be NULL.
 * Errors: ARGUMENT, SHAPE (no sample, no non-zero), NOT_FINITE (a threshold), MEMORY, CANCELLED. Allocates tiles. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify(const atoms_dictionary *dictionary, const atoms_codes *codes, const float *threshold,
                                                      uint8_t *inside, atoms_identify_report *report);

/* An SAE whose encoder is S d_i/‖d_i‖²_S and whose thresholds are τ/‖d_i‖_S: for x as in the theorem and τ in its interval its codes have
 * exactly the support of δ (up to f32 rounding of the scores). Their values are ⟨u_i, x⟩/‖d_i‖_S, not yet δ: see atoms_identify_values. Errors: ARGUMENT
 * (τ not positive and finite), NOT_FINITE (beyond f32), OVERFLOW, MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_sae(const atoms_dictionary *dictionary, double tau, atoms_sae **out);

/* Appends to `out` the codes with the same supports, their values by least squares: argmin ‖x − Σ a_j d_j‖_S over each row's support, in f64.
 * `codes` are over the dictionary, a row for each of `rows`; `out` is another handle of the same width. A row whose atoms are linearly dependent keeps the
 * values it has; *dependent (may be NULL) counts these. Errors: ARGUMENT, SHAPE, NOT_FINITE, MEMORY, those of reading rows; out as before. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_values(const atoms_dictionary *dictionary, atoms_rows *rows, const atoms_codes *codes,
                                                             atoms_codes *out, int64_t *dependent);

/* The coefficients of the theorem, for samples and for its limits. */
typedef struct atoms_identify_model {
    uint32_t struct_size;
    int32_t reserved;
    uint64_t seed;       /* default 0 */
    int64_t k;           /* K ≥ 1; default 1 */
    double delta_min;    /* > 0; default 1 */
    double delta_max;    /* ≥ delta_min; default 1 */
} atoms_identify_model;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_model_init(atoms_identify_model *model, size_t size);

/* out (f32 or f64, dim columns): rows Σ δ_j u_j over K different atoms drawn evenly, δ evenly from [δ_min, δ_max]; their codes a_j = δ_j/‖d_j‖_S are
 * appended to `codes` (may be NULL). Row r is a function of seed and r. Errors: ARGUMENT, SHAPE, DTYPE, OVERFLOW (a row
 * beyond out's range, a code beyond f32), MEMORY; out and codes are then as before. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_samples(const atoms_dictionary *dictionary, const atoms_identify_model *model,
                                                              const atoms_matrix *out, atoms_codes *codes);

typedef struct atoms_counterexample_report {
    uint32_t struct_size;
    int32_t exists;         /* 1: silent_score ≥ active_score, so no common τ reads both samples rightly */
    int64_t silent, active; /* the atoms that attain them */
    double silent_score;    /* the largest score of an atom that is not in the sample's support */
    double active_score;    /* the smallest score of one that is */
    int64_t atoms_without;  /* atoms for which not even a threshold of their own exists */
} atoms_counterexample_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_counterexample_report_init(atoms_counterexample_report *report, size_t size);

/* The two samples that are hardest to read among all that the model allows (at most K atoms each), over all atoms of the dictionary: one in which a
 * silent atom's score is largest, one in which an active atom's is smallest. Inside the theorem's condition `exists` is 0. Their codes are appended to
 * `codes` (may be NULL), in this order. M² dim operations in f64. Errors: ARGUMENT, SHAPE, OVERFLOW (a code beyond
 * f32), MEMORY, CANCELLED. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_identify_counterexample(const atoms_dictionary *dictionary, const atoms_identify_model *model,
                                                                     atoms_codes *codes, atoms_counterexample_report *report);

ATOMS_END

#endif
