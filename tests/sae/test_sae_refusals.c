/* What a load accepts and refuses: configurations, tensors, files. Each refusal with its status and the words that name the cause. */
#include <atoms/atoms.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "counting_memory.h"
#include "files.h"
#include "sae_oracle.h"
#include "suite.h"

enum { D_IN = 6, D_SAE = 10 };

/* A folder with the golden's weights and this cfg.json. */
static const char *folder_with(const char *cfg)
{
    size_t size;
    unsigned char *weights = read_bytes(golden_path("sae/saelens_weights.safetensors"), &size);
    mkdir(scratch_path("variant"), 0777);
    write_bytes(scratch_path("variant/sae_weights.safetensors"), weights, size);
    write_bytes(scratch_path("variant/cfg.json"), cfg, strlen(cfg));
    remove(scratch_path("variant/activation_scaler.json"));
    free(weights);
    return scratch_path("variant");
}

/* Loads and says whether the input bias was folded; −1 where the load fails, with the detail checked by the caller. */
static atoms_status try_load(atoms_context *context, const char *path, int *bias, char *metadata, size_t size)
{
    atoms_sae *sae = (atoms_sae *)(uintptr_t)1;
    atoms_status status = atoms_sae_load(context, path, &sae);
    if (status) {
        ck_assert_ptr_null(sae);
        return status;
    }
    atoms_sae_report report;
    ck_assert_ok(atoms_sae_report_init(&report, sizeof report));
    ck_assert_ok(atoms_sae_describe(sae, &report));
    if (bias) *bias = report.input_bias_folded;
    if (metadata) snprintf(metadata, size, "%s", report.metadata);
    atoms_sae_destroy(sae);
    return status;
}

#define SIZES "\"d_in\": 6, \"d_sae\": 10"
#define JUMP SIZES ", \"architecture\": \"jumprelu\""

static const struct accepted { const char *cfg; int bias; const char *metadata; } accepted[] = {
    {"{" JUMP "}", 1, "{}"}, /* apply_b_dec_to_input missing means true */
    {"{" JUMP ", \"apply_b_dec_to_input\": false}", 0, "{}"},
    {"{" JUMP ", \"apply_b_dec_to_input\": null}", 1, "{}"},
    {"{" JUMP ", \"normalize_activations\": \"none\"}", 1, "{}"},
    {"{" JUMP ", \"normalize_activations\": false, \"device\": \"cuda:0\", \"dtype\": \"torch.float32\"}", 1, "{}"},
    {"{" JUMP ", \"normalize_activations\": null, \"activation_fn\": null, \"activation_fn_kwargs\": null}", 1, "{}"},
    {"{" JUMP ", \"activation_fn_str\": \"relu\", \"activation_fn_kwargs\": {}}", 1, "{}"},
    {"{" JUMP ", \"reshape_activations\": \"hook_z\"}", 1, "{\"reshape_activations\":\"hook_z\"}"},
    {"{" JUMP ", \"reshape_activations\": \"hook_z\", \"metadata\": {\"reshape_activations\": \"x\"}}", 1, "{\"reshape_activations\":\"hook_z\"}"},
    {"{" JUMP ", \"metadata\": {\"reshape_activations\": \"x\"}}", 1, "{}"},
    {"{" JUMP ", \"finetuning_scaling_factor\": false, \"rescale_acts_by_decoder_norm\": false, \"d_out\": 6}", 1, "{}"},
    {"{" JUMP ", \"anything_else\": [1, {\"a\": 2.5}]}", 1, "{\"anything_else\":[1,{\"a\":2.5}]}"},
    {"{\"metadata\": {\"model_name\": \"g\\u00e9\", \"k\": null}, " JUMP ", \"seed\": 3}", 1, "{\"model_name\":\"gé\",\"k\":null,\"seed\":3}"},
};

START_TEST(configurations_that_are_understood)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int bias = -1;
    char metadata[300];
    atoms_status status = try_load(context, folder_with(accepted[_i].cfg), &bias, metadata, sizeof metadata);
    char detail[1100];
    atoms_context_detail(context, detail, sizeof detail);
    ck_assert_msg(status == ATOMS_OK, "%s: %s", accepted[_i].cfg, detail);
    ck_assert_int_eq(bias, accepted[_i].bias);
    ck_assert_str_eq(metadata, accepted[_i].metadata);
    ck_assert_str_eq(detail, ""); /* a success leaves no words */
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static const struct refused { const char *cfg; atoms_status status; const char *words; } refused[] = {
    {"{" SIZES ", \"architecture\": \"topk\", \"k\": 32}", ATOMS_E_UNSUPPORTED, "architecture is \"topk\""},
    {"{" SIZES ", \"architecture\": \"gated\"}", ATOMS_E_UNSUPPORTED, "architecture is \"gated\""},
    {"{" SIZES ", \"architecture\": \"batchtopk\"}", ATOMS_E_UNSUPPORTED, "batchtopk"},
    {"{" SIZES ", \"architecture\": \"matryoshka_batchtopk\"}", ATOMS_E_UNSUPPORTED, "matryoshka_batchtopk"},
    {"{" SIZES ", \"architecture\": \"jumprelu_transcoder\"}", ATOMS_E_UNSUPPORTED, "jumprelu_transcoder"},
    {"{" SIZES ", \"architecture\": \"temporal\"}", ATOMS_E_UNSUPPORTED, "temporal"},
    {"{" SIZES ", \"architecture\": 7}", ATOMS_E_UNSUPPORTED, "architecture is 7"},
    {"{" SIZES ", \"architecture\": \"an_architecture_whose_name_is_longer_than_what_a_message_can_hold_in_all_its_words_and_more\"}", ATOMS_E_UNSUPPORTED,
     "architecture is"},
    {"{" SIZES ", \"architecture\": \"standard\"}", ATOMS_E_UNSUPPORTED, "the tensor threshold has no place"},
    {"{" SIZES "}", ATOMS_E_UNSUPPORTED, "threshold"}, /* no architecture: the flat layout's standard */
    {"{" JUMP ", \"normalize_activations\": \"layer_norm\"}", ATOMS_E_UNSUPPORTED, "normalize_activations is \"layer_norm\""},
    {"{" JUMP ", \"normalize_activations\": \"constant_norm_rescale\"}", ATOMS_E_UNSUPPORTED, "constant_norm_rescale"},
    {"{" JUMP ", \"normalize_activations\": \"expected_average_only_in\"}", ATOMS_E_UNSUPPORTED, "no activation_scaler.json"},
    {"{" JUMP ", \"normalize_activations\": true}", ATOMS_E_UNSUPPORTED, "no activation_scaler.json"},
    {"{" JUMP ", \"normalize_activations\": 1}", ATOMS_E_UNSUPPORTED, "normalize_activations is 1"},
    {"{" JUMP ", \"reshape_activations\": \"hook_q\"}", ATOMS_E_UNSUPPORTED, "reshape_activations is \"hook_q\""},
    {"{" JUMP ", \"activation_fn\": \"tanh-relu\"}", ATOMS_E_UNSUPPORTED, "activation_fn is \"tanh-relu\""},
    {"{" JUMP ", \"activation_fn_str\": \"topk\"}", ATOMS_E_UNSUPPORTED, "activation_fn_str is \"topk\""},
    {"{" JUMP ", \"activation_fn_kwargs\": {\"k\": 32}}", ATOMS_E_UNSUPPORTED, "activation_fn_kwargs is {\"k\":32}"},
    {"{" JUMP ", \"finetuning_scaling_factor\": true}", ATOMS_E_UNSUPPORTED, "no tensor scaling_factor"},
    {"{" JUMP ", \"finetuning_scaling_factor\": 2}", ATOMS_E_FORMAT, "finetuning_scaling_factor must be true or false"},
    {"{" JUMP ", \"rescale_acts_by_decoder_norm\": true}", ATOMS_E_UNSUPPORTED, "rescale_acts_by_decoder_norm is true"},
    {"{" JUMP ", \"d_out\": 7}", ATOMS_E_UNSUPPORTED, "transcoders"},
    {"{" JUMP ", \"apply_b_dec_to_input\": \"no\"}", ATOMS_E_FORMAT, "apply_b_dec_to_input must be"},
    {"{" JUMP ", \"metadata\": []}", ATOMS_E_FORMAT, "metadata must be an object"},
    {"{\"d_in\": 6, \"architecture\": \"jumprelu\"}", ATOMS_E_NOT_FOUND, "d_sae is missing"},
    {"{\"d_sae\": 10, \"architecture\": \"jumprelu\"}", ATOMS_E_NOT_FOUND, "d_in is missing"},
    {"{\"d_in\": 6.0, \"d_sae\": 10, \"architecture\": \"jumprelu\"}", ATOMS_E_FORMAT, "d_in must be an integer"},
    {"{\"d_in\": 0, \"d_sae\": 10, \"architecture\": \"jumprelu\"}", ATOMS_E_FORMAT, "d_in must be"},
    {"{\"d_in\": 6, \"d_sae\": 99999999999, \"architecture\": \"jumprelu\"}", ATOMS_E_FORMAT, "d_sae must be"},
    {"{\"d_in\": 7, \"d_sae\": 10, \"architecture\": \"jumprelu\"}", ATOMS_E_SHAPE, "W_enc must have the shape 7"},
    {"{\"d_in\": 10, \"d_sae\": 6, \"architecture\": \"jumprelu\"}", ATOMS_E_SHAPE, "W_enc must have the shape 10"},
    {"{\"d_in\": 2000000000, \"d_sae\": 2000000000, \"architecture\": \"jumprelu\"}", ATOMS_E_SHAPE, "W_enc must have the shape"},
    {"{" JUMP ", \"x\": NaN}", ATOMS_E_FORMAT, "line 1 column"},
    {"{" JUMP ", \"x\": 1e999}", ATOMS_E_FORMAT, "line 1"},
    {"{" JUMP ", \"x\": 1, \"x\": 2}", ATOMS_E_FORMAT, "duplicate"},
    {"{" JUMP "", ATOMS_E_FORMAT, "cfg.json: line 1"},
    {"{" JUMP "} trailing", ATOMS_E_FORMAT, "cfg.json: line 1"},
    {"[" "1, 2]", ATOMS_E_FORMAT, "is not a JSON object"},
    {"", ATOMS_E_FORMAT, "cfg.json"},
    {"{\"a\": \"\xff\"}", ATOMS_E_FORMAT, "unable to decode byte 0xff"},
};

START_TEST(configurations_that_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int open = count_open_files();
    ck_assert_status(try_load(context, folder_with(refused[_i].cfg), NULL, NULL, 0), refused[_i].status);
    ck_assert_detail(context, refused[_i].words);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    ck_assert_int_eq(count_open_files(), open);
}
END_TEST

START_TEST(json_has_limits)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    char *text = malloc((1 << 20) + 100);
    for (int depth = 32; depth <= 33; depth++) { /* the object itself is level 1; brackets in strings do not count */
        int n = sprintf(text, "{" JUMP ", \"s\": \"[[[[\\\"[[[[\", \"x\": ");
        for (int k = 0; k < depth - 1; k++) text[n++] = '[';
        for (int k = 0; k < depth - 1; k++) text[n++] = ']';
        strcpy(text + n, "}");
        ck_assert_status(try_load(context, folder_with(text), NULL, NULL, 0), depth == 32 ? ATOMS_OK : ATOMS_E_LIMIT);
    }
    ck_assert_detail(context, "deeper than 32");
    for (int over = 0; over <= 1; over++) {
        int n = sprintf(text, "{" JUMP), size = (1 << 20) + over;
        memset(text + n, ' ', (size_t)(size - n));
        strcpy(text + size - 1, "}");
        ck_assert_status(try_load(context, folder_with(text), NULL, NULL, 0), over ? ATOMS_E_LIMIT : ATOMS_OK);
    }
    ck_assert_detail(context, "1048577 bytes");
    free(text);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static const struct scaler { const char *text; atoms_status status; } scalers[] = {
    {"{\"scaling_factor\": 2}", ATOMS_OK},        {"{\"scaling_factor\": null}", ATOMS_E_FORMAT}, {"{\"scaling_factor\": -1.0}", ATOMS_E_FORMAT},
    {"{\"scaling_factor\": \"2\"}", ATOMS_E_FORMAT}, {"{}", ATOMS_E_FORMAT},                      {"nonsense", ATOMS_E_FORMAT},
};

START_TEST(an_input_scale_is_read_from_its_file)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *folder = folder_with("{" JUMP ", \"normalize_activations\": \"expected_average_only_in\"}");
    write_bytes(scratch_path("variant/activation_scaler.json"), scalers[_i].text, strlen(scalers[_i].text));
    ck_assert_status(try_load(context, folder, NULL, NULL, 0), scalers[_i].status);
    if (scalers[_i].status) ck_assert_detail(context, "activation_scaler.json");
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

/* Weights files that differ from a good one: one tensor left out, one added, one changed. */
static const struct weights_variant {
    const char *leave_out, *add;
    int64_t length; /* of the added vector */
    float value;
    int32_t dtype;
    atoms_status status;
    const char *words;
} variants[] = {
    {"", "", 0, 0, 0, ATOMS_OK, ""},
    {"W_enc", "", 0, 0, 0, ATOMS_E_NOT_FOUND, "W_enc"},
    {"W_dec", "", 0, 0, 0, ATOMS_E_NOT_FOUND, "W_dec"},
    {"b_enc", "", 0, 0, 0, ATOMS_E_NOT_FOUND, "b_enc"},
    {"b_dec", "", 0, 0, 0, ATOMS_E_NOT_FOUND, "b_dec"},
    {"threshold", "", 0, 0, 0, ATOMS_E_NOT_FOUND, "threshold"},
    {"threshold", "log_threshold", D_SAE, -0.5f, ATOMS_F32, ATOMS_OK, ""},
    {"threshold", "log_threshold", D_SAE, 100, ATOMS_F32, ATOMS_E_NOT_FINITE, "threshold: element 0 is infinite"},
    {"", "log_threshold", D_SAE, 0, ATOMS_F32, ATOMS_E_UNSUPPORTED, "threshold has no place"},
    {"", "scaling_factor", D_SAE, 1, ATOMS_F32, ATOMS_OK, ""},
    {"", "scaling_factor", D_SAE, 1.5f, ATOMS_F32, ATOMS_E_UNSUPPORTED, "scaling_factor of latent 0"},
    {"", "scaling_factor", D_SAE - 1, 1, ATOMS_F32, ATOMS_E_SHAPE, "scaling_factor must be a vector of 10"},
    {"", "W_skip", 36, 0, ATOMS_F32, ATOMS_E_UNSUPPORTED, "the tensor W_skip"},
    {"", "r_mag", D_SAE, 0, ATOMS_F32, ATOMS_E_UNSUPPORTED, "the tensor r_mag"},
    {"threshold", "threshold", D_SAE + 1, 0, ATOMS_F32, ATOMS_E_SHAPE, "threshold must be a vector of 10"},
    {"threshold", "threshold", D_SAE, 0, ATOMS_I32, ATOMS_E_DTYPE, "threshold"},
    {"b_dec", "b_dec", D_IN, NAN, ATOMS_F32, ATOMS_E_NOT_FINITE, "b_dec: element 0 is NaN"},
    {"b_enc", "b_enc", D_IN, 0, ATOMS_F32, ATOMS_E_SHAPE, "b_enc must be a vector of 10"},
    {"W_enc", "W_enc", D_IN * D_SAE, 0, ATOMS_F32, ATOMS_E_SHAPE, "W_enc has 1 dimensions"},
    {"W_dec", "W_dec", D_IN * D_SAE, 0, ATOMS_F32, ATOMS_E_SHAPE, "W_dec must have the shape 10"},
};

START_TEST(weights_that_are_refused)
{
    struct weights_variant v = variants[_i];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    static const char *const names[] = {"W_enc", "W_dec", "b_enc", "b_dec", "threshold"};
    const int64_t shapes[][2] = {{D_IN, D_SAE}, {D_SAE, D_IN}, {D_SAE, 0}, {D_IN, 0}, {D_SAE, 0}};
    float *data = random_rows(70, D_IN, D_SAE), added[D_IN * D_SAE];
    for (int k = 0; k < D_IN * D_SAE; k++) added[k] = v.value;
    for (int format = 0; format < 2; format++) {
        const char *folder = folder_with("{" JUMP "}");
        const char *path = format ? scratch_path("variant.npz") : scratch_path("variant/sae_weights.safetensors");
        atoms_tensorwriter *writer;
        ck_assert_ok(atoms_tensorwriter_create(context, path, format ? ATOMS_FILE_NPZ : ATOMS_FILE_SAFETENSORS, &writer));
        for (int t = 0; t < 5; t++)
            if (strcmp(names[t], v.leave_out))
                ck_assert_ok(atoms_tensorwriter_add(writer, names[t], ATOMS_F32, shapes[t][1] ? 2 : 1, shapes[t], data));
        if (*v.add) ck_assert_ok(atoms_tensorwriter_add(writer, v.add, v.dtype, 1, &v.length, added));
        ck_assert_ok(atoms_tensorwriter_commit(writer));
        atoms_tensorwriter_destroy(writer);
        int finetuning = format && !strcmp(v.add, "scaling_factor"); /* a thing of SAELens alone */
        ck_assert_status(try_load(context, format ? path : folder, NULL, NULL, 0), finetuning ? ATOMS_E_UNSUPPORTED : v.status);
        if (finetuning) ck_assert_detail(context, "the tensor scaling_factor has no place");
        else if (v.status && strcmp(v.leave_out, "W_enc")) ck_assert_detail(context, v.words);
        else if (v.status) ck_assert_detail(context, "W_enc");
    }
    free(data);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(paths_that_hold_no_sae)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_sae *sae;
    ck_assert_status(try_load(context, scratch_path("nowhere"), NULL, NULL, 0), ATOMS_E_NOT_FOUND);
    ck_assert_detail(context, "nowhere");
    mkdir(scratch_path("empty"), 0777);
    ck_assert_status(try_load(context, scratch_path("empty"), NULL, NULL, 0), ATOMS_E_NOT_FOUND);
    ck_assert_detail(context, "neither a cfg.json");
    ck_assert_status(try_load(context, golden_path("sae/saelens_weights.safetensors"), NULL, NULL, 0), ATOMS_E_UNSUPPORTED);
    ck_assert_detail(context, "neither");
    ck_assert_status(try_load(context, golden_path("sae/saelens_cfg.json"), NULL, NULL, 0), ATOMS_E_FORMAT);
    ck_assert_status(try_load(context, golden_path("sae/sae_expected.npz"), NULL, NULL, 0), ATOMS_E_UNSUPPORTED);
    remove(folder_with("{" JUMP "}"));
    remove(scratch_path("variant/sae_weights.safetensors"));
    ck_assert_status(try_load(context, scratch_path("variant"), NULL, NULL, 0), ATOMS_E_NOT_FOUND);
    ck_assert_detail(context, "sae_weights.safetensors");
    ck_assert_status(atoms_sae_load(NULL, "x", &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_load(context, NULL, &sae), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_load(context, "x", NULL), ATOMS_E_ARGUMENT);
    ck_assert_ok(atoms_sae_load(context, golden_sae("gemma"), &sae));
    ck_assert_status(atoms_sae_save(NULL, "x", ATOMS_FORMAT_SAELENS), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_save(sae, NULL, ATOMS_FORMAT_SAELENS), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_sae_save(sae, scratch_path("x"), 3), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "format is 3");
    ck_assert_status(atoms_sae_save(sae, scratch_path("no/such/parent"), ATOMS_FORMAT_SAELENS), ATOMS_E_NOT_FOUND);
    ck_assert_status(atoms_sae_save(sae, golden_path("sae/sae_expected.npz"), ATOMS_FORMAT_SAELENS), ATOMS_E_IO);
    ck_assert_status(atoms_sae_save(sae, scratch_path("empty"), ATOMS_FORMAT_GEMMA_SCOPE), ATOMS_E_IO);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_refusal_cases(Suite *suite);
void add_refusal_cases(Suite *suite)
{
    add_file_loop(suite, "accepted", configurations_that_are_understood, (int)(sizeof accepted / sizeof *accepted));
    add_file_loop(suite, "refused", configurations_that_are_refused, (int)(sizeof refused / sizeof *refused));
    add_file_case(suite, "json limits", json_has_limits);
    add_file_loop(suite, "scaler", an_input_scale_is_read_from_its_file, (int)(sizeof scalers / sizeof *scalers));
    add_file_loop(suite, "weights", weights_that_are_refused, (int)(sizeof variants / sizeof *variants));
    add_file_case(suite, "paths", paths_that_hold_no_sae);
}
