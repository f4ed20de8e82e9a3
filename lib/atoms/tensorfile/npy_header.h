/* The header of an npy file: magic, version, length, and a Python dict of exactly 'descr', 'fortran_order' and 'shape'.
 * Format: numpy.lib.format, versions 1.0, 2.0 and 3.0. */
#ifndef ATOMSI_NPY_HEADER_H
#define ATOMSI_NPY_HEADER_H

#include "tensorfile_parts.h"

enum { NPY_HEADER_LIMIT = 65535, NPY_HEADER_ROOM = 512, NPY_DESCR_MAX = 32 };

/* Supplies bytes of an npy, asked for from the front to the back. */
typedef atoms_status (*npy_bytes_fn)(void *user, int64_t offset, int64_t bytes, void *out);

/* Fills `tensor` (but its name) from the header of an npy that has `size` bytes in all; data must end where it ends. */
atoms_status atomsi_npy_read_header(atoms_tensorfile *file, tensor_record *tensor, int64_t size, npy_bytes_fn read, void *user);

/* Opens a file that is one npy. */
atoms_status atomsi_npy_open(atoms_tensorfile *file);

/* Takes a descr apart: dtype (0: one that can only be named), bytes of an element, whether it is big-endian. UNSUPPORTED for Python
 * objects, FORMAT for what is no descr. */
atoms_status atomsi_npy_descr(const char *descr, int32_t *dtype, int64_t *item, int32_t *swap);

/* The descr of a dtype, NULL for bf16, which npy does not have. */
const char *atomsi_npy_descr_text(int32_t dtype);

/* Writes magic, version 1.0 and header, byte for byte as NumPy 2 does; returns the size, a multiple of 64. */
size_t atomsi_npy_format_header(char out[NPY_HEADER_ROOM], const char *descr, int32_t rank, const int64_t *shape);

#endif
