/* The identifiability theorem: where the thresholds belong, or why there is no such place. Both axes of the picture are logarithmic: real codes
 * miss the condition by orders of magnitude, and it shows by how many. */
#include <math.h>

#include "failure.h"
#include "html.h"
#include "report_figure.h"

static const struct {
    const char *key, *name, *title, *colour;
} sets[] = {{"held_out", "held out", "Held out", PAGE_FIRST}, {"in_sample", "in sample", "In sample", PAGE_SECOND}};
enum { SETS = 2 };

static const json_t *figure_at(const report *r, int set, const char *path)
{
    char whole[96];
    snprintf(whole, sizeof whole, "identify.%s%s%s", sets[set].key, path[0] ? "." : "", path);
    return report_value(r, whole);
}

static double number_at(const report *r, int set, const char *path)
{
    return json_number_value(figure_at(r, set, path));
}

static int is_known(const report *r, int set)
{
    return json_is_object(figure_at(r, set, ""));
}

static double ratio_of(const report *r, int set)
{
    return number_at(r, set, "delta_min") / number_at(r, set, "delta_max");
}

/* The condition: δ_min/δ_max is above this. */
static double asked(double cosine, double k)
{
    return cosine * (2 * k - 1);
}

/* What a |cosine| asks for, as a line over K; "" of atoms at right angles, which ask for nothing. */
static void write_asked(FILE *script, double cosine, double last, const char *look, const char *title, extent *e)
{
    if (!(cosine > 1e-12)) return;
    extent_take(e, asked(cosine, 1));
    extent_take(e, asked(cosine, last));
    fprintf(script, ", %.9g*(2*x-1) with lines %s title '%s'", cosine, look, title);
}

static void write_plot(const report *r, FILE *script, double last, extent *e)
{
    static const char *const looks[] = {"lw 2 lc " PAGE_FIRST, "lw 2 dt '-' lc " PAGE_SECOND};
    fputs("plot 1 with lines lw 1.5 dt 2 lc " PAGE_LIMIT " title ''", script);
    for (int set = 0; set < SETS; set++)
        if (is_known(r, set)) write_asked(script, number_at(r, set, "epsilon"), last, looks[set], sets[set].name, e);
    write_asked(script, json_number_value(report_value(r, "geometry.p99")), last, "lw 1.5 lc " PAGE_QUIET, "99 %", e);
    write_asked(script, json_number_value(report_value(r, "geometry.p50")), last, "lw 1.5 dt '.' lc " PAGE_QUIET, "median", e);
    for (int set = 0; set < SETS; set++) {
        if (!is_known(r, set)) continue;
        extent_take(e, ratio_of(r, set));
        fprintf(script, ", $%s with circles fs solid 1 noborder lc %s title ''", sets[set].key, sets[set].colour);
    }
    fputs("\n", script);
}

/* 1 2 5 10 …: between powers of ten there may be no other tic. */
static void write_tics(FILE *script, double last)
{
    fputs("set xtics (1", script);
    for (double power = 1; power <= last; power *= 10)
        for (int i = 0; i < 3; i++) {
            double tic = power * (i == 0 ? 2 : i == 1 ? 5 : 10);
            if (tic <= last && (last < 300 || i == 2)) fprintf(script, ", %.0f", tic);
        }
    fputs(")\n", script);
}

static int draw(report *r)
{
    figure f;
    extent e = {0};
    char *plot = NULL;
    size_t size;
    double last = 3;
    figure_begin(&f, "identify-condition", "What the theorem asks for, and what these codes have");
    for (int set = 0; set < SETS; set++) {
        if (!is_known(r, set)) continue;
        fprintf(f.script, "$%s << END\n%.9g %.9g\nEND\n", sets[set].key, number_at(r, set, "K"), ratio_of(r, set));
        last = fmax(last, 1.5 * number_at(r, set, "K"));
    }
    FILE *lines = needed(open_memstream(&plot, &size));
    write_plot(r, lines, last, &e);
    needed(fclose(lines) ? NULL : plot);
    write_tics(f.script, last);
    fprintf(f.script,
            "set style circle radius graph 0.012\nset logscale xy\nset xrange [1:%.9g]\nset yrange [%.9g:%.9g]\nset format y '%%g'\n"
            "set xlabel 'K (active atoms)'\nset ylabel 'smallest δ / largest δ'\n%s",
            last, e.low / 3, 2 * fmax(e.high, 1), plot);
    free(plot);
    return figure_end(&f, r,
                      "A dot is these codes: the largest K, and how unequal coefficients are. The condition holds where it lies above the line of its "
                      "colour, ε (2K − 1); no codes lie above the dashed line, 1. The grey lines are what would be asked for without the closest 1 % "
                      "of the pairs of atoms, and without the closer half.",
                      "a dot far below even the grey lines: codes too dense, or coefficients too unequal, for any dictionary of this kind. So it is "
                      "with most real ones; q* says how much of it they still have.");
}

static void write_number(report *r, double value)
{
    json_t *number = json_real(value);
    html_number(r->page, number, 4);
    json_decref(number);
}

/* The two samples that are hardest to read: one word on each, and their atoms in a fold. */
static void write_sample(report *r, const json_t *c, const char *score, const char *atom, const char *support, const char *words)
{
    fprintf(r->page, "%s ", words);
    html_number(r->page, json_object_get(c, atom), 0);
    fputs(" scores ", r->page);
    html_number(r->page, json_object_get(c, score), 4);
    size_t n = json_array_size(json_object_get(c, support));
    fprintf(r->page, " in a sample of %zu atom%s", n, n == 1 ? "" : "s");
}

static void write_support(report *r, const json_t *support, const char *words)
{
    size_t i;
    json_t *atom;
    fprintf(r->page, "<p>%s", words);
    if (!json_array_size(support)) fputs(" none", r->page);
    json_array_foreach((json_t *)(uintptr_t)support, i, atom)
    {
        fputs(i ? ", " : " ", r->page);
        html_number(r->page, atom, 0);
    }
    fputs("</p>\n", r->page);
}

static void write_counterexample(report *r, int set)
{
    const json_t *c = figure_at(r, set, "counterexample");
    if (!json_is_object(c)) return;
    int exists = json_is_true(json_object_get(c, "exists"));
    fputs(exists ? "<p>A counter-example: " : "<p>Yet no two samples mislead. The hardest: ", r->page);
    write_sample(r, c, "silent_score", "silent", "silent_support", "the silent atom");
    write_sample(r, c, "active_score", "active", "active_support", ", the active atom");
    fputs(exists ? ", so that no threshold reads both" : "", r->page);
    fputs(".</p>\n<details><summary>The atoms of the two samples</summary>\n", r->page);
    write_support(r, json_object_get(c, "silent_support"), "All with δ<sub>max</sub>:");
    write_support(r, json_object_get(c, "active_support"), "The active atom with δ<sub>min</sub>, the others with δ<sub>max</sub>:");
    fputs("</details>\n", r->page);
}

static void write_verdict(report *r, int set)
{
    fprintf(r->page, "<p><strong>%s: ", sets[set].title);
    if (json_is_true(figure_at(r, set, "feasible"))) {
        fputs("feasible.</strong> Every threshold between ", r->page);
        html_number(r->page, figure_at(r, set, "interval.low"), 4);
        fputs(" and ", r->page);
        html_number(r->page, figure_at(r, set, "interval.high"), 4);
        fputs(" reads every support exactly; those of ", r->page);
        html_number(r->page, figure_at(r, set, "atoms_inside"), 0);
        fputs(" of the ", r->page);
        html_number(r->page, figure_at(r, set, "atoms"), 0);
        fputs(" atoms that fire lie there.</p>\n", r->page);
        return;
    }
    fputs("infeasible.</strong> δ<sub>min</sub>/δ<sub>max</sub> would have to be above ", r->page);
    write_number(r, asked(number_at(r, set, "epsilon"), number_at(r, set, "K")));
    fputs(" and is ", r->page);
    write_number(r, ratio_of(r, set));
    fputs(": there is no such interval.</p>\n", r->page);
    write_counterexample(r, set);
}

static const struct {
    const char *path, *name, *words;
} rows[] = {
    {"epsilon", "ε", "coherence of the atoms that fire on these rows"},
    {"epsilon_all", "ε, all atoms", "dead ones too"},
    {"K", "K", "largest number of active atoms of a row"},
    {"delta_min", "δ<sub>min</sub>", "smallest coefficient of an atom of length 1"},
    {"delta_max", "δ<sub>max</sub>", "largest"},
    {"interval.low", "Interval, lower end", "ε K δ<sub>max</sub>: no silent atom scores more"},
    {"interval.high", "Interval, upper end",
     "δ<sub>min</sub> − ε (K − 1) δ<sub>max</sub>: no active atom scores less; below the lower end, there is no interval"},
    {"atoms", "Atoms that fire", "on these rows"},
    {"atoms_inside", "Thresholds inside", "atoms whose own threshold lies in the interval"},
    {"counterexample.atoms_without", "Atoms that no threshold reads", "not even one of their own"},
};

static void write_row(report *r, const char *name, const json_t *const values[SETS], const char *words)
{
    fprintf(r->page, "<tr><th scope=\"row\">%s</th>", name);
    for (int set = 0; set < SETS; set++) {
        fputs("<td>", r->page);
        html_number(r->page, values[set], 4);
        fputs("</td>", r->page);
    }
    fprintf(r->page, "<td class=\"words\">%s</td></tr>\n", words);
}

static void write_table(report *r)
{
    fputs("<div class=\"scroll\"><table>\n<caption>The same in numbers.</caption>\n<thead><tr><th scope=\"col\">Figure</th><th scope=\"col\">held&nbsp;"
          "out</th><th scope=\"col\">in&nbsp;sample</th><td class=\"words\"></td></tr></thead>\n<tbody>\n",
          r->page);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        write_row(r, rows[i].name, (const json_t *const[SETS]){figure_at(r, 0, rows[i].path), figure_at(r, 1, rows[i].path)}, rows[i].words);
    write_row(r, "<a href=\"#def-q-star\">q*</a>", (const json_t *const[SETS]){report_value(r, "held_out.q_star"), report_value(r, "in_sample.q_star")},
              "the share of pairs and rows for which a weaker promise holds: the sparse code is the only one");
    fputs("</tbody></table></div>\n", r->page);
}

int report_identify(report *r)
{
    static const char *const notes[] = {"identify"};
    int code = EXIT_DONE, any = is_known(r, 0) || is_known(r, 1);
    section_begin(r, "identify", "Identifiability");
    fprintf(r->page,
            "<p>Can one threshold read off which atoms a row is made of? The <a href=\"#def-theorem\">theorem</a> says yes for every row where "
            "δ<sub>min</sub>/δ<sub>max</sub> &gt; ε (2K − 1), here in the %s.</p>\n",
            report_metric(r));
    if (any) {
        fputs("<div class=\"pictures\">\n", r->page);
        code = draw(r);
        fputs("<div>\n", r->page);
        for (int set = 0; set < SETS; set++)
            if (is_known(r, set)) write_verdict(r, set);
        fputs("</div>\n</div>\n", r->page);
        write_table(r);
    } else {
        fputs("<p class=\"missing\">There is nothing to identify.</p>\n", r->page);
    }
    section_notes(r, notes, 1);
    section_end(r);
    return code;
}
