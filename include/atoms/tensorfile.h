/* Tensor files: npy, npz and safetensors, read by bounded reads and written atomically.
 *
 * Files come from the internet: every size is checked against the bytes that are there before anything is allocated, and
 * a file outside its format's limits (docs/tensorfile.md) is refused with FORMAT or LIMIT and the byte or tensor named.
 * All numbers in files are little-endian when written; big-endian npy is read. A library built without ATOMS_FILES answers UNSUPPORTED.
 */
#ifndef ATOMS_TENSORFILE_H
#define ATOMS_TENSORFILE_H

#include <atoms/context.h>
#include <atoms/matrix.h>

ATOMS_BEGIN

enum { ATOMS_TENSOR_RANK_MAX = 8 };

/* Formats of tensor files. Pinned for ever. */
enum { ATOMS_FILE_NPY = 1, ATOMS_FILE_NPZ = 2, ATOMS_FILE_SAFETENSORS = 3 };

typedef struct atoms_tensorfile atoms_tensorfile;     /* a file open for reading */
typedef struct atoms_tensorwriter atoms_tensorwriter; /* a file to be written */

typedef struct atoms_tensor_info {
    uint32_t struct_size;
    int32_t dtype;         /* ATOMS_F32 …; 0 for a dtype that can only be named, not read */
    int32_t rank;
    int32_t column_major;  /* 1: npy with fortran_order */
    int64_t shape[ATOMS_TENSOR_RANK_MAX];
    int64_t elements;      /* product of the shape */
    const char *name;      /* the file's until it is closed; "" in an npy */
    const char *dtype_text;/* as the file writes it, e.g. "<f2", "F8_E4M3" */
} atoms_tensor_info;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensor_info_init(atoms_tensor_info *info, size_t size);

/* Opens a file, told apart by its first bytes. Errors: IO, NOT_FOUND, FORMAT, LIMIT, MEMORY, UNSUPPORTED. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorfile_open(atoms_context *context, const char *path, atoms_tensorfile **out);
ATOMS_API void atoms_tensorfile_close(atoms_tensorfile *file);

ATOMS_API int32_t atoms_tensorfile_format(const atoms_tensorfile *file);
ATOMS_API int64_t atoms_tensorfile_count(const atoms_tensorfile *file);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorfile_info(const atoms_tensorfile *file, int64_t index, atoms_tensor_info *info);

/* Number of the tensor called `name`; npz members are named without ".npy". Errors: NOT_FOUND (the detail lists what there is). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorfile_find(const atoms_tensorfile *file, const char *name, int64_t *index);

/* Reads elements first … first + count − 1 of tensor `index`, in the file's element order (for column_major: that order),
 * into `out` as `dtype`. Conversions: any float to f32 or f64 (f64 to f32 rounds to nearest), any integer or bool to i64 or
 * f64, any dtype to itself. Values are not judged: NaN stays NaN. Errors: ARGUMENT, DTYPE; and, with out undefined, IO, FORMAT (truncated,
 * wrong checksum), OVERFLOW (a u64 beyond i64). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorfile_read(atoms_tensorfile *file, int64_t index, int64_t first, int64_t count,
                                                             int32_t dtype, void *out);

/* The packed elements of tensor `index` as they are in the file, in its dtype and order, where the system has mapped it: nothing is
 * copied, and nothing read before it is looked at. *data is the file's until it is closed, and read-only. Only for files that nobody cuts
 * short meanwhile, which would end the process with SIGBUS: replace a file by renaming, as this library does. Errors: ARGUMENT,
 * UNSUPPORTED (npz; big-endian; a dtype that can only be named; not aligned in the file), IO, FORMAT (cut since it was opened), MEMORY.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorfile_map(atoms_tensorfile *file, int64_t index, const void **data);

/* The value of a safetensors metadata key, or NULL. The file's until it is closed. Since 0.1. */
ATOMS_API const char *atoms_tensorfile_metadata(const atoms_tensorfile *file, const char *key);

/* Supplies elements first … first + count − 1 of the tensor being written, in C order and in its dtype; 0 = done, else the write fails. */
typedef int32_t (*atoms_tensor_fn)(void *user, int64_t first, int64_t count, void *out);

/* Prepares the writing of `path`; nothing is touched before commit. format is an ATOMS_FILE_… .
 * Errors: ARGUMENT, MEMORY, UNSUPPORTED. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorwriter_create(atoms_context *context, const char *path, int32_t format,
                                                                 atoms_tensorwriter **out);
ATOMS_API void atoms_tensorwriter_destroy(atoms_tensorwriter *writer);

/* Adds a tensor whose packed C-order data the caller keeps until commit. name is "" for npy (which holds one tensor), else new and not
 * empty. Errors: ARGUMENT, SHAPE, DTYPE (bf16 in npy and npz), OVERFLOW, LIMIT (more than 4096 in an npz), MEMORY, STATE (committed).
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorwriter_add(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank,
                                                              const int64_t *shape, const void *data);

/* Adds a tensor whose data `read` supplies block by block during commit, in order: for what is larger than memory. Errors: as add. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorwriter_add_stream(atoms_tensorwriter *writer, const char *name, int32_t dtype,
                                                                     int32_t rank, const int64_t *shape, atoms_tensor_fn read, void *user);

/* Adds a metadata string (safetensors only; else UNSUPPORTED). Both strings are copied. Errors: ARGUMENT (a key twice, not UTF-8), MEMORY,
 * STATE (committed). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorwriter_metadata(atoms_tensorwriter *writer, const char *key, const char *value);

/* Writes everything to a temporary file beside `path`, fsyncs it, renames it, fsyncs the directory. On any error the old
 * file is as it was and no temporary file stays. May be called once. Errors: IO (with the system's words), CANCELLED, MEMORY, LIMIT (a safetensors
 * header over 16 MiB), STATE (called before; npy or npz without a tensor), UNSUPPORTED (npz into a pipe or device). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_tensorwriter_commit(atoms_tensorwriter *writer);

ATOMS_END

#endif
