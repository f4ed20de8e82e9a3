/* Every figure, held out beside in sample; four of them large. */
#include <string.h>

#include "command.h"
#include "html.h"
#include "report.h"

typedef struct row {
    const char *key, *term, *name, *words; /* key NULL: a heading; term: the definition it links to */
} row;

static const row rows[] = {
    {NULL, NULL, "Faithfulness", NULL},
    {"r2", "r2", "R²", "share of the variance that the reconstruction explains; 1 is perfect"},
    {"aip_r2", "r2", "R² in the AIP", "the same, every direction of the data counting alike"},
    {"mse", "mse", "Mean squared error", "data units², summed over coordinates"},
    {"cosine", "cosine", "Cosine", "mean of the cosine between a row and its reconstruction"},
    {"norm_ratio", "norm-ratio", "Length ratio", "below 1: reconstructions shrink"},
    {NULL, NULL, "Sparsity", NULL},
    {"l0_mean", "l0", "L0, mean", "active atoms a row"},
    {"l0_p50", "l0", "L0, median", "active atoms"},
    {"l0_p90", "l0", "L0, 90 %", "active atoms"},
    {"l0_p99", "l0", "L0, 99 %", "active atoms"},
    {"l0_max", "l0", "L0, largest", "active atoms"},
    {"dead_fraction", "dead", "Dead atoms", "share of the atoms that fire on none of these rows"},
    {"dense_fraction", "dead", "Dense atoms", "share that fire on more than 10 % of them"},
    {NULL, NULL, "Stability", NULL},
    {"q_star", "q-star", "q*", "share for which the sparse code is the only one, atoms that fire in sample, in the AIP"},
    {"q_star_all", "q-star", "q*, all atoms", "dead ones too"},
    {"q_star_euclidean", "q-star", "q*, Euclidean", "plain cosines"},
    {"mu", "mu", "Coherence μ", "largest |cosine| of two atoms that fire in sample, in the AIP; 1: two are the same"},
    {"mu_euclidean", "mu", "Coherence μ, Euclidean", "plain cosines"},
};

static int is_share(const char *key)
{
    return strcmp(key, "dead_fraction") == 0 || strcmp(key, "dense_fraction") == 0;
}

/* Quantiles and the largest of whole numbers. */
static int is_whole(const char *key)
{
    return strncmp(key, "l0_", 3) == 0 && strcmp(key, "l0_mean") != 0;
}

static void write_value(report *r, const char *set, const char *key)
{
    const json_t *value = json_object_get(json_object_get(r->data, set), key);
    if (json_is_number(value) && is_share(key)) fprintf(r->page, "%.2f\u202F%%", 100 * json_number_value(value));
    else if (json_is_number(value) && is_whole(key)) html_whole(r->page, (int64_t)json_number_value(value));
    else html_number(r->page, value, 4);
}

static void tile(report *r, const char *key, const char *term, const char *name)
{
    fprintf(r->page, "<div><dt><a href=\"#def-%s\">%s</a></dt><dd class=\"big\">", term, name);
    write_value(r, "held_out", key);
    fputs("</dd><dd class=\"small\">held out; in sample ", r->page);
    if (json_is_null(report_value(r, "in_sample"))) fputs("not given", r->page);
    else write_value(r, "in_sample", key);
    fputs("</dd></div>\n", r->page);
}

static void table_row(report *r, const row *w)
{
    if (!w->key) {
        fprintf(r->page, "<tr class=\"group\"><th scope=\"colgroup\" colspan=\"4\">%s</th></tr>\n", w->name);
        return;
    }
    fprintf(r->page, "<tr><th scope=\"row\"><a href=\"#def-%s\">%s</a></th><td>", w->term, w->name);
    write_value(r, "held_out", w->key);
    fputs("</td><td>", r->page);
    write_value(r, "in_sample", w->key);
    fprintf(r->page, "</td><td class=\"words\">%s</td></tr>\n", w->words);
}

int report_figures(report *r)
{
    static const char *const notes[] = {"held_out", "in_sample"};
    section_begin(r, "figures", "Figures");
    fputs("<dl class=\"tiles\">\n", r->page);
    tile(r, "r2", "r2", "R², variance explained");
    tile(r, "l0_mean", "l0", "L0, active atoms a row");
    tile(r, "dead_fraction", "dead", "Dead atoms");
    tile(r, "q_star", "q-star", "Stability q*");
    fputs("</dl>\n<div class=\"scroll\"><table>\n<caption>A gap between the two columns is what the model has learnt by heart. A dash has its "
          "reason below the table.</caption>\n<thead><tr><th scope=\"col\">Figure</th><th scope=\"col\">held out</th><th scope=\"col\">in "
          "sample</th><td class=\"words\"></td></tr></thead>\n<tbody>\n",
          r->page);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) table_row(r, &rows[i]);
    fputs("</tbody></table></div>\n", r->page);
    section_notes(r, notes, 2);
    section_end(r);
    return EXIT_DONE;
}
