#include "memory_io.h"

#include <errno.h>
#include <string.h>

#include "context/context_internal.h"

static int m_open_read(void *user, const char *path)
{
    (void)path;
    memory_io *io = user;
    io->open++;
    return 0;
}

static int m_close(void *user, int file)
{
    (void)file;
    memory_io *io = user;
    io->open--;
    return 0;
}

static int64_t m_size(void *user, int file)
{
    (void)file;
    return (int64_t)((memory_io *)user)->size;
}

static int64_t m_read_at(void *user, int file, void *buffer, size_t bytes, int64_t offset)
{
    (void)file;
    memory_io *io = user;
    if (offset < 0) return -EINVAL;
    if ((uint64_t)offset >= io->size) return 0;
    size_t left = io->size - (size_t)offset, n = bytes < left ? bytes : left;
    memcpy(buffer, io->bytes + offset, n);
    return (int64_t)n;
}

static int m_refuse(void *user, const char *path)
{
    (void)user;
    (void)path;
    return -EROFS;
}

void memory_io_use(memory_io *io, atoms_context *context)
{
    context->io = base_io_posix();
    context->io.user = io;
    context->io.open_read = m_open_read;
    context->io.close = m_close;
    context->io.size = m_size;
    context->io.read_at = m_read_at;
    context->io.create = m_refuse;
    context->io.open_device = m_refuse;
    context->io.kind = m_refuse;
}
