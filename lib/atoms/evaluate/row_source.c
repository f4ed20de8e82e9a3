/* Shuffling is a Fisher–Yates pass over each column of a block of rows, with the random number of an element chosen by the element's
 * place in the whole: the same for any number of threads and any order of reading. It is done in blocks, so that rows
 * larger than memory can be shuffled; with at most SHUFFLE_ROWS rows it is the plain permutation of each column. */
#include "row_source.h"

#include <string.h>

#include "../../base/random.h"

enum {
    SHUFFLE_ROWS = 8192,
    STRIP = 16 /* columns done together: they share cache lines */
};

typedef struct strip_job {
    const row_source *source;
    int64_t first, rows;
} strip_job;

row_source atomsi_row_source(atoms_context *context, atoms_rows *rows)
{
    return (row_source){.context = context, .rows = rows, .count = atoms_rows_count(rows), .width = atoms_rows_width(rows), .block = -1};
}

atoms_status atomsi_row_source_shuffle(row_source *source, uint64_t seed)
{
    int64_t elements;
    if (!base_mul_i64(base_min_i64(SHUFFLE_ROWS, source->count), source->width, &elements))
        return atomsi_fail(source->context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)source->width);
    source->seed = seed;
    source->shuffled = atomsi_alloc(source->context, elements, sizeof(float));
    return source->shuffled ? ATOMS_OK : ATOMS_E_MEMORY;
}

void atomsi_row_source_free(row_source *source)
{
    atomsi_free(source->context, source->shuffled);
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

static atoms_status load_block(row_source *s, int64_t block)
{
    if (s->block == block) return ATOMS_OK;
    s->block = -1;
    strip_job job = {.source = s, .first = block * SHUFFLE_ROWS};
    job.rows = base_min_i64(SHUFFLE_ROWS, s->count - job.first);
    atoms_matrix view = atoms_matrix_f32(s->shuffled, job.rows, s->width);
    atoms_status status = atoms_rows_read(s->rows, job.first, &view);
    if (status) return status;
    atomsi_parallel_for(s->context, base_blocks(s->width, STRIP), shuffle_strip, &job);
    s->block = block;
    return ATOMS_OK;
}

atoms_status atomsi_row_source_read(row_source *source, int64_t first, int64_t count, float *out)
{
    int64_t width = source->width;
    atoms_matrix view = atoms_matrix_f32(out, count, width);
    if (!source->shuffled) return atoms_rows_read(source->rows, first, &view);
    for (int64_t done = 0; done < count;) {
        int64_t block = (first + done) / SHUFFLE_ROWS, begin = (first + done) % SHUFFLE_ROWS;
        int64_t take = base_min_i64(count - done, SHUFFLE_ROWS - begin);
        atoms_status status = load_block(source, block);
        if (status) return status;
        memcpy(out + done * width, source->shuffled + begin * width, (size_t)(take * width) * sizeof *out);
        done += take;
    }
    return ATOMS_OK;
}
