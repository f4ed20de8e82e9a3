/* gnuplot runs as a child between two unnamed temporary files, script in and picture out: no name to quote, no pipe that can break, and
 * the picture takes its place only when it is whole. */
#include "angle_plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "failure.h"
#include "text_file.h"

enum { NOT_THERE = 127 };

static void write_curve(FILE *script, const char *name, const atoms_angles_report *r)
{
    fprintf(script, "$%s << END\n", name);
    for (int i = 0; i < ATOMS_ANGLE_BINS; i++) fprintf(script, "%g %.9g\n", i + 0.5, (double)r->histogram[i] / (double)r->pairs);
    fprintf(script, "END\n");
}

static void write_script(FILE *script, const atoms_angles_report *euclidean, const atoms_angles_report *aip)
{
    write_curve(script, "euclidean", euclidean);
    if (aip) write_curve(script, "aip", aip);
    fprintf(script,
            "set terminal svg size 720,420 dynamic background rgb 'white'\n"
            "set title 'Angles of %" PRId64 " pairs of %" PRId64 " rows'\n"
            "set xlabel 'angle (degrees)'\nset ylabel 'share of pairs per degree'\n"
            "set xrange [0:180]\nset xtics 30\nset yrange [0:*]\nset style fill transparent solid 0.5 noborder\n"
            "plot $euclidean with boxes lc rgb '#d95f02' title sprintf('Euclidean: mean %%.1f, sd %%.2f', %.9g, %.9g)",
            euclidean->pairs, euclidean->rows, euclidean->mean_deg, euclidean->sd_deg);
    if (aip)
        fprintf(script, ", $aip with boxes lc rgb '#1b9e77' title sprintf('AIP: mean %%.1f, sd %%.2f', %.9g, %.9g)", aip->mean_deg,
                aip->sd_deg);
    fprintf(script, "\n");
}

static int run_gnuplot(FILE *script, FILE *picture)
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
    if (WIFEXITED(state) && WEXITSTATUS(state) == NOT_THERE) return run_error("gnuplot", "is not installed; --plot needs it");
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

int angle_plot(const char *path, const atoms_angles_report *euclidean, const atoms_angles_report *aip)
{
    FILE *script = tmpfile(), *picture = tmpfile();
    int code = script && picture ? EXIT_DONE : run_error(path, "no temporary file: %s", strerror(errno));
    if (!code) {
        write_script(script, euclidean, aip);
        if (fflush(script) || fseek(script, 0, SEEK_SET)) code = run_error(path, "temporary file: %s", strerror(errno));
    }
    if (!code) code = run_gnuplot(script, picture);
    if (!code) code = save_picture(picture, path);
    if (script) fclose(script);
    if (picture) fclose(picture);
    return code;
}
