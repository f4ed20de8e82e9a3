/* Four heat maps with a value in each tile. Sizes and widths are categories in the order they were given, since they are rarely evenly
 * spaced on any scale. Colours run over [0, 1]; what is below is as dark as 0, its value tells. */
#include "sweep_plot.h"

#include "failure.h"

enum { TILE_WIDTH = 84, TILE_HEIGHT = 44, MARGIN_WIDTH = 130, MARGIN_HEIGHT = 110 };

static const struct {
    const char *key, *title;
} maps[SWEEP_MAPS] = {
    {"r2_in", "R², in sample"},
    {"r2_out", "R², held out"},
    {"q_star_in", "q*, in sample"},
    {"q_star_out", "q*, held out"},
};
static void write_map(FILE *script, const json_t *cells, size_t widths, const char *key)
{
    size_t i;
    json_t *cell;
    fprintf(script, "$%s << END\n", key);
    json_array_foreach((json_t *)cells, i, cell)
    {
        double value = json_number_value(json_object_get(cell, key));
        if (!json_is_number(json_object_get(cell, key))) continue;
        fprintf(script, "%zu %zu %.6f ", i / widths, i % widths, value < 0 ? 0 : value > 1 ? 1 : value);
        fprintf(script, value > -1000 && value < 1000 ? "%.3f\n" : "%.0e\n", value); /* a tile holds no more */
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

void sweep_map_data(FILE *script, const json_t *sweep, int map)
{
    write_map(script, json_object_get(sweep, "cells"), json_array_size(json_object_get(sweep, "widths")), maps[map].key);
}

void sweep_map_axes(FILE *script, const json_t *sweep)
{
    write_tics(script, "x", json_object_get(sweep, "sizes"));
    write_tics(script, "y", json_object_get(sweep, "widths"));
    fprintf(script, "set xlabel 'training rows'\nset ylabel 'width (atoms)'\nset tics scale 0\nunset key\nunset colorbox\n"
                    "set cbrange [0:1]\nset palette defined (0 '#00224e', 0.25 '#434e6c', 0.5 '#7d7c78', 0.75 '#bbad6c', 1 '#fee838')\n"
                    "set style fill solid 1 noborder\n");
}

void sweep_map_plot(FILE *script, int map)
{
    fprintf(script,
            "plot $%s using 1:2:(0.49):(0.48):3 with boxxyerror lc palette, "
            "$%s using 1:2:(strcol(4)):($3 > 0.6 ? 0x000000 : 0xffffff) with labels tc rgb variable\n",
            maps[map].key, maps[map].key);
}

const char *sweep_map_title(int map)
{
    return maps[map].title;
}

static void write_script(FILE *script, const json_t *result)
{
    const json_t *sizes = json_object_get(result, "sizes"), *widths = json_object_get(result, "widths");
    for (int i = 0; i < SWEEP_MAPS; i++) sweep_map_data(script, result, i);
    fprintf(script, "set terminal svg size %zu,%zu dynamic background rgb 'white'\nset encoding utf8\n",
            2 * (MARGIN_WIDTH + TILE_WIDTH * json_array_size(sizes)), 2 * (MARGIN_HEIGHT + TILE_HEIGHT * json_array_size(widths)));
    sweep_map_axes(script, result);
    fprintf(script, "set multiplot layout 2,2\n");
    for (int i = 0; i < SWEEP_MAPS; i++) {
        fprintf(script, "set title '%s'\n", maps[i].title);
        sweep_map_plot(script, i);
    }
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
