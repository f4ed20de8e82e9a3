/* What the constants imply, each with the theorem it comes from. With s a lower bound on the spark, codes with K < s/2 atoms are unique;
 * s ≥ 1 + 1/μ, s > k where μ₁(k − 1) < 1 (Donoho and Elad 2003), s > k where L_k > 0. ℓ₁ and OMP find every K-sparse code where K < (1 + 1/μ)/2,
 * where μ₁(K − 1) + μ₁(K) < 1 (Tropp 2004); ℓ₁ where δ_K < 1/3 (K ≥ 2) or δ_n < √((n − K)/n) for some n ≥ 4K/3 (Cai and Zhang 2014), or α_K < 1/2;
 * OMP in K steps where δ_{K+1} < 1/√(K + 1) (Wen et al., arXiv 1512.07248). What ℓ₁ or OMP finds for certain is unique. */
#include <math.h>

#include "rip_internal.h"

static const atoms_guarantees_report empty_report = {.struct_size = sizeof(atoms_guarantees_report)};

atoms_status atoms_guarantees_report_init(atoms_guarantees_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

const char *atoms_proof_name(int32_t proof)
{
    static const char *const names[] = {"none", "coherence", "Babel", "isometry", "null space"};
    return names[proof >= ATOMS_PROOF_NONE && proof <= ATOMS_PROOF_NULL_SPACE ? proof : 0];
}

/* Takes the proof where it gives more. */
static void offer(int64_t *number, int32_t *by, int64_t value, int32_t proof)
{
    if (value <= *number) return;
    *number = value;
    *by = proof;
}

/* The largest K < (1 + 1/μ)/2, by multiplication, so that μ = 0 needs no care. */
static int64_t coherence_allows(double mu, int64_t atoms)
{
    int64_t k = 0;
    while (k < atoms && (double)(2 * k + 1) * mu < 1) k++;
    return k;
}

static void from_row_sums(const rip_profile *p, atoms_guarantees_report *r)
{
    int64_t k, depth = base_min_i64(p->depth, r->atoms - 1);
    const double *babel = p->row_sum; /* babel[0] = 0 */
    r->mu = r->atoms > 1 ? babel[1] : 0;
    r->coherence = coherence_allows(r->mu, r->atoms);
    r->spark = 2; /* no atom is zero */
    for (k = 2; k <= r->atoms && (double)(k - 1) * r->mu < 1; k++) continue;
    offer(&r->spark, &r->spark_proof, k, ATOMS_PROOF_COHERENCE);
    for (k = 2; k - 1 <= depth && babel[k - 1] < 1; k++) continue;
    offer(&r->spark, &r->spark_proof, k, ATOMS_PROOF_BABEL);
    for (k = 1; k <= depth && babel[k - 1] + babel[k] < 1; k++) continue;
    r->babel = k - 1;
}

/* √((n − K)/n) and 1/√(K + 1) are compared a rounding lower. */
static void from_isometry(const rip_profile *p, atoms_guarantees_report *r)
{
    const double down = 1 - 4 * 0x1p-53;
    double delta[ORDERS] = {0};
    for (int64_t n = 2; n <= p->order; n++) {
        delta[n] = fmax(p->upper[PLUS][n], p->upper[MINUS][n]);
        if (p->upper[MINUS][n] < 1) offer(&r->spark, &r->spark_proof, n + 1, ATOMS_PROOF_ISOMETRY);
    }
    for (int64_t k = 1; k <= p->order; k++) {
        if (k >= 2 && delta[k] < down / 3) r->isometry_l1 = base_max_i64(r->isometry_l1, k);
        for (int64_t n = (4 * k + 2) / 3; n <= p->order; n++)
            if (delta[n] < down * sqrt((double)(n - k) / (double)n)) r->isometry_l1 = base_max_i64(r->isometry_l1, k);
        if (k < p->order && delta[k + 1] < down / sqrt((double)(k + 1))) r->isometry_omp = base_max_i64(r->isometry_omp, k);
    }
}

static void conclude(const atoms_null_space_report *null_space, atoms_guarantees_report *r)
{
    int64_t by_spark = r->spark > r->atoms ? r->atoms : (r->spark - 1) / 2;
    r->null_space = null_space ? null_space->recovers : 0;
    offer(&r->l1, &r->l1_proof, r->coherence, ATOMS_PROOF_COHERENCE);
    offer(&r->l1, &r->l1_proof, r->babel, ATOMS_PROOF_BABEL);
    offer(&r->l1, &r->l1_proof, r->isometry_l1, ATOMS_PROOF_ISOMETRY);
    offer(&r->l1, &r->l1_proof, r->null_space, ATOMS_PROOF_NULL_SPACE);
    offer(&r->omp, &r->omp_proof, r->coherence, ATOMS_PROOF_COHERENCE);
    offer(&r->omp, &r->omp_proof, r->babel, ATOMS_PROOF_BABEL);
    offer(&r->omp, &r->omp_proof, r->isometry_omp, ATOMS_PROOF_ISOMETRY);
    offer(&r->unique, &r->unique_proof, r->coherence, ATOMS_PROOF_COHERENCE);
    offer(&r->unique, &r->unique_proof, by_spark, r->spark_proof);
    offer(&r->unique, &r->unique_proof, r->l1, r->l1_proof);
    offer(&r->unique, &r->unique_proof, r->omp, r->omp_proof);
    offer(&r->spark, &r->spark_proof, base_min_i64(2 * r->unique + 1, r->atoms + 1), r->unique_proof); /* 2K dependent atoms are two codes of one signal */
}

static atoms_status check_null_space(const atoms_rip *rip, const atoms_null_space_report *given, atoms_null_space_report *known)
{
    static const atoms_null_space_report none = {.struct_size = sizeof none};
    atoms_status status = atomsi_read_options(rip->context, known, sizeof *known, &none, given, "atoms_null_space_report");
    if (!status && given && known->atoms != rip->atoms)
        status = atomsi_fail(rip->context, ATOMS_E_SHAPE, "null_space is of %lld atoms, the dictionary has %lld", (long long)known->atoms,
                             (long long)rip->atoms);
    return status;
}

atoms_status atoms_rip_guarantees(const atoms_rip *rip, const atoms_null_space_report *null_space, atoms_guarantees_report *report)
{
    if (!rip || !report) return atomsi_fail(rip ? rip->context : NULL, ATOMS_E_ARGUMENT, "rip or report is NULL");
    atoms_null_space_report known;
    atoms_status status = check_null_space(rip, null_space, &known);
    if (status) return status;
    atoms_guarantees_report r = empty_report;
    r.atoms = rip->atoms;
    from_row_sums(&rip->profile, &r);
    from_isometry(&rip->profile, &r);
    conclude(null_space ? &known : NULL, &r);
    return atomsi_write_report(rip->context, report, &r, sizeof r, "atoms_guarantees_report");
}
