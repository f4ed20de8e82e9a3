/* What the tests of restricted isometry share: dictionaries, and an oracle that knows nothing of how the library does it. */
#ifndef RIP_SUPPORT_H
#define RIP_SUPPORT_H

#include <atoms/atoms.h>

/* Standard normal rows, to free. */
double *normal_rows(uint64_t seed, int64_t rows, int64_t cols);

/* Small whole numbers, which make_rip.py makes too, to free. */
double *byte_sum_rows(int64_t rows, int64_t cols);

/* [I, Hadamard/√m], 2m atoms of m = 2^p coordinates, to free. */
double *identity_and_hadamard(int64_t m);

atoms_dictionary *dictionary_from(atoms_context *context, const double *rows, int64_t atoms, int64_t dim);

/* U_K − 1 and 1 − L_K over all supports of `order` of the rows, in plain loops: eigenvalues by bisection on the signs of pivots. */
typedef struct extremes {
    double plus, minus;
} extremes;

extremes brute_force(const double *rows, int64_t atoms, int64_t dim, int64_t order);

/* The same of one support. */
extremes extremes_of(const double *rows, int64_t dim, const int32_t *support, int64_t order);

/* The defaults without a limit of time: tests may run on a slow machine. estimate takes them for NULL. */
atoms_rip_opts rip_options(void);
atoms_rip_report estimate(const atoms_dictionary *dictionary, int64_t order, const atoms_rip_opts *opts);

/* The interval holds the truth, and its witnesses attain its lower ends. */
void check_interval(const atoms_rip_report *r, extremes truth, const double *rows, int64_t dim);

#endif
