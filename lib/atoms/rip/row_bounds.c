/* Upper bounds from row sums of magnitudes: with R_1 ≥ R_2 the two largest sums of K − 1 magnitudes in a row of G − I,
 * δ_K ≤ √(R_1 R_2) (Cassini's ovals) ≤ R_1 (Babel) ≤ (K − 1) μ (Gershgorin). They bound both signs alike. */
#include <math.h>

#include "rip_internal.h"

rip_row_sums atomsi_rip_largest_sums(const rip_gram *gram, int64_t terms)
{
    rip_row_sums r = {0, 0};
    for (int64_t i = 0; i < gram->rows; i++) {
        double sum = 0;
        for (int64_t k = 0; k < terms; k++) sum += gram->top[i * gram->depth + k];
        if (sum > r.first) r = (rip_row_sums){sum, r.first};
        else if (sum > r.second) r.second = sum;
    }
    return r;
}

void atomsi_rip_row_bounds(const rip_gram *gram, rip_profile *profile)
{
    double mu = profile->mu = atomsi_rip_largest_sums(gram, 1).first;
    profile->depth = gram->depth;
    for (int64_t k = 1; k <= gram->depth; k++) profile->row_sum[k] = atomsi_rip_largest_sums(gram, k).first + atomsi_rip_slack(k + 1, gram->dim);
    for (int64_t k = 2; k <= profile->order; k++) {
        rip_row_sums sums = atomsi_rip_largest_sums(gram, k - 1);
        double slack = atomsi_rip_slack(k, gram->dim);
        profile->coherence[k] = (double)(k - 1) * mu + slack;
        profile->babel[k] = sums.first + slack;
        profile->cassini[k] = sqrt(sums.first * sums.second) + slack;
        for (int sign = 0; sign < SIGNS; sign++) {
            rip_lower_upper_end(profile, sign, k, profile->coherence[k], ATOMS_RIP_BOUND_COHERENCE);
            rip_lower_upper_end(profile, sign, k, profile->babel[k], ATOMS_RIP_BOUND_BABEL);
            rip_lower_upper_end(profile, sign, k, profile->cassini[k], ATOMS_RIP_BOUND_CASSINI);
        }
        rip_lower_upper_end(profile, MINUS, k, 1, ATOMS_RIP_BOUND_POSITIVE);
    }
}
