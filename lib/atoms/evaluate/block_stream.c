#include "block_stream.h"

typedef struct stream {
    const block_task *task;
    int64_t width, rows; /* rows in memory */
    float *x;
    atoms_status *status; /* of each slot */
} stream;

int64_t atomsi_stream_slots(const atoms_context *context)
{
    return 2 * (int64_t)atoms_context_threads(context);
}

static void work_block(void *arg, int64_t slot, int32_t worker)
{
    stream *s = arg;
    int64_t first = slot * STREAM_ROWS;
    s->status[slot] = s->task->work(s->task->arg, slot, worker, s->x + first * s->width, base_min_i64(STREAM_ROWS, s->rows - first));
}

static atoms_status run(stream *s, row_source *source, int64_t slots)
{
    for (int64_t first = 0; first < source->count; first += s->rows) {
        s->rows = base_min_i64(slots * STREAM_ROWS, source->count - first);
        atoms_status status = atomsi_row_source_read(source, first, s->rows, s->x);
        if (status) return status;
        int64_t blocks = base_blocks(s->rows, STREAM_ROWS);
        atomsi_parallel_for(source->context, blocks, work_block, s);
        for (int64_t slot = 0; slot < blocks; slot++) {
            if (s->status[slot]) return s->status[slot];
            if (s->task->merge) s->task->merge(s->task->arg, slot);
        }
        if ((status = atomsi_progress(source->context, "rows", first + s->rows, source->count))) return status;
    }
    return ATOMS_OK;
}

atoms_status atomsi_stream_blocks(row_source *source, const block_task *task)
{
    atoms_context *context = source->context;
    int64_t elements, slots = atomsi_stream_slots(context);
    if (!base_mul_i64(slots * STREAM_ROWS, source->width, &elements))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "rows: %lld columns are too many", (long long)source->width);
    stream s = {.task = task, .width = source->width};
    s.x = atomsi_alloc(context, elements, sizeof(float));
    s.status = atomsi_alloc(context, slots, sizeof *s.status);
    atoms_status status = s.x && s.status ? run(&s, source, slots) : ATOMS_E_MEMORY;
    atomsi_free(context, s.status);
    atomsi_free(context, s.x);
    return status;
}
