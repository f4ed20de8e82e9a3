/* A tensor file open for reading, as the files of this room share it. */
#ifndef ATOMSI_TENSORFILE_PARTS_H
#define ATOMSI_TENSORFILE_PARTS_H

#include "tensor_arena.h"
#include "tensorfile_internal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor files are little-endian, and bytes are used as they are");

/* Bytes that are read, converted or supplied at a time. */
enum { TENSOR_STAGING = 32768 };

typedef struct tensor_record {
    struct tensor_record *next; /* in the order of the file */
    const char *name, *dtype_text;
    int64_t shape[ATOMS_TENSOR_RANK_MAX];
    int64_t number; /* its place in the file */
    int64_t elements;
    int64_t begin, bytes; /* in the file; in an npz: in the member */
    int32_t dtype, rank, column_major;
    int32_t swap;               /* big-endian: the bytes of each element are to be turned round */
    struct npz_member *member;  /* npz only */
} tensor_record;

typedef struct tensor_metadata {
    struct tensor_metadata *next;
    const char *key, *value;
} tensor_metadata;

struct atoms_tensorfile {
    atoms_context *context;
    char *path;
    int file;
    int32_t format;
    int64_t size;
    const void *mapped; /* the whole file, or NULL */
    tensor_arena arena;
    tensor_record *first, **last; /* while the header is read */
    int64_t count;
    tensor_record **tensors, **by_name;
    tensor_metadata *first_metadata, **metadata; /* metadata: in order of the keys */
    int64_t metadata_count;
    int has_metadata;
    struct npz_archive *archive; /* npz only */
    unsigned char *staging;      /* TENSOR_STAGING bytes */
};

/* A new record at the end of the list; NULL with the detail set. */
tensor_record *atomsi_tensor_append(atoms_tensorfile *file, const char *name, size_t length);

/* Sets elements and bytes from the shape for items of `bits` bits. FORMAT for a negative dimension, a product that does not fit (also
 * where a dimension is 0), or a part of a byte. */
atoms_status atomsi_tensor_extent(atoms_tensorfile *file, tensor_record *tensor, int64_t bits);

/* Reads `bytes` bytes from `offset` of the tensor's data. */
atoms_status atomsi_tensor_bytes(atoms_tensorfile *file, tensor_record *tensor, int64_t offset, int64_t bytes, void *out);

/* Ends the mapping, if there is one. */
void atomsi_tensor_unmap(atoms_tensorfile *file);

/* atomsi_fail that names the file and, where it is not NULL or "", the tensor. `words` is no format. */
atoms_status atomsi_tensor_fail(const atoms_tensorfile *file, const char *tensor, atoms_status status, const char *words);

#endif
