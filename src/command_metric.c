/* metric: the atomic inner product of activations. */
#include <string.h>

#include "failure.h"
#include "matrix_argument.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

static int read_gamma(const char *text, atoms_metric_opts *opts)
{
    if (strcmp(text, "lw") == 0) {
        opts->gamma_rule = ATOMS_GAMMA_LEDOIT_WOLF;
        return EXIT_DONE;
    }
    int code = parse_number("--gamma", text, &opts->gamma);
    if (!code && opts->gamma < 0) code = usage_error("--gamma", "'%s' is less than 0", text);
    return code;
}

static json_t *describe(const atoms_metric_report *r)
{
    json_t *result = result_new();
    put_whole(result, "rows", r->rows);
    put_whole(result, "cols", r->dim);
    put_whole(result, "rank", r->rank);
    put_number(result, "condition", r->condition);
    put_number(result, "effective_rank", r->effective_rank);
    put_number(result, "largest", r->largest);
    put_number(result, "smallest", r->smallest);
    put_number(result, "gamma", r->gamma);
    put_flag(result, "centred", r->centred);
    return result;
}

static int run(const command *self, int count, char **words)
{
    const char *gamma = "0", *path = NULL;
    int centred = 0;
    int64_t limit = 0;
    option options[] = {
        {.name = "-o", .value = "FILE", .help = "save the metric, with its moments (.safetensors)", .kind = OPTION_FILE, .target = &path},
        {.name = "--centred", .help = "covariance instead of the second moment", .kind = OPTION_FLAG, .target = &centred},
        {.name = "--gamma", .value = "G|lw", .help = "ridge in squared units of X, or lw: Ledoit-Wolf", .kind = OPTION_TEXT, .target = &gamma},
        rows_option("--rows", "the first N rows of X", &limit),
    };
    arguments a;
    atoms_context *context = NULL;
    matrix_argument x = {0};
    atoms_moments *moments = NULL;
    atoms_metric *metric = NULL;
    atoms_metric_opts opts;
    atoms_metric_report report;
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = checked(NULL, atoms_metric_opts_init(&opts, sizeof opts), self->name))) goto done;
    if ((code = checked(NULL, atoms_metric_report_init(&report, sizeof report), self->name))) goto done;
    if ((code = read_gamma(gamma, &opts))) goto done;
    opts.centred = centred;
    if ((code = session_open(&a, &context))) goto done;
    if ((code = matrix_argument_open(context, a.words, limit, &x))) goto done;
    if ((code = checked(context, atoms_moments_create(context, x.width, &moments), x.what))) goto done;
    if ((code = checked(context, atoms_moments_add_rows(moments, x.rows), x.what))) goto done;
    if ((code = checked(context, atoms_metric_from_moments(context, moments, &opts, &metric), x.what))) goto done;
    if ((code = checked(context, atoms_metric_describe(metric, &report), x.what))) goto done;
    if (path && (code = checked(context, atoms_metric_save(metric, path), path))) goto done;
    code = output_result(&a, describe(&report), print_result);
done:
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    matrix_argument_close(&x);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command metric_command = {
    .name = "metric",
    .summary = "moments of activations and the atomic inner product (AIP)",
    .synopsis = "X... [-o FILE] [--centred] [--gamma G|lw]",
    .example = "atoms metric acts.npy -o metric.safetensors --gamma lw    # metric with shrinkage, saved for `atoms angles --metric`",
    .words_least = 1,
    .run = run,
};
