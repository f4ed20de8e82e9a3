/* The file functions of a library built without jansson and libzip (ATOMS_FILES=OFF): no handle can be made, so none ever comes in. */
#include "tensorfile_internal.h"

#include "../context/context_internal.h"

static const char words[] = "this build of the library has no files (ATOMS_FILES=OFF)";

atoms_status atoms_tensorfile_open(atoms_context *context, const char *path, atoms_tensorfile **out)
{
    (void)path;
    if (out) *out = NULL;
    return atomsi_fail(context, ATOMS_E_UNSUPPORTED, "%s", words);
}

void atoms_tensorfile_close(atoms_tensorfile *file) { (void)file; }

int32_t atoms_tensorfile_format(const atoms_tensorfile *file)
{
    (void)file;
    return 0;
}

int64_t atoms_tensorfile_count(const atoms_tensorfile *file)
{
    (void)file;
    return 0;
}

atoms_status atoms_tensor_info_init(atoms_tensor_info *info, size_t size)
{
    static const atoms_tensor_info empty = {.struct_size = sizeof(atoms_tensor_info)};
    return atomsi_struct_init(info, size, &empty, sizeof empty);
}

atoms_status atoms_tensorfile_info(const atoms_tensorfile *file, int64_t index, atoms_tensor_info *info)
{
    (void)file, (void)index, (void)info;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorfile_find(const atoms_tensorfile *file, const char *name, int64_t *index)
{
    (void)file, (void)name, (void)index;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorfile_read(atoms_tensorfile *file, int64_t index, int64_t first, int64_t count, int32_t dtype, void *out)
{
    (void)file, (void)index, (void)first, (void)count, (void)dtype, (void)out;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atomsi_tensorfile_read_raw(atoms_tensorfile *file, int64_t index, void *out, size_t capacity, size_t *bytes)
{
    (void)file, (void)index, (void)out, (void)capacity, (void)bytes;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorfile_map(atoms_tensorfile *file, int64_t index, const void **data)
{
    (void)file, (void)index, (void)data;
    return ATOMS_E_UNSUPPORTED;
}

int atomsi_tensorfile_compressed(const atoms_tensorfile *file, int64_t index)
{
    (void)file, (void)index;
    return 0;
}

void atomsi_tensorfile_advise(const atoms_tensorfile *file, int64_t index, int64_t first, int64_t count)
{
    (void)file, (void)index, (void)first, (void)count;
}

const char *atoms_tensorfile_metadata(const atoms_tensorfile *file, const char *key)
{
    (void)file, (void)key;
    return NULL;
}

atoms_status atoms_tensorwriter_create(atoms_context *context, const char *path, int32_t format, atoms_tensorwriter **out)
{
    (void)path, (void)format;
    if (out) *out = NULL;
    return atomsi_fail(context, ATOMS_E_UNSUPPORTED, "%s", words);
}

void atoms_tensorwriter_destroy(atoms_tensorwriter *writer) { (void)writer; }

atoms_status atoms_tensorwriter_add(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, const int64_t *shape,
                                    const void *data)
{
    (void)writer, (void)name, (void)dtype, (void)rank, (void)shape, (void)data;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorwriter_add_stream(atoms_tensorwriter *writer, const char *name, int32_t dtype, int32_t rank, const int64_t *shape,
                                           atoms_tensor_fn read, void *user)
{
    (void)writer, (void)name, (void)dtype, (void)rank, (void)shape, (void)read, (void)user;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atomsi_tensorwriter_add_text(atoms_tensorwriter *writer, const char *name, const char *text)
{
    (void)writer, (void)name, (void)text;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorwriter_metadata(atoms_tensorwriter *writer, const char *key, const char *value)
{
    (void)writer, (void)key, (void)value;
    return ATOMS_E_UNSUPPORTED;
}

atoms_status atoms_tensorwriter_commit(atoms_tensorwriter *writer)
{
    (void)writer;
    return ATOMS_E_UNSUPPORTED;
}
