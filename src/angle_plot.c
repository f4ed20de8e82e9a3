#include "angle_plot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "failure.h"
#include "picture.h"

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

int angle_plot(const char *path, const atoms_angles_report *euclidean, const atoms_angles_report *aip)
{
    char *text = NULL;
    size_t size;
    FILE *script = needed(open_memstream(&text, &size));
    write_script(script, euclidean, aip);
    int failed = fclose(script);
    needed(failed ? NULL : text);
    int code = picture_draw(path, text, NULL);
    free(text);
    return code;
}
