/* The smallest solver there is, to test the frame around solvers: a code is the start code (doubled), or else the `take` atoms of largest |correlation|
 * with these as values, by falling size. Its dual is the residual. */
#ifndef TESTS_LARGEST_ATOM_H
#define TESTS_LARGEST_ATOM_H

#include "coding/coding_internal.h"

void largest_atom_init(atomsi_coder *coder, atoms_context *context, const atoms_dictionary *dictionary, int64_t take, int64_t piece_rows);

#endif
