/* Files that other software wrote, against what NumPy computed from them; and round trips. */
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>

#include "counting_memory.h"
#include "files.h"
#include "sae_oracle.h"
#include "suite.h"

enum { D_IN = 6, D_SAE = 10, ROWS = 25 };

static void read_golden(atoms_context *context, const char *name, int64_t count, double *out)
{
    atoms_tensorfile *file;
    int64_t index;
    ck_assert_ok(atoms_tensorfile_open(context, golden_path("sae/sae_expected.npz"), &file));
    ck_assert_ok(atoms_tensorfile_find(file, name, &index));
    ck_assert_ok(atoms_tensorfile_read(file, index, 0, count, ATOMS_F64, out));
    atoms_tensorfile_close(file);
}

/* What `name` says the SAE computes, on the golden inputs. */
static void check_against_golden(atoms_context *context, const atoms_sae *sae, const char *name)
{
    double x[ROWS * D_IN], codes[ROWS * D_SAE], out[ROWS * D_IN];
    float dense[ROWS * D_SAE], back[ROWS * D_IN];
    char key[64];
    void *block;
    atoms_codes_view view;
    read_golden(context, "x", ROWS * D_IN, x);
    snprintf(key, sizeof key, "%s_codes", name);
    read_golden(context, key, ROWS * D_SAE, codes);
    snprintf(key, sizeof key, "%s_out", name);
    read_golden(context, key, ROWS * D_IN, out);
    atoms_sae_work *work = make_work(sae, ROWS, &block);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, D_IN), to = atoms_matrix_f32(dense, ROWS, D_SAE), reconstruction = atoms_matrix_f32(back, ROWS, D_IN);
    ck_assert_ok(atoms_sae_encode(sae, work, &m, &view));
    ck_assert_ok(atoms_codes_dense(context, &view, &to));
    ck_assert_ok(atoms_sae_decode(sae, &view, &reconstruction));
    int active = 0;
    for (int k = 0; k < ROWS * D_SAE; k++) {
        ck_assert_msg((dense[k] != 0) == (codes[k] != 0), "%s: support of row %d differs at %d", name, k / D_SAE, k % D_SAE);
        ck_assert_msg(near(dense[k], codes[k], 1e-5, 1), "%s: row %d latent %d: %.9g, not %.9g", name, k / D_SAE, k % D_SAE, dense[k], codes[k]);
        active += codes[k] != 0;
    }
    ck_assert_int_gt(active, ROWS);
    for (int k = 0; k < ROWS * D_IN; k++) ck_assert(near(back[k], out[k], 1e-5, 1));
    free(block);
}

static const struct golden { const char *name, *inside, *architecture; int32_t format; } goldens[] = {
    {"saelens", "", "jumprelu", ATOMS_FORMAT_SAELENS},
    {"saelens", "/", "jumprelu", ATOMS_FORMAT_SAELENS},
    {"checkpoint", "", "jumprelu", ATOMS_FORMAT_SAELENS},
    {"legacy", "", "standard", ATOMS_FORMAT_SAELENS},
    {"gemma", "", "jumprelu", ATOMS_FORMAT_GEMMA_SCOPE},
    {"gemma", "/params.npz", "jumprelu", ATOMS_FORMAT_GEMMA_SCOPE},
    {"gemma", "/../fortran.npz", "jumprelu", ATOMS_FORMAT_GEMMA_SCOPE},
};

static atoms_sae_report describe(const atoms_sae *sae)
{
    atoms_sae_report report;
    ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
    ck_assert_ok(atoms_sae_describe(sae, &report));
    return report;
}

static atoms_sae *load(atoms_context *context, const char *path)
{
    atoms_sae *sae = NULL;
    atoms_status status = atoms_sae_load(context, path, &sae);
    char detail[1100];
    atoms_context_detail(context, detail, sizeof detail);
    ck_assert_msg(!status, "%s: %s", path, detail);
    return sae;
}

static void check_same(const atoms_sae *a, const atoms_sae *b)
{
    atoms_matrix u, v;
    size_t weights = (size_t)(atoms_sae_d_in(a) * atoms_sae_d_sae(a)) * sizeof(float);
    ck_assert(atoms_sae_d_in(a) == atoms_sae_d_in(b) && atoms_sae_d_sae(a) == atoms_sae_d_sae(b));
    ck_assert_ok(atoms_sae_encoder(a, &u));
    ck_assert_ok(atoms_sae_encoder(b, &v));
    ck_assert(!memcmp(u.data, v.data, weights));
    ck_assert_ok(atoms_sae_decoder(a, &u));
    ck_assert_ok(atoms_sae_decoder(b, &v));
    ck_assert(!memcmp(u.data, v.data, weights));
    ck_assert(!memcmp(atoms_sae_b_enc(a), atoms_sae_b_enc(b), (size_t)atoms_sae_d_sae(a) * sizeof(float)));
    ck_assert(!memcmp(atoms_sae_threshold(a), atoms_sae_threshold(b), (size_t)atoms_sae_d_sae(a) * sizeof(float)));
    ck_assert(!memcmp(atoms_sae_b_dec(a), atoms_sae_b_dec(b), (size_t)atoms_sae_d_in(a) * sizeof(float)));
}

/* Load, compare with NumPy, save in both formats, load those, compare bit for bit. */
START_TEST(goldens_load_and_come_back)
{
    struct golden g = goldens[_i];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char path[4096];
    size_t size;
    unsigned char *fortran = read_bytes(golden_path("sae/gemma_fortran.npz"), &size);
    write_bytes(scratch_path("fortran.npz"), fortran, size);
    free(fortran);
    snprintf(path, sizeof path, "%s%s", golden_sae(g.name), g.inside);
    int open = count_open_files();
    atoms_sae *sae = load(context, path), *again;
    ck_assert_int_eq(describe(sae).format, g.format);
    ck_assert_str_eq(describe(sae).architecture, g.architecture);
    check_against_golden(context, sae, g.name);
    ck_assert_ok(atoms_sae_save(sae, scratch_path("round.sae"), ATOMS_FORMAT_SAELENS));
    ck_assert_int_eq(count_entries(scratch_path("round.sae")), 2);
    again = load(context, scratch_path("round.sae"));
    check_same(sae, again);
    ck_assert_int_eq(describe(again).input_bias_folded, 0);
    ck_assert_ok(atoms_sae_save(again, scratch_path("round.sae"), ATOMS_FORMAT_SAELENS)); /* over itself */
    ck_assert_int_eq(count_entries(scratch_path("round.sae")), 2);
    atoms_sae_destroy(again);
    ck_assert_ok(atoms_sae_save(sae, scratch_path("round.npz"), ATOMS_FORMAT_GEMMA_SCOPE));
    again = load(context, scratch_path("round.npz"));
    check_same(sae, again);
    atoms_sae_destroy(again);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    ck_assert_int_eq(count_open_files(), open);
}
END_TEST

static char *text_of(const char *path)
{
    size_t size;
    return (char *)read_bytes(path, &size);
}

START_TEST(what_was_folded_is_reported_and_metadata_kept)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_sae *sae = load(context, golden_sae("checkpoint"));
    ck_assert(describe(sae).input_scale == 1.375 && describe(sae).output_scale == 1.375 && describe(sae).input_bias_folded == 1);
    ck_assert_ptr_nonnull(strstr(describe(sae).metadata, "\"hook_name\":\"blocks.3.hook_resid_pre\""));
    ck_assert_ptr_nonnull(strstr(describe(sae).metadata, "\"learning_rate\":0.000"));
    ck_assert_ok(atoms_sae_save(sae, scratch_path("kept"), ATOMS_FORMAT_SAELENS));
    atoms_sae *again = load(context, scratch_path("kept"));
    ck_assert_str_eq(describe(again).metadata, describe(sae).metadata);
    atoms_sae_destroy(again);
    atoms_sae_destroy(sae);
    sae = load(context, golden_sae("legacy"));
    ck_assert_ptr_nonnull(strstr(describe(sae).metadata, "\"hook_point\":\"blocks.8.hook_resid_pre\""));
    ck_assert_ptr_null(strstr(describe(sae).metadata, "device"));
    ck_assert_ok(atoms_sae_save(sae, scratch_path("kept"), ATOMS_FORMAT_SAELENS));
    char *cfg = text_of(scratch_path("kept/cfg.json"));
    static const char *const lines[] = {"\"architecture\": \"jumprelu\"", "\"d_in\": 6", "\"d_sae\": 10", "\"apply_b_dec_to_input\": false",
                                        "\"normalize_activations\": \"none\"", "\"reshape_activations\": \"none\"", "\"dtype\": \"float32\"",
                                        "\"sae_lens_version\": \"6.0.0\"", "\"hook_point\": \"blocks.8.hook_resid_pre\""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) ck_assert_msg(strstr(cfg, lines[i]) != NULL, "%s lacks %s", cfg, lines[i]);
    free(cfg);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* The encoder that is written is d_in × d_sae in C order, also where it is streamed in many panels and pieces. */
START_TEST(the_encoder_is_written_the_fields_way_round)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    sae_case c = sae_case_make(60, 101, 1027, 0.3);
    atoms_sae *sae = sae_case_create(context, &c, 0), *again;
    float *read = malloc(101 * 1027 * sizeof *read);
    static const char *const paths[] = {"wide", "wide.npz"}, *const files[] = {"wide/sae_weights.safetensors", "wide.npz"};
    for (int format = 0; format < 2; format++) {
        atoms_tensorfile *file;
        atoms_tensor_info info;
        int64_t index;
        ck_assert_ok(atoms_sae_save(sae, scratch_path(paths[format]), format ? ATOMS_FORMAT_GEMMA_SCOPE : ATOMS_FORMAT_SAELENS));
        ck_assert_ok(atoms_tensorfile_open(context, scratch_path(files[format]), &file));
        ck_assert_int_eq(atoms_tensorfile_count(file), 5);
        ck_assert_ok(atoms_tensorfile_find(file, "W_enc", &index));
        ck_assert_ok(atoms_tensor_info_init(&info, sizeof info));
        ck_assert_ok(atoms_tensorfile_info(file, index, &info));
        ck_assert(info.rank == 2 && info.shape[0] == 101 && info.shape[1] == 1027 && !info.column_major && info.dtype == ATOMS_F32);
        ck_assert_ok(atoms_tensorfile_read(file, index, 0, 101 * 1027, ATOMS_F32, read));
        ck_assert(!memcmp(read, c.w_enc, 101 * 1027 * sizeof *read));
        atoms_tensorfile_close(file);
        again = load(context, scratch_path(paths[format]));
        check_same(sae, again);
        atoms_sae_destroy(again);
    }
    free(read);
    atoms_sae_destroy(sae);
    sae_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* A save that was cut off between its two files: new weights, old cfg.json that says another arithmetic. */
START_TEST(weights_beside_a_stale_configuration_are_noticed)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_sae *sae;
    ck_assert_ok(atoms_sae_load(context, golden_sae("saelens"), &sae));
    ck_assert_ok(atoms_sae_save(sae, scratch_path("stale"), ATOMS_FORMAT_SAELENS));
    atoms_sae_destroy(sae);
    sae = load(context, scratch_path("stale"));
    atoms_sae_destroy(sae);
    size_t size;
    unsigned char *cfg = read_bytes(golden_path("sae/saelens_cfg.json"), &size);
    write_bytes(scratch_path("stale/cfg.json"), cfg, size);
    ck_assert_status(atoms_sae_load(context, scratch_path("stale"), &sae), ATOMS_E_FORMAT);
    ck_assert_detail(context, "interrupted");
    ck_assert_ptr_null(sae);
    free(cfg);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_file_cases(Suite *suite);
void add_file_cases(Suite *suite)
{
    add_file_loop(suite, "goldens", goldens_load_and_come_back, (int)(sizeof goldens / sizeof *goldens));
    add_file_case(suite, "metadata", what_was_folded_is_reported_and_metadata_kept);
    add_file_case(suite, "stale", weights_beside_a_stale_configuration_are_noticed);
    add_file_case(suite, "written", the_encoder_is_written_the_fields_way_round);
}
