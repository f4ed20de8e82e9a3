/* The capacity/data diagram of a sweep: four maps and the table they are drawn from. */
#include "failure.h"
#include "html.h"
#include "report_figure.h"
#include "sweep_plot.h"

static const struct {
    const char *id, *see, *bad;
} maps[SWEEP_MAPS] = {
    {"sweep-r2-in", "Bright at the top left is no achievement: with as many atoms as rows, a model can learn the rows by heart.", NULL},
    {"sweep-r2-out", "The map to read: brighter to the right, as rows are added.", "a cell that is bright in sample and dark here."},
    {"sweep-q-in", "Bright where codes are sparse enough for their dictionary to be the only one.", NULL},
    {"sweep-q-out", "As bright as in sample.", "dark where in sample is bright: rows that were not trained on need more atoms than the dictionary "
                                               "can tell apart."},
};

static int draw(report *r, const json_t *sweep, int map)
{
    figure f;
    figure_begin(&f, maps[map].id, sweep_map_title(map));
    sweep_map_data(f.script, sweep, map);
    sweep_map_axes(f.script, sweep);
    fputs("set border 0\nunset grid\n", f.script);
    sweep_map_plot(f.script, map);
    return figure_end(&f, r, maps[map].see, maps[map].bad);
}

static void write_table(report *r, const json_t *cells)
{
    static const char *const keys[] = {"rows", "width", "r2_out", "r2_in", "memoriser_r2_in", "q_star_out", "q_star_in", "l0_out", "l0_in"};
    size_t i;
    json_t *cell;
    fputs("<div class=\"scroll\"><table>\n<caption>The numbers of the maps, and R² of a look-up table of as many atoms in sample: where it is as "
          "good, R² in sample proves nothing.</caption>\n<thead><tr><th scope=\"col\">rows</th><th scope=\"col\">width</th><th scope=\"col\">R² "
          "held out</th><th scope=\"col\">in sample</th><th scope=\"col\">memoriser</th><th scope=\"col\">q* held out</th><th scope=\"col\">in "
          "sample</th><th scope=\"col\">L0 held out</th><th scope=\"col\">in sample</th></tr></thead>\n<tbody>\n",
          r->page);
    json_array_foreach((json_t *)(uintptr_t)cells, i, cell)
    {
        fputs("<tr>", r->page);
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            fputs(k ? "<td>" : "<th scope=\"row\">", r->page);
            html_number(r->page, json_object_get(cell, keys[k]), 3);
            fputs(k ? "</td>" : "</th>", r->page);
        }
        fputs("</tr>\n", r->page);
    }
    fputs("</tbody></table></div>\n", r->page);
}

int report_sweep(report *r)
{
    const json_t *sweep = json_object_get(r->data, "sweep");
    int code = EXIT_DONE;
    section_begin(r, "sweep", "Sweep: data size against width");
    if (json_is_object(sweep)) {
        fputs("<p>Models of a grid, each trained on the first so many rows; colours run from 0 (dark blue, and below) to 1 (yellow). These are "
              "other models than the one above.</p>\n<div class=\"pictures\">\n",
              r->page);
        static const int order[SWEEP_MAPS] = {1, 0, 3, 2}; /* held out first, as everywhere on the page */
        for (int i = 0; i < SWEEP_MAPS && !code; i++) code = draw(r, sweep, order[i]);
        fputs("</div>\n", r->page);
        write_table(r, json_object_get(sweep, "cells"));
    } else {
        fputs("<p class=\"missing\">No sweep was given: <code>--sweep DIR</code> shows one that <code>atoms sweep</code> made.</p>\n", r->page);
    }
    section_end(r);
    return code;
}
