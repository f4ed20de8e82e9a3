/* Encode inside the caller's memory: against the oracle at every shape, at the threshold, at the work's capacity. */
#include <atoms/atoms.h>
#include <math.h>

#include "counting_memory.h"
#include "linalg/convert.h"
#include "sae_oracle.h"
#include "suite.h"

/* Odd sizes, and sizes on both sides of a tile (1024 rows, 1536 latents). */
static const struct shape { int64_t d_in, d_sae, rows; double density; } shapes[] = {
    {1, 1, 1, 0.5},    {3, 5, 2, 0.5},      {17, 33, 7, 0.3},    {64, 256, 31, 0.05}, {31, 1535, 3, 0.3},
    {31, 1536, 5, 0.3}, {31, 1537, 5, 0.05}, {5, 2500, 1027, 0.05}, {3, 40, 1025, 0.5},  {7, 3073, 1, 0.5},
};

START_TEST(codes_are_the_oracles)
{
    struct shape s = shapes[_i];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(10 + (uint64_t)_i, s.d_in, s.d_sae, s.density);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    float *x = random_rows(11 + (uint64_t)_i, s.rows, s.d_in);
    void *block;
    atoms_sae_work *work = make_work(sae, s.rows, &block);
    atoms_matrix m = atoms_matrix_f32(x, s.rows, s.d_in);
    atoms_codes_view codes;
    int64_t requests = memory.requests, compared = 0;
    ck_assert_ok(atoms_sae_encode(sae, work, &m, &codes));
    ck_assert_int_eq(memory.requests, requests);
    ck_assert(codes.rows == s.rows && codes.width == s.d_sae && codes.nnz == codes.offset[s.rows] && codes.offset[0] == 0);
    double *wide = malloc((size_t)s.d_in * sizeof *wide);
    for (int64_t r = 0; r < s.rows; r += s.rows > 100 ? 37 : 1) {
        linalg_to_f64(ATOMS_F32, x + r * s.d_in, s.d_in, wide);
        compared += oracle_check_row(&c, 0, wide, &codes, r, 1e-5);
    }
    ck_assert(compared > 0 || s.d_sae == 1);
    free(wide);
    free(block);
    free(x);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Strict: z = θ does not fire, the next float does; a negative threshold acts as 0. All exact in f32. */
START_TEST(the_threshold_is_strict)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const float w_enc[6] = {1, 1, 1, 1, 1, 1}, w_dec[6] = {1, 1, 1, 1, 1, 1};
    const float threshold[6] = {2, nextafterf(2, 0), nextafterf(2, 3), -5, 0, 0}, b_enc[6] = {0, 0, 0, 0, -2, -3};
    atoms_sae_weights w;
    ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(w_enc, 1, 6);
    w.w_dec = atoms_matrix_f32(w_dec, 6, 1);
    w.threshold = threshold;
    w.b_enc = b_enc;
    atoms_sae *sae;
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    void *block;
    atoms_sae_work *work = make_work(sae, 2, &block);
    const float x[2] = {2, -1};
    for (int64_t rows = 1; rows <= 2; rows++) { /* GEMV, then GEMM */
        atoms_matrix m = atoms_matrix_f32(x, rows, 1);
        atoms_codes_view codes;
        ck_assert_ok(atoms_sae_encode(sae, work, &m, &codes));
        ck_assert_int_eq(codes.nnz, 2); /* of z = −1 nothing fires, not even at θ = −5 */
        ck_assert(codes.index[0] == 1 && codes.value[0] == 2 && codes.index[1] == 3 && codes.value[1] == 2);
    }
    free(block);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(rows_of_every_dtype_and_stride)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(20, 13, 60, 0.3);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    void *block;
    atoms_sae_work *work = make_work(sae, 600, &block);
    float *x = random_rows(21, 600, 13);
    uint16_t *half = malloc(600 * 20 * sizeof *half), *brain = malloc(600 * 20 * sizeof *brain);
    double *wide = malloc(600 * 20 * sizeof *wide);
    float *strided = malloc(600 * 20 * sizeof *strided);
    int64_t compared = 0;
    for (int64_t k = 0; k < 600 * 20; k++) half[k] = brain[k] = 0x7FFF, wide[k] = NAN, strided[k] = NAN; /* what lies between rows */
    for (int64_t r = 0; r < 600; r++) {
        linalg_f32_to_f16(x + r * 13, 13, half + r * 20);
        linalg_f32_to_bf16(x + r * 13, 13, brain + r * 20);
        linalg_to_f64(ATOMS_F32, x + r * 13, 13, wide + r * 20);
        memcpy(strided + r * 20, x + r * 13, 13 * sizeof *x);
    }
    const void *data[] = {strided, wide, half, brain};
    for (int32_t dtype = ATOMS_F32; dtype <= ATOMS_BF16; dtype++) {
        atoms_matrix m = atoms_matrix_view(data[dtype - 1], 600, 13, dtype);
        m.stride = 20;
        atoms_codes_view codes;
        ck_assert_ok(atoms_sae_encode(sae, work, &m, &codes));
        for (int64_t r = 0; r < 600; r += 7) {
            double row[13];
            linalg_to_f64(dtype, (const char *)data[dtype - 1] + r * 20 * atoms_dtype_size(dtype), 13, row);
            compared += oracle_check_row(&c, 0, row, &codes, r, 1e-5);
        }
    }
    ck_assert_int_gt(compared, 1000);
    free(half);
    free(brain);
    free(wide);
    free(strided);
    free(x);
    free(block);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

static atoms_codes_view encode(const atoms_sae *sae, atoms_sae_work *work, const float *x, int64_t rows, atoms_status expected)
{
    atoms_matrix m = atoms_matrix_f32(x, rows, atoms_sae_d_in(sae));
    atoms_codes_view codes = {.rows = -1};
    ck_assert_status(atoms_sae_encode(sae, work, &m, &codes), expected);
    if (expected) ck_assert_int_eq(codes.rows, -1);
    return codes;
}

/* d_sae 3000 with everything firing: 3 rows have 9000 codes, a work for 3 rows holds 3072, one for 1 row 3000. */
START_TEST(too_many_codes_are_refused_and_fewer_rows_work)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(22, 2, 3000, 0.5);
    for (int64_t i = 0; i < 3000; i++) c.b_enc[i] = 100, c.threshold[i] = 0;
    atoms_sae *sae = sae_case_create(context, &c, 0);
    void *block;
    atoms_sae_work *work = make_work(sae, 3, &block);
    float *x = random_rows(23, 3, 2);
    encode(sae, work, x, 3, ATOMS_E_CAPACITY);
    ck_assert_detail(context, "3072");
    encode(sae, work, x, 2, ATOMS_E_CAPACITY);
    ck_assert_int_eq(encode(sae, work, x + 4, 1, ATOMS_OK).nnz, 3000);
    free(block);
    work = make_work(sae, 1, &block);
    ck_assert_int_eq(encode(sae, work, x, 1, ATOMS_OK).nnz, 3000);
    encode(sae, work, x, 2, ATOMS_E_CAPACITY);
    ck_assert_detail(context, "made for 1");
    free(block);
    free(x);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* 1400 rows of which the first 600 are dense: more than a tile's staging holds (1024·1024), within the work's capacity (1400·1024). */
START_TEST(a_dense_stretch_is_encoded_in_smaller_tiles)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(24, 1, 2000, 0.5);
    for (int64_t i = 0; i < 2000; i++) c.w_enc[i] = 1, c.b_enc[i] = 0, c.threshold[i] = 1;
    atoms_sae *sae = sae_case_create(context, &c, 0);
    void *block;
    atoms_sae_work *work = make_work(sae, 1400, &block);
    float x[1400];
    for (int r = 0; r < 1400; r++) x[r] = r < 600 ? 2 + (float)r : 0;
    atoms_codes_view codes = encode(sae, work, x, 1400, ATOMS_OK);
    ck_assert_int_eq(codes.nnz, 600 * 2000);
    for (int r = 0; r <= 1400; r++) ck_assert_int_eq(codes.offset[r], 2000 * (r < 600 ? r : 600));
    for (int64_t k = 0; k < codes.nnz; k++) ck_assert(codes.index[k] == k % 2000 && codes.value[k] == x[k / 2000]);
    for (int r = 0; r < 1400; r++) x[r] = 2;
    encode(sae, work, x, 1400, ATOMS_E_CAPACITY);
    free(block);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

/* Both products overflow, with opposite signs: their sum is NaN, which must not pass for silence. Latents 0 … 39: every path of the
 * kernels; one of them at a time is so. */
START_TEST(infinities_that_cancel_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    float w_enc[2 * 40], w_dec[40 * 2] = {0}, x[4] = {3e38f, 3e38f, 1, 1};
    for (int bad = 0; bad < 40; bad++) {
        for (int i = 0; i < 80; i++) w_enc[i] = i == bad ? 2.0f : i == 40 + bad ? -1.9f : -0.1f;
        atoms_sae_weights w;
        ck_assert_ok(atoms_sae_weights_init(&w, sizeof w));
        w.w_enc = atoms_matrix_f32(w_enc, 2, 40);
        w.w_dec = atoms_matrix_f32(w_dec, 40, 2);
        atoms_sae *sae;
        void *block;
        ck_assert_ok(atoms_sae_create(context, &w, &sae));
        atoms_sae_work *work = make_work(sae, 2, &block);
        for (int64_t rows = 1; rows <= 2; rows++) { /* GEMV, then GEMM */
            encode(sae, work, x, rows, ATOMS_E_NOT_FINITE);
            ck_assert_detail(context, "x: row 0 is so large that latent");
        }
        ck_assert_int_eq(encode(sae, work, x + 2, 1, ATOMS_OK).nnz, 1);
        free(block);
        atoms_sae_destroy(sae);
    }
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(bad_calls_are_refused_by_name)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(25, 6, 9, 0.5), other_case = sae_case_make(26, 6, 10, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0), *other = sae_case_create(context, &other_case, 0);
    void *block;
    size_t bytes;
    atoms_sae_work *work = make_work(sae, 4, &block), *none = work;
    float *x = random_rows(27, 4, 6);
    atoms_matrix m = atoms_matrix_f32(x, 4, 6), wrong = m;
    atoms_codes_view codes;
    ck_assert_status(atoms_sae_encode(NULL, work, &m, &codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode(sae, NULL, &m, &codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode(sae, work, NULL, &codes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode(sae, work, &m, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encode(other, work, &m, &codes), ATOMS_E_SHAPE);
    ck_assert_detail(context, "another SAE");
    wrong.cols = 5;
    ck_assert_status(atoms_sae_encode(sae, work, &wrong, &codes), ATOMS_E_SHAPE);
    wrong = m;
    wrong.dtype = ATOMS_U8;
    ck_assert_status(atoms_sae_encode(sae, work, &wrong, &codes), ATOMS_E_DTYPE);
    x[2 * 6 + 5] = NAN;
    encode(sae, work, x, 4, ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "x: row 2 column 5 is NaN");
    x[2 * 6 + 5] = INFINITY;
    encode(sae, work, x, 4, ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "x: row 2 column 5 is infinite");
    for (int j = 0; j < 6; j++) x[2 * 6 + j] = copysignf(3e38f, c.w_enc[j * 9]);
    for (int j = 0; j < 6; j++) c.w_enc[j * 9] *= 100;
    atoms_sae *large = sae_case_create(context, &c, 0);
    encode(large, work, x, 4, ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 2 is so large that latent 0 overflows");
    for (int j = 0; j < 6; j++) x[2 * 6 + j] = 1;
    encode(sae, work, x, 4, ATOMS_OK);
    ck_assert_int_eq(encode(sae, work, x, 0, ATOMS_OK).nnz, 0);
    ck_assert_status(atoms_sae_work_size(sae, 0, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_work_size(sae, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_work_size(sae, INT64_MAX, &bytes), ATOMS_E_OVERFLOW);
    ck_assert_status(atoms_sae_work_size(sae, INT64_MAX / 16, &bytes), ATOMS_E_OVERFLOW);
    ck_assert_ok(atoms_sae_work_size(sae, 4, &bytes));
    ck_assert_ok(atoms_sae_work_init(sae, block, bytes, &work));
    encode(sae, work, x, 4, ATOMS_OK);
    ck_assert_ok(atoms_sae_work_init(sae, block, bytes - 1, &work)); /* a byte short of four rows: three */
    encode(sae, work, x, 4, ATOMS_E_CAPACITY);
    encode(sae, work, x, 3, ATOMS_OK);
    ck_assert_ok(atoms_sae_work_size(sae, 1, &bytes));
    ck_assert_status(atoms_sae_work_init(sae, block, bytes - 1, &none), ATOMS_E_CAPACITY);
    ck_assert_ptr_null(none);
    ck_assert_status(atoms_sae_work_init(sae, NULL, bytes, &none), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_work_init(sae, block, bytes, NULL), ATOMS_E_ARGUMENT);
    free(x);
    free(block);
    atoms_sae_destroy(large);
    atoms_sae_destroy(other);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    sae_case_free(&other_case);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_encode_cases(Suite *suite);
void add_encode_cases(Suite *suite)
{
    add_loop(suite, "oracle", codes_are_the_oracles, (int)(sizeof shapes / sizeof *shapes));
    add_case(suite, "threshold", the_threshold_is_strict);
    add_case(suite, "dtypes and strides", rows_of_every_dtype_and_stride);
    add_case(suite, "capacity", too_many_codes_are_refused_and_fewer_rows_work);
    add_case(suite, "dense stretch", a_dense_stretch_is_encoded_in_smaller_tiles);
    add_case(suite, "infinities", infinities_that_cancel_are_refused);
    add_case(suite, "bad calls", bad_calls_are_refused_by_name);
}
