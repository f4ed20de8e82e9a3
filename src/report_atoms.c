/* The atoms as a dictionary: what their Gram matrix says about all codes at once. For real, coherent dictionaries that is little, and the
 * page says so: these are bounds for the worst case. */

#include <string.h>

#include "failure.h"
#include "html.h"
#include "report_figure.h"

static double number_at(const report *r, const char *path)
{
    return json_number_value(report_value(r, path));
}

/* The largest K with μ₁(K − 1) + μ₁(K) < 1. */
static int64_t recovered_by_babel(const json_t *babel)
{
    size_t k;
    json_t *value;
    double before = 0;
    json_array_foreach((json_t *)(uintptr_t)babel, k, value)
    {
        if (before + json_number_value(value) >= 1) return (int64_t)k;
        before = json_number_value(value);
    }
    return (int64_t)k;
}

static int draw_babel(report *r, const json_t *babel)
{
    figure f;
    size_t k;
    json_t *value;
    extent e = {0};
    char see[640];
    figure_begin(&f, "babel-profile", "Babel profile");
    fputs("$babel << END\n", f.script);
    json_array_foreach((json_t *)(uintptr_t)babel, k, value)
    {
        fprintf(f.script, "%zu %.9g\n", k + 1, json_number_value(value));
        extent_take(&e, json_number_value(value));
    }
    fprintf(f.script,
            "END\nset xlabel 'K (atoms)'\nset ylabel 'sum of K |cosines|'\nset xrange [0:%zu]\nset yrange [0:%.9g]\n"
            "plot 1 with lines lw 1.5 dt 2 lc " PAGE_LIMIT " title '1', %.9g*x with lines lw 1.5 lc " PAGE_QUIET
            " title 'K μ', $babel with lines lw 2.5 lc " PAGE_FIRST " title 'μ₁(K)'\n",
            json_array_size(babel), e.high > 1 ? 1.05 * e.high : 1.1, number_at(r, "geometry.mu"));
    snprintf(see, sizeof see,
             "<a href=\"#def-babel\">The largest sum</a> of K |cosines| of one atom with others. Below 1, any K + 1 atoms are linearly "
             "independent; where μ₁(K − 1) + μ₁(K) &lt; 1, greedy pursuit and ℓ₁ find every code of K atoms. Here that holds up to K = %lld. Well "
             "below the grey line K μ is good: few atoms are as close as the closest pair.",
             (long long)recovered_by_babel(babel));
    return figure_end(&f, r, see, "the profile follows the grey line for long: whole groups of atoms are nearly the same.");
}

static extent write_intervals(FILE *script, const json_t *isometry)
{
    size_t i;
    json_t *entry;
    extent e = {0};
    fputs("$isometry << END\n", script);
    json_array_foreach((json_t *)(uintptr_t)isometry, i, entry)
    {
        double lower = json_number_value(json_object_get(entry, "lower")), upper = json_number_value(json_object_get(entry, "upper"));
        fprintf(script, "%lld %.9g %.9g\n", (long long)json_integer_value(json_object_get(entry, "order")), lower, upper);
        extent_take(&e, upper);
    }
    fputs("END\n", script);
    return e;
}

static int draw_isometry(report *r, const json_t *isometry)
{
    figure f;
    char see[640];
    figure_begin(&f, "isometry-intervals", "Restricted isometry constants");
    extent e = write_intervals(f.script, isometry);
    fprintf(f.script,
            "set xlabel 'K (atoms)'\nset ylabel 'δ'\nset xrange [1.3:8.7]\nset xtics 1\nset yrange [0:%.9g]\nset style fill solid 0.3 noborder\n"
            "plot 1 with lines lw 1.5 dt 2 lc " PAGE_LIMIT " title '1', $isometry using 1:2:($1-0.3):($1+0.3):2:3 with boxxyerror lc "
                                                           "" PAGE_FIRST " title 'interval', $isometry using ($1-0.3):3:(0.6):(0) with vectors "
                                                                         "nohead lw 1.5 lc " PAGE_FIRST " title '', $isometry using "
                                                                                                        "($1-0.3):2:(0.6):(0) with vectors nohead "
                                                                                                        "lw 3 lc " PAGE_INK " title 'attained'\n",
            e.high > 1 ? 1.05 * e.high : 1.1);
    snprintf(see, sizeof see,
             "<a href=\"#def-isometry\">δ<sub>K</sub></a> lies in the bar: K atoms that attain its lower end are known, and its upper end is proved; a bar "
             "without height is exact. δ<sub>2K</sub> &lt; 1 means that every code of K atoms is the only one.");
    return figure_end(&f, r, see,
                      "attained at or above 1: some K atoms are so far from right angles that it promises nothing for every code, as in most real "
                      "dictionaries. That is the worst case; q* says how common it is.");
}

static void write_intervals_table(report *r, const json_t *isometry)
{
    size_t i;
    json_t *entry;
    fputs("<div class=\"scroll\"><table>\n<caption>The intervals of δ<sub>K</sub>.</caption>\n<thead><tr><th scope=\"col\">K</th><th scope=\"col\">at "
          "least</th><th scope=\"col\">at most</th><td class=\"words\">proved by</td></tr></thead>\n<tbody>\n",
          r->page);
    json_array_foreach((json_t *)(uintptr_t)isometry, i, entry)
    {
        fputs("<tr><th scope=\"row\">", r->page);
        html_number(r->page, json_object_get(entry, "order"), 0);
        fputs("</th><td>", r->page);
        html_number(r->page, json_object_get(entry, "lower"), 4);
        fputs("</td><td>", r->page);
        html_number(r->page, json_object_get(entry, "upper"), 4);
        fputs("</td><td class=\"words\">", r->page);
        html_text(r->page, json_string_value(json_object_get(entry, "bound")));
        fputs(json_is_true(json_object_get(entry, "exact")) ? ", exact</td></tr>\n" : "</td></tr>\n", r->page);
    }
    fputs("</tbody></table></div>\n", r->page);
}

static const struct {
    const char *path, *name, *words, *by; /* by: the path of what proves it, or NULL */
} rows[] = {
    {"geometry.atoms", "Atoms that fire in sample", "the dictionary of this section", NULL},
    {"geometry.mu", "Coherence μ", "largest |cosine| of two of them", NULL},
    {"geometry.welch", "Welch bound", "no dictionary of so many atoms has a smaller μ; 0 where there is room for all at right angles", NULL},
    {"geometry.p50", "|cosine|, median", "over all pairs, exactly", NULL},
    {"geometry.p999", "|cosine|, 99.9 %", "over all pairs, exactly", NULL},
    {"geometry.frame_low", "Frame bound, lower", "0: the atoms do not span all directions", NULL},
    {"geometry.frame_high", "Frame bound, upper", "large: many atoms share a direction", NULL},
    {"geometry.effective_rank", "Effective rank", "directions that the atoms really use", NULL},
    {"geometry.duplicates", "Duplicates", "atoms with a cosine of at least 0.95 to one counted before", NULL},
    {"dictionary.mu", "μ of all atoms, AIP", "dead ones too", NULL},
    {"dictionary.mu_euclidean", "μ of all atoms, Euclidean", "plain cosines", NULL},
    {"proved.unique", "Codes proved to be the only ones", "up to so many atoms, whatever the signal", "proved.unique_by"},
    {"proved.l1", "Codes proved to be found by ℓ₁", "up to so many atoms", "proved.l1_by"},
    {"proved.omp", "Codes proved to be found by OMP", "up to so many atoms", "proved.omp_by"},
};

static void write_table(report *r)
{
    fputs("<div class=\"scroll\"><table>\n<caption>The same in numbers.</caption>\n<tbody>\n", r->page);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(r->page, "<tr><th scope=\"row\">%s</th><td>", rows[i].name);
        html_number(r->page, report_value(r, rows[i].path), 4);
        fprintf(r->page, "</td><td class=\"words\">%s", rows[i].words);
        const char *by = rows[i].by ? json_string_value(report_value(r, rows[i].by)) : NULL;
        if (by && strcmp(by, "none")) fprintf(r->page, ", by %s", by);
        fputs("</td></tr>\n", r->page);
    }
    fputs("</tbody></table></div>\n", r->page);
}

int report_atoms(report *r)
{
    static const char *const notes[] = {"geometry", "isometry", "proved", "dictionary"};
    const json_t *babel = report_value(r, "geometry.babel"), *isometry = report_value(r, "isometry");
    int code = EXIT_DONE, drawn = json_array_size(babel) > 0, bounded = json_array_size(isometry) > 0;
    section_begin(r, "atoms", "Atoms");
    fprintf(r->page, "<p>What can be said of every code at once, in the %s. These are promises about the worst case.</p>\n",
            report_metric(r));
    if (drawn || bounded) fputs("<div class=\"pictures\">\n", r->page);
    else fputs("<p class=\"missing\">There are too few atoms.</p>\n", r->page);
    if (drawn) code = draw_babel(r, babel);
    if (bounded && !code) code = draw_isometry(r, isometry);
    if (drawn || bounded) fputs("</div>\n", r->page);
    if (bounded) write_intervals_table(r, isometry);
    write_table(r);
    section_notes(r, notes, 4);
    section_end(r);
    return code;
}
