/* What a record says of a pursuit's code: how far it is from least squares on its support, and for a non-negative code from non-negative least
 * squares over the whole dictionary. */
#include <math.h>

#include "../../linalg/cblas_gate.h"
#include "pursuit_internal.h"

void atomsi_pursuit_judge(const atomsi_coder *coder, void *scratch, atomsi_piece *piece)
{
    double *outside = scratch; /* piece rows */
    if (coder->nonnegative) atomsi_find_maxima(coder, piece, 1, &(atomsi_maximum){.one_sided = 1, .outside = 1}, outside);
    for (int64_t r = 0; r < piece->rows; r++) {
        atoms_code_record *record = piece->record + r;
        double worst = coder->nonnegative ? fmax(outside[r], 0) : 0, sum = 1;
        for (int64_t e = r * coder->capacity; e < r * coder->capacity + piece->count[r]; e++) {
            const double *unit = coder->dictionary->unit + piece->index[e] * coder->dim;
            worst = fmax(worst, fabs(linalg_ddot(coder->dim, unit, piece->residual + r * coder->dim)));
            sum += fabs(piece->value[e]);
        }
        record->kkt = worst / sum;
        record->objective = record->residual * record->residual / 2;
    }
}
