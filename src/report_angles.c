/* The representation shift and its correction: angles between rows of the data. */
#include "failure.h"
#include "html.h"
#include "report_figure.h"

static void write_curve(FILE *script, const char *name, const json_t *distribution, double pairs)
{
    size_t i;
    json_t *count;
    fprintf(script, "$%s << END\n", name);
    json_array_foreach(json_object_get(distribution, "histogram"), i, count)
        fprintf(script, "%.1f %.9g\n", (double)i + 0.5, (double)json_integer_value(count) / pairs);
    fputs("END\n", script);
}

static double figure_of(const json_t *distribution, const char *key)
{
    return json_number_value(json_object_get(distribution, key));
}

static int draw(report *r, const json_t *euclidean, const json_t *aip, long long pairs, long long rows)
{
    figure f;
    char see[768];
    figure_begin(&f, "angle-distributions", "Angles between two rows of the data");
    write_curve(f.script, "euclidean", euclidean, (double)pairs);
    if (aip) write_curve(f.script, "aip", aip, (double)pairs);
    fputs("set xlabel 'angle (degrees)'\nset ylabel 'share of pairs per degree'\nset xrange [0:180]\nset xtics 30\nset yrange [0:*]\n"
          "set style fill solid 0.45 noborder\nset boxwidth 0.9\nset arrow from 90, graph 0 to 90, graph 1 nohead lw 1.5 dt 2 lc " PAGE_QUIET
          "\nplot $euclidean with boxes lc " PAGE_SECOND " title 'Euclidean'",
          f.script);
    if (aip) fputs(", $aip with boxes lc " PAGE_FIRST " title 'AIP'", f.script);
    fputs("\n", f.script);
    char pairs_words[WHOLE_BYTES], rows_words[WHOLE_BYTES];
    int n = snprintf(see, sizeof see, "%s pairs of %s held-out rows. Euclidean: mean %.1f°, standard deviation %.1f°.",
                     whole_words(pairs, pairs_words), whole_words(rows, rows_words), figure_of(euclidean, "mean_deg"),
                     figure_of(euclidean, "sd_deg"));
    if (aip)
        snprintf(see + n, sizeof see - (size_t)n,
                 " In the <a href=\"#def-aip\">AIP</a>: mean %.1f°, standard deviation %.1f°. The AIP’s hump should stand at the dashed line, 90°: "
                 "rows that have nothing in common are at right angles.",
                 figure_of(aip, "mean_deg"), figure_of(aip, "sd_deg"));
    return figure_end(&f, r, see,
                      "a Euclidean hump far from 90° is the shift of the representation, common in language models; the AIP far from 90° too: the "
                      "metric does not belong to these rows.");
}

int report_angles(report *r)
{
    const json_t *angles = json_object_get(r->data, "angles"), *aip = json_object_get(angles, "aip");
    static const char *const notes[] = {"angles"};
    int code = EXIT_DONE;
    section_begin(r, "angles", "Angles");
    if (json_is_object(angles)) {
        fputs("<div class=\"pictures\">\n", r->page);
        code = draw(r, json_object_get(angles, "euclidean"), json_is_object(aip) ? aip : NULL, json_integer_value(json_object_get(angles, "pairs")),
                    json_integer_value(json_object_get(angles, "rows")));
        fputs("</div>\n", r->page);
    } else {
        fputs("<p class=\"missing\">These rows have no angles.</p>\n", r->page);
    }
    section_notes(r, notes, 1);
    section_end(r);
    return code;
}
