/* A batch's rows as the model sees them: whitened, scaled, less b_dec. */
#include "../../linalg/cblas_gate.h"
#include "train_internal.h"

atoms_status atomsi_train_whitening(atoms_trainer *t, const atoms_metric *metric)
{
    train_whitening *w = &t->whitening;
    int64_t square = t->d * t->d; /* the parts, which are larger, were allocated */
    w->forth = atomsi_alloc_zero(t->context, square, sizeof *w->forth);
    w->back = atomsi_alloc_zero(t->context, square, sizeof *w->back);
    w->narrow = atomsi_alloc_zero(t->context, square, sizeof *w->narrow);
    if (!w->forth || !w->back || !w->narrow) return ATOMS_E_MEMORY;
    if (!metric) return ATOMS_OK;
    atoms_matrix forth = atoms_matrix_f64(w->forth, t->d, t->d), back = atoms_matrix_f64(w->back, t->d, t->d);
    for (int64_t i = 0; i < t->d; i++) w->forth[i * t->d + i] = w->back[i * t->d + i] = 1;
    atoms_status status = atoms_metric_whiten(metric, ATOMS_WHITEN_SYMMETRIC, &forth, &forth);
    if (!status) status = atoms_metric_unwhiten(metric, ATOMS_WHITEN_SYMMETRIC, &back, &back);
    if (!status) atomsi_train_narrow(t);
    return status;
}

void atomsi_train_narrow(atoms_trainer *t)
{
    for (int64_t i = 0; i < t->d * t->d; i++) t->whitening.narrow[i] = (float)t->whitening.forth[i];
}

static void whiten_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    int64_t first = block * ERROR_ROWS, rows = base_min_i64(ERROR_ROWS, t->rows - first);
    linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, t->d, t->d, 1.0f, t->input + first * t->d, t->d, t->whitening.narrow, t->d, 0.0f,
                 t->error + first * t->d, t->d);
}

void atomsi_train_whiten(atoms_trainer *t)
{
    if (!t->whitening.forth) return;
    atomsi_parallel_for(t->context, base_blocks(t->rows, ERROR_ROWS), whiten_block, t);
    float *whitened = t->error;
    t->error = t->input;
    t->input = whitened;
}

static void centre_block(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    atoms_trainer *t = arg;
    const float *b_dec = t->parts[PART_B_DEC].value, scale = (float)t->input_scale, share = (float)t->opts.subtract_b_dec;
    int64_t last = base_min_i64((block + 1) * ERROR_ROWS, t->rows);
    for (int64_t r = block * ERROR_ROWS; r < last; r++) {
        float *x = t->input + r * t->d;
        for (int64_t j = 0; j < t->d; j++) x[j] = scale * x[j] - share * b_dec[j];
    }
}

void atomsi_train_centre(atoms_trainer *t)
{
    atomsi_parallel_for(t->context, base_blocks(t->rows, ERROR_ROWS), centre_block, t);
}
