/* Models in files and in memory. Files are written atomically; bytes are copied before they are looked at, so that they cannot change meanwhile. */
#include "model_files.h"

#include <errno.h>
#include <string.h>

#include "../../base/atomic_file.h"

typedef struct span {
    const void *bytes;
    size_t size;
} span;

static synres_status copy_bytes(base_memory *memory, const void *from, unsigned char **image, size_t *size, const synresi_words *words)
{
    const span *bytes = from;
    if (bytes->size > PTRDIFF_MAX) return synresi_fail(words, SYNRES_E_ARGUMENT, "more bytes than memory has");
    *image = base_alloc(memory, bytes->size);
    if (!*image) return synresi_fail(words, SYNRES_E_MEMORY, "no memory for the bytes");
    memcpy(*image, bytes->bytes, *size = bytes->size);
    return SYNRES_OK;
}

static synres_status read_file(base_memory *memory, const void *from, unsigned char **image, size_t *size, const synresi_words *words)
{
    const base_io io = base_io_posix();
    const char *path = from;
    int file = io.open_read(io.user, path);
    if (file < 0) return synresi_fail(words, file == -ENOENT ? SYNRES_E_NOT_FOUND : SYNRES_E_IO, "%s: %s", path, base_io_error_text(file));
    int64_t length = io.size(io.user, file);
    synres_status status = SYNRES_OK;
    int error = length < 0 ? (int)length : 0;
    if (!error && !(*image = base_alloc(memory, (size_t)length))) status = synresi_fail(words, SYNRES_E_MEMORY, "%s: no memory for %lld bytes", path, (long long)length);
    if (!error && !status) error = base_io_read_full(&io, file, *image, *size = (size_t)length, 0);
    if (error) status = synresi_fail(words, SYNRES_E_IO, "%s: %s", path, base_io_error_text(error));
    (void)io.close(io.user, file);
    return status;
}

synres_status synres_model_load(const synres_host *host, const char *path, synres_model **out) { return synresi_model_from(host, read_file, path, out); }

synres_status synres_model_load_bytes(const synres_host *host, const void *bytes, size_t size, synres_model **out)
{
    const span from = {bytes, size};
    return synresi_model_from(host, copy_bytes, bytes ? &from : NULL, out);
}

synres_status synres_model_save(const synres_model *model, const char *path)
{
    if (!model || !path) return SYNRES_E_ARGUMENT;
    const base_io io = base_io_posix();
    base_memory memory;
    base_memory_init(&memory, model->memory.user, model->memory.allocate, model->memory.release, 0);
    base_atomic_file file;
    int error = base_atomic_open(&file, &io, &memory, path);
    if (!error) error = base_atomic_write(&file, model->image, model->image_size);
    if (!error) error = base_atomic_commit(&file);
    else base_atomic_abandon(&file);
    return error == -ENOMEM ? SYNRES_E_MEMORY : error ? SYNRES_E_IO : SYNRES_OK;
}

synres_status synres_model_bytes(const synres_model *model, const void **bytes, size_t *size)
{
    if (!model || !bytes || !size) return SYNRES_E_ARGUMENT;
    *bytes = model->image;
    *size = model->image_size;
    return SYNRES_OK;
}
