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
 * wrong; NULL: nothing). What gnuplot cannot draw is left out with a note. An exit status. Frees the script in any case. */
int figure_end(figure *f, report *r, const char *see, const char *bad);

/* Forgets the script. */
void figure_drop(figure *f);

/* The frame without a picture, and why; the note goes to the data's too, below "pictures.ID". */
void figure_left_out(report *r, const char *id, const char *title, const char *why);

/* The smallest and the largest of many numbers. */
typedef struct extent {
    double low, high;
    int count, left_out;
} extent;

/* Whether the value can be drawn: NaN, infinities and what is beyond 10^100, near which gnuplot's arithmetic ends, cannot; they are counted. */
int extent_take(extent *e, double value);

/* "set AXISrange [low:high]" with a margin (a share of the extent) at both ends, and at least a thousandth of the values: gnuplot refuses an
 * empty range, and in a narrower one all tics would read the same. */
void figure_range(const figure *f, const char *axis, extent e, double margin);

/* The same with a logarithmic axis, where the values span enough to need one; whether they do. */
int figure_log_range(const figure *f, const char *axis, extent e);

#endif
