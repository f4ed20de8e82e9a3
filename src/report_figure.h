/* A picture in its frame: <figure> with heading, SVG and caption. */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include "report.h"
#include "svg_inline.h"

/* A gnuplot script that is being written: size, font, axes and key are set. The figure's end closes it. */
typedef struct figure {
    FILE *script;
    char *text;
    size_t size;
    const char *id, *title;
} figure;

/* `id` is one no other figure has; `title` is plain words. */
void figure_begin(figure *f, const char *id, const char *title);

/* Draws the script; writes the figure with `see` (HTML of our own: what it shows and what one should see) and `bad` (what would be
 * wrong; NULL: nothing). An exit status. Frees the script in any case. */
int figure_end(figure *f, report *r, const char *see, const char *bad);

/* The smallest and the largest of many numbers. */
typedef struct extent {
    double low, high;
    int count;
} extent;

void extent_take(extent *e, double value);

/* "set AXISrange [low:high]", widened where both are one: gnuplot complains of empty ranges. */
void figure_range(const figure *f, const char *axis, extent e, double margin);

#endif
