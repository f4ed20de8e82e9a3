#include "dictionary_argument.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "failure.h"
#include "matrix_argument.h"
#include "metric_choice.h"

int tensorfile_holds_sae(const atoms_tensorfile *file)
{
    int64_t index;
    return atoms_tensorfile_format(file) == ATOMS_FILE_NPZ && atoms_tensorfile_find(file, "W_enc", &index) == ATOMS_OK &&
           atoms_tensorfile_find(file, "W_dec", &index) == ATOMS_OK;
}

/* A word that is no file, such as FILE:NAME, is none. */
static int names_sae(atoms_context *context, const char *word)
{
    struct stat s;
    atoms_tensorfile *file;
    if (stat(word, &s)) return 0;
    if (S_ISDIR(s.st_mode)) return 1;
    if (atoms_tensorfile_open(context, word, &file)) return 0; /* reading it as a matrix will say why */
    int holds = tensorfile_holds_sae(file);
    atoms_tensorfile_close(file);
    return holds;
}

static int of_sae(atoms_context *context, const char *word, dictionary_matrix *out)
{
    int code = checked(context, atoms_sae_load(context, word, &out->sae), word);
    if (!code) code = directed_atoms_read(context, out->sae, word, NULL, &out->directed);
    if (code) return code;
    out->atoms = out->directed.matrix;
    out->count = atoms_sae_d_sae(out->sae);
    return out->atoms.rows ? EXIT_DONE : run_error(word, "every atom has length 0");
}

enum { BLOCK_ROWS = 256 };

/* Into f32, block by block; *exact is 0 where a value would be rounded. */
static int read_narrow(atoms_context *context, const matrix_argument *d, float *values, int *exact)
{
    size_t width = (size_t)d->width;
    double *block = needed(malloc(BLOCK_ROWS * width * sizeof *block));
    int code = EXIT_DONE;
    *exact = 1;
    for (int64_t first = 0; first < d->count && *exact && !code; first += BLOCK_ROWS) {
        int64_t n = d->count - first < BLOCK_ROWS ? d->count - first : BLOCK_ROWS;
        const atoms_matrix part = atoms_matrix_f64(block, n, d->width);
        code = checked(context, atoms_rows_read(d->rows, first, &part), d->what);
        for (size_t e = 0; e < (size_t)n * width && *exact && !code; e++) {
            values[(size_t)first * width + e] = (float)block[e];
            *exact = (double)values[(size_t)first * width + e] == block[e];
        }
    }
    free(block);
    return code;
}

static int of_file(atoms_context *context, char *word, dictionary_matrix *out)
{
    matrix_argument d = {0};
    int exact = 0, code = matrix_argument_open(context, (word_list){&word, 1}, 0, &d);
    for (int wide = 0; wide < 2 && !exact && !code; wide++) {
        size_t width = (size_t)d.width, rows = (size_t)d.count, size = wide ? sizeof(double) : sizeof(float);
        free(out->values);
        if (rows > SIZE_MAX / size / width || !(out->values = malloc(rows * width * size))) {
            out->values = NULL;
            code = run_error(word, "no memory for %lld atoms of %lld coordinates", (long long)d.count, (long long)d.width);
        } else if (wide) {
            out->atoms = atoms_matrix_f64(out->values, d.count, d.width);
            code = checked(context, atoms_rows_read(d.rows, 0, &out->atoms), word);
        } else {
            out->atoms = atoms_matrix_f32(out->values, d.count, d.width);
            code = read_narrow(context, &d, out->values, &exact);
        }
    }
    matrix_argument_close(&d);
    out->count = out->atoms.rows;
    for (int64_t i = 0; i < out->count && !code; i++)
        if (atom_is_zero(&out->atoms, i)) code = run_error(word, "atom %lld has length 0: leave row %lld out, it has no direction", (long long)i, (long long)i);
    return code;
}

int dictionary_matrix_open(atoms_context *context, const char *word, dictionary_matrix *out)
{
    *out = (dictionary_matrix){.sae = NULL};
    return names_sae(context, word) ? of_sae(context, word, out) : of_file(context, (char *)(uintptr_t)word, out);
}

void dictionary_matrix_close(dictionary_matrix *m)
{
    directed_atoms_free(&m->directed);
    atoms_sae_destroy(m->sae);
    free(m->values);
}

int64_t dictionary_matrix_number(const dictionary_matrix *m, int64_t i)
{
    return m->sae ? m->directed.number[i] : i;
}

int dictionary_argument_open(atoms_context *context, const char *word, const char *metric_path, dictionary_matrix *m, atoms_dictionary **out)
{
    atoms_metric *metric = NULL;
    *out = NULL;
    int code = dictionary_matrix_open(context, word, m);
    if (!code && metric_path) code = metric_of_file(context, metric_path, m->atoms.cols, &metric);
    if (!code) code = checked(context, atoms_dictionary_create(context, &m->atoms, metric, out), word);
    atoms_metric_destroy(metric);
    return code;
}
