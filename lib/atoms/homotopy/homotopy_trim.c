/* An end on a signal with a little noise: the support has grown for the signal's last digits, and at λ = 0 about half of the values that only fit
 * noise have turned against the dual vector. They are no part of an answer: they leave, with all others that are as small, and the rest is fitted
 * again, until every sign is the dual vector's. */
#include <math.h>

#include "homotopy_event.h"

static int has_turned(const atomsi_homotopy *path, int64_t i)
{
    return path->value[i] * path->target[i] < 0;
}

int atomsi_homotopy_has_turned(const atomsi_homotopy *path, double noise)
{
    for (int64_t i = 0; i < path->count; i++)
        if (has_turned(path, i) && fabs(path->value[i]) > noise) return 1;
    return 0;
}

void atomsi_homotopy_trim(atomsi_homotopy *path, double small)
{
    int64_t before;
    if (path->lambda > 0) {
        path->end = ATOMSI_HOMOTOPY_SPAN;
        path->lambda = 0;
        atomsi_homotopy_settle(path, &(atomsi_homotopy_goal){.sigma = -1});
    }
    do {
        before = path->count;
        for (int64_t i = path->count - 1; i >= 0; i--)
            if (has_turned(path, i) || fabs(path->value[i]) <= small) atomsi_homotopy_remove(path, i);
        if (path->count < before) atomsi_homotopy_settle(path, &(atomsi_homotopy_goal){.sigma = -1});
    } while (path->count < before);
}
