/* gnuplot runs as a child between unnamed temporary files, script in, picture and words out: no name to quote, no pipe that can break, and
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

typedef struct drawing {
    FILE *script, *picture, *words; /* the last: what gnuplot says about it */
    int missing;                    /* it is not installed */
    char why[PICTURE_WHY_BYTES];    /* it ran and did not draw; "" where it did */
} drawing;

/* The last line of gnuplot's words: the error, after an excerpt of the script. */
static void read_why(drawing *d)
{
    char line[PICTURE_WHY_BYTES];
    snprintf(d->why, sizeof d->why, "failed to draw the picture");
    rewind(d->words);
    while (fgets(line, sizeof line, d->words)) {
        const char *begin = line + strspn(line, " \t\r\n");
        line[strcspn(line, "\r\n")] = '\0';
        if (*begin) snprintf(d->why, sizeof d->why, "failed to draw the picture: %.400s", begin);
    }
}

static int run_gnuplot(drawing *d)
{
    pid_t child = fork();
    if (child < 0) return run_error("gnuplot", "%s", strerror(errno));
    if (child == 0) {
        if (dup2(fileno(d->script), STDIN_FILENO) >= 0 && dup2(fileno(d->picture), STDOUT_FILENO) >= 0 && dup2(fileno(d->words), STDERR_FILENO) >= 0)
            execlp("gnuplot", "gnuplot", "-d", (char *)NULL);
        _exit(NOT_THERE);
    }
    int state;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR) return run_error("gnuplot", "%s", strerror(errno));
    d->missing = WIFEXITED(state) && WEXITSTATUS(state) == NOT_THERE;
    if (!d->missing && (!WIFEXITED(state) || WEXITSTATUS(state))) read_why(d);
    return EXIT_DONE;
}

/* The whole picture, to be freed. */
static int read_back(drawing *d, char **text, size_t *size)
{
    if (fseek(d->picture, 0, SEEK_END)) return run_error("gnuplot", "%s", strerror(errno));
    long end = ftell(d->picture);
    if (end <= 0) {
        snprintf(d->why, sizeof d->why, "drew nothing");
        return EXIT_DONE;
    }
    *size = (size_t)end;
    *text = needed(malloc(*size + 1));
    (*text)[*size] = '\0';
    rewind(d->picture);
    return fread(*text, 1, *size, d->picture) == *size ? EXIT_DONE : run_error("gnuplot", "the picture could not be read back");
}

/* *text is NULL where gnuplot is missing or could not draw: no error yet. */
static int draw(drawing *d, const char *script, char **text, size_t *size)
{
    *d = (drawing){.script = tmpfile(), .picture = tmpfile(), .words = tmpfile()};
    int code = d->script && d->picture && d->words ? EXIT_DONE : run_error("gnuplot", "no temporary file: %s", strerror(errno));
    *text = NULL;
    if (!code && (fputs(script, d->script) < 0 || fflush(d->script) || fseek(d->script, 0, SEEK_SET)))
        code = run_error("gnuplot", "temporary file: %s", strerror(errno));
    if (!code) code = run_gnuplot(d);
    if (!code && !d->missing && !d->why[0]) code = read_back(d, text, size);
    if (d->script) fclose(d->script);
    if (d->picture) fclose(d->picture);
    if (d->words) fclose(d->words);
    return code;
}

static int not_installed(void)
{
    return run_error("gnuplot", "is not installed; a picture needs it");
}

int picture_draw(const char *path, const char *script, int *missing)
{
    drawing d;
    char *text;
    size_t size = 0;
    int code = draw(&d, script, &text, &size);
    if (missing) *missing = d.missing;
    if (!code && d.missing && !missing) code = not_installed();
    if (!code && d.why[0]) code = run_error("gnuplot", "%s", d.why);
    if (!code && text) code = text_file_write(path, text, size);
    free(text);
    return code;
}

int picture_text(const char *script, char **svg, char *why)
{
    drawing d;
    size_t size;
    int code = draw(&d, script, svg, &size);
    memcpy(why, d.why, sizeof d.why);
    return !code && d.missing ? not_installed() : code;
}

int picture_possible(void)
{
    char *nothing, why[PICTURE_WHY_BYTES];
    int code = picture_text("set print '-'\nprint 1\n", &nothing, why);
    if (!code && why[0]) code = run_error("gnuplot", "%s", why);
    free(nothing);
    return code;
}
