#include "row_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "linalg/convert.h"
#include "near.h"

double value_at(int64_t row, int64_t col)
{
    return (double)((row * 31 + col * 7) % 251 - 125);
}

void put_value(int32_t dtype, void *p, double value)
{
    float single = (float)value;
    uint16_t half = 0;
    if (dtype == ATOMS_F64) memcpy(p, &value, 8);
    if (dtype == ATOMS_F32) memcpy(p, &single, 4);
    if (dtype == ATOMS_F16) linalg_f32_to_f16(&single, 1, &half);
    if (dtype == ATOMS_BF16) linalg_f32_to_bf16(&single, 1, &half);
    if (dtype == ATOMS_F16 || dtype == ATOMS_BF16) memcpy(p, &half, 2);
}

double got_value(const atoms_matrix *m, int64_t i, int64_t j)
{
    return m->dtype == ATOMS_F32 ? (double)((float *)m->data)[i * m->stride + j] : ((double *)m->data)[i * m->stride + j];
}

/* One assertion a row: Check reports each, which costs more than the comparison. */
void check_row(const atoms_matrix *out, int64_t i, int64_t row)
{
    int64_t wrong = 0;
    for (int64_t j = 0; j < out->cols; j++) wrong += got_value(out, i, j) != value_at(row, j);
    ck_assert_msg(wrong == 0, "row %d: %d of its columns are wrong", (int)row, (int)wrong);
}

void check_all_reads(atoms_rows *rows, int64_t (*source)(int64_t))
{
    int64_t n = atoms_rows_count(rows), w = atoms_rows_width(rows), compared = 0;
    int64_t *index = malloc((size_t)(2 * n) * sizeof *index);
    for (int64_t i = 0; i < 2 * n; i++) index[i] = i % 5 < 3 ? i % n : base_random_below(1, BASE_STREAM_TEST, (uint64_t)i, n);
    for (int wide = 0; wide < 2; wide++)
        for (int64_t pad = 0; pad < 4; pad += 3) {
            double *memory = malloc((size_t)(2 * n * (w + pad)) * sizeof *memory);
            atoms_matrix out = atoms_matrix_view(memory, n, w, wide ? ATOMS_F64 : ATOMS_F32);
            out.stride = w + pad;
            for (int64_t block = 1; block <= n; block += block < 4 ? 1 : n - block ? n - block : 1)
                for (int64_t first = 0; first < n; first += block) {
                    out.rows = block < n - first ? block : n - first;
                    ck_assert_ok(atoms_rows_read(rows, first, &out));
                    for (int64_t i = 0; i < out.rows; i++, compared++) check_row(&out, i, source(first + i));
                }
            out.rows = 2 * n;
            ck_assert_ok(atoms_rows_gather(rows, index, &out));
            for (int64_t i = 0; i < 2 * n; i++, compared++) check_row(&out, i, source(index[i]));
            free(memory);
        }
    free(index);
    ck_assert_int_gt(compared, 16 * n);
}

int64_t same_row(int64_t row) { return row; }

const int32_t float_dtypes[4] = {ATOMS_F32, ATOMS_F64, ATOMS_F16, ATOMS_BF16};

void *filled(int32_t dtype, int64_t rows, int64_t cols, int64_t stride, int cut)
{
    int64_t size = atoms_dtype_size(dtype), elements = cut ? (rows - 1) * stride + cols : rows * stride;
    char *data = malloc((size_t)(elements * size));
    memset(data, 0xFF, (size_t)(elements * size)); /* NaN between the rows: must not be looked at */
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) put_value(dtype, data + (i * stride + j) * size, value_at(i, j));
    return data;
}

int32_t supply(void *user, int64_t first, int64_t count, float *out)
{
    supplier *s = user;
    if (++s->calls == s->fail_at) return 42;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < s->width; j++)
            out[i * s->width + j] = s->bad_row == first + i + 1 && j == 2 ? NAN : (float)value_at(first + i, j);
    return 0;
}
