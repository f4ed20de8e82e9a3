/* Stability q* = sup{ q : μ_q < 1/(2K_q − 1) } (arXiv 2509.20784) without selecting a quantile. With lower empirical quantiles, K_q ≤ k
 * exactly while q ≤ F(k), the share of samples with at most k non-zeros, and μ_q < 1/(2k − 1) exactly while q ≤ C(k)/P, the share of pairs below
 * that limit. F rises and C falls with k, so q* = max over the k that occur of min(F(k), C(k)/P). */
#include <math.h>

#include "dictionary_internal.h"

static const atoms_stability_report empty_report = {.struct_size = sizeof(atoms_stability_report)};

atoms_status atoms_stability_report_init(atoms_stability_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

double atomsi_q_star(const atomsi_pairs *pairs, const int64_t *l0_counts, int64_t bins)
{
    int64_t samples = 0, so_far = 0;
    for (int64_t k = 0; k < bins; k++) samples += l0_counts[k];
    if (!pairs->pairs || !samples) return NAN;
    double best = 0;
    for (int64_t k = 0; k < bins; k++) {
        if (!l0_counts[k]) continue;
        so_far += l0_counts[k];
        double samples_share = (double)so_far / (double)samples;
        double pairs_share = (double)pairs->below[k ? k : 1] / (double)pairs->pairs;
        best = fmax(best, fmin(samples_share, pairs_share));
    }
    return best;
}

/* Largest k that occurs, at least 1; the checks of the public edge. */
static atoms_status check_counts(const atoms_dictionary *d, const int64_t *l0_counts, int64_t bins, int64_t *largest_k)
{
    if (bins < 1) return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "bins is %lld, it must be positive", (long long)bins);
    int64_t samples = 0, largest = 1;
    for (int64_t k = 0; k < bins; k++) {
        if (l0_counts[k] < 0)
            return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "l0_counts[%lld] is %lld, a count cannot be negative", (long long)k,
                               (long long)l0_counts[k]);
        if (!base_add_i64(samples, l0_counts[k], &samples))
            return atomsi_fail(d->context, ATOMS_E_OVERFLOW, "l0_counts: the number of samples does not fit 64 bits");
        if (!l0_counts[k]) continue;
        if (k > d->atoms)
            return atomsi_fail(d->context, ATOMS_E_ARGUMENT, "l0_counts[%lld]: a sample cannot use more than the dictionary's %lld atoms",
                               (long long)k, (long long)d->atoms);
        largest = base_max_i64(largest, k);
    }
    if (!samples) return atomsi_fail(d->context, ATOMS_E_SHAPE, "l0_counts: there are no samples");
    *largest_k = largest;
    return ATOMS_OK;
}

atoms_status atoms_stability_from_counts(const atoms_dictionary *dictionary, const int64_t *l0_counts, int64_t bins, const uint8_t *fires,
                                         atoms_stability_report *report)
{
    if (!dictionary || !l0_counts || !report)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, l0_counts or report is NULL");
    int64_t largest_k = 1;
    atomsi_pair_profile profile;
    atoms_status status = check_counts(dictionary, l0_counts, bins, &largest_k);
    if (!status) status = atomsi_pair_profile_make(dictionary, fires, largest_k, &profile);
    if (status) return status;
    atoms_stability_report r = empty_report;
    r.atoms = profile.used.atoms;
    r.pairs = profile.used.pairs;
    r.q_star = atomsi_q_star(&profile.used, l0_counts, bins);
    r.q_star_all = atomsi_q_star(&profile.all, l0_counts, bins);
    r.mu = profile.used.mu;
    r.mu_all = profile.all.mu;
    atomsi_pair_profile_free(&profile);
    return atomsi_write_report(dictionary->context, report, &r, sizeof r, "atoms_stability_report");
}

atoms_status atoms_stability(const atoms_dictionary *dictionary, const atoms_codes *codes, atoms_stability_report *report)
{
    if (!dictionary || !codes || !report)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, codes or report is NULL");
    atoms_codes_view view;
    atoms_status status = atoms_codes_look(codes, &view);
    if (status) return status;
    int64_t atoms = dictionary->atoms;
    if (view.width != atoms)
        return atomsi_fail(dictionary->context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)view.width,
                           (long long)atoms);
    if (!view.rows) return atomsi_fail(dictionary->context, ATOMS_E_SHAPE, "codes have no rows");
    int64_t *l0_counts = atomsi_alloc_zero(dictionary->context, atoms + 1, sizeof *l0_counts);
    uint8_t *fires = atomsi_alloc_zero(dictionary->context, atoms, 1);
    if (l0_counts && fires) {
        for (int64_t r = 0; r < view.rows; r++) l0_counts[view.offset[r + 1] - view.offset[r]]++;
        for (int64_t e = 0; e < view.nnz; e++) fires[view.index[e]] = 1;
        status = atoms_stability_from_counts(dictionary, l0_counts, atoms + 1, fires, report);
    } else {
        status = ATOMS_E_MEMORY;
    }
    atomsi_free(dictionary->context, fires);
    atomsi_free(dictionary->context, l0_counts);
    return status;
}
