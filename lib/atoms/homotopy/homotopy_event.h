/* What happens at the end of a segment, for the files of this room. */
#ifndef ATOMSI_HOMOTOPY_EVENT_H
#define ATOMSI_HOMOTOPY_EVENT_H

#include "homotopy_factor.h"

/* velocity and direction of the support as it is. */
void atomsi_homotopy_aim(atomsi_homotopy *path);

/* λ falls by `step` along the segment. */
void atomsi_homotopy_advance(atomsi_homotopy *path, double step);

/* The first drop before `step`, at entry *which, ≥ 0; `step` where there is none. */
double atomsi_homotopy_first_drop(const atomsi_homotopy *path, double step, int64_t *which);

/* An atom reaches its bound: it joins, or is passed over because it depends on the support (0), or finds the support full (−1). */
int atomsi_homotopy_join(atomsi_homotopy *path, int64_t atom, double sign);

/* Entry i has come to 0 and leaves. at_once: by a step of length 0, so that it must not come back before λ has fallen. */
void atomsi_homotopy_drop(atomsi_homotopy *path, int64_t i, int at_once);

/* Those who turned back at once may come again: λ has fallen. */
void atomsi_homotopy_forgive(atomsi_homotopy *path);

/* γ, residual, flags and smallest pivot at the end of a walk: λ stays, but at SIGMA, where it is set to meet σ to the last digits. */
void atomsi_homotopy_settle(atomsi_homotopy *path, const atomsi_homotopy_goal *goal);

/* u_j·r from the residual: what the recursion has added up in roundings is gone. */
void atomsi_homotopy_refresh(atomsi_homotopy *path);

/* Whether λ → 0 on this support ends the path: least squares with the right signs, and a dual vector that is feasible. */
int atomsi_homotopy_spans(atomsi_homotopy *path, const atomsi_homotopy_goal *goal);

/* The λ of this segment's line at which ‖r‖ = σ; negative: there is none. */
double atomsi_homotopy_sigma(const atomsi_homotopy *path, double sigma);

#endif
