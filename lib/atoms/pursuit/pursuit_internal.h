/* The inside of a pursuit plan. Two ways of working: with the Gram matrix, a signal at a time (pursuit_gram.c); without it, the signals of a
 * piece in rounds, an atom each, with one GEMM a round (pursuit_rounds.c). */
#ifndef ATOMSI_PURSUIT_H
#define ATOMSI_PURSUIT_H

#include <atoms/pursuit.h>

#include "../coding/coding_internal.h"

struct atoms_pursuit {
    atomsi_coder coder; /* first: the frame knows nothing else */
    int32_t rule;
    bool counted;       /* coder.capacity atoms are what was asked for, not only the most that can be independent */
    double residual, residual_rel;
    float *gram;        /* atoms × atoms; NULL: in rounds */
};

/* Smallest squared sine between an atom and the span of those chosen: below it f32 cannot tell what the atom would add. In f64, where non-negative
 * pursuit factors, there is more room. */
#define PURSUIT_PIVOT 1e-5
#define PURSUIT_PIVOT_F64 1e-10
/* ‖r‖/‖x‖ that ends every pursuit: f32 codes come no closer. */
#define PURSUIT_FLOOR 0x1p-22
/* |u·r|/‖r‖ below which an f32 product is all rounding. */
#define PURSUIT_NOISE 0x1p-20

/* Whether there is anything to do: no code at all is already as close as was asked, where the goal is the whole length. */
static inline bool atomsi_pursuit_begins(const atoms_pursuit *pursuit, const atomsi_piece *piece, int64_t row)
{
    return piece->norm[row] > 0 && !(pursuit->residual >= piece->norm[row] || pursuit->residual_rel >= 1);
}

/* What ‖r‖/‖x‖ must be at most to stop a row; 0: no such stop was asked for. */
double atomsi_pursuit_goal(const atoms_pursuit *pursuit, const atomsi_piece *piece, int64_t row);

/* Memory of `solve`, laid out at `memory` (NULL: only measured); sets coder.piece_rows first where it is not set. false: overflow. */
bool atomsi_pursuit_gram_size(const atoms_pursuit *pursuit, size_t *bytes);
bool atomsi_pursuit_rounds_size(const atoms_pursuit *pursuit, size_t *bytes);
int64_t atomsi_pursuit_gram_rows(const atoms_pursuit *pursuit);
int64_t atomsi_pursuit_rounds_rows(const atoms_pursuit *pursuit);

atomsi_solve_fn atomsi_pursuit_by_gram, atomsi_pursuit_in_rounds, atomsi_pursuit_judge;

#endif
