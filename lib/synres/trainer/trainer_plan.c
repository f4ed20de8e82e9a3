/* Where which parameter lies, and what of it is trained. */
#include <math.h>

#include "../../base/checked.h"
#include "trainer_internal.h"

const float **synresi_plan_field(synres_layer_weights *w, synres_tap_weights *tap, int which)
{
    const float **fields[] = {&w->A_key, &w->A_query, &w->A_value, &w->w_beta, &w->b_beta, &w->w_decay, &w->b_decay, &w->rate, &w->kappa_beta,
                              &w->kappa_decay, &w->kappa_agreement};
    if (which < SYNRESI_LAYER_ARRAYS) return fields[which];
    if (which == SYNRES_PARAMETER_B) return &tap->B;
    if (which == SYNRES_PARAMETER_GAIN) return &tap->gain;
    return which == SYNRES_PARAMETER_GATE ? &tap->gate : &tap->gate_bias;
}

static bool frozen(int32_t flags, int which)
{
    if (which <= SYNRES_PARAMETER_A_VALUE) return flags & SYNRES_TRAIN_FREEZE_PROJECTIONS;
    if (which <= SYNRES_PARAMETER_RATE) return flags & SYNRES_TRAIN_FREEZE_GATES;
    return flags & (which <= SYNRES_PARAMETER_KAPPA_AGREEMENT ? SYNRES_TRAIN_FREEZE_KAPPA : SYNRES_TRAIN_FREEZE_TAPS);
}

/* The next range; returns where it begins. */
static int64_t put(synresi_plan *plan, int which, int64_t tap, int64_t rows, int64_t cols)
{
    synresi_range *range = &plan->range[synresi_range_of(which, tap)];
    *range = (synresi_range){.offset = plan->count, .size = rows * cols, .cols = cols};
    range->present = range->size && *synresi_plan_field(&plan->layer.w, &plan->layer.tap_weights[tap], which);
    range->trained = range->present && !frozen(plan->options.flags, which);
    plan->count += range->size;
    return range->offset;
}

static bool needed(const synresi_plan *plan, int which)
{
    const float *kappa = *synresi_plan_field((synres_layer_weights *)(uintptr_t)&plan->layer.w, NULL, which);
    bool some = plan->range[which].trained;
    for (int64_t h = 0; h < plan->layer.w.heads && kappa; h++) some |= kappa[h] != 0;
    return some;
}

void synresi_plan_make(synresi_plan *plan, const synresi_layer *layer, const synres_train_options *options, const synresi_lanes *lanes)
{
    *plan = (synresi_plan){.layer = *layer, .options = *options, .lanes = lanes};
    const synres_layer_weights *w = &layer->w;
    const int64_t n = w->d_in, h = w->heads, gates = h * layer->gates, decays = w->flags & SYNRES_LAYER_TIED ? 0 : h * layer->decays;
    plan->width = h * w->d_value;
    (void)put(plan, SYNRES_PARAMETER_A_KEY, 0, h * w->d_key, n);
    plan->row_query = put(plan, SYNRES_PARAMETER_A_QUERY, 0, h * w->d_key, n) / n;
    plan->row_value = put(plan, SYNRES_PARAMETER_A_VALUE, 0, plan->width, n) / n;
    plan->row_beta = put(plan, SYNRES_PARAMETER_W_BETA, 0, gates, n) / n;
    plan->row_decay = put(plan, SYNRES_PARAMETER_W_DECAY, 0, decays, n) / n;
    for (int64_t i = 0; i < w->taps; i++) {
        const bool gated = layer->tap_weights[i].gate;
        plan->row_gate[i] = put(plan, SYNRES_PARAMETER_GATE, i, gated ? h : 0, n) / n;
        if (!gated) plan->row_gate[i] = -1;
    }
    plan->rows = plan->count / n;
    for (int64_t i = 0; i < w->taps; i++) (void)put(plan, SYNRES_PARAMETER_B, i, layer->tap_weights[i].d_out, plan->width);
    plan->vectors = plan->count;
    (void)put(plan, SYNRES_PARAMETER_B_BETA, 0, gates, 1);
    (void)put(plan, SYNRES_PARAMETER_B_DECAY, 0, decays, 1);
    for (int64_t i = 0; i < w->taps; i++) (void)put(plan, SYNRES_PARAMETER_GATE_BIAS, i, layer->tap_weights[i].gate ? h : 0, 1);
    for (int which = SYNRES_PARAMETER_RATE; which <= SYNRES_PARAMETER_KAPPA_AGREEMENT; which++) (void)put(plan, which, 0, h, 1);
    for (int64_t i = 0; i < w->taps; i++) (void)put(plan, SYNRES_PARAMETER_GAIN, i, plan->width, 1);
    plan->contextual = needed(plan, SYNRES_PARAMETER_KAPPA_BETA) || needed(plan, SYNRES_PARAMETER_KAPPA_DECAY);
    plan->agrees = needed(plan, SYNRES_PARAMETER_KAPPA_AGREEMENT);
    plan->outside = w->flags & SYNRES_LAYER_ERASE_OUTSIDE;
    plan->threads = base_min_i64(options->sequences, SYNRESI_TRAIN_THREADS);
    plan->every = base_min_i64((int64_t)ceil(sqrt((double)options->tokens)), 64); /* the fewest states in memory; no bit depends on it */
}
