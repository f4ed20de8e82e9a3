/* gnuplot runs as a child between two unnamed temporary files, script in and picture out: no name to quote, no pipe that can break, and
 * the picture takes its place only when it is whole. -d: settings in the user's home would change it. */
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
        if (dup2(fileno(script), STDIN_FILENO) >= 0 && dup2(fileno(picture), STDOUT_FILENO) >= 0) execlp("gnuplot", "gnuplot", "-d", (char *)NULL);
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

/* The whole picture, to be freed. */
static int read_back(FILE *picture, char **text, size_t *size)
{
    if (fseek(picture, 0, SEEK_END)) return run_error("gnuplot", "%s", strerror(errno));
    long end = ftell(picture);
    if (end <= 0) return run_error("gnuplot", "drew nothing");
    *size = (size_t)end;
    *text = needed(malloc(*size + 1));
    (*text)[*size] = '\0';
    rewind(picture);
    return fread(*text, 1, *size, picture) == *size ? EXIT_DONE : run_error("gnuplot", "the picture could not be read back");
}

static int draw(const char *script_text, int *missing, char **text, size_t *size)
{
    FILE *script = tmpfile(), *picture = tmpfile();
    int code = script && picture ? EXIT_DONE : run_error("gnuplot", "no temporary file: %s", strerror(errno));
    *text = NULL;
    if (!code && (fputs(script_text, script) < 0 || fflush(script) || fseek(script, 0, SEEK_SET)))
        code = run_error("gnuplot", "temporary file: %s", strerror(errno));
    if (!code) code = run_gnuplot(script, picture, missing);
    if (!code && !(missing && *missing)) code = read_back(picture, text, size);
    if (script) fclose(script);
    if (picture) fclose(picture);
    return code;
}

int picture_draw(const char *path, const char *script, int *missing)
{
    char *text;
    size_t size = 0;
    if (missing) *missing = 0;
    int code = draw(script, missing, &text, &size);
    if (!code && text) code = text_file_write(path, text, size);
    free(text);
    return code;
}

int picture_text(const char *script, char **svg)
{
    size_t size;
    return draw(script, NULL, svg, &size);
}

int picture_possible(void)
{
    char *nothing = NULL;
    int code = picture_text("set print '-'\nprint 1\n", &nothing);
    free(nothing);
    return code;
}
