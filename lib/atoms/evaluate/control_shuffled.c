/* The control `shuffled`: the SAE itself, on rows whose columns were permuted, each by itself.
 *
 * Shuffling is a Fisher–Yates pass over each column of a block of rows, with the random number of an element chosen by the element's
 * place in the whole: the same for any number of threads and any order of reading. It is done in blocks, so that rows
 * larger than memory can be shuffled; with at most one block of rows it is the plain permutation of each column. */
#include "../../base/random.h"
#include "judge.h"

enum { STRIP = 16 }; /* columns done together: they share cache lines */

typedef struct strip_job {
    const row_source *source;
    int64_t first, rows;
} strip_job;

atoms_status atomsi_row_source_shuffle(row_source *source, uint64_t seed)
{
    int64_t elements;
    if (!base_mul_i64(base_min_i64(ROW_SOURCE_BLOCK, source->count), source->width, &elements))
        return atomsi_fail(source->context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)source->width);
    source->seed = seed;
    source->shuffled = atomsi_alloc(source->context, elements, sizeof(float));
    return source->shuffled ? ATOMS_OK : ATOMS_E_MEMORY;
}

static void shuffle_strip(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    const strip_job *job = arg;
    const row_source *s = job->source;
    int64_t begin = index * STRIP, end = base_min_i64(begin + STRIP, s->width);
    for (int64_t i = job->rows - 1; i > 0; i--)
        for (int64_t c = begin; c < end; c++) {
            uint64_t element = (uint64_t)(job->first + i) * (uint64_t)s->width + (uint64_t)c;
            int64_t j = base_random_below(s->seed, BASE_STREAM_CONTROL_SHUFFLED, element, i + 1);
            float x = s->shuffled[i * s->width + c];
            s->shuffled[i * s->width + c] = s->shuffled[j * s->width + c];
            s->shuffled[j * s->width + c] = x;
        }
}

atoms_status atomsi_row_source_load(row_source *s, int64_t block)
{
    if (s->block == block) return ATOMS_OK;
    s->block = -1;
    strip_job job = {.source = s, .first = block * ROW_SOURCE_BLOCK};
    job.rows = base_min_i64(ROW_SOURCE_BLOCK, s->count - job.first);
    atoms_matrix view = atoms_matrix_f32(s->shuffled, job.rows, s->width);
    atoms_status status = atoms_rows_read(s->rows, job.first, &view);
    if (status) return status;
    atomsi_parallel_for(s->context, base_blocks(s->width, STRIP), shuffle_strip, &job);
    s->block = block;
    return ATOMS_OK;
}

atoms_status atomsi_judge_shuffled(judgement *j)
{
    atoms_status status = atomsi_row_source_shuffle(j->rows, j->seed);
    if (!status && j->train) status = atomsi_row_source_shuffle(j->train, j->seed);
    return status ? status : atomsi_judge_sae(j);
}
