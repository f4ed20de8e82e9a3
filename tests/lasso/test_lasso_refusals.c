/* Every bad input: its status and a piece of its words. */
#include <math.h>
#include <stdlib.h>

#include "counting_memory.h"
#include "lasso_case.h"
#include "suite.h"

typedef struct refusal {
    void (*spoil)(atoms_lasso_opts *);
    const char *words;
} refusal;

static double weights[20];

static void lambda_zero(atoms_lasso_opts *o) { o->lambda = 0; }
static void lambda_negative(atoms_lasso_opts *o) { o->lambda = -2; }
static void lambda_nan(atoms_lasso_opts *o) { o->lambda = NAN; }
static void lambda_infinite(atoms_lasso_opts *o) { o->lambda = INFINITY; }
static void rel_zero(atoms_lasso_opts *o) { o->lambda_rel = 0; }
static void ridge_negative(atoms_lasso_opts *o) { o->ridge = -1; }
static void ridge_nan(atoms_lasso_opts *o) { o->ridge = NAN; }
static void tol_zero(atoms_lasso_opts *o) { o->tol = 0; }
static void tol_one(atoms_lasso_opts *o) { o->tol = 1; }
static void solver_unknown(atoms_lasso_opts *o) { o->solver = 4; }
static void nonnegative_two(atoms_lasso_opts *o) { o->nonnegative = 2; }
static void polish_two(atoms_lasso_opts *o) { o->polish = 2; }
static void certify_unknown(atoms_lasso_opts *o) { o->certify = 8; }
static void iterations_negative(atoms_lasso_opts *o) { o->max_iterations = -1; }
static void gram_below(atoms_lasso_opts *o) { o->gram_bytes = -2; }
static void reserved_set(atoms_lasso_opts *o) { o->reserved = 1; }
static void weight_zero(atoms_lasso_opts *o) { weights[7] = 0; o->weights = weights; }
static void weight_infinite(atoms_lasso_opts *o) { weights[7] = INFINITY; o->weights = weights; }
static void weight_tiny(atoms_lasso_opts *o) { weights[7] = 1e-300; o->weights = weights; }

static const refusal refusals[] = {
    {lambda_zero, "opts.lambda is 0"},       {lambda_negative, "opts.lambda is -2"}, {lambda_nan, "opts.lambda"},
    {lambda_infinite, "opts.lambda"},        {rel_zero, "opts.lambda_rel is 0"},     {ridge_negative, "opts.ridge is -1"},
    {ridge_nan, "opts.ridge"},               {tol_zero, "opts.tol is 0"},            {tol_one, "opts.tol is 1"},
    {solver_unknown, "opts.solver is 4"},    {nonnegative_two, "opts.nonnegative"},  {polish_two, "opts.polish"},
    {certify_unknown, "opts.certify is 8"},  {iterations_negative, "max_iterations"}, {gram_below, "gram_bytes is -2"},
    {reserved_set, "opts.reserved"},         {weight_zero, "weight 7 is 0"},         {weight_infinite, "weight 7"},
    {weight_tiny, "atom 7"},
};

START_TEST(bad_options_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 1, 10, 20, 1);
    atoms_matrix d = atoms_matrix_f64(c.d, 20, 10);
    atoms_lasso *lasso = (atoms_lasso *)&c;
    atoms_lasso_opts opts = lasso_options();
    for (int64_t j = 0; j < 20; j++) weights[j] = 1;
    refusals[_i].spoil(&opts);
    ck_assert_ok(atoms_dictionary_create(context, &d, NULL, &c.dictionary));
    ck_assert_status(atoms_lasso_create(context, c.dictionary, &opts, &lasso), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, refusals[_i].words);
    ck_assert_ptr_null(lasso);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(bad_calls_are_refused)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    lasso_case c = lasso_case_make(context, LASSO_GAUSSIAN, 1, 10, 20, 4);
    lasso_answers a = lasso_solve(&c, NULL);
    atoms_matrix x = atoms_matrix_f64(c.x, 4, 10), wide = atoms_matrix_f64(c.x, 4, 9), many = atoms_matrix_f64(c.d, 5, 10), one = atoms_matrix_f64(c.x, 1, 10);
    atoms_matrix dual;
    atoms_codes_view out = {0};
    atoms_lasso *none;
    atoms_lasso_work *work;
    size_t bytes;
    double lambdas[2] = {1, 2};
    ck_assert_status(atoms_lasso_create(context, NULL, NULL, &none), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "dictionary is NULL");
    ck_assert_status(atoms_lasso_create(NULL, c.dictionary, NULL, &none), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_create(context, c.dictionary, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_work_size(NULL, 1, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_work_size(a.lasso, 0, &bytes), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_work_size(a.lasso, INT64_MAX / 2, &bytes), ATOMS_E_OVERFLOW);
    ck_assert_ok(atoms_lasso_work_size(a.lasso, 1, &bytes));
    ck_assert_status(atoms_lasso_work_init(a.lasso, a.memory, bytes / 2, &work), ATOMS_E_CAPACITY);
    work = a.work;
    ck_assert_status(atoms_lasso_work_init(NULL, a.memory, bytes, &work), ATOMS_E_ARGUMENT);
    ck_assert_ptr_null(work);
    ck_assert_status(atoms_lasso_batch(NULL, a.work, &x, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_batch(a.lasso, NULL, &x, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_batch(a.lasso, a.work, NULL, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_batch(a.lasso, a.work, &wide, &out, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_lasso_batch(a.lasso, a.work, &many, &out, NULL), ATOMS_E_CAPACITY);
    ck_assert_status(atoms_lasso_batch_from(a.lasso, a.work, &one, &a.codes, &out, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_lasso_path(a.lasso, a.work, &one, lambdas, 2, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "lambdas[1] is 2 and more than the one before");
    lambdas[0] = 0;
    ck_assert_status(atoms_lasso_path(a.lasso, a.work, &one, lambdas, 2, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_detail(context, "lambdas[0] is 0");
    lambdas[0] = 3;
    ck_assert_status(atoms_lasso_path(a.lasso, a.work, &x, lambdas, 2, &out, NULL), ATOMS_E_SHAPE);
    ck_assert_status(atoms_lasso_path(NULL, a.work, &one, lambdas, 2, &out, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_dual(NULL, a.work, &dual), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_dual(a.lasso, NULL, &dual), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_run(NULL, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_lasso_run(a.lasso, NULL, NULL, NULL), ATOMS_E_ARGUMENT);
    c.x[2 * 10 + 3] = NAN;
    ck_assert_status(atoms_lasso_batch(a.lasso, a.work, &x, &out, NULL), ATOMS_E_NOT_FINITE);
    ck_assert_detail(context, "row 2 column 3");
    ck_assert_ptr_null(out.offset);
    c.x[2 * 10 + 3] = 0;
    ck_assert_ok(atoms_lasso_batch(a.lasso, a.work, &x, &out, NULL)); /* the work is as usable as before */
    x.rows = 0;
    ck_assert_ok(atoms_lasso_batch(a.lasso, a.work, &x, &out, NULL));
    ck_assert(out.rows == 0 && out.nnz == 0);
    lasso_answers_free(&a);
    lasso_case_free(&c);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

void add_refusal_cases(Suite *suite);
void add_refusal_cases(Suite *suite)
{
    add_loop(suite, "bad options", bad_options_are_refused, (int)(sizeof refusals / sizeof *refusals));
    add_case(suite, "bad calls", bad_calls_are_refused);
}
