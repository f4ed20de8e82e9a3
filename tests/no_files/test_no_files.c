/* A library built without jansson and libzip: every function that reads or writes a file says so, in words, and leaves its output alone. */
#include <atoms/atoms.h>

#include "counting_memory.h"
#include "suite.h"

static atoms_codes *some_codes(atoms_context *context)
{
    atoms_codes *codes;
    ck_assert_ok(atoms_codes_create(context, 3, &codes));
    return codes;
}

static atoms_sae *some_sae(atoms_context *context)
{
    static const float eye[] = {1, 0, 0, 1};
    atoms_sae_weights weights;
    atoms_sae *sae;
    ck_assert_ok(atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = weights.w_dec = atoms_matrix_f32(eye, 2, 2);
    ck_assert_ok(atoms_sae_create(context, &weights, &sae));
    return sae;
}

static atoms_trainer *some_trainer(atoms_context *context)
{
    atoms_train_opts opts;
    atoms_trainer *trainer;
    ck_assert_ok(atoms_train_opts_init(&opts, sizeof opts));
    opts.width = 4;
    opts.steps = 1;
    ck_assert_ok(atoms_trainer_create(context, 2, &opts, &trainer));
    return trainer;
}

#define UNSUPPORTED(call)                                 \
    do {                                                  \
        ck_assert_status(call, ATOMS_E_UNSUPPORTED);      \
        ck_assert_detail(context, "ATOMS_FILES=OFF");     \
        ck_assert_int_eq(count_entries(scratch_folder()), 0); \
    } while (0)

START_TEST(writing_is_unsupported)
{
    static const float x[] = {1, 0, 0, 1};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("file");
    atoms_matrix batch = atoms_matrix_f32(x, 2, 2);
    atoms_codes *codes = some_codes(context);
    atoms_sae *sae = some_sae(context);
    atoms_trainer *trainer = some_trainer(context);
    atoms_moments *moments;
    atoms_metric *metric;
    atoms_tensorwriter *writer = (void *)&memory;
    ck_assert_ok(atoms_moments_create(context, 2, &moments));
    ck_assert_ok(atoms_moments_add(moments, &batch));
    ck_assert_ok(atoms_metric_from_moments(context, moments, NULL, &metric));
    UNSUPPORTED(atoms_codes_save(codes, path));
    UNSUPPORTED(atoms_moments_save(moments, path));
    UNSUPPORTED(atoms_metric_save(metric, path));
    UNSUPPORTED(atoms_sae_save(sae, path, ATOMS_FORMAT_SAELENS));
    UNSUPPORTED(atoms_sae_save(sae, path, ATOMS_FORMAT_GEMMA_SCOPE));
    UNSUPPORTED(atoms_trainer_save(trainer, path));
    UNSUPPORTED(atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer));
    ck_assert_ptr_null(writer);
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    atoms_trainer_destroy(trainer);
    atoms_sae_destroy(sae);
    atoms_codes_destroy(codes);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(reading_is_unsupported)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("file");
    atoms_codes *codes = (void *)&memory;
    atoms_moments *moments = (void *)&memory;
    atoms_metric *metric = (void *)&memory;
    atoms_rows *rows = (void *)&memory;
    atoms_sae *sae = (void *)&memory;
    atoms_trainer *trainer = (void *)&memory;
    atoms_tensorfile *file = (void *)&memory;
    UNSUPPORTED(atoms_codes_load(context, path, &codes));
    UNSUPPORTED(atoms_moments_load(context, path, &moments));
    UNSUPPORTED(atoms_metric_load(context, path, &metric));
    UNSUPPORTED(atoms_rows_open(context, path, NULL, &rows));
    UNSUPPORTED(atoms_sae_load(context, path, &sae));
    UNSUPPORTED(atoms_trainer_load(context, path, &trainer));
    UNSUPPORTED(atoms_tensorfile_open(context, path, &file));
    ck_assert(!codes && !moments && !metric && !rows && !sae && !trainer && !file);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "writing", writing_is_unsupported);
    add_case(suite, "reading", reading_is_unsupported);
}

SUITE_MAIN("no files", add_cases)
