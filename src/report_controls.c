/* The controls of docs/evaluate.md: what the same figures say about dictionaries that have learnt nothing, or everything by heart. */
#include "command.h"
#include "html.h"
#include "report.h"

static const struct {
    const char *key, *name, *term;
} columns[] = {{"r2", "R²", "r2"},          {"aip_r2", "R² in the AIP", "r2"}, {"l0_mean", "L0", "l0"}, {"dead_fraction", "dead", "dead"},
               {"q_star", "q*", "q-star"}, {"mu", "μ", "mu"}};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void set_row(report *r, const json_t *subject, const char *set, const char *title)
{
    fprintf(r->page, "<td class=\"words\">%s</td>", title);
    for (int i = 0; i < COLUMNS; i++) {
        fputs("<td>", r->page);
        html_number(r->page, json_object_get(json_object_get(subject, set), columns[i].key), 3);
        fputs("</td>", r->page);
    }
    fputs("</tr>\n", r->page);
}

static void subject_rows(report *r, const char *name, const json_t *subject)
{
    fputs("<tbody><tr><th scope=\"rowgroup\" rowspan=\"2\">", r->page);
    html_text(r->page, name);
    fputs("</th>", r->page);
    set_row(r, subject, "held_out", "held out");
    fputs("<tr>", r->page);
    set_row(r, subject, "in_sample", "in sample");
    fputs("</tbody>\n", r->page);
}

static void write_table(report *r, json_t *controls)
{
    const char *name;
    json_t *subject;
    fputs("<p>A figure means something only beside what it is for a dictionary that knows nothing. <code>neurons</code> are the plain coordinates; "
          "<code>random</code> atoms are as sparse as this SAE; <code>shuffled</code> is this SAE on rows whose coordinates were permuted; the "
          "<code>memoriser</code> is a look-up table of training rows; <code>features</code> is a ReLU + L1 SAE of the same width.</p>\n"
          "<div class=\"scroll\"><table class=\"controls\">\n<caption>No column decides alone: neurons reconstruct everything and have no "
          "stability; the memoriser is stable, perfect in sample and empty held out. A good SAE is far above random and shuffled in R² held out, "
          "and far above neurons and features in q*.</caption>\n<thead><tr><th scope=\"col\">Subject</th><td></td>",
          r->page);
    for (int i = 0; i < COLUMNS; i++) fprintf(r->page, "<th scope=\"col\"><a href=\"#def-%s\">%s</a></th>", columns[i].term, columns[i].name);
    fputs("</tr></thead>\n", r->page);
    subject_rows(r, "this SAE", r->data);
    json_object_foreach(controls, name, subject) subject_rows(r, name, subject);
    fputs("</table></div>\n", r->page);
}

int report_controls(report *r)
{
    json_t *controls = json_object_get(r->data, "baselines");
    section_begin(r, "controls", "Controls");
    if (json_is_object(controls)) write_table(r, controls);
    else fputs("<p class=\"missing\">The controls were not asked for: <code>--baselines</code> shows them. Without them no figure above says how "
               "much of it comes for free.</p>\n", r->page);
    if (json_is_object(controls)) section_notes(r, (const char *const[]){"baselines"}, 1);
    section_end(r);
    return EXIT_DONE;
}
