/* angles: the representation shift (Euclidean angles) and its correction (AIP), side by side. */
#include <stdio.h>

#include "angle_plot.h"
#include "angles_json.h"
#include "failure.h"
#include "metric_choice.h"
#include "output.h"
#include "picture.h"
#include "session.h"
#include "text_table.h"

static void print_angles(const json_t *result)
{
    static const char *const titles[] = {"Euclidean", "AIP"};
    const json_t *objects[] = {json_object_get(result, "euclidean"), json_object_get(result, "aip")};
    char pairs[64];
    scalar_text(json_object_get(result, "pairs"), pairs, sizeof pairs);
    printf("%s pairs, angles in degrees\n", pairs);
    print_columns(titles, objects, 2);
}

static json_t *describe(const atoms_angles_report *euclidean, const atoms_angles_report *aip, const char *reason)
{
    json_t *result = result_new();
    put_angles(result, result, "aip", euclidean, aip, reason);
    return result;
}

static int run(const command *self, int count, char **words)
{
    const char *metric_path = NULL, *plot = NULL;
    int64_t limit = 0, pairs = 0, seed = 0;
    option options[] = {
        {.name = "--metric", .value = "FILE", .help = "the AIP to use", .kind = OPTION_TEXT, .target = &metric_path, .standard = "that of X"},
        {.name = "--pairs", .value = "N", .help = "pairs drawn at random", .kind = OPTION_WHOLE, .target = &pairs, .low = 1,
         .standard = "all up to 4194304, else 1048576"},
        {.name = "--plot", .value = "FILE", .help = "picture of both distributions (SVG, needs gnuplot)", .kind = OPTION_FILE, .target = &plot},
        {.name = "--seed", .value = "S", .help = "of the draw", .kind = OPTION_WHOLE, .target = &seed},
        rows_option("--rows", "the first N rows of X", &limit),
    };
    arguments a;
    atoms_context *context = NULL;
    matrix_argument x = {0};
    atoms_metric *metric = NULL;
    atoms_angles_opts opts;
    atoms_angles_report euclidean, aip;
    char reason[METRIC_REASON_BYTES] = "";
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if (plot && (code = picture_possible())) goto done;
    if ((code = checked(NULL, atoms_angles_opts_init(&opts, sizeof opts), self->name))) goto done;
    if ((code = checked(NULL, atoms_angles_report_init(&euclidean, sizeof euclidean), self->name))) goto done;
    aip = euclidean;
    opts.pairs = pairs;
    opts.seed = (uint64_t)seed;
    if ((code = session_open(&a, &context))) goto done;
    if ((code = matrix_argument_open(context, a.words, limit, &x))) goto done;
    code = metric_path ? metric_of_file(context, metric_path, x.width, &metric) : metric_of_rows(context, &x, &metric, reason);
    if (code) goto done;
    if ((code = checked(context, atoms_angles(context, x.rows, NULL, &opts, &euclidean), x.what))) goto done;
    if (metric && (code = checked(context, atoms_angles(context, x.rows, metric, &opts, &aip), x.what))) goto done;
    if (plot && (code = angle_plot(plot, &euclidean, metric ? &aip : NULL))) goto done;
    code = output_result(&a, describe(&euclidean, metric ? &aip : NULL, reason), print_angles);
done:
    atoms_metric_destroy(metric);
    matrix_argument_close(&x);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command angles_command = {
    .name = "angles",
    .summary = "angles between pairs of rows, Euclidean beside AIP",
    .synopsis = "X... [--metric FILE] [--pairs N] [--plot FILE.svg]",
    .example = "atoms angles acts.npy --pairs 100000 --plot angles.svg    # mean near 90 degrees in the AIP, far from it in Euclid's",
    .words_least = 1,
    .run = run,
};
