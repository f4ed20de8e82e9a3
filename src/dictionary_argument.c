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

static int of_matrix(atoms_context *context, const char *word, const atoms_matrix *atoms, const char *metric_path, atoms_dictionary **out)
{
    atoms_metric *metric = NULL;
    int code = metric_path ? metric_of_file(context, metric_path, atoms->cols, &metric) : EXIT_DONE;
    if (!code) code = checked(context, atoms_dictionary_create(context, atoms, metric, out), word);
    atoms_metric_destroy(metric);
    return code;
}

static int of_sae(atoms_context *context, const char *word, const char *metric_path, atoms_dictionary **out)
{
    atoms_sae *sae = NULL;
    atoms_matrix decoder;
    int code = checked(context, atoms_sae_load(context, word, &sae), word);
    if (!code) code = checked(context, atoms_sae_decoder(sae, &decoder), word);
    if (!code) code = of_matrix(context, word, &decoder, metric_path, out);
    atoms_sae_destroy(sae);
    return code;
}

static int of_file(atoms_context *context, char *word, const char *metric_path, atoms_dictionary **out)
{
    matrix_argument d = {0};
    double *values = NULL;
    int code = matrix_argument_open(context, (word_list){&word, 1}, 0, &d);
    if (!code) {
        size_t width = (size_t)d.width, rows = (size_t)d.count;
        if (rows > SIZE_MAX / sizeof *values / width || !(values = malloc(rows * width * sizeof *values)))
            code = run_error(word, "no memory for %lld atoms of %lld coordinates", (long long)d.count, (long long)d.width);
    }
    if (!code) {
        const atoms_matrix atoms = atoms_matrix_f64(values, d.count, d.width);
        code = checked(context, atoms_rows_read(d.rows, 0, &atoms), word);
        if (!code) code = of_matrix(context, word, &atoms, metric_path, out);
    }
    free(values);
    matrix_argument_close(&d);
    return code;
}

int dictionary_argument_open(atoms_context *context, const char *word, const char *metric_path, atoms_dictionary **out)
{
    *out = NULL;
    return names_sae(context, word) ? of_sae(context, word, metric_path, out) : of_file(context, (char *)(uintptr_t)word, metric_path, out);
}
