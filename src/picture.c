/* gnuplot runs as a child between two unnamed temporary files, script in and picture out: no name to quote, no pipe that can break, and
 * the picture takes its place only when it is whole. */
#include "picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"
#include "text_file.h"

enum { NOT_THERE = 127 };

static int run_gnuplot(FILE *script, FILE *picture, int *missing)
{
    pid_t child = fork();
    if (child < 0) return run_error("gnuplot", "%s", strerror(errno));
    if (child == 0) {
        if (dup2(fileno(script), STDIN_FILENO) >= 0 && dup2(fileno(picture), STDOUT_FILENO) >= 0) execlp("gnuplot", "gnuplot", (char *)NULL);
        _exit(NOT_THERE);
    }
    int state;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return run_error("gnuplot", "%s", strerror(errno));
    if (WIFEXITED(state) && WEXITSTATUS(state) == NOT_THERE) {
        if (!missing) return run_error("gnuplot", "is not installed; a picture needs it");
        *missing = 1;
        return EXIT_DONE;
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state)) return run_error("gnuplot", "failed to draw the picture");
    return EXIT_DONE;
}

static int save_picture(FILE *picture, const char *path)
{
    if (fseek(picture, 0, SEEK_END)) return run_error(path, "%s", strerror(errno));
    long size = ftell(picture);
    if (size <= 0) return run_error("gnuplot", "drew nothing");
    char *bytes = needed(malloc((size_t)size));
    rewind(picture);
    int code = fread(bytes, 1, (size_t)size, picture) == (size_t)size ? text_file_write(path, bytes, (size_t)size)
                                                                       : run_error(path, "the picture could not be read back");
    free(bytes);
    return code;
}

int picture_draw(const char *path, const char *text, int *missing)
{
    int absent = 0;
    FILE *script = tmpfile(), *picture = tmpfile();
    int code = script && picture ? EXIT_DONE : run_error(path, "no temporary file: %s", strerror(errno));
    if (!code && (fputs(text, script) < 0 || fflush(script) || fseek(script, 0, SEEK_SET)))
        code = run_error(path, "temporary file: %s", strerror(errno));
    if (!code) code = run_gnuplot(script, picture, missing ? &absent : NULL);
    if (!code && !absent) code = save_picture(picture, path);
    if (missing) *missing = absent;
    if (script) fclose(script);
    if (picture) fclose(picture);
    return code;
}
