/* The rows of these tests: a pattern that every dtype holds exactly and that tells neighbouring rows and columns apart. */
#ifndef ROW_PATTERN_H
#define ROW_PATTERN_H

#include <atoms/rows.h>
#include <check.h>

/* A whole number of at most seven bits. */
double value_at(int64_t row, int64_t col);

/* Writes value as dtype at p. */
void put_value(int32_t dtype, void *p, double value);

/* Element (i, j) of an f32 or f64 matrix. */
double got_value(const atoms_matrix *m, int64_t i, int64_t j);

/* Row i of out is row `row` of the pattern. */
void check_row(const atoms_matrix *out, int64_t i, int64_t row);

/* Every way to read `rows`, whose row r is row source(r) of the pattern: whole and in blocks, packed and strided, f32 and f64, by gather. */
void check_all_reads(atoms_rows *rows, int64_t (*source)(int64_t));
int64_t same_row(int64_t row);

/* A malloc'ed matrix of the pattern, with NaN between its rows; `cut` leaves out what would lie after the last. */
void *filled(int32_t dtype, int64_t rows, int64_t cols, int64_t stride, int cut);

/* A callback: its fail_at-th call fails, and row bad_row − 1 has a NaN in column 2 (0: never). `user` is a supplier. */
typedef struct supplier {
    int64_t width, calls, fail_at, bad_row;
} supplier;

int32_t supply(void *user, int64_t first, int64_t count, float *out);

/* The four dtypes of matrices. */
extern const int32_t float_dtypes[4];

void add_edge_cases(Suite *suite);
void add_file_cases(Suite *suite);
void add_file_fault_cases(Suite *suite);
void add_prefetch_cases(Suite *suite);

#endif
