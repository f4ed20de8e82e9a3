/* POSIX operations. EINTR and EAGAIN are retried here and nowhere else. Offsets are always given, so no file position is shared. */
#define _DEFAULT_SOURCE
#define _FILE_OFFSET_BITS 64
#include "file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(void)
{
    return errno ? -errno : -EIO;
}

static int open_retry(const char *path, int flags)
{
    int fd;
    do fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? failed() : fd;
}

static int posix_open_read(void *user, const char *path)
{
    (void)user;
    int fd = open_retry(path, O_RDONLY);
    if (fd < 0) return fd;
    struct stat s;
    int error = fstat(fd, &s) ? failed() : S_ISDIR(s.st_mode) ? -EISDIR : 0;
    if (!error) return fd;
    close(fd);
    return error;
}

/* The name is fixed, so a killed run leaves at most one stale file, which the next run takes over. The lock tells stale from in use; it
 * ends with its holder. Between open and lock the holder may have renamed the file away: then the name no longer leads to what was
 * locked, and the attempt starts again. */
static int posix_create(void *user, const char *path)
{
    (void)user;
    for (int attempt = 0; attempt < 100; attempt++) {
        int fd = open_retry(path, O_RDWR | O_CREAT | O_NOFOLLOW);
        if (fd < 0) return fd;
        struct stat mine, named;
        int error = 0;
        if (flock(fd, LOCK_EX | LOCK_NB)) error = errno == EWOULDBLOCK ? -EBUSY : failed();
        else if (fstat(fd, &mine)) error = failed();
        else if (stat(path, &named)) error = errno == ENOENT ? 1 : failed();
        else if (mine.st_ino != named.st_ino || mine.st_dev != named.st_dev) error = 1;
        else if (ftruncate(fd, 0)) error = failed();
        if (!error) return fd;
        close(fd);
        if (error < 0) return error;
    }
    return -EBUSY;
}

static int posix_open_device(void *user, const char *path)
{
    (void)user;
    return open_retry(path, O_WRONLY);
}

static int64_t posix_read_at(void *user, int file, void *buffer, size_t bytes, int64_t offset)
{
    (void)user;
    ssize_t n = pread(file, buffer, bytes, (off_t)offset);
    return n < 0 ? failed() : n;
}

static int64_t posix_write_at(void *user, int file, const void *buffer, size_t bytes, int64_t offset)
{
    (void)user;
    ssize_t n = pwrite(file, buffer, bytes, (off_t)offset);
    if (n < 0 && errno == ESPIPE) n = write(file, buffer, bytes); /* a pipe: the caller writes in order */
    return n < 0 ? failed() : n;
}

static int64_t posix_size(void *user, int file)
{
    (void)user;
    struct stat s;
    return fstat(file, &s) ? failed() : (int64_t)s.st_size;
}

static int posix_advise(void *user, int file, int64_t offset, int64_t bytes)
{
    (void)user;
#ifdef POSIX_FADV_WILLNEED
    return -posix_fadvise(file, (off_t)offset, (off_t)bytes, POSIX_FADV_WILLNEED);
#else
    (void)file, (void)offset, (void)bytes;
    return 0;
#endif
}

static int posix_map(void *user, int file, size_t bytes, const void **out)
{
    (void)user;
    void *mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return failed();
    *out = mapped;
    return 0;
}

static void posix_unmap(void *user, const void *mapped, size_t bytes)
{
    (void)user;
    munmap((void *)(uintptr_t)mapped, bytes);
}

static int posix_duplicate(void *user, int file)
{
    (void)user;
    int fd = fcntl(file, F_DUPFD_CLOEXEC, 0);
    return fd < 0 ? failed() : fd;
}

static int posix_sync(void *user, int file)
{
    (void)user;
    if (fsync(file) == 0 || errno == EINVAL || errno == EROFS) return 0; /* a device or pipe has nothing to sync */
    return failed();
}

static int posix_close(void *user, int file)
{
    (void)user;
    return close(file) && errno != EINTR ? failed() : 0;
}

static int posix_rename(void *user, const char *from, const char *to)
{
    (void)user;
    return rename(from, to) ? failed() : 0;
}

static int posix_remove(void *user, const char *path)
{
    (void)user;
    return unlink(path) ? failed() : 0;
}

static int posix_sync_directory(void *user, const char *path)
{
    int fd = open_retry(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return fd;
    int error = posix_sync(user, fd), closed = posix_close(user, fd);
    return error ? error : closed;
}

static int posix_kind(void *user, const char *path)
{
    (void)user;
    struct stat s;
    if (stat(path, &s)) return failed();
    return S_ISREG(s.st_mode) ? BASE_KIND_FILE : S_ISDIR(s.st_mode) ? BASE_KIND_DIRECTORY : BASE_KIND_OTHER;
}

_Static_assert(PATH_MAX <= BASE_PATH_MAX, "realpath's result fits");

static int posix_follow(void *user, const char *path, char target[BASE_PATH_MAX])
{
    (void)user;
    struct stat s;
    if (lstat(path, &s)) return failed();
    if (!S_ISLNK(s.st_mode)) return 0;
    return realpath(path, target) ? 1 : failed();
}

static int posix_make_directory(void *user, const char *path)
{
    if (mkdir(path, 0777) == 0) return 0;
    int error = failed();
    return error == -EEXIST && posix_kind(user, path) == BASE_KIND_DIRECTORY ? 0 : error;
}

base_io base_io_posix(void)
{
    return (base_io){.open_read = posix_open_read,
                     .create = posix_create,
                     .open_device = posix_open_device,
                     .read_at = posix_read_at,
                     .write_at = posix_write_at,
                     .size = posix_size,
                     .advise = posix_advise,
                     .map = posix_map,
                     .unmap = posix_unmap,
                     .duplicate = posix_duplicate,
                     .sync = posix_sync,
                     .close = posix_close,
                     .rename = posix_rename,
                     .remove = posix_remove,
                     .sync_directory = posix_sync_directory,
                     .make_directory = posix_make_directory,
                     .kind = posix_kind,
                     .follow = posix_follow};
}

static int again(int64_t n)
{
    return n == -EINTR || n == -EAGAIN;
}

int base_io_read_full(const base_io *io, int file, void *buffer, size_t bytes, int64_t offset)
{
    char *to = buffer;
    while (bytes) {
        int64_t n = io->read_at(io->user, file, to, bytes, offset);
        if (again(n)) continue;
        if (n < 0) return (int)n;
        if (n == 0) return -ENODATA;
        to += n;
        offset += n;
        bytes -= (size_t)n;
    }
    return 0;
}

int base_io_write_full(const base_io *io, int file, const void *buffer, size_t bytes, int64_t offset)
{
    const char *from = buffer;
    while (bytes) {
        int64_t n = io->write_at(io->user, file, from, bytes, offset);
        if (again(n)) continue;
        if (n < 0) return (int)n;
        if (n == 0) return -EIO;
        from += n;
        offset += n;
        bytes -= (size_t)n;
    }
    return 0;
}

const char *base_io_error_text(int negative_errno)
{
    switch (-negative_errno) {
    case ENOENT: return "no such file or directory";
    case ENOTDIR: return "a part of the path is not a directory";
    case EISDIR: return "it is a directory";
    case EACCES: return "permission denied";
    case EPERM: return "operation not permitted";
    case EROFS: return "the file system is read-only";
    case ENOSPC: return "no space left on the device";
    case EDQUOT: return "disk quota exceeded";
    case EFBIG: return "the file is too large for the file system";
    case EIO: return "input/output error";
    case EMFILE: return "this process has too many open files";
    case ENFILE: return "the system has too many open files";
    case EBUSY: return "another process is writing it";
    case ELOOP: return "too many symbolic links";
    case ENAMETOOLONG: return "the name is too long";
    case ENODATA: return "the file ends early";
    case EPIPE: return "the reader of the pipe is gone";
    case ENOMEM: return "the system is out of memory";
    case EEXIST: return "it exists and is not what is needed";
    default: return "the operation failed";
    }
}
