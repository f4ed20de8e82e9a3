/* What tests/golden/make_tensorfile.py puts into its files, and checks that it is there. */
#ifndef TENSORFILE_GOLDEN_NUMBERS_H
#define TENSORFILE_GOLDEN_NUMBERS_H

#include <atoms/tensorfile.h>

enum { GOLDEN_NUMBERS = 13, GOLDEN_ELEMENTS = 12 };

/* The script's name for a dtype. */
extern const char *const golden_names[GOLDEN_NUMBERS + 1];

/* tests/golden/tensorfile/name. */
atoms_tensorfile *golden_open(atoms_context *context, const char *name);

atoms_tensor_info golden_info(const atoms_tensorfile *file, int64_t index);

/* Tensor `index` is the script's 3 × 4 of `dtype`, as f64 and, for integers, as i64. */
void golden_check_numbers(atoms_tensorfile *file, int64_t index, int32_t dtype, int column_major);

/* Every number tensor of an archive, and its scalar, empty and oddly named ones. */
void golden_check_all(atoms_tensorfile *file, const char *odd_name);

#endif
