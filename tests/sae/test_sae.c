/* The SAE handle: what it refuses, what it says of itself, decode and steer. */
#include <atoms/atoms.h>
#include <math.h>

#include "counting_memory.h"
#include "sae_oracle.h"
#include "suite.h"

void add_encode_cases(Suite *suite);
void add_folding_cases(Suite *suite);
void add_guard_cases(Suite *suite);
void add_rows_cases(Suite *suite);
void add_file_cases(Suite *suite);
void add_refusal_cases(Suite *suite);
void add_fault_cases(Suite *suite);

/* What create must refuse: a change to good weights, the status, a piece of the words. */
typedef struct refusal {
    void (*spoil)(atoms_sae_weights *w, sae_case *c);
    atoms_status status;
    const char *words;
} refusal;

static void no_encoder(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_enc.data = NULL; }
static void no_dtype(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_enc.dtype = ATOMS_I32; }
static void no_rows(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_enc.rows = 0; }
static void short_decoder(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_dec.rows--; }
static void narrow_decoder(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_dec.cols--; }
static void bad_stride(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_dec.stride = 1; }
static void huge(atoms_sae_weights *w, sae_case *c) { (void)c; w->w_enc.rows = INT64_MAX / 2; }
static void zero_scale(atoms_sae_weights *w, sae_case *c) { (void)c; w->input_scale = 0; }
static void negative_scale(atoms_sae_weights *w, sae_case *c) { (void)c; w->output_scale = -1.5; }
static void nan_scale(atoms_sae_weights *w, sae_case *c) { (void)c; w->output_scale = NAN; }
static void nan_encoder(atoms_sae_weights *w, sae_case *c) { (void)w; c->w_enc[2 * c->d_sae + 3] = NAN; }
static void inf_decoder(atoms_sae_weights *w, sae_case *c) { (void)w; c->w_dec[4 * c->d_in + 1] = -INFINITY; }
static void nan_bias(atoms_sae_weights *w, sae_case *c) { (void)w; c->b_enc[5] = NAN; }
static void inf_threshold(atoms_sae_weights *w, sae_case *c) { (void)w; c->threshold[0] = INFINITY; }
static void nan_decoder_bias(atoms_sae_weights *w, sae_case *c) { (void)w; c->b_dec[1] = NAN; }
static void nan_input_bias(atoms_sae_weights *w, sae_case *c) { (void)w; c->input_bias[2] = NAN; }
static void overflowing_scale(atoms_sae_weights *w, sae_case *c) { (void)c; w->input_scale = 1e300; }
static void overflowing_output(atoms_sae_weights *w, sae_case *c) { (void)c; w->output_scale = 1e-300; }
static void no_size(atoms_sae_weights *w, sae_case *c) { (void)c; w->struct_size = 0; }

static const refusal refusals[] = {
    {no_encoder, ATOMS_E_ARGUMENT, "w_enc"},
    {no_dtype, ATOMS_E_DTYPE, "w_enc"},
    {no_rows, ATOMS_E_SHAPE, "w_enc has no rows"},
    {short_decoder, ATOMS_E_SHAPE, "w_dec has 6 rows"},
    {narrow_decoder, ATOMS_E_SHAPE, "w_dec has 4 columns"},
    {bad_stride, ATOMS_E_SHAPE, "w_dec"},
    {huge, ATOMS_E_OVERFLOW, "w_enc"},
    {zero_scale, ATOMS_E_ARGUMENT, "input_scale is 0"},
    {negative_scale, ATOMS_E_ARGUMENT, "output_scale is -1.5"},
    {nan_scale, ATOMS_E_ARGUMENT, "output_scale"},
    {nan_encoder, ATOMS_E_NOT_FINITE, "w_enc: row 2 column 3 is NaN"},
    {inf_decoder, ATOMS_E_NOT_FINITE, "w_dec: row 4 column 1 is infinite"},
    {nan_bias, ATOMS_E_NOT_FINITE, "b_enc"},
    {inf_threshold, ATOMS_E_NOT_FINITE, "threshold"},
    {nan_decoder_bias, ATOMS_E_NOT_FINITE, "b_dec"},
    {nan_input_bias, ATOMS_E_NOT_FINITE, "input_bias: row 0 column 2"},
    {overflowing_scale, ATOMS_E_NOT_FINITE, "W_enc: latent 0 coordinate 0 is infinite once"},
    {overflowing_output, ATOMS_E_NOT_FINITE, "W_dec: latent 0"},
    {no_size, ATOMS_E_ARGUMENT, "atoms_sae_weights_init"},
};

START_TEST(create_refuses_bad_weights)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(1, 5, 7, 0.5);
    atoms_sae_weights w = sae_case_weights(&c, 1);
    atoms_sae *sae = (atoms_sae *)(uintptr_t)1;
    refusals[_i].spoil(&w, &c);
    ck_assert_status(atoms_sae_create(context, &w, &sae), refusals[_i].status);
    ck_assert_detail(context, refusals[_i].words);
    ck_assert_ptr_null(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(null_handles_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(1, 5, 7, 0.5);
    atoms_sae_weights w = sae_case_weights(&c, 0);
    atoms_sae *sae;
    atoms_matrix m;
    size_t bytes;
    ck_assert_status(atoms_sae_create(NULL, &w, &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_create(context, NULL, &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_create(context, &w, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_encoder(NULL, &m), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_decoder(NULL, &m), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_describe(NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_unit_decoder(NULL, &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_work_size(NULL, 1, &bytes), ATOMS_E_ARGUMENT);
    ck_assert(!atoms_sae_d_in(NULL) && !atoms_sae_d_sae(NULL) && !atoms_sae_b_enc(NULL) && !atoms_sae_threshold(NULL) && !atoms_sae_b_dec(NULL));
    sae = sae_case_create(context, &c, 0);
    ck_assert_status(atoms_sae_encoder(sae, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_describe(sae, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_unit_decoder(sae, NULL), ATOMS_E_ARGUMENT);
    atoms_sae_destroy(sae);
    atoms_sae_destroy(NULL);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(a_handle_describes_itself)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(2, 5, 7, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    atoms_sae_report report;
    atoms_matrix encoder, decoder;
    ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
    ck_assert_ok(atoms_sae_describe(sae, &report));
    ck_assert(report.d_in == 5 && report.d_sae == 7 && report.format == 0 && report.input_scale == 1 && !report.input_bias_folded);
    ck_assert_str_eq(report.architecture, "jumprelu");
    ck_assert_str_eq(report.metadata, "{}");
    ck_assert_int_eq(report.unit_decoder, 0);
    ck_assert_ok(atoms_sae_encoder(sae, &encoder));
    ck_assert_ok(atoms_sae_decoder(sae, &decoder));
    ck_assert(encoder.rows == 7 && encoder.cols == 5 && encoder.dtype == ATOMS_F32 && decoder.rows == 7 && decoder.cols == 5);
    for (int64_t i = 0; i < 7; i++)
        for (int64_t j = 0; j < 5; j++) {
            ck_assert(((float *)encoder.data)[i * 5 + j] == c.w_enc[j * 7 + i]);
            ck_assert(((float *)decoder.data)[i * 5 + j] == c.w_dec[i * 5 + j]);
        }
    atoms_sae_destroy(sae);
    atoms_sae_weights w = sae_case_weights(&c, 0);
    w.threshold = NULL;
    ck_assert_ok(atoms_sae_create(context, &w, &sae));
    ck_assert_ok(atoms_sae_describe(sae, &report));
    ck_assert_str_eq(report.architecture, "standard");
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(decode_sums_the_rows_that_codes_name)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(3, 37, 50, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    const int64_t offset[] = {0, 2, 2, 5};
    const int32_t index[] = {3, 49, 0, 1, 2};
    const float value[] = {1.5f, -2, 0.25f, 1e3f, 7};
    atoms_codes_view codes = {.rows = 3, .width = 50, .nnz = 5, .offset = offset, .index = index, .value = value};
    float out[3 * 40];
    for (int k = 0; k < 120; k++) out[k] = -77;
    atoms_matrix m = atoms_matrix_f32(out, 3, 37);
    m.stride = 40;
    uint64_t before = (uint64_t)memory.requests;
    ck_assert_ok(atoms_sae_decode(sae, &codes, &m));
    ck_assert_uint_eq((uint64_t)memory.requests, before);
    for (int64_t r = 0; r < 3; r++)
        for (int64_t j = 0; j < 40; j++) {
            double want = j < 37 ? c.b_dec[j] : -77, scale = 1;
            for (int64_t k = offset[r]; j < 37 && k < offset[r + 1]; k++) {
                want += (double)value[k] * c.w_dec[index[k] * 37 + j];
                scale += fabs((double)value[k] * c.w_dec[index[k] * 37 + j]);
            }
            ck_assert_msg(fabs(out[r * 40 + j] - want) <= 1e-6 * scale, "row %d column %d", (int)r, (int)j);
        }
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(decode_refuses_codes_that_lie)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(3, 4, 6, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    int64_t offset[] = {0, 1, 2};
    int32_t index[] = {0, 5};
    float value[] = {1, 1}, out[8] = {-7, -7, -7, -7, -7, -7, -7, -7};
    atoms_matrix m = atoms_matrix_f32(out, 2, 4), wrong = m;
    atoms_codes_view good = {.rows = 2, .width = 6, .nnz = 2, .offset = offset, .index = index, .value = value}, codes = good;
    ck_assert_status(atoms_sae_decode(NULL, &codes, &m), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_decode(sae, NULL, &m), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_decode(sae, &codes, NULL), ATOMS_E_ARGUMENT);
    codes.width = 7;
    ck_assert_status(atoms_sae_decode(sae, &codes, &m), ATOMS_E_SHAPE);
    codes = good;
    codes.value = NULL;
    ck_assert_status(atoms_sae_decode(sae, &codes, &m), ATOMS_E_ARGUMENT);
    index[1] = 6;
    ck_assert_status(atoms_sae_decode(sae, &good, &m), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "row 1");
    index[1] = -1;
    ck_assert_status(atoms_sae_decode(sae, &good, &m), ATOMS_E_ARGUMENT);
    index[1] = 5;
    offset[1] = 3;
    ck_assert_status(atoms_sae_decode(sae, &good, &m), ATOMS_E_ARGUMENT);
    offset[1] = 1;
    wrong.rows = 1;
    ck_assert_status(atoms_sae_decode(sae, &good, &wrong), ATOMS_E_SHAPE);
    wrong = m;
    wrong.dtype = ATOMS_F16;
    ck_assert_status(atoms_sae_decode(sae, &good, &wrong), ATOMS_E_DTYPE);
    for (int k = 0; k < 8; k++) ck_assert(out[k] == -7);
    ck_assert_ok(atoms_sae_decode(sae, &good, &m));
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(steer_adds_a_decoder_row)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(4, 33, 10, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    float *residual = random_rows(5, 1, 33), *before = random_rows(5, 1, 33);
    int64_t requests = memory.requests;
    ck_assert_ok(atoms_sae_steer(sae, 9, -2.5f, residual));
    ck_assert_int_eq(memory.requests, requests);
    for (int j = 0; j < 33; j++) ck_assert_near(residual[j], before[j] - 2.5 * c.w_dec[9 * 33 + j], 1e-5);
    memcpy(before, residual, 33 * sizeof *before);
    ck_assert_status(atoms_sae_steer(NULL, 0, 1, residual), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_steer(sae, 0, 1, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_steer(sae, 10, 1, residual), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "latent 10 is not in 0");
    ck_assert_status(atoms_sae_steer(sae, -1, 1, residual), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_steer(sae, 0, NAN, residual), ATOMS_E_NOT_FINITE);
    ck_assert(memcmp(before, residual, 33 * sizeof *before) == 0);
    free(residual);
    free(before);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
}
END_TEST

START_TEST(refused_memory_leaves_nothing_behind)
{
    sae_case c = sae_case_make(6, 9, 11, 0.5);
    int64_t injected = 0;
    for (int sticky = 0; sticky <= 1; sticky++)
        for (int64_t k = 1;; k++) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, 1);
            atoms_sae_weights w = sae_case_weights(&c, 1);
            atoms_sae *sae = NULL, *unit = NULL;
            w.threshold = NULL;
            memory.fail_at = memory.requests + k;
            memory.sticky = sticky;
            atoms_status status = atoms_sae_create(context, &w, &sae);
            if (!status) status = atoms_sae_unit_decoder(sae, &unit);
            atoms_sae_destroy(unit);
            atoms_sae_destroy(sae);
            atoms_context_destroy(context);
            ck_assert_int_eq(memory.held, 0);
            if (!status) break;
            ck_assert_status(status, ATOMS_E_MEMORY);
            injected++;
        }
    ck_assert_int_ge(injected, 30);
    sae_case_free(&c);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "refusals", create_refuses_bad_weights, (int)(sizeof refusals / sizeof *refusals));
    add_case(suite, "null", null_handles_are_refused);
    add_case(suite, "describe", a_handle_describes_itself);
    add_case(suite, "decode", decode_sums_the_rows_that_codes_name);
    add_case(suite, "decode refuses", decode_refuses_codes_that_lie);
    add_case(suite, "steer", steer_adds_a_decoder_row);
    add_case(suite, "memory", refused_memory_leaves_nothing_behind);
    add_encode_cases(suite);
    add_folding_cases(suite);
    add_guard_cases(suite);
    add_rows_cases(suite);
    add_file_cases(suite);
    add_refusal_cases(suite);
    add_fault_cases(suite);
}

SUITE_MAIN("sae", add_cases)
