/* report: one page with the tables and pictures of an SAE. The page is made in memory and written when it is whole. */
#include <stdlib.h>
#include <string.h>

#include "evaluation_run.h"
#include "failure.h"
#include "output.h"
#include "picture.h"
#include "report.h"
#include "report_data.h"
#include "text_file.h"
#include "text_table.h"

enum { OPTIONS = EVALUATION_OPTIONS + 2 };

static int write_page(const arguments *a, json_t *data, const char *path)
{
    char *page;
    int code = report_page(data, &page);
    if (!code) code = text_file_write(path, page, strlen(page));
    free(page);
    if (code) return code;
    json_t *result = result_new();
    put_text(result, "path", path);
    put(result, "notes", json_incref(json_object_get(data, "notes")));
    return output_result(a, result, print_result);
}

static int run(const command *self, int count, char **words)
{
    evaluation_run r = {0};
    const char *path = NULL, *sweep = NULL;
    option options[OPTIONS] = {
        {.name = "-o", .value = "FILE.html", .help = "the page", .kind = OPTION_FILE, .target = &path, .standard = "required"},
        {.name = "--sweep", .value = "DIR", .help = "shows the sweep that is there too", .kind = OPTION_TEXT, .target = &sweep},
    };
    arguments a;
    evaluation_options(&r, options + 2);
    json_t *data = result_new();
    int code = arguments_read(self, options, OPTIONS, count, words, &a);
    if (code < 0) code = path ? picture_possible() : usage_error("-o", "is missing: the page to write");
    else goto done;
    if (!code) code = evaluation_open(&r, &a, data);
    if (!code) code = report_data(&r, (word_list){a.words.word + 1, a.words.count - 1}, sweep, data);
    if (!code) code = evaluation_put(&r, data);
    if (!code) code = write_page(&a, data, path);
done:
    json_decref(data);
    evaluation_close(&r);
    arguments_free(&a);
    return code;
}

const command report_command = {
    .name = "report",
    .summary = "one HTML page with tables and pictures of an SAE (needs gnuplot)",
    .synopsis = "SAE X... [--train X0...] [--sweep DIR] [--baselines] [--features SAE2] [--metric FILE] -o FILE.html",
    .example = "atoms report my-sae heldout.npy --train acts.npy -o my-sae.html    # open it in any browser: it needs no network",
    .words_least = 2,
    .run = run,
};
