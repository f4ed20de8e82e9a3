/* q* as a picture: the quantiles of |cos| over pairs of atoms rise with q, the limit 1/(2 K_q − 1) that the codes ask for falls, and they
 * meet at q*. Both axes are the definition's own; the upright one is logarithmic, since the interesting cosines are small. */
#include <math.h>

#include "failure.h"
#include "html.h"
#include "report_figure.h"

static void write_quantiles(FILE *script, const json_t *shares)
{
    size_t t;
    json_t *share;
    static const double inside[] = {0.3, 0.5, 0.75}; /* of the first degree, where the share grows as the angle does */
    double first = json_number_value(json_array_get(shares, 0)), step = 3.14159265358979323846 / 180;
    fputs("$cosines << END\n", script);
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) fprintf(script, "%.9g %.9g\n", first * inside[i], sin(inside[i] * step));
    json_array_foreach((json_t *)(uintptr_t)shares, t, share)
        fprintf(script, "%.9g %.9g\n", json_number_value(share), sin((double)(t + 1) * step));
    fputs("END\n", script);
}

/* The limit as steps: 1/(2k − 1) for q up to the share of rows that have at most k non-zeros. */
static void write_limit(FILE *script, const char *name, const json_t *counts, double rows)
{
    size_t k;
    json_t *count;
    double below = 0;
    fprintf(script, "$%s << END\n", name);
    json_array_foreach((json_t *)(uintptr_t)counts, k, count)
    {
        double limit = 1 / (2 * (double)(k ? k : 1) - 1), n = (double)json_integer_value(count);
        if (n > 0) fprintf(script, "%.9g %.9g\n%.9g %.9g\n", below / rows, limit, (below + n) / rows, limit);
        below += n;
    }
    fputs("END\n", script);
}

static int write_set(const report *r, FILE *script, const char *set)
{
    const json_t *codes = json_object_get(json_object_get(r->data, "codes"), set), *q = json_object_get(json_object_get(r->data, set), "q_star");
    if (!json_is_object(codes) || !json_is_number(q)) return 0;
    write_limit(script, set, json_object_get(codes, "l0"), json_number_value(json_object_get(codes, "rows")));
    return 1;
}

/* The quantiles that are known exactly, of every pair. */
static int write_exact(const report *r, FILE *script)
{
    static const struct {
        const char *path;
        double q;
    } known[] = {{"geometry.p50", 0.5}, {"geometry.p90", 0.9}, {"geometry.p99", 0.99}, {"geometry.p999", 0.999}};
    int any = 0;
    fputs("set style circle radius graph 0.012\n$exact << END\n", script);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double value = json_number_value(report_value(r, known[i].path));
        if (value > 0) any += fprintf(script, "%.9g %.9g\n", known[i].q, value) > 0;
    }
    fputs(any ? "END\n" : "0 0\nEND\n", script);
    return any;
}

static double q_star(const report *r, const char *set)
{
    return json_number_value(json_object_get(json_object_get(r->data, set), "q_star"));
}

/* Where the picture ends below: under the limit for the densest row. */
static double lowest_limit(const report *r)
{
    double low = 0.005;
    const char *const paths[] = {"codes.held_out.l0", "codes.in_sample.l0"};
    for (int i = 0; i < 2; i++) {
        double most = (double)json_array_size(report_value(r, paths[i])) - 1;
        if (most > 1 && 0.8 / (2 * most - 1) < low) low = 0.8 / (2 * most - 1);
    }
    return low;
}

/* The words stand outside the pair of lines, unless the edge is near. */
static void mark_q(const report *r, FILE *script, const char *set, const char *other, const char *colour, double height)
{
    double q = q_star(r, set);
    int right = q < 0.2 || (q < 0.75 && q > q_star(r, other));
    fprintf(script, "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead lw 1.5 dt 2 lc %s\n", q, q, colour);
    fprintf(script, "set label 'q* %.3f' at %.9g, graph %g %s textcolor %s\n", q, q, height, right ? "left offset 0.6,0" : "right offset "
                                                                                                                           "-0.6,0", colour);
}

static int draw(report *r, const json_t *pairs)
{
    figure f;
    char see[768], pairs_words[WHOLE_BYTES], atoms_words[WHOLE_BYTES];
    figure_begin(&f, "q-star-curves", "Coherence against the limit of uniqueness");
    write_quantiles(f.script, json_object_get(pairs, "share"));
    int held_out = write_set(r, f.script, "held_out"), in_sample = write_set(r, f.script, "in_sample");
    int exact = write_exact(r, f.script);
    if (in_sample) mark_q(r, f.script, "in_sample", "held_out", PAGE_SECOND, 0.84);
    if (held_out) mark_q(r, f.script, "held_out", "in_sample", PAGE_FIRST, 0.94);
    fprintf(f.script, "set yrange [%.9g:1]\n", lowest_limit(r));
    fputs("set xlabel 'quantile q'\nset ylabel '|cosine| of two atoms (AIP)'\nset xrange [0:1]\nset logscale y\n"
          "plot $cosines with lines lw 2.5 lc " PAGE_INK " title '|cos|'",
          f.script);
    if (held_out) fputs(", $held_out with lines lw 2 lc " PAGE_FIRST " title 'limit, held out'", f.script);
    if (in_sample) fputs(", $in_sample with lines lw 2 dt '-' lc " PAGE_SECOND " title 'in sample'", f.script);
    if (exact) fputs(", $exact with circles fs solid 1 noborder lc " PAGE_INK " title 'exact'", f.script);
    fputs("\n", f.script);
    snprintf(see, sizeof see,
             "A point on the thick curve: a share q of pairs of atoms is no more alike than that (%s pairs of the %s atoms that fire in sample%s). "
             "The falling curve is the limit 1/(2K − 1) for the q-quantile K of L0. They meet at <a href=\"#def-q-star\">q*</a>: the further "
             "right, the better.",
             whole_words(json_integer_value(json_object_get(pairs, "pairs")), pairs_words),
             whole_words(json_integer_value(json_object_get(pairs, "atoms")), atoms_words),
             json_is_true(json_object_get(pairs, "exhaustive")) ? "" : ", drawn at random; the figures themselves take every pair");
    return figure_end(&f, r, see,
                      "a thick curve that shoots up well before 1 (many atoms nearly the same), or a limit that starts low (codes too dense for "
                      "their dictionary to be the only one).");
}

int report_stability(report *r)
{
    const json_t *pairs = json_object_get(r->data, "pairs");
    static const char *const notes[] = {"pairs"};
    int code = EXIT_DONE;
    section_begin(r, "stability", "Stability");
    fputs("<p>A code of K active atoms is the only one of its signal where the |cosines| of atoms stay below <a href=\"#def-mu\">1/(2K − 1)</a>. "
          "Real dictionaries break that for their closest pairs; q* says for how large a share it holds.</p>\n",
          r->page);
    if (json_is_object(pairs)) {
        fputs("<div class=\"pictures\">\n", r->page);
        code = draw(r, pairs);
        fputs("</div>\n", r->page);
    } else {
        fputs("<p class=\"missing\">There are no pairs to compare.</p>\n", r->page);
    }
    section_notes(r, notes, 1);
    section_end(r);
    return code;
}
