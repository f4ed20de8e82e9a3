/* Tensors where the system has mapped their file: no copy, and nothing is read before it is looked at. The file is mapped whole, once, when
 * it is first asked for. Reading (tensorfile.c) never goes this way: a file that another process cuts short would end the host with
 * SIGBUS, which is for the caller to decide. */
#include <errno.h>

#include "tensorfile_parts.h"

static atoms_status check_mappable(const atoms_tensorfile *file, const tensor_record *t)
{
    if (t->member) return atomsi_tensor_fail(file, t->name, ATOMS_E_UNSUPPORTED, "members of an npz are not mapped");
    if (!t->dtype) return atomsi_tensor_fail(file, t->name, ATOMS_E_UNSUPPORTED, "its dtype can only be named");
    if (t->swap) return atomsi_tensor_fail(file, t->name, ATOMS_E_UNSUPPORTED, "it is big-endian");
    if (t->begin % atoms_dtype_size(t->dtype)) return atomsi_tensor_fail(file, t->name, ATOMS_E_UNSUPPORTED, "it does not lie aligned in the file");
    return ATOMS_OK;
}

static atoms_status map_file(atoms_tensorfile *file)
{
    const base_io *io = &file->context->io;
    int64_t size = io->size(io->user, file->file);
    if (size < 0) return atomsi_fail_file(file->context, (int)size, file->path);
    if (size < file->size) return atomsi_fail_file(file->context, -ENODATA, file->path); /* cut since it was opened */
    int error = io->map(io->user, file->file, (size_t)file->size, &file->mapped);
    return error ? atomsi_fail_file(file->context, error, file->path) : ATOMS_OK;
}

atoms_status atoms_tensorfile_map(atoms_tensorfile *file, int64_t index, const void **data)
{
    if (!file) return ATOMS_E_ARGUMENT;
    if (!data) return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "data is NULL");
    if (index < 0 || index >= file->count)
        return atomsi_fail(file->context, ATOMS_E_ARGUMENT, "%s: there is no tensor number %lld; it has %lld", file->path, (long long)index,
                           (long long)file->count);
    const tensor_record *t = file->tensors[index];
    atoms_status status = check_mappable(file, t);
    if (!status && !file->mapped) status = map_file(file);
    if (!status) *data = (const unsigned char *)file->mapped + t->begin;
    return status;
}

void atomsi_tensor_unmap(atoms_tensorfile *file)
{
    const base_io *io = &file->context->io;
    if (file->mapped) io->unmap(io->user, file->mapped, (size_t)file->size);
    file->mapped = NULL;
}
