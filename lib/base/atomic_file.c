/* The order is what makes it safe: the data reaches the disk before the name does, and the name before success is
 * reported. A failed fsync is never tried again: the kernel may have dropped the pages and would then report success. */
#include "atomic_file.h"

#include <errno.h>
#include <string.h>

#include "checked.h"

static char *join(base_memory *memory, const char *a, size_t length, const char *b)
{
    size_t bytes;
    if (!base_add_size(length, strlen(b) + 1, &bytes)) return NULL;
    char *text = base_alloc(memory, bytes);
    if (!text) return NULL;
    memcpy(text, a, length);
    strcpy(text + length, b);
    return text;
}

static void forget_names(base_atomic_file *file)
{
    base_free(file->memory, file->path);
    base_free(file->memory, file->temporary);
    base_free(file->memory, file->directory);
    file->path = file->temporary = file->directory = NULL;
}

int base_atomic_open(base_atomic_file *file, const base_io *io, base_memory *memory, const char *path)
{
    *file = (base_atomic_file){.io = io, .memory = memory, .file = -1};
    int kind = io->kind(io->user, path), link = 0;
    char target[BASE_PATH_MAX];
    if (kind == BASE_KIND_DIRECTORY) return -EISDIR;
    if (kind == BASE_KIND_FILE && (link = io->follow(io->user, path, target)) < 0) return link;
    if (link) path = target;
    const char *slash = strrchr(path, '/');
    file->device = kind == BASE_KIND_OTHER;
    file->path = join(memory, path, strlen(path), "");
    file->temporary = join(memory, path, strlen(path), ".tmp");
    file->directory = slash ? join(memory, path, (size_t)(slash - path) + 1, "") : join(memory, ".", 1, "");
    if (!file->path || !file->temporary || !file->directory) {
        forget_names(file);
        return -ENOMEM;
    }
    file->file = file->device ? io->open_device(io->user, path) : io->create(io->user, file->temporary);
    if (file->file >= 0) return 0;
    int error = file->file;
    file->file = -1;
    forget_names(file);
    return error;
}

int base_atomic_write(base_atomic_file *file, const void *bytes, size_t count)
{
    int error = base_io_write_full(file->io, file->file, bytes, count, file->length);
    if (!error) file->length += (int64_t)count;
    return error;
}

int base_atomic_write_at(base_atomic_file *file, const void *bytes, size_t count, int64_t offset)
{
    return base_io_write_full(file->io, file->file, bytes, count, offset);
}

/* A failed close must be an error while the old file is still in place, yet the lock must outlive the rename, or another
 * process could take the temporary name over in between: so a duplicate holds the lock. */
int base_atomic_commit(base_atomic_file *file)
{
    const base_io *io = file->io;
    int lock = io->duplicate(io->user, file->file);
    int error = lock < 0 ? lock : io->sync(io->user, file->file);
    int closed = io->close(io->user, file->file);
    file->file = -1;
    if (!error) error = closed;
    if (!file->device) {
        if (!error) error = io->rename(io->user, file->temporary, file->path);
        if (error) io->remove(io->user, file->temporary);
        else error = io->sync_directory(io->user, file->directory);
    }
    if (lock >= 0) io->close(io->user, lock);
    forget_names(file);
    return error;
}

void base_atomic_abandon(base_atomic_file *file)
{
    if (file->file < 0) return;
    if (!file->device) file->io->remove(file->io->user, file->temporary);
    file->io->close(file->io->user, file->file);
    file->file = -1;
    forget_names(file);
}
