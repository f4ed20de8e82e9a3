/* Bad input, refused memory, a caller who has had enough, and how much memory is held. */
#include <math.h>

#include "counting_memory.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

static float four[] = {1, 2, 0, 0, 3, 4, 5, 6};

START_TEST(bad_input_is_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_geometry *g = (atoms_geometry *)four;
    atoms_geometry_opts opts;
    uint8_t keep[4];
    int64_t kept = -7;
    ck_assert_ok(atoms_geometry_opts_init(&opts, sizeof opts));
    atoms_matrix m = atoms_matrix_f32(four, 4, 2), one = atoms_matrix_f32(four, 1, 2);
    ck_assert_status(atoms_geometry_create(context, &m, NULL, NULL, &g), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "atom 1 has length 0");
    ck_assert_ptr_null(g);
    ck_assert_status(atoms_geometry_thin(context, &m, NULL, .5, keep, &kept), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(kept, -7);
    ck_assert_status(atoms_geometry_create(context, &one, NULL, NULL, &g), ATOMS_E_SHAPE);
    ck_assert_detail(context, "two atoms");
    ck_assert_status(atoms_geometry_create(context, NULL, NULL, NULL, &g), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_create(NULL, &m, NULL, NULL, &g), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_create(context, &m, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_of_dictionary(NULL, NULL, &g), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_thin(NULL, &m, NULL, .5, keep, &kept), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_thin(context, &m, NULL, .5, NULL, &kept), ATOMS_E_ARGUMENT);
    four[2] = INFINITY;
    ck_assert_status(atoms_geometry_create(context, &m, NULL, NULL, &g), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "atoms_by_row: row 1 column 0 is infinite");
    four[2] = 1;
    m.dtype = ATOMS_I64;
    ck_assert_status(atoms_geometry_create(context, &m, NULL, NULL, &g), ATOMS_E_DTYPE);
    m = atoms_matrix_f32(four, 4, 2);
    const double bad_limits[] = {0, -1, 1.5, NAN};
    for (int k = 0; k < 4; k++) {
        ck_assert_status(atoms_geometry_thin(context, &m, NULL, bad_limits[k], keep, &kept), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, "limit must be");
        opts.duplicate = bad_limits[k];
        ck_assert_status(atoms_geometry_create(context, &m, NULL, &opts, &g), ATOMS_E_ARGUMENT);
        ck_assert_detail(context, "duplicate must be");
    }
    opts.duplicate = .9;
    opts.babel = 0;
    ck_assert_status(atoms_geometry_create(context, &m, NULL, &opts, &g), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "babel is 0");
    opts.babel = 1;
    opts.spectrum = 2;
    ck_assert_status(atoms_geometry_create(context, &m, NULL, &opts, &g), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "spectrum is 2");
    opts.spectrum = 0;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, &opts, &g));
    atoms_geometry_report r = report_of(g);
    ck_assert(isnan(r.frame_low) && isnan(r.effective_rank) && isnan(r.mean_square) && r.atoms == 4);
    ck_assert_status(atoms_geometry_describe(NULL, &r), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_geometry_describe(g, NULL), ATOMS_E_ARGUMENT);
    ck_assert(!atoms_geometry_babel(NULL) && !atoms_geometry_nearest(NULL) && !atoms_geometry_partner(NULL) && !atoms_geometry_atom_babel(NULL) &&
              !atoms_geometry_cluster(NULL));
    atoms_metric *metric = some_metric(context, 3, 1);
    atoms_geometry *none;
    ck_assert_status(atoms_geometry_create(context, &m, metric, NULL, &none), ATOMS_E_SHAPE);
    atoms_metric_destroy(metric);
    atoms_geometry_destroy(g);
    counting_end(&memory, context);
}
END_TEST

/* _i: f32 in place; a metric, all ties. */
START_TEST(refused_memory_leaves_nothing_behind)
{
    enum { H = 64, M = 2 * H };
    double *d = identity_beside_hadamard(H);
    float *f = narrowed(d, M * H);
    int64_t refusals = 0;
    for (int64_t fail_at = 1;; fail_at++) {
        counting_memory memory = {0};
        atoms_context *context = counting_context(&memory, 2);
        atoms_metric *metric = _i ? some_metric(context, H, 1) : NULL;
        int64_t held = memory.held;
        atoms_matrix m = atoms_matrix_f32(f, M, H);
        atoms_geometry *g = NULL;
        uint8_t keep[M];
        int64_t kept;
        memory.requests = 0;
        memory.fail_at = fail_at;
        atoms_status status = atoms_geometry_create(context, &m, metric, NULL, &g);
        if (!status) status = atoms_geometry_thin(context, &m, metric, .5, keep, &kept);
        ck_assert(status == ATOMS_OK || status == ATOMS_E_MEMORY);
        int64_t failures = memory.failures;
        ck_assert((status == ATOMS_E_MEMORY) == (failures > 0));
        refusals += failures;
        atoms_geometry_destroy(g);
        ck_assert_int_eq(memory.held, held);
        atoms_metric_destroy(metric);
        atoms_context_destroy(context);
        if (!failures) break;
    }
    ck_assert_int_gt(refusals, 20);
    free(d);
    free(f);
}
END_TEST

typedef struct patience {
    int64_t calls, most;
} patience;

static int32_t count_down(void *user, const char *part, int64_t done, int64_t total)
{
    patience *p = user;
    ck_assert(part && done <= total);
    return ++p->calls > p->most;
}

START_TEST(a_caller_may_cancel)
{
    enum { M = 700, H = 8 };
    double *d = random_atoms(M, H, 1);
    atoms_matrix m = atoms_matrix_f64(d, M, H);
    int64_t cancelled = 0;
    for (int64_t most = 0;; most++) {
        patience p = {.most = most};
        atoms_context_opts opts;
        atoms_context *context;
        atoms_geometry *g = NULL;
        uint8_t keep[M];
        int64_t kept;
        ck_assert_ok(atoms_context_opts_init(&opts, sizeof opts));
        opts.progress = count_down;
        opts.progress_user = &p;
        ck_assert_ok(atoms_context_create(&opts, &context));
        atoms_status status = atoms_geometry_create(context, &m, NULL, NULL, &g);
        if (!status) status = atoms_geometry_thin(context, &m, NULL, .5, keep, &kept);
        cancelled += status == ATOMS_E_CANCELLED;
        ck_assert(status == ATOMS_OK || status == ATOMS_E_CANCELLED);
        atoms_geometry_destroy(g);
        atoms_memory_report held;
        ck_assert_ok(atoms_memory_report_init(&held, sizeof held));
        ck_assert_ok(atoms_context_memory(context, &held));
        atoms_context_destroy(context);
        if (!status) break;
    }
    ck_assert_int_gt(cancelled, 4);
    free(d);
}
END_TEST

/* f32 atoms are read where they lie: what is held beside them is far less than a copy, and than the Gram matrix. */
START_TEST(little_is_held_beside_the_atoms)
{
    enum { M = 6000, H = 300 };
    float *f = malloc((size_t)M * H * sizeof *f);
    for (int64_t e = 0; e < (int64_t)M * H; e++) f[e] = (float)((e * 2654435761u % 1000003) / 500001.0 - 1);
    atoms_context *context;
    atoms_memory_report memory;
    ck_assert_ok(atoms_context_create(NULL, &context));
    ck_assert_ok(atoms_memory_report_init(&memory, sizeof memory));
    atoms_matrix m = atoms_matrix_f32(f, M, H);
    atoms_geometry *g;
    ck_assert_ok(atoms_geometry_create(context, &m, NULL, NULL, &g));
    ck_assert_ok(atoms_context_memory(context, &memory));
    ck_assert_uint_lt(memory.peak, 24u << 20); /* the Gram matrix: 144 MB in f32 */
    atoms_geometry_destroy(g);
    atoms_context_destroy(context);
    free(f);
}
END_TEST

void add_refusal_cases(Suite *suite)
{
    add_case(suite, "bad input", bad_input_is_refused);
    add_loop(suite, "refused memory", refused_memory_leaves_nothing_behind, 2);
    add_case(suite, "cancelled", a_caller_may_cancel);
    add_case(suite, "memory", little_is_held_beside_the_atoms);
}
