/* Radix selection without keeping the scores: the bits of a positive f32 rise with its value, so one pass over the rows counts scores by
 * their upper 16 bits, and a second one, among those in the bin that holds the wanted rank, by their lower 16. */
#include "score_selection.h"

#include <string.h>

#include "block_stream.h"

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };

typedef struct selection_worker {
    void *work;      /* the coder's */
    int64_t *counts; /* of each digit */
} selection_worker;

typedef struct selection {
    atoms_context *context;
    const whitened_coder *coder;
    selection_worker *workers;
    int64_t upper; /* the upper digit whose lower digits are counted; −1: upper digits are */
} selection;

typedef struct counting {
    int64_t upper;
    int64_t *counts;
} counting;

static void count_digits(void *arg, int64_t first_atom, int64_t rows, int64_t cols, const float *z, int64_t stride, const double *lengths)
{
    (void)first_atom;
    (void)lengths;
    const counting *c = arg;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < cols; i++) {
            float score = z[r * stride + i];
            if (!(score > 0)) continue;
            uint32_t bits;
            memcpy(&bits, &score, sizeof bits);
            if (c->upper < 0)
                c->counts[bits >> DIGIT_BITS]++;
            else if (bits >> DIGIT_BITS == (uint32_t)c->upper)
                c->counts[bits & (DIGITS - 1)]++;
        }
}

static atoms_status count_block(void *arg, int64_t slot, int32_t worker, const float *x, int64_t rows)
{
    (void)slot;
    const selection *s = arg;
    atomsi_coder_scores(s->coder, s->workers[worker].work, x, rows, count_digits, &(counting){s->upper, s->workers[worker].counts});
    return ATOMS_OK;
}

/* Counts one digit, and finds the one that holds the score of rank *rank from the top (0 = the largest); *rank becomes the rank
 * within it. *digit = −1 where there are not so many scores. */
static atoms_status find_digit(selection *s, row_source *from, int64_t *rank, int64_t *digit)
{
    int32_t workers = atoms_context_threads(s->context);
    for (int32_t w = 0; w < workers; w++) memset(s->workers[w].counts, 0, DIGITS * sizeof(int64_t));
    atoms_status status = atomsi_stream_blocks(from, &(block_task){.arg = s, .work = count_block});
    if (status) return status;
    for (*digit = DIGITS - 1; *digit >= 0; --*digit) {
        int64_t here = 0;
        for (int32_t w = 0; w < workers; w++) here += s->workers[w].counts[*digit];
        if (*rank < here) break;
        *rank -= here;
    }
    return ATOMS_OK;
}

static float score_of(int64_t upper, int64_t lower)
{
    uint32_t bits = (uint32_t)upper << DIGIT_BITS | (uint32_t)lower;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

static atoms_status select_score(selection *s, row_source *from, int64_t rank, double *threshold)
{
    int64_t upper, lower;
    s->upper = -1;
    atoms_status status = find_digit(s, from, &rank, &upper);
    if (status) return status;
    if (upper < 0) {
        *threshold = 0;
        return ATOMS_OK;
    }
    s->upper = upper;
    status = find_digit(s, from, &rank, &lower);
    if (!status) *threshold = score_of(upper, lower);
    return status;
}

static void free_workers(selection *s, int32_t workers)
{
    for (int32_t w = 0; s->workers && w < workers; w++) {
        atomsi_free(s->context, s->workers[w].work);
        atomsi_free(s->context, s->workers[w].counts);
    }
    atomsi_free(s->context, s->workers);
}

atoms_status atomsi_select_threshold(row_source *from, const whitened_coder *coder, const subject *s, int64_t active, double *threshold)
{
    atoms_context *context = from->context;
    int32_t workers = atoms_context_threads(context);
    selection sel = {.context = context, .coder = coder, .workers = atomsi_alloc_zero(context, workers, sizeof *sel.workers)};
    atoms_status status = sel.workers ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int32_t w = 0; !status && w < workers; w++) {
        sel.workers[w].work = atomsi_alloc(context, 1, s->work_bytes);
        sel.workers[w].counts = atomsi_alloc(context, DIGITS, sizeof(int64_t));
        if (!sel.workers[w].work || !sel.workers[w].counts) status = ATOMS_E_MEMORY;
    }
    if (!status) status = select_score(&sel, from, active, threshold);
    free_workers(&sel, workers);
    return status;
}
