/* Moments and metrics in files: the same bits back, and no trust in what a file says. */
#include <math.h>

#include "failing_io.h"
#include "metric/metric_internal.h"
#include "metric_support.h"

enum { DIM = 9 };

/* _i: rows, of which some, none or all wait. */
START_TEST(moments_come_back_bit_for_bit)
{
    static const int64_t counts[] = {0, 5, 2 * MOMENTS_BLOCK, 1500};
    double *x = normal_numbers(1500 * DIM, 50);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, counts[_i], DIM), more = atoms_matrix_f64(x, 700, DIM);
    atoms_moments *saved = moments_of(context, &m), *loaded;
    const char *path = scratch_path("moments.safetensors");
    ck_assert_ok(atoms_moments_save(saved, path));
    ck_assert_ok(atoms_moments_load(context, path, &loaded));
    ck_assert(same_moments(saved, loaded));
    ck_assert_ok(atoms_moments_add(saved, &more));
    ck_assert_ok(atoms_moments_add(loaded, &more));
    ck_assert(same_moments(saved, loaded));
    atoms_moments_destroy(saved);
    atoms_moments_destroy(loaded);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* _i: plain, centred with Ledoit–Wolf, with γ, of a dictionary. */
START_TEST(metrics_come_back_bit_for_bit)
{
    enum { ROWS = 600 };
    double *x = correlated_rows(ROWS, DIM, 51);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_metric_opts opts = metric_opts();
    opts.centred = _i == 1;
    opts.gamma_rule = _i == 1 ? ATOMS_GAMMA_LEDOIT_WOLF : ATOMS_GAMMA_FIXED;
    opts.gamma = _i == 2 ? 0.1 : 0;
    atoms_metric *saved, *loaded;
    if (_i == 3) ck_assert_ok(atoms_metric_from_dictionary(context, &m, &opts, &saved));
    else saved = metric_of(context, &m, &opts);
    const char *path = scratch_path("metric.safetensors");
    ck_assert_ok(atoms_metric_save(saved, path));
    ck_assert_ok(atoms_metric_load(context, path, &loaded));
    atoms_metric_report a = describe(saved), b = describe(loaded);
    ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    ck_assert(_i == 0 || _i == 3 || a.gamma > 0);
    ck_assert_int_eq(memcmp(saved->factor, loaded->factor, DIM * DIM * sizeof(double)), 0);
    ck_assert_int_eq(memcmp(saved->vectors, loaded->vectors, DIM * DIM * sizeof(double)), 0);
    ck_assert(same_moments(saved->moments, loaded->moments));
    atoms_moments *moments;
    ck_assert_status(atoms_moments_load(context, path, &moments), ATOMS_E_FORMAT);
    ck_assert_detail(context, "\"atoms.metric\", not \"atoms.moments\"");
    ck_assert_ptr_null(moments);
    atoms_metric_destroy(saved);
    atoms_metric_destroy(loaded);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

/* A file of moments that may be spoilt in one place. */
typedef struct spoilt {
    const char *kind, *version;
    int64_t dim, width, linear, pending, count;
    double fourth, gamma;
    int32_t dtype;
    const char *centred, *detail;
} spoilt;

static void write_spoilt(atoms_context *context, const spoilt *s, const char *path)
{
    static double zeros[600 * DIM];
    atoms_tensorwriter *w;
    ck_assert_ok(atoms_tensorwriter_create(context, path, ATOMS_FILE_SAFETENSORS, &w));
    ck_assert_ok(atoms_tensorwriter_metadata(w, "kind", s->kind));
    ck_assert_ok(atoms_tensorwriter_metadata(w, "version", s->version));
    ck_assert_ok(atoms_tensorwriter_metadata(w, "source", "moments"));
    ck_assert_ok(atoms_tensorwriter_metadata(w, "centred", s->centred));
    ck_assert_ok(atoms_tensorwriter_metadata(w, "gamma_rule", "fixed"));
    ck_assert_ok(atoms_tensorwriter_add(w, "outer", s->dtype, 2, (int64_t[]){s->dim, s->width}, zeros));
    ck_assert_ok(atoms_tensorwriter_add(w, "linear", ATOMS_F64, 1, (int64_t[]){s->linear}, zeros));
    ck_assert_ok(atoms_tensorwriter_add(w, "cubic", ATOMS_F64, 1, (int64_t[]){DIM}, zeros));
    ck_assert_ok(atoms_tensorwriter_add(w, "fourth", ATOMS_F64, 1, (int64_t[]){1}, &s->fourth));
    ck_assert_ok(atoms_tensorwriter_add(w, "gamma", ATOMS_F64, 1, (int64_t[]){1}, &s->gamma));
    ck_assert_ok(atoms_tensorwriter_add(w, "count", ATOMS_I64, 1, (int64_t[]){1}, &s->count));
    ck_assert_ok(atoms_tensorwriter_add(w, "pending", ATOMS_F64, 2, (int64_t[]){s->pending, DIM}, zeros));
    ck_assert_ok(atoms_tensorwriter_commit(w));
    atoms_tensorwriter_destroy(w);
}

START_TEST(files_are_not_trusted)
{
    const spoilt good = {"atoms.metric", "1", DIM, DIM, DIM, 4, 10, 0, 1, ATOMS_F64, "0", NULL};
    spoilt cases[13];
    for (int i = 0; i < 13; i++) cases[i] = good;
    int n = 0;
    cases[n].kind = "atoms.moments", cases[n++].detail = "\"kind\" is \"atoms.moments\"";
    cases[n].version = "2", cases[n++].detail = "\"version\" is \"2\"";
    cases[n].width = DIM + 1, cases[n++].detail = "not square";
    cases[n].dtype = ATOMS_F32, cases[n++].detail = "\"outer\" is F32 of rank 2, not f64";
    cases[n].linear = DIM - 1, cases[n++].detail = "\"linear\"";
    cases[n].pending = MOMENTS_BLOCK, cases[n++].detail = "rows < 256";
    cases[n].count = 3, cases[n++].detail = "count 3 is less than the pending rows";
    cases[n].count = -1, cases[n++].detail = "count -1";
    cases[n].fourth = NAN, cases[n++].detail = "\"fourth\" element 0 is not finite";
    cases[n].gamma = -1, cases[n++].detail = "gamma is negative";
    cases[n].centred = "yes", cases[n++].detail = "\"centred\" is \"yes\"";
    cases[n].count = 0, cases[n].pending = 1, cases[n++].detail = "count 0 is less";
    cases[n].dim = DIM - 1, cases[n].width = DIM - 1, cases[n++].detail = "\"linear\"";
    ck_assert_int_eq(n, 13);
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("spoilt.safetensors");
    atoms_metric *metric;
    write_spoilt(context, &good, path);
    ck_assert_ok(atoms_metric_load(context, path, &metric));
    atoms_metric_destroy(metric);
    for (int i = 0; i < n; i++) {
        write_spoilt(context, &cases[i], path);
        atoms_status status = atoms_metric_load(context, path, &metric);
        ck_assert_msg(status == ATOMS_E_FORMAT, "case %d: %s", i, atoms_status_name(status));
        ck_assert_ptr_null(metric);
        ck_assert_detail(context, cases[i].detail);
        ck_assert_detail(context, path);
    }
    atoms_moments *moments;
    ck_assert_status(atoms_moments_load(context, scratch_path("absent"), &moments), ATOMS_E_NOT_FOUND);
    ck_assert_status(atoms_metric_load(context, sample_path("sample.eval.npy"), &metric), ATOMS_E_FORMAT);
    ck_assert_detail(context, "no safetensors file");
    ck_assert_status(atoms_moments_load(context, NULL, &moments), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_load(NULL, path, &moments), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_load(context, path, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_load(context, NULL, &metric), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_load(NULL, path, &metric), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_load(context, path, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_metric_save(NULL, path), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_moments_save(NULL, path), ATOMS_E_ARGUMENT);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static atoms_status save_and_load(atoms_context *context, const atoms_metric *metric, const char *path)
{
    atoms_metric *loaded = NULL;
    atoms_status status = atoms_metric_save(metric, path);
    if (!status) status = atoms_metric_load(context, path, &loaded);
    ck_assert(!loaded == (status != ATOMS_OK));
    atoms_metric_destroy(loaded);
    return status;
}

/* _i: memory, files. Each request or operation fails in turn. */
START_TEST(anything_may_fail)
{
    enum { ROWS = 600 };
    double *x = correlated_rows(ROWS, DIM, 52);
    counting_memory memory = {0};
    failing_io io = {.error = 5}; /* EIO */
    atoms_context *context = counting_context(&memory, 1);
    atoms_matrix m = atoms_matrix_f64(x, ROWS, DIM);
    atoms_metric *metric = metric_of(context, &m, NULL);
    failing_io_use(&io, context);
    int64_t held = memory.held;
    int files = count_open_files(), failed = 0;
    for (int64_t at = 1;; at++) {
        int64_t before = memory.failures + io.failures;
        if (_i) io.fail_at = io.operations + at;
        else memory.fail_at = memory.requests + at;
        atoms_status status = save_and_load(context, metric, scratch_path("f"));
        io.fail_at = memory.fail_at = 0;
        ck_assert_int_eq(memory.held, held);
        ck_assert_int_eq(count_open_files(), files);
        if (memory.failures + io.failures == before) {
            ck_assert_ok(status);
            break;
        }
        ck_assert_msg(_i || status == ATOMS_E_MEMORY, "request %lld: %s", (long long)at, atoms_status_name(status));
        failed++;
    }
    ck_assert_int_ge(failed, 10);
    atoms_metric_destroy(metric);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(x);
}
END_TEST

void add_metric_files_cases(Suite *suite)
{
    add_file_loop(suite, "moments in files", moments_come_back_bit_for_bit, 4);
    add_file_loop(suite, "metrics in files", metrics_come_back_bit_for_bit, 4);
    add_file_case(suite, "spoilt files", files_are_not_trusted);
    add_file_loop(suite, "failing files", anything_may_fail, 2);
}
