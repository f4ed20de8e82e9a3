/* Folding: whatever scales and biases a source has, the canonical form gives the same codes and reconstructions. */
#include <atoms/atoms.h>
#include <math.h>

#include "base/random.h"
#include "counting_memory.h"
#include "linalg/convert.h"
#include "sae_oracle.h"
#include "suite.h"

static double uniform(int seed, int k)
{
    return base_random_uniform((uint64_t)seed, BASE_STREAM_TEST, (uint64_t)k);
}

/* ‖out − oracle‖ ≤ 1e-5·scale for a row's reconstruction; scale is the sum of magnitudes that went into it. */
static void check_reconstruction(const sae_case *c, int with_bias, const double *x, const float *out)
{
    double *want = malloc((size_t)c->d_in * sizeof *want), error = 0, norm = 1;
    oracle_reconstruction(c, with_bias, x, want);
    for (int64_t j = 0; j < c->d_in; j++) {
        error += (out[j] - want[j]) * (out[j] - want[j]);
        norm += want[j] * want[j];
    }
    ck_assert_msg(sqrt(error) <= 2e-5 * sqrt(norm), "reconstruction is off by %g of %g", sqrt(error), sqrt(norm));
    free(want);
}

static void check_forward(const atoms_sae *sae, const sae_case *c, int with_bias, const float *x, int64_t rows, int64_t *compared)
{
    void *memory;
    atoms_sae_work *work = make_work(sae, rows, &memory);
    atoms_matrix m = atoms_matrix_f32(x, rows, c->d_in);
    atoms_codes_view codes;
    float *out = malloc((size_t)(rows * c->d_in) * sizeof *out);
    atoms_matrix to = atoms_matrix_f32(out, rows, c->d_in);
    ck_assert_ok(atoms_sae_encode(sae, work, &m, &codes));
    ck_assert_ok(atoms_sae_decode(sae, &codes, &to));
    double *wide = malloc((size_t)c->d_in * sizeof *wide);
    for (int64_t r = 0; r < rows; r++) {
        linalg_to_f64(ATOMS_F32, x + r * c->d_in, c->d_in, wide);
        *compared += oracle_check_row(c, with_bias, wide, &codes, r, 1e-5);
        check_reconstruction(c, with_bias, wide, out + r * c->d_in);
    }
    free(wide);
    free(out);
    free(memory);
}

START_TEST(folding_changes_no_code_and_no_reconstruction)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t compared = 0;
    for (int trial = 0; trial < 120; trial++) {
        int seed = 100 + trial, with_bias = trial & 1;
        int64_t d_in = 1 + (int64_t)(uniform(seed, 0) * 40), d_sae = 1 + (int64_t)(uniform(seed, 1) * 90);
        sae_case c = sae_case_make((uint64_t)seed, d_in, d_sae, 0.5);
        if (trial & 2) c.input_scale = exp(6 * uniform(seed, 2) - 3);
        if (trial & 4) c.output_scale = exp(6 * uniform(seed, 3) - 3);
        if (trial & 8)
            for (int64_t i = 0; i < d_sae; i += 2) c.threshold[i] = -c.threshold[i] - 0.5f; /* negative acts as 0 */
        atoms_sae *sae = sae_case_create(context, &c, with_bias);
        atoms_sae_report report;
        ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
        ck_assert_ok(atoms_sae_describe(sae, &report));
        ck_assert(report.input_scale == c.input_scale && report.output_scale == c.output_scale && report.input_bias_folded == with_bias);
        for (int64_t i = 0; i < d_sae; i++) ck_assert(atoms_sae_threshold(sae)[i] >= 0);
        float *x = random_rows((uint64_t)seed, 5, d_in);
        check_forward(sae, &c, with_bias, x, 5, &compared);
        free(x);
        atoms_sae_destroy(sae);
        sae_case_free(&c);
    }
    ck_assert_int_gt(compared, 2000);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Weights of every dtype, and strided, are the weights as f32. */
START_TEST(weights_of_every_dtype_are_taken)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(7, 19, 35, 0.5);
    int64_t n = c.d_in * c.d_sae, stride = c.d_sae + 3;
    for (int32_t dtype = ATOMS_F32; dtype <= ATOMS_BF16; dtype++) {
        uint16_t *half = calloc((size_t)n, 2), one;
        double *wide = calloc((size_t)(c.d_in * stride), sizeof *wide);
        for (int64_t k = 0; k < n; k++) { /* values that the narrow types hold exactly */
            if (dtype == ATOMS_F16) linalg_f32_to_f16(c.w_enc + k, 1, &one);
            else linalg_f32_to_bf16(c.w_enc + k, 1, &one);
            half[k] = one;
            linalg_to_f32(dtype == ATOMS_F16 ? ATOMS_F16 : ATOMS_BF16, &one, 1, c.w_enc + k);
            wide[k / c.d_sae * stride + k % c.d_sae] = c.w_enc[k];
        }
        atoms_sae_weights w = sae_case_weights(&c, 0);
        atoms_sae *sae, *same = sae_case_create(context, &c, 0);
        if (dtype == ATOMS_F64) {
            w.w_enc = atoms_matrix_f64(wide, c.d_in, c.d_sae);
            w.w_enc.stride = stride;
        } else if (dtype != ATOMS_F32)
            w.w_enc = atoms_matrix_view(half, c.d_in, c.d_sae, dtype);
        ck_assert_ok(atoms_sae_create(context, &w, &sae));
        atoms_matrix a, b;
        ck_assert_ok(atoms_sae_encoder(sae, &a));
        ck_assert_ok(atoms_sae_encoder(same, &b));
        ck_assert(memcmp(a.data, b.data, (size_t)n * sizeof(float)) == 0);
        atoms_sae_destroy(sae);
        atoms_sae_destroy(same);
        free(half);
        free(wide);
    }
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(unit_decoder_keeps_reconstructions)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t compared = 0;
    for (int trial = 0; trial < 20; trial++) {
        sae_case c = sae_case_make(300 + (uint64_t)trial, 3 + trial, 40, 0.5);
        atoms_sae *sae = sae_case_create(context, &c, trial & 1), *unit;
        ck_assert_ok(atoms_sae_unit_decoder(sae, &unit));
        atoms_sae_report report;
        ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
        ck_assert_ok(atoms_sae_describe(unit, &report));
        ck_assert_int_eq(report.unit_decoder, 1);
        for (int64_t i = 0; i < c.d_sae; i++) { /* the oracle's own version of the copy */
            double n = 0;
            for (int64_t j = 0; j < c.d_in; j++) n += (double)c.w_dec[i * c.d_in + j] * c.w_dec[i * c.d_in + j];
            n = sqrt(n);
            for (int64_t j = 0; j < c.d_in; j++) {
                c.w_dec[i * c.d_in + j] = (float)(c.w_dec[i * c.d_in + j] / n);
                c.w_enc[j * c.d_sae + i] = (float)(c.w_enc[j * c.d_sae + i] * n);
            }
            c.b_enc[i] = (float)(c.b_enc[i] * n);
            c.threshold[i] = (float)(c.threshold[i] * n);
        }
        float *x = random_rows(301 + (uint64_t)trial, 6, c.d_in);
        check_forward(unit, &c, trial & 1, x, 6, &compared);
        free(x);
        atoms_sae_destroy(unit);
        atoms_sae_destroy(sae);
        sae_case_free(&c);
    }
    ck_assert_int_gt(compared, 500);
    sae_case c = sae_case_make(8, 4, 5, 0.5);
    memset(c.w_dec + 3 * 4, 0, 4 * sizeof(float));
    atoms_sae *sae = sae_case_create(context, &c, 0), *unit = sae;
    ck_assert_status(atoms_sae_unit_decoder(sae, &unit), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "latent 3");
    ck_assert_ptr_null(unit);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_folding_cases(Suite *suite);
void add_folding_cases(Suite *suite)
{
    add_case(suite, "folding", folding_changes_no_code_and_no_reconstruction);
    add_case(suite, "dtypes", weights_of_every_dtype_are_taken);
    add_case(suite, "unit decoder", unit_decoder_keeps_reconstructions);
}
