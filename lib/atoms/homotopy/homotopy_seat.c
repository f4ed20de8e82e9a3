/* A support that somebody else found is put to the test: values are solved for on it, and the dual vector that belongs to them. */
#include "homotopy_event.h"

void atomsi_homotopy_seat(atomsi_homotopy *path, int64_t count, const int32_t *index, const double *sign, double sigma)
{
    const atomsi_homotopy_plan *plan = path->plan;
    for (int64_t k = 0; k < count && path->count < plan->capacity; k++) {
        double weight = plan->weights ? plan->weights[index[k]] : 1;
        if (!atomsi_homotopy_append(path, index[k], sign[k] > 0 ? weight : -weight)) path->flags |= ATOMS_CODE_MASKED | ATOMS_CODE_NOT_UNIQUE;
    }
    atomsi_homotopy_aim(path);
    double lambda = sigma > 0 ? atomsi_homotopy_sigma(path, sigma) : -1;
    path->lambda = lambda > 0 ? lambda : 0;
    path->end = lambda > 0 ? ATOMSI_HOMOTOPY_SIGMA : ATOMSI_HOMOTOPY_SPAN;
    int32_t flags = path->flags; /* of ties nothing is known: there are no correlations */
    atomsi_homotopy_settle(path, &(atomsi_homotopy_goal){.sigma = sigma});
    path->flags = flags;
}
