/* Opening: the first bytes tell the formats apart (the magic of npy, of zip, or a '{' after a length), the format's own file reads the
 * header into records, and the records are then put in an order by name, which also finds names that occur twice. */
#include <stdlib.h>
#include <string.h>

#include "npy_header.h"
#include "npz_archive.h"
#include "safetensors_header.h"

atoms_status atomsi_tensor_fail(const atoms_tensorfile *file, const char *tensor, atoms_status status, const char *words)
{
    if (tensor && *tensor) return atomsi_fail(file->context, status, "%s: tensor \"%s\": %s", file->path, tensor, words);
    return atomsi_fail(file->context, status, "%s: %s", file->path, words);
}

tensor_record *atomsi_tensor_append(atoms_tensorfile *file, const char *name, size_t length)
{
    tensor_record *tensor = atomsi_arena_alloc(file->context, &file->arena, sizeof *tensor);
    if (!tensor || !(tensor->name = atomsi_arena_text(file->context, &file->arena, name, length))) return NULL;
    *file->last = tensor;
    file->last = &tensor->next;
    tensor->number = file->count++;
    return tensor;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(tensor_record *const *)a)->name, (*(tensor_record *const *)b)->name);
}

static atoms_status index_tensors(atoms_tensorfile *file)
{
    file->tensors = atomsi_alloc(file->context, file->count, sizeof *file->tensors);
    file->by_name = atomsi_alloc(file->context, file->count, sizeof *file->by_name);
    if (!file->tensors || !file->by_name) return ATOMS_E_MEMORY;
    int64_t n = 0;
    for (tensor_record *t = file->first; t; t = t->next) file->tensors[n] = file->by_name[n] = t, n++;
    if (n) qsort(file->by_name, (size_t)n, sizeof *file->by_name, compare_names);
    for (int64_t i = 1; i < n; i++)
        if (strcmp(file->by_name[i - 1]->name, file->by_name[i]->name) == 0)
            return atomsi_tensor_fail(file, file->by_name[i]->name, ATOMS_E_FORMAT, "the name occurs twice");
    return ATOMS_OK;
}

static atoms_status open_format(atoms_tensorfile *file)
{
    static const char npy[] = "\x93NUMPY", zip[] = "PK\3\4", empty_zip[] = "PK\5\6";
    char head[9] = {0};
    size_t n = (size_t)base_min_i64(file->size, sizeof head);
    int error = base_io_read_full(&file->context->io, file->file, head, n, 0);
    if (error) return atomsi_fail_file(file->context, error, file->path);
    if (n >= 6 && memcmp(head, npy, 6) == 0) {
        file->format = ATOMS_FILE_NPY;
        return atomsi_npy_open(file);
    }
    if (n >= 4 && (memcmp(head, zip, 4) == 0 || memcmp(head, empty_zip, 4) == 0)) {
        file->format = ATOMS_FILE_NPZ;
        return atomsi_npz_open(file);
    }
    if (n == sizeof head && head[8] == '{') {
        file->format = ATOMS_FILE_SAFETENSORS;
        return atomsi_safetensors_open(file);
    }
    return atomsi_tensor_fail(file, NULL, ATOMS_E_FORMAT, "it is no npy, npz or safetensors file: its first bytes are none of theirs");
}

static atoms_status open_file(atoms_tensorfile *file, const char *path)
{
    const base_io *io = &file->context->io;
    if (!(file->path = atomsi_copy_text(file->context, path))) return ATOMS_E_MEMORY;
    file->file = io->open_read(io->user, path);
    if (file->file < 0) return atomsi_fail_file(file->context, file->file, path);
    file->size = io->size(io->user, file->file);
    if (file->size < 0) return atomsi_fail_file(file->context, (int)file->size, path);
    if (!(file->staging = atomsi_alloc(file->context, TENSOR_STAGING, 1))) return ATOMS_E_MEMORY;
    atoms_status status = open_format(file);
    return status ? status : index_tensors(file);
}

atoms_status atoms_tensorfile_open(atoms_context *context, const char *path, atoms_tensorfile **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorfile *file = atomsi_alloc_zero(context, 1, sizeof *file);
    if (!file) return ATOMS_E_MEMORY;
    file->context = context;
    file->file = -1;
    file->last = &file->first;
    atoms_status status = open_file(file, path);
    if (status) atoms_tensorfile_close(file);
    else *out = file;
    return status;
}

void atoms_tensorfile_close(atoms_tensorfile *file)
{
    if (!file) return;
    atoms_context *context = file->context;
    atomsi_npz_close(file);
    atomsi_tensor_unmap(file);
    if (file->file >= 0) context->io.close(context->io.user, file->file);
    atomsi_arena_free(context, &file->arena);
    atomsi_free(context, file->tensors);
    atomsi_free(context, file->by_name);
    atomsi_free(context, file->metadata);
    atomsi_free(context, file->staging);
    atomsi_free(context, file->path);
    atomsi_free(context, file);
}
