/* The look-up table: training rows as atoms, recognised where the cosine in the AIP is above .999. Rows of zeros have no direction and
 * are left out. */
#include <string.h>

#include "judge.h"
#include "whitened_coder.h"

static const double recognised = 0.999;

/* Moves the rows that are not zero to the front; returns how many. */
static int64_t drop_zero_rows(float *x, int64_t rows, int64_t dim)
{
    int64_t next = 0;
    for (int64_t r = 0; r < rows; r++) {
        int64_t c = 0;
        while (c < dim && x[r * dim + c] == 0) c++;
        if (c == dim) continue;
        if (next != r) memcpy(x + next * dim, x + r * dim, (size_t)dim * sizeof *x);
        next++;
    }
    return next;
}

static atoms_status judge_rows(judgement *j, float *memory, int64_t rows)
{
    atoms_matrix atoms = atoms_matrix_f32(memory, drop_zero_rows(memory, rows, j->rows->width), j->rows->width);
    if (!atoms.rows) return atomsi_fail(j->context, ATOMS_E_ARGUMENT, "the first %lld rows are zeros: nothing to memorise", (long long)rows);
    atoms_dictionary *dictionary;
    atoms_status status = atomsi_dictionary_create(j->context, &atoms, "memorised rows", j->metric, NULL, &dictionary);
    if (status) return status;
    subject s;
    whitened_coder coder = {.metric = j->metric, .scale = 1, .threshold = recognised, .of_cosine = true};
    status = atomsi_coder_units(&coder, dictionary);
    if (!status) status = atomsi_subject_of_coder(j->context, &coder, &atoms, &s);
    if (!status) status = atomsi_judge(j, &s);
    atomsi_free(j->context, coder.narrow);
    atoms_dictionary_destroy(dictionary);
    return status;
}

atoms_status atomsi_judge_memoriser(judgement *j)
{
    row_source *from = j->train ? j->train : j->rows;
    int64_t rows = base_min_i64(atoms_sae_d_sae(j->sae), from->count), elements;
    if (!base_mul_i64(rows, from->width, &elements))
        return atomsi_fail(j->context, ATOMS_E_OVERFLOW, "rows: %lld of %lld columns are too large", (long long)rows, (long long)from->width);
    float *memory = atomsi_alloc(j->context, elements, sizeof *memory);
    if (!memory) return ATOMS_E_MEMORY;
    atoms_status status = atomsi_row_source_read(from, 0, rows, memory);
    if (j->train) j->train->count = rows; /* in sample means on what was memorised */
    if (!status) status = judge_rows(j, memory, rows);
    atomsi_free(j->context, memory);
    return status;
}
