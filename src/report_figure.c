#include "report_figure.h"

#include <math.h>
#include <stdlib.h>

#include "failure.h"
#include "html.h"
#include "output.h"
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

static void frame_begin(report *r, const char *id, const char *title)
{
    fprintf(r->page, "<figure id=\"%s\">\n<h3>", id);
    html_text(r->page, title);
    fputs("</h3>\n", r->page);
}

static void write_frame(const figure *f, report *r, const char *svg, const char *see, const char *bad)
{
    frame_begin(r, f->id, f->title);
    svg_inline(r->page, svg, f->title);
    fprintf(r->page, "<figcaption><p>%s</p>\n", see);
    if (bad) fprintf(r->page, "<p class=\"bad\">%s</p>\n", bad);
    fputs("</figcaption>\n</figure>\n", r->page);
}

void figure_left_out(report *r, const char *id, const char *title, const char *why)
{
    char about[64];
    frame_begin(r, id, title);
    fputs("<p class=\"missing\">There is no picture: ", r->page);
    html_text(r->page, why);
    fputs(".</p>\n</figure>\n", r->page);
    snprintf(about, sizeof about, "pictures.%s", id);
    add_note(r->data, about, "%s", why);
}

int figure_end(figure *f, report *r, const char *see, const char *bad)
{
    char *svg = NULL, why[PICTURE_WHY_BYTES], whole[PICTURE_WHY_BYTES + 16];
    int failed = fclose(f->script);
    needed(failed ? NULL : f->text);
    int code = picture_text(f->text, &svg, why);
    if (!code && svg) write_frame(f, r, svg, see, bad);
    snprintf(whole, sizeof whole, "gnuplot %s", why);
    if (!code && !svg) figure_left_out(r, f->id, f->title, whole);
    free(svg);
    free(f->text);
    return code;
}

void figure_drop(figure *f)
{
    fclose(f->script);
    free(f->text);
}

int extent_take(extent *e, double value)
{
    if (!(fabs(value) <= 1e100)) {
        e->left_out++;
        return 0;
    }
    e->low = e->count ? fmin(e->low, value) : value;
    e->high = e->count ? fmax(e->high, value) : value;
    e->count++;
    return 1;
}

void figure_range(const figure *f, const char *axis, extent e, double margin)
{
    double size = fmax(fabs(e.low), fabs(e.high)), space = fmax(margin * (e.high - e.low), size > 1e-100 ? 1e-3 * size : 1);
    fprintf(f->script, "set %srange [%.17g:%.17g]\n", axis, e.low - space, e.high + space);
}

int figure_log_range(const figure *f, const char *axis, extent e)
{
    if (!(e.low > 1e-100 && e.high / e.low > 30 && e.high / e.low < 1e30)) return 0;
    fprintf(f->script, "set logscale %s\nset %srange [%.17g:%.17g]\n", axis, axis, e.low / 1.1, e.high * 1.1);
    return 1;
}
