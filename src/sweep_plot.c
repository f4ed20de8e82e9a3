/* Four heat maps with a value in each tile. Sizes and widths are categories in the order they were given, since they are rarely evenly
 * spaced on any scale. Colours run over [0, 1]; what is below is as dark as 0, its value tells. */
#include "sweep_plot.h"

#include <stdio.h>

#include "failure.h"

enum { TILE_WIDTH = 84, TILE_HEIGHT = 44, MARGIN_WIDTH = 130, MARGIN_HEIGHT = 110 };

static const struct {
    const char *key, *title;
} maps[] = {
    {"r2_in", "R², in sample"},
    {"r2_out", "R², held out"},
    {"q_star_in", "q*, in sample"},
    {"q_star_out", "q*, held out"},
};
enum { MAPS = sizeof maps / sizeof maps[0] };

static void write_map(FILE *script, const json_t *cells, size_t widths, const char *key)
{
    size_t i;
    json_t *cell;
    fprintf(script, "$%s << END\n", key);
    json_array_foreach((json_t *)cells, i, cell)
    {
        double value = json_number_value(json_object_get(cell, key));
        if (json_is_number(json_object_get(cell, key)))
            fprintf(script, "%zu %zu %.6f %.3f\n", i / widths, i % widths, value < 0 ? 0 : value, value);
    }
    fprintf(script, "-9 -9 0 0\nEND\n"); /* out of the picture: gnuplot refuses data without a point */
}

static void write_tics(FILE *script, const char *axis, const json_t *values)
{
    size_t i;
    json_t *value;
    fprintf(script, "set %stics (", axis);
    json_array_foreach((json_t *)values, i, value)
        fprintf(script, "%s'%" JSON_INTEGER_FORMAT "' %zu", i ? ", " : "", json_integer_value(value), i);
    fprintf(script, ")\nset %srange [-0.5:%zu.5]\n", axis, json_array_size(values) - 1);
}

static void write_script(FILE *script, const json_t *result)
{
    const json_t *cells = json_object_get(result, "cells"), *sizes = json_object_get(result, "sizes"), *widths = json_object_get(result, "widths");
    for (int i = 0; i < MAPS; i++) write_map(script, cells, json_array_size(widths), maps[i].key);
    fprintf(script, "set terminal svg size %zu,%zu dynamic background rgb 'white'\nset encoding utf8\n",
            2 * (MARGIN_WIDTH + TILE_WIDTH * json_array_size(sizes)), 2 * (MARGIN_HEIGHT + TILE_HEIGHT * json_array_size(widths)));
    write_tics(script, "x", sizes);
    write_tics(script, "y", widths);
    fprintf(script, "set xlabel 'training rows'\nset ylabel 'width (atoms)'\nset tics scale 0\nunset key\nunset colorbox\n"
                    "set cbrange [0:1]\nset palette defined (0 '#00224e', 0.25 '#434e6c', 0.5 '#7d7c78', 0.75 '#bbad6c', 1 '#fee838')\n"
                    "set style fill solid 1 noborder\nset multiplot layout 2,2\n");
    for (int i = 0; i < MAPS; i++)
        fprintf(script,
                "set title '%s'\nplot $%s using 1:2:(0.49):(0.48):3 with boxxyerror lc palette, "
                "$%s using 1:2:(sprintf('%%.3f', $4)):($3 > 0.6 ? 0x000000 : 0xffffff) with labels tc rgb variable\n",
                maps[i].title, maps[i].key, maps[i].key);
    fprintf(script, "unset multiplot\n");
}

char *sweep_plot_script(const json_t *result)
{
    char *text = NULL;
    size_t size;
    FILE *script = needed(open_memstream(&text, &size));
    write_script(script, result);
    int failed = fclose(script);
    return needed(failed ? NULL : text);
}
