#include "failing_io.h"

#include "context/context_internal.h"
#include "unsynced_io.h"

/* 1 if this operation is to fail. */
static int hit(failing_io *io)
{
    int64_t n = ++io->operations;
    int yes = io->fail_at && (io->sticky ? n >= io->fail_at : n == io->fail_at);
    io->failures += yes;
    return yes;
}

#define FAIL_OR(call)                                   \
    failing_io *io = user;                              \
    if (hit(io) && io->error) return -io->error;        \
    return io->real.call

static int f_open_read(void *user, const char *path) { FAIL_OR(open_read)(io->real.user, path); }
static int f_create(void *user, const char *path) { FAIL_OR(create)(io->real.user, path); }
static int f_open_device(void *user, const char *path) { FAIL_OR(open_device)(io->real.user, path); }
static int64_t f_size(void *user, int file) { FAIL_OR(size)(io->real.user, file); }
static int f_advise(void *user, int file, int64_t offset, int64_t bytes) { FAIL_OR(advise)(io->real.user, file, offset, bytes); }
static int f_map(void *user, int file, size_t bytes, const void **out) { FAIL_OR(map)(io->real.user, file, bytes, out); }
static int f_duplicate(void *user, int file) { FAIL_OR(duplicate)(io->real.user, file); }
static int f_sync(void *user, int file) { FAIL_OR(sync)(io->real.user, file); }
static int f_rename(void *user, const char *from, const char *to) { FAIL_OR(rename)(io->real.user, from, to); }
static int f_sync_directory(void *user, const char *path) { FAIL_OR(sync_directory)(io->real.user, path); }
static int f_make_directory(void *user, const char *path) { FAIL_OR(make_directory)(io->real.user, path); }
static int f_kind(void *user, const char *path) { FAIL_OR(kind)(io->real.user, path); }
static int f_follow(void *user, const char *path, char target[BASE_PATH_MAX]) { FAIL_OR(follow)(io->real.user, path, target); }

/* Removing and unmapping are what cleans up after a failure, so they are never made to fail; closing does its work and then reports. */
static int f_remove(void *user, const char *path)
{
    failing_io *io = user;
    return io->real.remove(io->real.user, path);
}

static void f_unmap(void *user, const void *mapped, size_t bytes)
{
    failing_io *io = user;
    io->real.unmap(io->real.user, mapped, bytes);
}

static int f_close(void *user, int file)
{
    failing_io *io = user;
    int fail = hit(io), error = io->real.close(io->real.user, file);
    return fail && io->error ? -io->error : error;
}

static int64_t f_read_at(void *user, int file, void *buffer, size_t bytes, int64_t offset)
{
    failing_io *io = user;
    if (hit(io)) {
        if (io->error) return -io->error;
        bytes = bytes > 1 ? 1 : bytes;
    }
    return io->real.read_at(io->real.user, file, buffer, bytes, offset);
}

static int64_t f_write_at(void *user, int file, const void *buffer, size_t bytes, int64_t offset)
{
    failing_io *io = user;
    if (hit(io)) {
        if (io->error) return -io->error;
        bytes = bytes > 1 ? 1 : bytes;
    }
    return io->real.write_at(io->real.user, file, buffer, bytes, offset);
}

void failing_io_use(failing_io *io, atoms_context *context)
{
    io->real = unsynced_io();
    context->io = (base_io){.user = io,
                            .open_read = f_open_read,
                            .create = f_create,
                            .open_device = f_open_device,
                            .read_at = f_read_at,
                            .write_at = f_write_at,
                            .size = f_size,
                            .advise = f_advise,
                            .map = f_map,
                            .unmap = f_unmap,
                            .duplicate = f_duplicate,
                            .sync = f_sync,
                            .close = f_close,
                            .rename = f_rename,
                            .remove = f_remove,
                            .sync_directory = f_sync_directory,
                            .make_directory = f_make_directory,
                            .kind = f_kind,
                            .follow = f_follow};
}
