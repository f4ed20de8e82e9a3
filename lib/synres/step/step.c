/* The step on f32: hands each head's token to the lanes, with vectors padded to whole lanes and log-decays raised to decays. */
#include <math.h>
#include <string.h>

#include "step_internal.h"

enum { PADDED = SYNRES_MAX_DIMENSION };

/* The padded vectors of one token of one head: every row meets them, so they lie where no load crosses a cache line. */
typedef struct scratch {
    _Alignas(64) float key[PADDED], query[PADDED], erase[PADDED], decay[PADDED];
} scratch;

static const float *pad(float *padded, const float *x, int64_t n)
{
    int64_t whole = synresi_padded(n);
    memcpy(padded, x, (size_t)n * sizeof *x);
    memset(padded + n, 0, (size_t)(whole - n) * sizeof *x);
    return padded;
}

static void set_decay(synresi_update *update, const synres_shape *shape, const float *log_decay, float *decay)
{
    static const float one = 1;
    update->decay = &one;
    if (!log_decay) return;
    int64_t width = synresi_decay_width(shape);
    bool forgets = false;
    for (int64_t i = 0; i < width; i++) {
        decay[i] = expf(log_decay[i]);
        forgets |= decay[i] != 1;
    }
    if (!forgets) return; /* times 1 changes no bit: the kernel is told so, that it need not store */
    if (shape->flags & SYNRES_RULE_DECAY_CHANNEL) {
        for (int64_t i = width; i < synresi_padded(width); i++) decay[i] = 1;
        update->channel = decay;
        update->decay = NULL;
    } else {
        update->decay = decay;
        update->decay_step = width > 1;
    }
}

synres_status synresi_step(const synresi_lanes *lanes, const synres_shape *given, const synres_tokens_f32 *given_tokens, float *S, float *u, int32_t ith,
                           int32_t nth)
{
    synres_shape shape;
    synres_tokens_f32 in;
    synres_status status = synresi_shape_read(&shape, given);
    if (!status) status = synresi_tokens_read_f32(&in, given_tokens);
    if (status) return status;
    if (!S || (!u && in.tokens) || nth < 1 || ith < 0 || ith >= nth) return SYNRES_E_ARGUMENT;
    scratch pads;
    int64_t n = shape.d_key, rows = shape.d_value, gates = synresi_gate_width(&shape), decays = synresi_decay_width(&shape);
    for (int64_t h = ith; h < shape.heads; h += nth) {
        for (int64_t t = 0; t < in.tokens; t++) {
            int64_t at = t * shape.heads + h;
            const float *erase_beta = (in.erase_beta ? in.erase_beta : in.beta) + at * gates;
            synresi_update update = {.n = n, .padded = synresi_padded(n), .rows = rows, .stride = shape.stride, .S = S + h * rows * shape.stride,
                                     .key = pad(pads.key, in.key + at * n, n), .query = pad(pads.query, in.query + at * n, n),
                                     .value = in.value + at * rows, .beta = in.beta + at * gates,
                                     .erase_beta = shape.flags & SYNRES_RULE_ERASE ? erase_beta : NULL,
                                     .gate_step = gates > 1, .read_pre = shape.flags & SYNRES_RULE_READ_PRE, .u = u + at * rows};
            update.erase = in.erase ? pad(pads.erase, in.erase + at * n, n) : update.key;
            set_decay(&update, &shape, in.log_decay ? in.log_decay + at * decays : NULL, pads.decay);
            lanes->update(&update);
        }
    }
    return SYNRES_OK;
}

synres_status synres_step_f32(const synres_shape *shape, const synres_tokens_f32 *tokens, float *S, float *u, int32_t ith, int32_t nth)
{
    return synresi_step(synresi_lanes_pick(), shape, tokens, S, u, ith, nth);
}
