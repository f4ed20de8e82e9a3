/* Sparse coders on problems made of the bytes: any dictionary, signals, rule and stop. What comes back is a code, its record is true of it, and
 * what proves it is feasible. */
#include <math.h>
#include <stdlib.h>

#include <atoms/atoms.h>

#include "fuzz_context.h"
#include "fuzz_numbers.h"

enum { DIM = 8, ATOMS = 12, ROWS = 3 };

typedef struct problem {
    atoms_context *context;
    float d[ATOMS * DIM], x[ROWS * DIM];
    atoms_matrix atoms, signals;
    atoms_dictionary *dictionary;
    int in_metric, nonnegative;
} problem;

static double dot(const float *d, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += (double)d[k] * y[k];
    return sum;
}

static double length(const float *d, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) sum += (double)d[k] * (double)d[k];
    return sqrt(sum);
}

/* Statuses, signs, sizes; and the residual once more, in plain loops, where there is no metric. */
static void check_codes(const problem *p, const atoms_codes_view *codes, const atoms_code_record *records)
{
    int64_t dim = p->atoms.cols;
    fuzz_require_view(codes);
    require(codes->rows == p->signals.rows && codes->width == p->atoms.rows);
    for (int64_t r = 0; r < codes->rows; r++) {
        const atoms_code_record *record = records + r;
        double residual[DIM], scale = length(p->x + r * dim, dim), square = 0;
        for (int64_t k = 0; k < dim; k++) residual[k] = (double)p->x[r * dim + k];
        for (int64_t e = codes->offset[r]; e < codes->offset[r + 1]; e++) {
            const float *atom = p->d + codes->index[e] * dim;
            require(codes->value[e] != 0 && (!p->nonnegative || codes->value[e] > 0));
            for (int64_t k = 0; k < dim; k++) residual[k] -= (double)codes->value[e] * (double)atom[k];
            scale += fabs((double)codes->value[e]) * length(atom, dim);
        }
        for (int64_t k = 0; k < dim; k++) square += residual[k] * residual[k];
        require(record->status >= ATOMS_CODE_CONVERGED && record->status <= ATOMS_CODE_INFEASIBLE);
        require(record->support == codes->offset[r + 1] - codes->offset[r] && record->residual >= 0 && isfinite(record->residual));
        require(!(record->kkt < 0));
        if (!p->in_metric) require(fabs(record->residual - sqrt(square)) <= 1e-12 * scale);
    }
}

/* A gap is not negative, */
static void check_gaps(const problem *p, const atoms_code_record *records)
{
    for (int64_t r = 0; r < p->signals.rows; r++) require(!(records[r].gap < 0));
}

/* but for what ‖a‖₁ owes to a residual above σ: y·x − σ‖y‖ ≤ ‖a‖₁ + ‖y‖ (‖x − D a‖ − σ). With a metric ‖y‖ is another. */
static void check_gaps_of_basis(const problem *p, const atoms_matrix *dual, const atoms_code_record *records, double sigma_rel)
{
    for (int64_t r = 0; r < dual->rows && !p->in_metric; r++) {
        const double *y = (const double *)dual->data + r * dual->stride;
        double square = 0, over = records[r].residual - sigma_rel * records[r].norm;
        for (int64_t k = 0; k < dual->cols; k++) square += y[k] * y[k];
        require(!(records[r].gap < -sqrt(square) * (fmax(over, 0) + 1e-12 * records[r].norm) - 1e-12 * records[r].objective));
    }
}

/* |y·d_j| ≤ limit of the row, up to rounding. */
static void check_dual(const problem *p, const atoms_matrix *dual, const atoms_code_record *records, int by_lambda)
{
    int64_t dim = p->atoms.cols;
    require(dual->rows == p->signals.rows && dual->cols == dim && dual->dtype == ATOMS_F64);
    for (int64_t r = 0; r < dual->rows; r++) {
        const double *y = (const double *)dual->data + r * dual->stride;
        double size = 0;
        for (int64_t k = 0; k < dim; k++) size += y[k] * y[k];
        for (int64_t j = 0; j < p->atoms.rows; j++) {
            double product = dot(p->d + j * dim, y, dim), limit = by_lambda ? records[r].lambda : 1;
            require((p->nonnegative ? product : fabs(product)) <= limit * (1 + 1e-9) + 1e-12 * sqrt(size) * length(p->d + j * dim, dim));
        }
    }
}

static int refused_as_documented(atoms_status status)
{
    return status == ATOMS_E_NOT_FINITE || status == ATOMS_E_OVERFLOW;
}

/* The life of a plan, which is the same for the three rooms. */
#define RUN(room, opts, CHECKS)                                                                                                     \
    do {                                                                                                                          \
        atoms_##room *plan = NULL;                                                                                                \
        atoms_##room##_work *work;                                                                                                \
        atoms_codes_view codes;                                                                                                   \
        atoms_code_record records[ROWS];                                                                                          \
        size_t size;                                                                                                              \
        atoms_status status = atoms_##room##_create(p->context, p->dictionary, opts, &plan);                                      \
        require(status == ATOMS_OK || status == ATOMS_E_ARGUMENT || refused_as_documented(status)); /* lengths may be too far apart */ \
        if (status) break;                                                                                                        \
        require(atoms_##room##_work_size(plan, p->signals.rows, &size) == ATOMS_OK);                                              \
        void *memory = malloc(size);                                                                                              \
        require(memory && atoms_##room##_work_init(plan, memory, size, &work) == ATOMS_OK);                                       \
        status = atoms_##room##_batch(plan, work, &p->signals, &codes, records);                                                  \
        require(status == ATOMS_OK || refused_as_documented(status));                                                             \
        if (!status) check_codes(p, &codes, records);                                                                             \
        if (!status) CHECKS;                                                                                                        \
        free(memory);                                                                                                             \
        atoms_##room##_destroy(plan);                                                                                             \
    } while (0)

static void pursue(problem *p, fuzz_bytes *b)
{
    atoms_pursuit_opts o;
    require(atoms_pursuit_opts_init(&o, sizeof o) == ATOMS_OK);
    int rule = fuzz_choice(b, 3), most = (int)(p->atoms.rows < p->atoms.cols ? p->atoms.rows : p->atoms.cols);
    o.rule = rule == 1 ? ATOMS_PURSUIT_OLS : ATOMS_PURSUIT_OMP;
    o.nonnegative = p->nonnegative = rule == 2;
    o.max_atoms = fuzz_choice(b, most + 1);
    o.residual_rel = fuzz_choice(b, 4) / 8.;
    o.gram_bytes = fuzz_choice(b, 2) - 1;
    o.certify = fuzz_choice(b, 4);
    RUN(pursuit, &o, check_gaps(p, records));
}

static void shrink(problem *p, fuzz_bytes *b)
{
    atoms_lasso_opts o;
    atoms_matrix dual;
    require(atoms_lasso_opts_init(&o, sizeof o) == ATOMS_OK);
    o.solver = fuzz_choice(b, 4);
    o.nonnegative = p->nonnegative = fuzz_choice(b, 2);
    o.lambda_rel = (1 + fuzz_choice(b, 255)) / 200.;
    o.polish = fuzz_choice(b, 2);
    o.gram_bytes = fuzz_choice(b, 2) - 1;
    o.certify = fuzz_choice(b, 4);
    o.max_iterations = 1 + fuzz_choice(b, 64);
    RUN(lasso, &o, (require(atoms_lasso_dual(plan, work, &dual) == ATOMS_OK), check_dual(p, &dual, records, 1), check_gaps(p, records)));
}

static void pursue_basis(problem *p, fuzz_bytes *b)
{
    atoms_basis_pursuit_opts o;
    atoms_matrix dual;
    require(atoms_basis_pursuit_opts_init(&o, sizeof o) == ATOMS_OK);
    o.nonnegative = p->nonnegative = fuzz_choice(b, 2);
    o.sigma_rel = fuzz_choice(b, 4) / 8.;
    o.certify = fuzz_choice(b, 4);
    o.max_iterations = 1 + fuzz_choice(b, 64);
    RUN(basis_pursuit, &o, (require(atoms_basis_pursuit_dual(plan, work, &dual) == ATOMS_OK), check_dual(p, &dual, records, 0), check_gaps_of_basis(p, &dual, records, o.sigma_rel)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const coders[])(problem *, fuzz_bytes *) = {pursue, shrink, pursue_basis};
    fuzz_bytes b = {.data = data, .size = size};
    problem p = {.context = fuzz_context()};
    atoms_metric *metric = NULL;
    int coder = fuzz_choice(&b, 3), dim = 1 + fuzz_choice(&b, DIM), atoms = 1 + fuzz_choice(&b, ATOMS), rows = 1 + fuzz_choice(&b, ROWS);
    p.in_metric = fuzz_choice(&b, 4) == 0;
    fuzz_fill(&b, p.d, (int64_t)atoms * dim);
    fuzz_fill(&b, p.x, (int64_t)rows * dim);
    p.atoms = atoms_matrix_f32(p.d, atoms, dim);
    p.signals = atoms_matrix_f32(p.x, rows, dim);
    atoms_status status = p.in_metric ? atoms_metric_from_dictionary(p.context, &p.atoms, NULL, &metric) : ATOMS_OK;
    if (!status) status = atoms_dictionary_create(p.context, &p.atoms, metric, &p.dictionary);
    if (!status) coders[coder](&p, &b);
    require(status == ATOMS_OK || status == ATOMS_E_ARGUMENT || status == ATOMS_E_NUMERIC || status == ATOMS_E_RANK || refused_as_documented(status));
    atoms_dictionary_destroy(p.dictionary);
    atoms_metric_destroy(metric);
    atoms_context_destroy(p.context);
    return 0;
}
