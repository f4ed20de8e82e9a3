/* What was judged on what: the SAE, the rows, the metric. */
#include <stdlib.h>

#include "command.h"
#include "html.h"
#include "report.h"

static void fact(report *r, const char *name, const char *path)
{
    const json_t *value = report_value(r, path);
    if (!value || json_is_null(value)) return;
    fprintf(r->page, "<tr><th scope=\"row\">%s</th><td>", name);
    if (json_is_string(value)) html_stranger(r->page, json_string_value(value));
    else html_number(r->page, value, 6);
    fputs("</td></tr>\n", r->page);
}

static void rows_fact(report *r, const char *name, const char *files, const char *rows, const char *without)
{
    size_t i;
    json_t *file;
    const json_t *count = report_value(r, rows);
    fprintf(r->page, "<tr><th scope=\"row\">%s</th><td>", name);
    json_array_foreach((json_t *)(uintptr_t)report_value(r, files), i, file)
    {
        if (i) fputs(", ", r->page);
        html_stranger(r->page, json_string_value(file));
    }
    if (count) {
        fputs(" (", r->page);
        html_number(r->page, count, 6);
        fputs(" rows)", r->page);
    } else fputs(without, r->page);
    fputs("</td></tr>\n", r->page);
}

/* What the file says about itself; nested values as JSON text. */
static void write_metadata(report *r)
{
    const char *key;
    json_t *value;
    json_t *metadata = (json_t *)(uintptr_t)report_value(r, "sae.metadata");
    if (!json_object_size(metadata)) return;
    fputs("<details><summary>What the SAE’s file says about itself</summary>\n<div class=\"scroll\"><table class=\"facts\"><tbody>\n", r->page);
    json_object_foreach(metadata, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        fputs("<tr><th scope=\"row\">", r->page);
        html_stranger(r->page, key);
        fputs("</th><td>", r->page);
        html_stranger(r->page, json_is_string(value) ? json_string_value(value) : text);
        fputs("</td></tr>\n", r->page);
        free(text);
    }
    fputs("</tbody></table></div></details>\n", r->page);
}

int report_head(report *r)
{
    fputs("<header>\n<h1>", r->page);
    html_stranger(r->page, json_string_value(report_value(r, "sae.path")));
    fputs("</h1>\n<p class=\"lead\">A sparse autoencoder, judged by <code>atoms report</code>. Every figure stands twice: held out, on rows that "
          "should not have been trained on, and in sample. Only the first says what the model knows; the second, what it remembers.</p>\n"
          "<div class=\"scroll\"><table class=\"facts\"><tbody>\n",
          r->page);
    fact(r, "Architecture", "sae.architecture");
    fact(r, "Coordinates", "sae.d_in");
    fact(r, "Atoms", "sae.d_sae");
    fact(r, "Format", "sae.format");
    rows_fact(r, "Held out", "files.held_out", "held_out.rows", "");
    rows_fact(r, "In sample", "files.in_sample", "in_sample.rows", "not given (--train)");
    fact(r, "Metric", "metric");
    fact(r, "Library", "library");
    fact(r, "BLAS", "blas");
    fputs("</tbody></table></div>\n", r->page);
    section_notes(r, (const char *const[]){"metric"}, 1);
    write_metadata(r);
    fputs("</header>\n", r->page);
    return EXIT_DONE;
}
