/* Dictionary arguments: a matrix file, a row an atom, or an SAE (directory or weights file), whose decoder it is then. */
#ifndef DICTIONARY_ARGUMENT_H
#define DICTIONARY_ARGUMENT_H

#include <atoms/atoms.h>

/* Whether an open file holds the weights of an SAE. */
int tensorfile_holds_sae(const atoms_tensorfile *file);

/* The atoms of a word in memory, a row an atom. Values that are all f32 numbers are held as such, whatever the file's number type. */
typedef struct dictionary_matrix {
    atoms_matrix atoms;
    atoms_sae *sae; /* whose decoder it is, or NULL */
    void *values;   /* read from a file, or NULL */
} dictionary_matrix;

/* An exit status. Close in any case. */
int dictionary_matrix_open(atoms_context *context, const char *word, dictionary_matrix *out);
void dictionary_matrix_close(dictionary_matrix *m);

/* The dictionary of `word` under the metric of the file `metric_path` (NULL: Euclidean). An exit status. */
int dictionary_argument_open(atoms_context *context, const char *word, const char *metric_path, atoms_dictionary **out);

#endif
