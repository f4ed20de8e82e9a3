/* Moments as a safetensors file: metadata kind = "atoms.moments", version = "1"; tensors
 *     count [1] i64          rows added
 *     linear, cubic [dim]    Σ k and Σ ‖k‖² k            (f64, over the rows that do not wait)
 *     fourth [1]             Σ ‖k‖⁴
 *     outer [dim, dim]       Σ k kᵀ, upper triangle, zeros below
 *     pending [rows, dim]    rows that wait for their block to be full; absent where there are none
 * The waiting rows are kept as they are, so that what is added after loading gives the bits it would have given before. */
#include <string.h>

#include "../../linalg/finite.h"
#include "metric_internal.h"

static atoms_status add(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, int64_t rows, int64_t cols, const void *data)
{
    return atoms_tensorwriter_add(writer, name, dtype, rank, (int64_t[]){rows, cols}, data);
}

atoms_status atomsi_moments_write(const atoms_moments *moments, const char *kind, atoms_tensorwriter *writer)
{
    int64_t dim = moments->dim;
    const moments_sums *s = &moments->sums;
    atoms_status status = atoms_tensorwriter_metadata(writer, "kind", kind);
    if (!status) status = atoms_tensorwriter_metadata(writer, "version", "1");
    if (!status) status = add(writer, "count", ATOMS_I64, 1, 1, 0, &moments->count);
    if (!status) status = add(writer, "linear", ATOMS_F64, 1, dim, 0, s->linear);
    if (!status) status = add(writer, "cubic", ATOMS_F64, 1, dim, 0, s->cubic);
    if (!status) status = add(writer, "fourth", ATOMS_F64, 1, 1, 0, s->fourth);
    if (!status) status = add(writer, "outer", ATOMS_F64, 2, dim, dim, s->outer);
    if (!status && moments->pending) status = add(writer, "pending", ATOMS_F64, 2, moments->pending, dim, moments->block);
    return status;
}

atoms_status atoms_moments_save(const atoms_moments *moments, const char *path)
{
    if (!moments) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(moments->context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorwriter *writer;
    atoms_status status = atoms_tensorwriter_create(moments->context, path, ATOMS_FILE_SAFETENSORS, &writer);
    if (status) return status;
    status = atomsi_moments_write(moments, "atoms.moments", writer);
    if (!status) status = atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    return status;
}

static atoms_status check_text(atoms_context *context, const atoms_tensorfile *file, const char *path, const char *key, const char *want)
{
    const char *got = atoms_tensorfile_metadata(file, key);
    if (got && strcmp(got, want) == 0) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_FORMAT, "%s: metadata \"%s\" is \"%.60s\", not \"%s\"", path, key, got ? got : "", want);
}

atoms_status atomsi_moments_open(atoms_context *context, const char *path, const char *kind, atoms_tensorfile **out)
{
    atoms_status status = atoms_tensorfile_open(context, path, out);
    if (status) return status;
    if (atoms_tensorfile_format(*out) != ATOMS_FILE_SAFETENSORS)
        status = atomsi_fail(context, ATOMS_E_FORMAT, "%s: is no safetensors file", path);
    if (!status) status = check_text(context, *out, path, "kind", kind);
    if (!status) status = check_text(context, *out, path, "version", "1");
    if (status) atoms_tensorfile_close(*out);
    return status;
}

/* Finds a tensor and what it is. */
static atoms_status find(const atoms_tensorfile *file, const char *name, int64_t *index, atoms_tensor_info *info)
{
    atoms_status status = atoms_tensor_info_init(info, sizeof *info);
    if (!status) status = atoms_tensorfile_find(file, name, index);
    return status ? status : atoms_tensorfile_info(file, *index, info);
}

atoms_status atomsi_tensor_read(atoms_context *context, atoms_tensorfile *file, const char *path, const char *name, int32_t dtype,
                                int64_t rows, int64_t cols, void *out)
{
    int64_t index, elements = cols ? rows * cols : rows;
    atoms_tensor_info info;
    atoms_status status = find(file, name, &index, &info);
    if (status) return status;
    if (info.dtype != dtype || info.rank != (cols ? 2 : 1) || info.shape[0] != rows || (cols && info.shape[1] != cols))
        return atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor \"%s\" is %s of rank %d, not %s of %lld%s%.0lld", path, name, info.dtype_text,
                           (int)info.rank, atoms_dtype_name(dtype), (long long)rows, cols ? " x " : "", (long long)cols);
    if ((status = atoms_tensorfile_read(file, index, 0, elements, dtype, out))) return status;
    int64_t bad = dtype == ATOMS_F64 ? linalg_first_not_finite_f64(out, elements) : -1;
    return bad < 0 ? ATOMS_OK
                   : atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor \"%s\" element %lld is not finite", path, name, (long long)bad);
}

/* Shape of the tensor `pending`, which may be absent. */
static atoms_status read_pending(atoms_context *context, atoms_tensorfile *file, const char *path, atoms_moments *m)
{
    int64_t index;
    atoms_tensor_info info;
    atoms_status status = find(file, "pending", &index, &info);
    if (status) return status == ATOMS_E_NOT_FOUND ? ATOMS_OK : status;
    if (info.rank != 2 || info.shape[0] >= MOMENTS_BLOCK)
        return atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor \"pending\" has no shape of [rows < %d, dim]", path, MOMENTS_BLOCK);
    m->pending = info.shape[0];
    return m->pending ? atomsi_tensor_read(context, file, path, "pending", ATOMS_F64, m->pending, m->dim, m->block) : ATOMS_OK;
}

atoms_status atomsi_moments_read(atoms_context *context, atoms_tensorfile *file, const char *path, atoms_moments **out)
{
    int64_t index;
    atoms_tensor_info info;
    atoms_status status = find(file, "outer", &index, &info);
    if (status) return status;
    int64_t dim = info.rank == 2 ? info.shape[0] : 0;
    if (dim < 1) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor \"outer\" is no matrix", path);
    if (info.shape[1] != dim) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor \"outer\" is not square", path);
    atoms_moments *m;
    if ((status = atoms_moments_create(context, dim, &m))) return status;
    status = atomsi_tensor_read(context, file, path, "outer", ATOMS_F64, dim, dim, m->sums.outer);
    if (!status) status = atomsi_tensor_read(context, file, path, "count", ATOMS_I64, 1, 0, &m->count);
    if (!status) status = atomsi_tensor_read(context, file, path, "linear", ATOMS_F64, dim, 0, m->sums.linear);
    if (!status) status = atomsi_tensor_read(context, file, path, "cubic", ATOMS_F64, dim, 0, m->sums.cubic);
    if (!status) status = atomsi_tensor_read(context, file, path, "fourth", ATOMS_F64, 1, 0, m->sums.fourth);
    if (!status) status = read_pending(context, file, path, m);
    if (!status && m->count < m->pending)
        status = atomsi_fail(context, ATOMS_E_FORMAT, "%s: count %lld is less than the pending rows", path, (long long)m->count);
    if (status)
        atoms_moments_destroy(m);
    else
        *out = m;
    return status;
}

atoms_status atoms_moments_load(atoms_context *context, const char *path, atoms_moments **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorfile *file;
    atoms_status status = atomsi_moments_open(context, path, "atoms.moments", &file);
    if (status) return status;
    status = atomsi_moments_read(context, file, path, out);
    atoms_tensorfile_close(file);
    return status;
}
