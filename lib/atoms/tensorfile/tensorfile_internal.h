/* What sibling rooms use of tensor files beyond the public functions: text members, as SciPy puts them into its npz files, whether a
 * tensor can be read at any place, and what will be read next. */
#ifndef ATOMSI_TENSORFILE_H
#define ATOMSI_TENSORFILE_H

#include <atoms/tensorfile.h>

/* Reads all bytes of tensor `index` as they are in the file, whatever its dtype; *bytes receives their number. Errors: ARGUMENT,
 * CAPACITY (nothing is read), IO, FORMAT. */
atoms_status atomsi_tensorfile_read_raw(atoms_tensorfile *file, int64_t index, void *out, size_t capacity, size_t *bytes);

/* 1 where tensor `index` is cheap to read forward only: a deflated npz member. */
int atomsi_tensorfile_compressed(const atoms_tensorfile *file, int64_t index);

/* Tells the system that elements first … first + count − 1 of tensor `index`, which has them and is not compressed, will be read soon,
 * so that reading them need not wait for the disk. A hint: nothing depends on it, and it never fails. */
void atomsi_tensorfile_advise(const atoms_tensorfile *file, int64_t index, int64_t first, int64_t count);

/* Adds a scalar npy of dtype |S<n> that holds `text` (copied; npy and npz only). */
atoms_status atomsi_tensorwriter_add_text(atoms_tensorwriter *writer, const char *name, const char *text);

#endif
