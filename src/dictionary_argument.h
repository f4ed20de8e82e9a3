/* Dictionary arguments: a matrix file, a row an atom, or an SAE (directory or weights file), whose decoder it is then. */
#ifndef DICTIONARY_ARGUMENT_H
#define DICTIONARY_ARGUMENT_H

#include <atoms/atoms.h>

/* Whether an open file holds the weights of an SAE. */
int tensorfile_holds_sae(const atoms_tensorfile *file);

/* The dictionary of `word` under the metric of the file `metric_path` (NULL: Euclidean). An exit status. */
int dictionary_argument_open(atoms_context *context, const char *word, const char *metric_path, atoms_dictionary **out);

#endif
