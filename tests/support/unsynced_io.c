#include "unsynced_io.h"

static int no_sync(void *user, int file)
{
    (void)user;
    (void)file;
    return 0;
}

static int no_sync_directory(void *user, const char *path)
{
    (void)user;
    (void)path;
    return 0;
}

base_io unsynced_io(void)
{
    base_io io = base_io_posix();
    io.sync = no_sync;
    io.sync_directory = no_sync_directory;
    return io;
}
