/* Data reaches the disk before the name does: otherwise a crash could leave the new name with no content. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

char *join_path(const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = needed(malloc(size));
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

char *path_beside(const char *sae_path, const char *name)
{
    struct stat s;
    if (stat(sae_path, &s) == 0 && S_ISDIR(s.st_mode)) return join_path(sae_path, name);
    const char *slash = strrchr(sae_path, '/');
    char *directory = needed(slash ? strndup(sae_path, (size_t)(slash - sae_path)) : strdup("."));
    char *path = join_path(directory, name);
    free(directory);
    return path;
}

int make_directory(const char *path, int *made)
{
    struct stat s;
    *made = mkdir(path, 0777) == 0;
    if (*made || (stat(path, &s) == 0 && S_ISDIR(s.st_mode))) return EXIT_DONE;
    return run_error(path, "%s", errno == EEXIST ? "it exists and is not a directory" : strerror(errno));
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        bytes += n;
        size -= (size_t)n;
    }
    return fsync(fd) && errno != EINVAL && errno != EROFS ? errno : 0; /* a device has nothing to sync */
}

static int write_file(const char *path, int flags, const void *bytes, size_t size)
{
    int fd = open(path, flags | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    int error = write_all(fd, bytes, size);
    return close(fd) && !error ? errno : error;
}

static int sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = needed(slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("."));
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 ? errno : fsync(fd) && errno != EINVAL && errno != EROFS ? errno : 0;
    if (fd >= 0) close(fd);
    free(directory);
    return error;
}

int text_file_write(const char *path, const void *bytes, size_t size)
{
    struct stat s;
    int error;
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode)) {
        error = write_file(path, 0, bytes, size);
        return error ? run_error(path, "%s", strerror(error)) : EXIT_DONE;
    }
    char *target = realpath(path, NULL); /* a link stays, and what it leads to is replaced */
    if (!target) target = needed(strdup(path));
    size_t length = strlen(target) + sizeof ".tmp";
    char *temporary = needed(malloc(length));
    snprintf(temporary, length, "%s.tmp", target);
    error = write_file(temporary, O_CREAT | O_TRUNC | O_NOFOLLOW, bytes, size);
    if (!error && rename(temporary, target)) error = errno;
    if (error) unlink(temporary);
    else error = sync_directory_of(target);
    free(temporary);
    free(target);
    return error ? run_error(path, "%s", strerror(error)) : EXIT_DONE;
}
