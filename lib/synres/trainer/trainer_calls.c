/* The hot calls: each thread checks the whole batch by itself, so that all refuse alike and nothing has been written; then does its share. */
#include <math.h>
#include <stdatomic.h>

#include "../../linalg/finite.h"
#include "trainer_internal.h"

static synres_status check(const synres_trainer *trainer, int stage, int32_t ith, int32_t nth)
{
    if (!trainer || nth < 1 || ith < 0 || ith >= nth) return SYNRES_E_ARGUMENT;
    return atomic_load(&trainer->stage) < stage ? SYNRES_E_STATE : SYNRES_OK;
}

static bool finite(const float *x, int64_t n) { return !x || linalg_first_not_finite_f32(x, n) < 0; }

static bool any_bad(const unsigned char *bad, int64_t sequences)
{
    for (int64_t i = 0; i < sequences; i++)
        if (bad[i]) return true;
    return false;
}

synres_status synres_trainer_forward(synres_trainer *trainer, const float *x, int64_t sequences, int64_t tokens, float *const *y, int32_t ith, int32_t nth)
{
    synres_status status = check(trainer, SYNRESI_NOTHING, ith, nth);
    if (status) return status;
    const synresi_plan *plan = &trainer->plan;
    if (!x || (!y && plan->layer.w.taps)) return SYNRES_E_ARGUMENT;
    if (sequences < 1 || sequences > plan->options.sequences || tokens < 1 || tokens > plan->options.tokens) return SYNRES_E_SHAPE;
    const bool good = finite(x, sequences * tokens * plan->layer.w.d_in);
    if (ith == 0) atomic_store(&trainer->stage, good ? SYNRESI_FORWARD : SYNRESI_NOTHING);
    if (!good) return SYNRES_E_NOT_FINITE;
    return synresi_net_forward_f32(plan, &trainer->net, x, sequences, tokens, y, ith, nth) ? SYNRES_OK : SYNRES_E_NOT_FINITE;
}

synres_status synres_trainer_backward(synres_trainer *trainer, const float *const *dy, float *dx, int32_t ith, int32_t nth)
{
    synres_status status = check(trainer, SYNRESI_FORWARD, ith, nth);
    if (status) return status;
    const synresi_plan *plan = &trainer->plan;
    synresi_net_f32 *net = &trainer->net;
    if (!dy && plan->layer.w.taps) return SYNRES_E_ARGUMENT;
    bool good = !any_bad(net->bad, net->sequences);
    for (int64_t i = 0; i < plan->layer.w.taps; i++) good = good && finite(dy[i], net->sequences * net->tokens * plan->layer.tap_weights[i].d_out);
    if (!good) return SYNRES_E_NOT_FINITE;
    if (ith == 0) atomic_store(&trainer->stage, SYNRESI_BACKWARD);
    return synresi_net_backward_f32(plan, net, dy, dx, ith, nth) ? SYNRES_OK : SYNRES_E_NOT_FINITE;
}

synres_status synres_trainer_gradients(synres_trainer *trainer, int32_t ith, int32_t nth)
{
    synres_status status = check(trainer, SYNRESI_BACKWARD, ith, nth);
    if (status) return status;
    if (any_bad(trainer->net.bad_back, trainer->net.sequences)) return SYNRES_E_NOT_FINITE;
    synresi_net_gradients_f32(&trainer->plan, &trainer->net, ith, nth);
    if (ith == 0) atomic_store(&trainer->stage, SYNRESI_GRADIENTS);
    return SYNRES_OK;
}
