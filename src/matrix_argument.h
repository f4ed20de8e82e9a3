/* Matrix arguments: FILE or FILE:NAME, several files as one matrix, the first N rows of it. */
#ifndef MATRIX_ARGUMENT_H
#define MATRIX_ARGUMENT_H

#include <atoms/atoms.h>

#include "arguments.h"

typedef struct matrix_argument {
    atoms_rows *rows; /* what the command reads */
    const char *what; /* the first file, for error lines */
    int64_t count, width;
    atoms_rows **parts, *joined, *cut; /* what `rows` is made of */
    int parts_count;
} matrix_argument;

/* Opens the files; `limit` 0 = all rows, more than there are = all. An exit status. Close in any case. */
int matrix_argument_open(atoms_context *context, word_list files, int64_t limit, matrix_argument *out);
void matrix_argument_close(matrix_argument *m);

/* Refuses a matrix whose rows are not `width` wide: "X: 8 columns, WHO takes 16". An exit status. */
int matrix_argument_fits(const matrix_argument *m, int64_t width, const char *who);

/* Reads every row once, so that bad values are found before work is done. An exit status. */
int matrix_argument_check(atoms_context *context, const matrix_argument *m);

/* The option --rows (or --train-rows), for a command's table. */
option rows_option(const char *name, const char *of, int64_t *target);

#endif
