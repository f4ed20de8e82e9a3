#include "report_figure.h"

#include <math.h>
#include <stdlib.h>

#include "failure.h"
#include "html.h"
#include "picture.h"

/* Small enough to be read at full size on a telephone, and drawn larger elsewhere. */
#define TERMINAL "set terminal svg size 480,310 dynamic font 'sans-serif,15'\nset encoding utf8\n"

void figure_begin(figure *f, const char *id, const char *title)
{
    *f = (figure){.id = id, .title = title};
    f->script = needed(open_memstream(&f->text, &f->size));
    fputs(TERMINAL
          "set border 1 lc " PAGE_QUIET " lw 1\nset tics nomirror textcolor " PAGE_QUIET "\nset xtics out scale 0.4\nset ytics scale 0\n"
          "set grid ytics lc " PAGE_GRID " lt 1 lw 1\nset xlabel textcolor " PAGE_INK "\nset ylabel textcolor " PAGE_INK " offset 0.5\n"
          "set key tmargin left horizontal Left reverse samplen 2 width 1 textcolor " PAGE_INK "\nset rmargin 2.5\n",
          f->script);
}

static void write_frame(const figure *f, report *r, const char *svg, const char *see, const char *bad)
{
    fprintf(r->page, "<figure id=\"%s\">\n<h3>", f->id);
    html_text(r->page, f->title);
    fputs("</h3>\n", r->page);
    svg_inline(r->page, svg, f->title);
    fprintf(r->page, "<figcaption><p>%s</p>\n", see);
    if (bad) fprintf(r->page, "<p class=\"bad\">%s</p>\n", bad);
    fputs("</figcaption>\n</figure>\n", r->page);
}

int figure_end(figure *f, report *r, const char *see, const char *bad)
{
    char *svg = NULL;
    int failed = fclose(f->script);
    needed(failed ? NULL : f->text);
    int code = picture_text(f->text, &svg);
    if (!code) write_frame(f, r, svg, see, bad);
    free(svg);
    free(f->text);
    return code;
}

void extent_take(extent *e, double value)
{
    if (!isfinite(value)) return;
    e->low = e->count ? fmin(e->low, value) : value;
    e->high = e->count ? fmax(e->high, value) : value;
    e->count++;
}

void figure_range(const figure *f, const char *axis, extent e, double margin)
{
    double space = e.high > e.low ? margin * (e.high - e.low) : e.high != 0 ? 0.1 * fabs(e.high) : 1;
    fprintf(f->script, "set %srange [%.9g:%.9g]\n", axis, e.low - space, e.high + space);
}
