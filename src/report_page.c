#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "failure.h"
#include "html.h"

static const struct {
    const char *id, *title; /* in the list of contents; NULL: not there */
    int (*write)(report *r);
} sections[] = {
    {NULL, NULL, report_style},
    {NULL, NULL, report_head},
    {"figures", "Figures", report_figures},
    {"controls", "Controls", report_controls},
    {"sparsity", "Sparsity", report_sparsity},
    {"stability", "Stability", report_stability},
    {"identify", "Identifiability", report_identify},
    {"atoms", "Atoms", report_atoms},
    {"angles", "Angles", report_angles},
    {"training", "Training", report_training},
    {"sweep", "Sweep", report_sweep},
    {"terms", "Definitions", report_terms},
};
enum { SECTIONS = sizeof sections / sizeof sections[0], FIRST_LISTED = 2 };

const json_t *report_value(const report *r, const char *path)
{
    const json_t *at = r->data;
    char key[64];
    while (at && *path) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof key) return NULL;
        memcpy(key, path, n);
        key[n] = '\0';
        at = json_object_get(at, key);
        path += n + (path[n] == '.');
    }
    return at;
}

const char *report_metric(const report *r)
{
    return json_is_string(report_value(r, "metric")) ? "<a href=\"#def-aip\">AIP</a>" : "Euclidean metric";
}

void section_begin(report *r, const char *id, const char *title)
{
    fprintf(r->page, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", id, id, id, title);
}

void section_end(report *r)
{
    fputs("</section>\n", r->page);
}

static int is_about(const char *path, const char *const *about, int n)
{
    for (int i = 0; i < n; i++)
        if (strncmp(path, about[i], strlen(about[i])) == 0) return 1;
    return 0;
}

void section_notes(report *r, const char *const *about, int n)
{
    const char *path;
    json_t *words;
    int any = 0;
    json_object_foreach(json_object_get(r->data, "notes"), path, words)
    {
        if (!is_about(path, about, n)) continue;
        fputs(any++ ? "<li><code>" : "<ul class=\"notes\">\n<li><code>", r->page);
        html_text(r->page, path);
        fputs("</code>: ", r->page);
        html_stranger(r->page, json_string_value(words));
        fputs("</li>\n", r->page);
    }
    if (any) fputs("</ul>\n", r->page);
}

static void write_contents(report *r)
{
    fputs("<nav aria-label=\"Contents\"><ul>\n", r->page);
    for (int i = FIRST_LISTED; i < SECTIONS; i++) fprintf(r->page, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
    fputs("</ul></nav>\n<main>\n", r->page);
}

int report_page(json_t *data, char **page)
{
    size_t size;
    *page = NULL;
    report r = {.page = needed(open_memstream(page, &size)), .data = data};
    int code = EXIT_DONE;
    for (int i = 0; i < SECTIONS && !code; i++) {
        if (i == FIRST_LISTED) write_contents(&r);
        code = sections[i].write(&r);
    }
    fputs("</main>\n</body>\n</html>\n", r.page);
    int failed = fclose(r.page);
    needed(failed ? NULL : *page);
    return code;
}
