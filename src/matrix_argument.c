#include "matrix_argument.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"

enum { BLOCK_ROWS = 256 };

/* FILE:NAME is cut at the first colon before which a file exists, unless the whole word is a file: both may hold colons. The name, or
 * NULL; `path` is a copy of word, shortened. */
static const char *split_name(char *path)
{
    if (access(path, F_OK) == 0) return NULL;
    for (char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
        *colon = '\0';
        if (access(path, F_OK) == 0) return colon + 1;
        *colon = ':';
    }
    return NULL;
}

static int open_part(atoms_context *context, const char *word, atoms_rows **out)
{
    char *path = needed(strdup(word));
    atoms_rows_opts opts;
    int code = checked(context, atoms_rows_opts_init(&opts, sizeof opts), NULL);
    opts.tensor = split_name(path);
    if (!code) code = checked(context, atoms_rows_open(context, path, &opts, out), path);
    free(path);
    return code;
}

int matrix_argument_open(atoms_context *context, word_list files, int64_t limit, matrix_argument *out)
{
    *out = (matrix_argument){.what = files.word[0], .parts = needed(calloc((size_t)files.count, sizeof *out->parts))};
    int code;
    for (; out->parts_count < files.count; out->parts_count++)
        if ((code = open_part(context, files.word[out->parts_count], &out->parts[out->parts_count]))) return code;
    for (int i = 1; i < files.count; i++)
        if (atoms_rows_width(out->parts[i]) != atoms_rows_width(out->parts[0]))
            return run_error(files.word[i], "%lld columns, %s has %lld", (long long)atoms_rows_width(out->parts[i]), files.word[0],
                             (long long)atoms_rows_width(out->parts[0]));
    if ((code = checked(context, atoms_rows_concat(context, out->parts, files.count, &out->joined), out->what))) return code;
    out->rows = out->joined;
    if (limit && limit < atoms_rows_count(out->joined)) {
        if ((code = checked(context, atoms_rows_first(context, out->joined, limit, &out->cut), out->what))) return code;
        out->rows = out->cut;
    }
    out->count = atoms_rows_count(out->rows);
    out->width = atoms_rows_width(out->rows);
    return EXIT_DONE;
}

void matrix_argument_close(matrix_argument *m)
{
    atoms_rows_destroy(m->cut);
    atoms_rows_destroy(m->joined);
    for (int i = 0; i < m->parts_count; i++) atoms_rows_destroy(m->parts[i]);
    free(m->parts);
    *m = (matrix_argument){0};
}

int matrix_argument_fits(const matrix_argument *m, int64_t width, const char *who)
{
    if (m->width == width) return EXIT_DONE;
    return run_error(m->what, "%lld columns, %s takes %lld", (long long)m->width, who, (long long)width);
}

int matrix_argument_check(atoms_context *context, const matrix_argument *m)
{
    float *block = needed(malloc((size_t)BLOCK_ROWS * (size_t)m->width * sizeof *block));
    int code = EXIT_DONE;
    for (int64_t first = 0; first < m->count && !code; first += BLOCK_ROWS) {
        int64_t rows = m->count - first < BLOCK_ROWS ? m->count - first : BLOCK_ROWS;
        const atoms_matrix out = atoms_matrix_f32(block, rows, m->width);
        code = checked(context, atoms_rows_read(m->rows, first, &out), m->what);
    }
    free(block);
    return code;
}

option rows_option(const char *name, const char *of, int64_t *target)
{
    return (option){.name = name, .value = "N", .help = of, .kind = OPTION_WHOLE, .target = target, .low = 1, .standard = "all"};
}
