/* How many atoms a row takes, and how often an atom is taken. */
#include <math.h>
#include <stdlib.h>

#include "failure.h"
#include "html.h"
#include "report_data.h"
#include "report_figure.h"

enum { BARS = 60 };

static const char *const sets[] = {"held_out", "in_sample"};

static const json_t *codes_of(const report *r, int set, const char *key)
{
    return json_object_get(json_object_get(json_object_get(r->data, "codes"), sets[set]), key);
}

static int64_t whole_at(const json_t *list, int64_t i)
{
    return json_integer_value(json_array_get(list, (size_t)i));
}

/* Where the picture ends: a quarter beyond what 99 % of the rows of either set take. */
static int64_t last_l0(const report *r)
{
    int64_t last = 1;
    for (int set = 0; set < 2; set++) {
        const json_t *counts = codes_of(r, set, "l0");
        int64_t rows = json_integer_value(codes_of(r, set, "rows")), below = 0, n = (int64_t)json_array_size(counts), k = 0;
        while (k < n && (double)(below + whole_at(counts, k)) < 0.99 * (double)rows) below += whole_at(counts, k++);
        if (k + k / 4 + 1 > last) last = k + k / 4 + 1;
    }
    return last;
}

/* Shares of rows in bars of `step` values of L0; what lies beyond the last one is returned. */
static int64_t write_bars(FILE *script, const char *name, const json_t *counts, int64_t rows, int64_t last, int64_t step)
{
    int64_t seen = 0;
    fprintf(script, "$%s << END\n", name);
    for (int64_t k = 0; k <= last; k += step) {
        int64_t bar = 0;
        for (int64_t j = k; j < k + step; j++) bar += whole_at(counts, j);
        seen += bar;
        fprintf(script, "%.9g %.9g\n", (double)k + 0.5 * (double)(step - 1), (double)bar / (double)rows);
    }
    fputs("END\n", script);
    return rows - seen;
}

static int draw_l0(report *r)
{
    figure f;
    char see[512], words[3][WHOLE_BYTES];
    int64_t last = last_l0(r), step = (last + BARS) / BARS, beyond[2] = {0};
    figure_begin(&f, "l0-histogram", "Active atoms a row (L0)");
    for (int set = 0; set < 2; set++) {
        int64_t rows = json_integer_value(codes_of(r, set, "rows"));
        if (rows) beyond[set] = write_bars(f.script, sets[set], codes_of(r, set, "l0"), rows, last, step);
    }
    fprintf(f.script, "set xlabel 'active atoms'\nset ylabel 'share of rows%s'\nset xrange [%.2f:%.2f]\nset yrange [0:*]\nset style fill solid 0.45 "
                      "noborder\n%sset boxwidth %.2f\nplot $held_out with boxes lc " PAGE_FIRST " title 'held out'",
            step > 1 ? " a bar" : "", -0.7 * (double)step, (double)last + 0.7 * (double)step, last < 10 ? "set xtics 1\n" : "", 0.92 * (double)step);
    if (codes_of(r, 1, "rows")) fputs(", $in_sample with histeps lw 2 lc " PAGE_SECOND " title 'in sample'", f.script);
    fputs("\n", f.script);
    int n = snprintf(see, sizeof see, "One hump about the mean, the same held out as in sample. Bars are %s wide; %s held-out%s",
                     whole_words(step, words[0]), whole_words(beyond[0], words[1]), codes_of(r, 1, "rows") ? " and " : "");
    if (codes_of(r, 1, "rows")) n += snprintf(see + n, sizeof see - (size_t)n, "%s in-sample", whole_words(beyond[1], words[2]));
    snprintf(see + n, sizeof see - (size_t)n, " rows lie further right.");
    return figure_end(&f, r, see,
                      "held out lies to the right of in sample: rows that were not trained on need more atoms. A bar at 0: rows without any code.");
}

static void write_rates(FILE *script, int set, const json_t *fires, int64_t never, int lowest)
{
    double atoms = (double)never;
    for (int i = 0; i < RATE_BINS; i++) atoms += (double)whole_at(fires, i);
    fprintf(script, "$%s << END\n%.9g %.9g\n", sets[set], RATE_LOWEST + 0.2 * (lowest - 5), (double)never / atoms);
    fprintf(script, "%.9g 0\n", RATE_LOWEST + 0.2 * (lowest - 4));
    for (int i = lowest; i < RATE_BINS; i++) fprintf(script, "%.9g %.9g\n", RATE_LOWEST + 0.2 * i + 0.1, (double)whole_at(fires, i) / atoms);
    fputs("END\n", script);
}

static int draw_rates(report *r)
{
    static const char *const powers[] = {"10⁻⁶", "10⁻⁵", "10⁻⁴", "0.1 %%", "1 %%", "10 %%", "100 %%"};
    figure f;
    char see[256];
    int lowest = 0;
    figure_begin(&f, "firing-rates", "How often an atom fires");
    while (lowest < RATE_BINS - 10 && !whole_at(codes_of(r, 0, "fires"), lowest) && !whole_at(codes_of(r, 1, "fires"), lowest)) lowest++;
    lowest -= lowest % 5;
    for (int set = 0; set < 2; set++)
        if (codes_of(r, set, "rows")) write_rates(f.script, set, codes_of(r, set, "fires"), json_integer_value(codes_of(r, set, "never")), lowest);
    double left = RATE_LOWEST + 0.2 * lowest;
    fprintf(f.script,
            "set xlabel 'share of rows on which it fires'\nset ylabel 'share of atoms'\nset xrange [%.9g:0.05]\nset yrange [0:*]\n"
            "set xtics ('never' %.9g",
            left - 1.25, left - 1);
    for (int p = 0; p <= 6; p++)
        if (RATE_LOWEST + p >= left - 1e-9 && RATE_LOWEST + p > left - 0.1) fprintf(f.script, ", '%s' %d", powers[p], RATE_LOWEST + p);
    fputs(")\nset style fill solid 0.45 noborder\nset boxwidth 0.18\nset arrow from -1, graph 0 to -1, graph 1 nohead lw 1.5 dt 2 lc " PAGE_QUIET
          "\nplot $held_out with boxes lc " PAGE_FIRST " title 'held out'",
          f.script);
    if (codes_of(r, 1, "rows")) fputs(", $in_sample with histeps lw 2 lc " PAGE_SECOND " title 'in sample'", f.script);
    fputs("\n", f.script);
    snprintf(see, sizeof see, "A broad hump about the mean rate, L0 over the number of atoms: %.2g %% held out. Five bars a decade.",
             100 * json_number_value(report_value(r, "held_out.l0_mean")) / json_number_value(report_value(r, "sae.d_sae")));
    return figure_end(&f, r, see,
                      "a tall bar at <em>never</em> (dead atoms: width that is paid for and not used), or much to the right of the dashed line at "
                      "10 % (<a href=\"#def-dead\">dense</a> atoms, which say little about any row).");
}

int report_sparsity(report *r)
{
    section_begin(r, "sparsity", "Sparsity");
    fputs("<div class=\"pictures\">\n", r->page);
    int code = draw_l0(r);
    if (!code) code = draw_rates(r);
    fputs("</div>\n", r->page);
    section_end(r);
    return code;
}
