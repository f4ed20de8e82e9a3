/* A file is made beside itself under another name and renamed, so what must be writable is the directory that it, or what a link leads to,
 * stands in. A disk can still be full at the end; a directory that is not there is better said now than after hours. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "output_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

static int refuse(const char *path, int error)
{
    return run_error(path, "%s", strerror(error));
}

/* The directory that the path stands in, to be freed; slashes at its end do not count. */
static char *directory_of(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    while (end && path[end - 1] != '/') end--;
    return needed(end ? strndup(path, end) : strdup("."));
}

static int can_be_made_in(const char *path, const char *directory)
{
    struct stat s;
    if (stat(directory, &s)) return refuse(path, errno);
    if (!S_ISDIR(s.st_mode)) return refuse(path, ENOTDIR);
    return access(directory, R_OK | W_OK | X_OK) ? refuse(path, errno) : EXIT_DONE; /* it is read to be synced */
}

static int can_be_made(const char *path, const char *place)
{
    char *directory = directory_of(place);
    int code = can_be_made_in(path, directory);
    free(directory);
    return code;
}

int output_file_possible(const char *path)
{
    struct stat s;
    if (stat(path, &s)) return errno != ENOENT ? refuse(path, errno) : path[strlen(path) - 1] == '/' ? refuse(path, EISDIR) : can_be_made(path, path);
    if (S_ISDIR(s.st_mode)) return refuse(path, EISDIR);
    if (!S_ISREG(s.st_mode)) return access(path, W_OK) ? refuse(path, errno) : EXIT_DONE; /* a device or a pipe is written in place */
    char *target = realpath(path, NULL);
    int code = target ? can_be_made(path, target) : refuse(path, errno);
    free(target);
    return code;
}

int output_directory_possible(const char *path)
{
    struct stat s;
    if (stat(path, &s)) return errno == ENOENT ? can_be_made(path, path) : refuse(path, errno);
    if (!S_ISDIR(s.st_mode)) return run_error(path, "it exists and is not a directory");
    return can_be_made_in(path, path);
}
