/* What the examples do, with every single request for memory refused in turn, once and for ever after: a clean MEMORY, no leak, no file
 * left open, and the same work succeeds on the same context afterwards. */
#include <stdio.h>

#include <atoms/atoms.h>

#include "counting_memory.h"
#include "files.h"
#include "suite.h"
#include "training_data.h"

enum { N = 96, D = 12, M = 20 };

/* Data that every scenario shares; made once, outside the counted memory. */
static float *x;
static char rows_path[8192];

/* Each scenario destroys what it made whatever happens; handles are NULL until made. */
#define TRY(call) \
    if (!status) status = (call)

static atoms_status use_an_sae(atoms_context *c)
{
    atoms_status status = ATOMS_OK;
    atoms_sae *sae = NULL, *unit = NULL;
    atoms_sae_work *work;
    atoms_codes_view view;
    atoms_sae_weights w;
    size_t bytes = 0;
    float out[N * D], residual[D] = {0};
    atoms_matrix rows = atoms_matrix_f32(x, N, D), reconstruction = atoms_matrix_f32(out, N, D);
    TRY(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(x, D, M); /* any numbers will do */
    w.w_dec = atoms_matrix_f32(x + 7, M, D);
    TRY(atoms_sae_create(c, &w, &sae));
    TRY(atoms_sae_unit_decoder(sae, &unit));
    TRY(atoms_sae_work_size(unit, N, &bytes));
    void *memory = malloc(bytes + 1);
    TRY(atoms_sae_work_init(unit, memory, bytes, &work));
    TRY(atoms_sae_encode(unit, work, &rows, &view));
    TRY(atoms_sae_decode(unit, &view, &reconstruction));
    TRY(atoms_sae_steer(unit, 3, 0.5f, residual));
    free(memory);
    atoms_sae_destroy(unit);
    atoms_sae_destroy(sae);
    return status;
}

static atoms_status measure_angles(atoms_context *c)
{
    atoms_status status = ATOMS_OK;
    atoms_rows *rows = NULL;
    atoms_moments *moments = NULL, *again = NULL;
    atoms_metric *metric = NULL, *loaded = NULL;
    atoms_angles_report report;
    const char *moments_path = scratch_path("moments.safetensors"), *metric_path = scratch_path("metric.safetensors");
    TRY(atoms_angles_report_init(&report, sizeof report));
    TRY(atoms_rows_open(c, rows_path, NULL, &rows));
    TRY(atoms_moments_create(c, D, &moments));
    TRY(atoms_moments_add_rows(moments, rows));
    TRY(atoms_moments_save(moments, moments_path));
    TRY(atoms_moments_load(c, moments_path, &again));
    TRY(atoms_moments_merge(moments, again));
    TRY(atoms_metric_from_moments(c, moments, NULL, &metric));
    TRY(atoms_metric_save(metric, metric_path));
    TRY(atoms_metric_load(c, metric_path, &loaded));
    TRY(atoms_angles(c, rows, loaded, NULL, &report));
    atoms_metric_destroy(loaded);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(again);
    atoms_moments_destroy(moments);
    atoms_rows_destroy(rows);
    return status;
}

static atoms_status train_and_encode(atoms_context *c)
{
    atoms_status status = ATOMS_OK;
    atoms_rows *rows = NULL;
    atoms_trainer *trainer = NULL, *resumed = NULL;
    atoms_sae *sae = NULL, *loaded = NULL, *gemma = NULL;
    atoms_codes *codes = NULL, *codes2 = NULL;
    atoms_train_opts o = small_opts();
    const char *checkpoint = scratch_path("checkpoint.safetensors"), *folder = scratch_path("sae"), *npz = scratch_path("params.npz"),
               *codes_path = scratch_path("codes.npz");
    o.steps = 3;
    TRY(atoms_rows_open(c, rows_path, NULL, &rows));
    TRY(atoms_trainer_create(c, D, &o, &trainer));
    TRY(atoms_trainer_run(trainer, rows, NULL, NULL, NULL));
    TRY(atoms_trainer_save(trainer, checkpoint));
    TRY(atoms_trainer_load(c, checkpoint, &resumed));
    TRY(atoms_trainer_snapshot(resumed, &sae));
    TRY(atoms_sae_save(sae, folder, ATOMS_FORMAT_SAELENS));
    TRY(atoms_sae_save(sae, npz, ATOMS_FORMAT_GEMMA_SCOPE));
    TRY(atoms_sae_load(c, folder, &loaded));
    TRY(atoms_sae_load(c, npz, &gemma));
    TRY(atoms_codes_create(c, atoms_sae_d_sae(gemma), &codes));
    TRY(atoms_sae_encode_rows(loaded, rows, codes));
    TRY(atoms_codes_save(codes, codes_path));
    TRY(atoms_codes_load(c, codes_path, &codes2));
    atoms_codes_destroy(codes2);
    atoms_codes_destroy(codes);
    atoms_sae_destroy(gemma);
    atoms_sae_destroy(loaded);
    atoms_sae_destroy(sae);
    atoms_trainer_destroy(resumed);
    atoms_trainer_destroy(trainer);
    atoms_rows_destroy(rows);
    return status;
}

static atoms_status judge(atoms_context *c)
{
    atoms_status status = ATOMS_OK;
    atoms_rows *train = NULL, *rows = NULL;
    atoms_moments *moments = NULL;
    atoms_metric *metric = NULL;
    atoms_sae *sae = NULL;
    atoms_dictionary *dictionary = NULL;
    atoms_codes *codes = NULL;
    atoms_matrix decoder, all = atoms_matrix_f32(x, N, D);
    atoms_sae_weights w;
    atoms_coherence_report coherence;
    atoms_stability_report stability;
    atoms_figures in_sample, held_out;
    atoms_evaluate_opts o;
    TRY(atoms_coherence_report_init(&coherence, sizeof coherence));
    TRY(atoms_stability_report_init(&stability, sizeof stability));
    TRY(atoms_figures_init(&in_sample, sizeof in_sample));
    TRY(atoms_figures_init(&held_out, sizeof held_out));
    TRY(atoms_evaluate_opts_init(&o, sizeof o));
    TRY(atoms_sae_weights_init(&w, sizeof w));
    w.w_enc = atoms_matrix_f32(x + 3, D, M);
    w.w_dec = atoms_matrix_f32(x + 7, M, D);
    TRY(atoms_sae_create(c, &w, &sae));
    TRY(atoms_rows_from_matrix(c, &all, &train));
    TRY(atoms_rows_first(c, train, N / 2, &rows));
    TRY(atoms_moments_create(c, D, &moments));
    TRY(atoms_moments_add(moments, &all));
    TRY(atoms_metric_from_moments(c, moments, NULL, &metric));
    TRY(atoms_sae_decoder(sae, &decoder));
    TRY(atoms_dictionary_create(c, &decoder, metric, &dictionary));
    TRY(atoms_dictionary_coherence(dictionary, NULL, &coherence));
    TRY(atoms_codes_create(c, M, &codes));
    TRY(atoms_sae_encode_rows(sae, rows, codes));
    TRY(atoms_stability(dictionary, codes, &stability));
    o.metric = metric;
    TRY(atoms_evaluate(c, sae, &o, train, rows, &in_sample, &held_out));
    for (int32_t control = ATOMS_CONTROL_NEURONS; control <= ATOMS_CONTROL_MEMORISER; control++)
        TRY(atoms_evaluate_control(c, control, sae, &o, train, rows, &in_sample, &held_out));
    atoms_codes_destroy(codes);
    atoms_dictionary_destroy(dictionary);
    atoms_sae_destroy(sae);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_rows_destroy(rows);
    atoms_rows_destroy(train);
    return status;
}

static atoms_status (*const scenarios[])(atoms_context *) = {use_an_sae, measure_angles, train_and_encode, judge};
static const char *const names[] = {"use an SAE", "measure angles", "train and encode", "judge"};

/* _i: scenario and kind of refusal. */
START_TEST(every_request_is_refused_in_turn)
{
    int which = _i / 2, sticky = _i % 2;
    x = training_rows(N, D, 3);
    snprintf(rows_path, sizeof rows_path, "%s", scratch_path("rows.npy"));
    atoms_context *plain;
    atoms_tensorwriter *w;
    const int64_t shape[2] = {N, D};
    ck_assert_ok(atoms_context_create(NULL, &plain));
    ck_assert_ok(atoms_tensorwriter_create(plain, rows_path, ATOMS_FILE_NPY, &w));
    ck_assert_ok(atoms_tensorwriter_add(w, "", ATOMS_F32, 2, shape, x));
    ck_assert_ok(atoms_tensorwriter_commit(w));
    atoms_tensorwriter_destroy(w);
    atoms_context_destroy(plain);

    int64_t injections = 0;
    int open_files = count_open_files();
    for (int64_t k = 1;; k++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 1);
        int64_t before = memory.held;
        memory.requests = 0;
        memory.sticky = sticky;
        memory.fail_at = k;
        atoms_status status = scenarios[which](context);
        memory.fail_at = 0;
        ck_assert_int_eq(memory.held, before);
        ck_assert_int_eq(count_open_files(), open_files);
        if (!memory.failures) {
            ck_assert_ok(status);
            atoms_context_destroy(context);
            break;
        }
        ck_assert_msg(status == ATOMS_E_MEMORY, "%s, request %lld: %s", names[which], (long long)k, atoms_status_name(status));
        ck_assert_detail(context, "memory");
        if (k % 16 == 1) ck_assert_ok(scenarios[which](context)); /* the context is none the worse */
        atoms_context_destroy(context);
        ck_assert_int_eq(memory.held, 0);
        injections++;
    }
    printf("%s, refused %s: %lld injections\n", names[which], sticky ? "for ever" : "once", (long long)injections);
    ck_assert_int_gt(injections, 5);
    free(x);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "refused memory", every_request_is_refused_in_turn, 8);
}

SUITE_MAIN("refused memory", add_cases)
