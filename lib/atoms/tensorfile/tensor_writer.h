/* A tensor file to be written, as the files of this room share it. Everything happens in commit, which pulls the data. */
#ifndef ATOMSI_TENSOR_WRITER_H
#define ATOMSI_TENSOR_WRITER_H

#include "../../base/atomic_file.h"
#include "tensorfile_parts.h"

typedef struct tensor_source {
    struct tensor_source *next;
    const char *name, *descr; /* descr: npy and npz */
    int64_t shape[ATOMS_TENSOR_RANK_MAX];
    int64_t elements, item, bytes; /* item: bytes of an element */
    int32_t dtype, rank;
    const void *data;      /* or: */
    atoms_tensor_fn read;
    void *user;
} tensor_source;

struct atoms_tensorwriter {
    atoms_context *context;
    char *path;
    int32_t format;
    int committed;
    tensor_arena arena;
    tensor_source *first, **last;
    int64_t count;
    tensor_metadata *metadata;
    unsigned char *staging; /* TENSOR_STAGING bytes */
};

/* The data of one tensor, block after block. */
typedef struct tensor_feed {
    atoms_tensorwriter *writer;
    const tensor_source *source;
    int64_t done; /* elements handed out */
} tensor_feed;

/* The next block; *bytes = 0 at the end. Data in memory is one block; a stream's block is valid until the next. CANCELLED where the
 * stream's callback fails. */
atoms_status atomsi_feed_next(tensor_feed *feed, const void **block, size_t *bytes);

/* Writes all data of a tensor at the end of `out`. */
atoms_status atomsi_feed_write(atoms_tensorwriter *writer, const tensor_source *source, base_atomic_file *out);

/* base_atomic_write, with the detail set. */
atoms_status atomsi_writer_put(atoms_tensorwriter *writer, base_atomic_file *out, const void *bytes, size_t count);

atoms_status atomsi_npz_write(atoms_tensorwriter *writer, base_atomic_file *out);

#endif
