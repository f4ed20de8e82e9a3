#include "sweep_settings.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"

static void make_table(sweep_settings *s)
{
    const option own[] = {
        {.name = "-o", .value = "DIR", .help = "directory of sweep.json and sweep.svg", .kind = OPTION_DIRECTORY, .target = &s->directory,
         .standard = "required"},
        {.name = "--eval", .value = "X2...", .help = "held-out rows: all files up to the next option", .kind = OPTION_LIST,
         .target = &s->held_out_files, .standard = "required"},
        {.name = "--widths", .value = "A,B,...", .help = "numbers of atoms", .kind = OPTION_TEXT, .target = &s->widths_text, .standard = "required"},
        {.name = "--rows", .value = "N1,N2,...", .help = "numbers of training rows: each takes the first so many of X", .kind = OPTION_TEXT,
         .target = &s->rows_text, .standard = "required"},
        {.name = "--metric", .value = "FILE", .help = "one AIP for all cells", .kind = OPTION_TEXT, .target = &s->metric_path,
         .standard = "that of each cell's own rows"},
    };
    _Static_assert(sizeof own == (SWEEP_OPTIONS - TRAINING_OPTIONS) * sizeof *own, "every option has its place");
    memcpy(s->options, own, sizeof own);
}

/* "A,B,…" */
static int read_list(const char *name, const char *text, int64_t high, whole_list *out)
{
    if (!text) return usage_error(name, "is missing: whole numbers, separated by commas");
    char *copy = needed(strdup(text)), *next = copy;
    out->value = needed(calloc(strlen(text) / 2 + 1, sizeof *out->value));
    int code = EXIT_DONE;
    while (next && !code) {
        char *word = next, *comma = strchr(next, ',');
        if (comma) *comma = '\0';
        next = comma ? comma + 1 : NULL;
        int64_t *value = &out->value[out->count];
        if ((code = parse_whole(name, word, 1, high, value))) break;
        if (*value > out->largest) out->largest = *value;
        out->count++;
    }
    free(copy);
    return code;
}

static int check(sweep_settings *s)
{
    int code = training_options_choose(&s->training);
    if (code >= 0) return code;
    if (!s->directory) return usage_error("-o", "is missing: the directory to write to");
    if (!s->held_out_files.count) return usage_error("--eval", "is missing: the held-out rows");
    if ((code = read_list("--widths", s->widths_text, INT32_MAX, &s->widths))) return code;
    if ((code = read_list("--rows", s->rows_text, 0, &s->rows))) return code;
    return -1;
}

int sweep_settings_read(const command *self, int count, char **words, sweep_settings *s)
{
    *s = (sweep_settings){0};
    int code = training_options_begin(&s->training, s->options + SWEEP_OPTIONS - TRAINING_OPTIONS);
    if (code) return code;
    make_table(s);
    code = arguments_read(self, s->options, SWEEP_OPTIONS, count, words, &s->a);
    return code >= 0 ? code : check(s);
}

void sweep_settings_free(sweep_settings *s)
{
    arguments_free(&s->a);
    free(s->widths.value);
    free(s->rows.value);
}
