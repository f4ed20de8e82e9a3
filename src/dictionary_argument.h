/* Dictionary arguments: a matrix file, a row an atom, or an SAE (directory or weights file), whose decoder it is then. */
#ifndef DICTIONARY_ARGUMENT_H
#define DICTIONARY_ARGUMENT_H

#include <atoms/atoms.h>

/* Whether an open file holds the weights of an SAE. */
int tensorfile_holds_sae(const atoms_tensorfile *file);

#include "directed_atoms.h"

/* The atoms of a word in memory, a row an atom. Values that are all f32 numbers are held as such, whatever the file's number type. Rows of zeros are left
 * out of an SAE, whose dead atoms may be such, and an error in a matrix. */
typedef struct dictionary_matrix {
    atoms_matrix atoms;
    atoms_sae *sae;          /* whose decoder it is, or NULL */
    directed_atoms directed; /* the SAE's */
    int64_t count;           /* of atoms, with those that were left out */
    void *values;            /* read from a file, or NULL */
} dictionary_matrix;

/* An exit status. Close in any case. */
int dictionary_matrix_open(atoms_context *context, const char *word, dictionary_matrix *out);
void dictionary_matrix_close(dictionary_matrix *m);

/* The number that row i of `atoms` has in the file or SAE. */
int64_t dictionary_matrix_number(const dictionary_matrix *m, int64_t i);

/* The dictionary of `word` under the metric of the file `metric_path` (NULL: Euclidean), and the matrix it is of, to be closed in any case. An exit status. */
int dictionary_argument_open(atoms_context *context, const char *word, const char *metric_path, dictionary_matrix *m, atoms_dictionary **out);

#endif
