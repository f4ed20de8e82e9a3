/* The codes of these tests. */
#ifndef FIVE_ROWS_H
#define FIVE_ROWS_H

#include <atoms/codes.h>
#include <check.h>

enum { WIDTH = 9 };

/* Rows of 0, 3, 1, 0, 2 entries. */
static const int64_t offset[] = {0, 0, 3, 4, 4, 6};
static const int32_t indices[] = {0, 4, 8, 7, 2, 3};
static const float values[] = {1.5f, -2, 3, 0, 1e-30f, 7};
static const atoms_codes_view five = {5, WIDTH, 6, offset, indices, values};

/* codes holds `five`, `times` times. */
void check_repeated(const atoms_codes *codes, int64_t times);

void add_codes_file_cases(Suite *suite);

#endif
