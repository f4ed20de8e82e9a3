/* What other rooms use of geometry: atoms as directions, and a pass over the tiles of their Gram matrix. */
#ifndef ATOMSI_GEOMETRY_H
#define ATOMSI_GEOMETRY_H

#include <stdbool.h>

#include <atoms/geometry.h>

#include "../dictionary/dictionary_internal.h"

/* Atoms as the passes read them: f32 rows for the products, and the means to have any pair in f64. */
typedef struct atomsi_directions {
    atoms_context *context;
    int64_t atoms, dim, stride;
    const float *rows;       /* atoms × dim: the caller's, or `copy` */
    float *scale;            /* 1/‖row‖ */
    double *length;          /* ‖row‖; 1 where rows are a copy of unit atoms */
    const double *unit;      /* the atoms in f64, packed, where rows are a rounded copy of them; NULL: rows are the atoms */
    double error;            /* |f32 cosine − cosine as f64 computes it| is at most this */
    float *copy;
    atoms_dictionary *owned;
} atomsi_directions;

/* `name` is the matrix's, for the detail. On failure there is nothing to free; the matrix must outlive *out. */
atoms_status atomsi_directions_of_matrix(atoms_context *context, const atoms_matrix *atoms_by_row, const atoms_metric *metric, const char *name,
                                         atomsi_directions *out);
atoms_status atomsi_directions_of_dictionary(const atoms_dictionary *dictionary, atomsi_directions *out);
void atomsi_directions_free(atomsi_directions *d);

/* Cosine of atom i of a and atom j of b (equal dim; may be the same) in f64; ±1 exactly where it is within 2⁻⁴⁶ of it. Symmetric to the bit. */
double atomsi_directions_cosine(const atomsi_directions *a, int64_t i, const atomsi_directions *b, int64_t j);

/* Unit atoms first … first + count − 1 in f64, packed. */
void atomsi_directions_read(const atomsi_directions *d, int64_t first, int64_t count, double *out);

/* Two atoms whose |cos| is above this are one direction (docs/dictionary.md). */
double atomsi_same_direction(double cosine);

/* A tile of f32 cosines: rows are atoms first_i …, columns atoms first_j …. */
typedef struct atomsi_gram_tile {
    int64_t first_i, rows, first_j, cols, stride;
    const float *cosine;
} atomsi_gram_tile;

typedef void (*atomsi_gram_visitor)(void *arg, const atomsi_gram_tile *tile, int32_t worker);

/* Atoms a tile is wide and high. */
enum { ATOMSI_GRAM_SIDE = 512 };

/* Shows every tile of the products of a's atoms with b's (b NULL: a with itself, only tiles with first_i ≤ first_j, those on the diagonal
 * in full). No two visits at the same time share a block of rows or of columns, and each block's visits come in the same order for any number
 * of threads: what a visitor keeps for each atom needs no lock. Errors: MEMORY, CANCELLED. */
atoms_status atomsi_gram_pass(const atomsi_directions *a, const atomsi_directions *b, atomsi_gram_visitor visit, void *arg);

/* Tiles in f64, same directions at ±1: atoms of a against atoms first_j … of b, at most ATOMSI_EXACT_SIDE of each, into out (stride
 * ATOMSI_EXACT_SIDE). a's are first_i …, or those numbered in `atom`. `work` is atomsi_exact_work(dim) doubles. */
enum { ATOMSI_EXACT_SIDE = 128 };
int64_t atomsi_exact_work(int64_t dim);
void atomsi_exact_tile(const atomsi_directions *a, int64_t first_i, int64_t rows, const atomsi_directions *b, int64_t first_j, int64_t cols, double *work,
                       double *out);
void atomsi_exact_rows(const atomsi_directions *a, const int64_t *atom, int64_t rows, const atomsi_directions *b, int64_t first_j, int64_t cols,
                       double *work, double *out);

/* Every atom's largest f32 cosines or magnitudes so far, `length` of them, unordered. */
typedef struct neighbours {
    int64_t length;
    float *value;   /* atoms × length */
    int32_t *index;
    float *least;   /* atoms: the smallest held, or −2 while there is room */
    int32_t *place; /* atoms: where that one is, or the next free place */
} neighbours;

/* Free in any case, also after a failure. */
atoms_status atomsi_neighbours_make(atoms_context *context, int64_t atoms, int64_t length, neighbours *out);
void atomsi_neighbours_free(atoms_context *context, neighbours *near);
void atomsi_neighbours_offer(neighbours *near, int64_t atom, float value, int64_t other);

/* The K largest of a stream of (value, number), equal values by lowest number. */
typedef struct top_entry {
    double value;
    int64_t number;
} top_entry;
void atomsi_top_offer(top_entry *heap, int64_t *held, int64_t capacity, double value, int64_t number);
void atomsi_top_sort(top_entry *heap, int64_t held); /* largest first */

#endif
