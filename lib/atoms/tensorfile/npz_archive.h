/* npz: a zip archive of NAME.npy members, stored or deflated. */
#ifndef ATOMSI_NPZ_ARCHIVE_H
#define ATOMSI_NPZ_ARCHIVE_H

#include "tensorfile_parts.h"

enum { NPZ_ENTRIES_MAX = 4096 };

atoms_status atomsi_npz_open(atoms_tensorfile *file);
void atomsi_npz_close(atoms_tensorfile *file);

/* Reads bytes of a member's inflated content. Cheap anywhere in a stored member; a deflated one is read forward, from its start again
 * when offset lies before where the last read ended. A member read from its first byte to its last has its checksum verified. */
atoms_status atomsi_npz_read(atoms_tensorfile *file, tensor_record *tensor, int64_t offset, int64_t bytes, void *out);

/* Where in the file the content of a stored member begins. */
int64_t atomsi_npz_content_begin(const tensor_record *tensor);

#endif
