/* The rows that are judged: as they are, or with each column permuted (the control `shuffled`). */
#ifndef EVALUATE_ROW_SOURCE_H
#define EVALUATE_ROW_SOURCE_H

#include <atoms/rows.h>

#include "../context/context_internal.h"

enum { ROW_SOURCE_BLOCK = 8192 }; /* rows that are shuffled together */

typedef struct row_source {
    atoms_context *context;
    atoms_rows *rows;
    int64_t count, width; /* the first `count` rows are used */
    uint64_t seed;
    float *shuffled; /* the rows of one block, permuted; NULL: rows as they are */
    int64_t block;   /* which one is there, −1 none yet */
} row_source;

row_source atomsi_row_source(atoms_context *context, atoms_rows *rows);

/* From now on each column is permuted by itself within consecutive blocks of rows. Allocates one such block: MEMORY. */
atoms_status atomsi_row_source_shuffle(row_source *source, uint64_t seed);

/* Reads and permutes block number `block`, unless it is there already. */
atoms_status atomsi_row_source_load(row_source *source, int64_t block);
void atomsi_row_source_free(row_source *source);

/* Rows first … first + count − 1, packed. */
atoms_status atomsi_row_source_read(row_source *source, int64_t first, int64_t count, float *out);

#endif
