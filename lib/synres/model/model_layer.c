/* What a layer may be, and what follows from its weights. A rule without a uniform bound on its state must say that it may lack one
 * (docs/synres/stability.md): α = 1 with an erase is C0, the erase outside the decay C2; without erase α = 1 just adds up. A radius gives each of them a
 * bound: none expands what is there, and a block writes but so much. */
#include <math.h>

#include "../../base/checked.h"
#include "../../linalg/finite.h"
#include "model_internal.h"

#define REFUSE(condition, status, ...)                                        \
    do {                                                                      \
        if (condition) return synresi_fail(words, status, __VA_ARGS__);       \
    } while (0)

static synres_status check_flags(const synres_layer_weights *w, int n, const synresi_words *words)
{
    const int all = SYNRESI_RULES | SYNRES_LAYER_TIED | SYNRES_LAYER_ERASE_OUTSIDE | SYNRES_LAYER_UNCERTIFIED, f = w->flags;
    REFUSE(f & ~all, SYNRES_E_UNSUPPORTED, "layer %d: unknown flags %d", n, f & ~all);
    REFUSE((f & SYNRES_RULE_DECAY_CHANNEL) && (f & SYNRES_RULE_DECAY_ROW), SYNRES_E_ARGUMENT, "layer %d: a decay is per channel or per row", n);
    REFUSE((f & SYNRES_LAYER_TIED) && (w->w_decay || w->b_decay || w->rate || (f & SYNRES_RULE_DECAY_CHANNEL)), SYNRES_E_ARGUMENT,
           "layer %d: a tied layer has no decay weights", n);
    REFUSE((f & SYNRES_LAYER_TIED) && !(f & SYNRES_RULE_ROW_GATES) != !(f & SYNRES_RULE_DECAY_ROW), SYNRES_E_ARGUMENT,
           "layer %d: tied, gates and decays are both per row or both not", n);
    REFUSE((f & SYNRES_LAYER_TIED) && w->beta_max > 1, SYNRES_E_ARGUMENT, "layer %d: tied, beta_max may not exceed 1", n);
    REFUSE((f & SYNRES_LAYER_ERASE_OUTSIDE) && (f & (SYNRES_LAYER_TIED | SYNRES_RULE_ERASE)) != (SYNRES_LAYER_TIED | SYNRES_RULE_ERASE), SYNRES_E_ARGUMENT,
           "layer %d: an erase outside the decay is a tied layer's with erase", n);
    if (f & SYNRES_LAYER_UNCERTIFIED || w->radius > 0) return SYNRES_OK;
    REFUSE(f & SYNRES_LAYER_ERASE_OUTSIDE, SYNRES_E_CERTIFICATE, "layer %d: an erase outside the decay has no bound", n);
    REFUSE(!(f & SYNRES_LAYER_TIED) && w->max_decay > 1 - 0x1p-24, SYNRES_E_CERTIFICATE, "layer %d: without decay the state has no bound", n);
    return SYNRES_OK;
}

static synres_status check_array(const float *x, int64_t count, const char *name, int n, const synresi_words *words)
{
    int64_t at = x ? linalg_first_not_finite_f32(x, count) : -1;
    REFUSE(at >= 0, SYNRES_E_NOT_FINITE, "layer %d: %s[%lld] is not finite", n, name, (long long)at);
    return SYNRES_OK;
}

static synres_status check_arrays(const synresi_layer *layer, int n, const synresi_words *words)
{
    const synres_layer_weights *w = &layer->w;
    int64_t h = w->heads, keys = h * w->d_key, values = h * w->d_value, x = w->d_in, gates = h * layer->gates, decays = h * layer->decays;
    const struct {
        const float *x;
        int64_t count;
        const char *name;
    } arrays[] = {{w->A_key, keys * x, "A_key"},       {w->A_query, keys * x, "A_query"}, {w->A_value, values * x, "A_value"},
                  {w->w_beta, gates * x, "w_beta"},    {w->b_beta, gates, "b_beta"},      {w->w_decay, decays * x, "w_decay"},
                  {w->b_decay, decays, "b_decay"},     {w->rate, h, "rate"},              {w->kappa_beta, h, "kappa_beta"},
                  {w->kappa_decay, h, "kappa_decay"},  {w->kappa_agreement, h, "kappa_agreement"}};
    synres_status status = SYNRES_OK;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays && !status; i++) status = check_array(arrays[i].x, arrays[i].count, arrays[i].name, n, words);
    const float *kappa[] = {w->kappa_beta, w->kappa_decay, w->kappa_agreement}; /* their sum with signals of [−2, 2] stays finite */
    for (int k = 0; k < 3 && !status; k++)
        for (int64_t i = 0; i < h && kappa[k]; i++)
            REFUSE(fabsf(kappa[k][i]) > 0x1p60f, SYNRES_E_ARGUMENT, "layer %d: a kappa of head %d is larger than 2^60", n, (int)i);
    for (int64_t i = 0; i < h && w->rate && !status; i++) REFUSE(w->rate[i] < 0, SYNRES_E_ARGUMENT, "layer %d: rate[%d] is negative", n, (int)i);
    for (int64_t i = 0; i < w->taps && !status; i++) {
        const synres_tap_weights *t = &layer->tap_weights[i];
        REFUSE(!isfinite(t->scale) || !(t->cap >= 0) || !isfinite(t->cap), SYNRES_E_ARGUMENT, "layer %d, tap %d: scale or cap", n, (int)i);
        REFUSE(t->gate_bias && !t->gate, SYNRES_E_ARGUMENT, "layer %d, tap %d: a gate's bias without a gate", n, (int)i);
        status = check_array(t->B, t->d_out * values, "B", n, words);
        if (!status) status = check_array(t->gain, values, "gain", n, words);
        if (!status) status = check_array(t->gate, h * x, "gate", n, words);
        if (!status) status = check_array(t->gate_bias, h, "gate_bias", n, words);
    }
    return status;
}

synres_status synresi_layer_check(const synresi_layer *layer, int64_t number, const synresi_words *words)
{
    const synres_layer_weights *w = &layer->w;
    const int n = (int)number;
    REFUSE(w->d_in < 1 || w->d_in > INT32_MAX, SYNRES_E_SHAPE, "layer %d: d_in is %lld", n, (long long)w->d_in);
    REFUSE(w->heads < 1 || w->heads > SYNRES_MAX_HEADS, SYNRES_E_SHAPE, "layer %d: %lld heads", n, (long long)w->heads);
    REFUSE(w->d_key < 1 || w->d_key > SYNRES_MAX_DIMENSION, SYNRES_E_SHAPE, "layer %d: d_key is %lld", n, (long long)w->d_key);
    REFUSE(w->d_value < 1 || w->d_value > SYNRES_MAX_DIMENSION, SYNRES_E_SHAPE, "layer %d: d_value is %lld", n, (long long)w->d_value);
    REFUSE(w->taps < 0 || w->taps > SYNRESI_MAX_TAPS, SYNRES_E_SHAPE, "layer %d: %lld taps", n, (long long)w->taps);
    REFUSE(w->taps && !w->tap, SYNRES_E_ARGUMENT, "layer %d: taps, but no tap", n);
    REFUSE(!w->A_key || !w->A_query || !w->A_value, SYNRES_E_ARGUMENT, "layer %d: A_key, A_query or A_value is NULL", n);
    REFUSE(w->activation < 0 || w->activation > SYNRES_ACTIVATION_TANH, SYNRES_E_UNSUPPORTED, "layer %d: activation %d", n, w->activation);
    REFUSE(w->threshold < 0 || w->threshold > SYNRES_THRESHOLD_BCM, SYNRES_E_UNSUPPORTED, "layer %d: threshold %d", n, w->threshold);
    REFUSE(!(w->beta_max > 0 && w->beta_max <= 2), SYNRES_E_ARGUMENT, "layer %d: beta_max is not in (0, 2]", n);
    REFUSE(!(w->max_decay > 0 && w->max_decay <= 1), SYNRES_E_ARGUMENT, "layer %d: max_decay is not in (0, 1]", n);
    REFUSE(!(w->mu >= 0 && w->mu < 1) || !(w->nu >= 0 && w->nu < 1), SYNRES_E_ARGUMENT, "layer %d: mu and nu are in [0, 1)", n);
    REFUSE(!(w->epsilon > 0 && w->epsilon < 1), SYNRES_E_ARGUMENT, "layer %d: epsilon is not in (0, 1)", n);
    REFUSE(w->block < 1 || w->block > INT32_MAX, SYNRES_E_ARGUMENT, "layer %d: a block of %lld tokens", n, (long long)w->block);
    REFUSE(!(w->radius >= 0 && isfinite(w->radius)), SYNRES_E_ARGUMENT, "layer %d: radius is neither 0 nor a length", n);
    return check_flags(w, n, words);
}

static bool any(const float *x, int64_t n)
{
    for (int64_t i = 0; i < n && x; i++)
        if (x[i] != 0) return true;
    return false;
}

synres_status synresi_layer_finish(synresi_layer *layer, int64_t number, const synresi_words *words)
{
    const synres_layer_weights *w = &layer->w;
    const synres_shape shape = {.flags = w->flags, .d_key = w->d_key, .d_value = w->d_value};
    layer->padded = synresi_padded(w->d_key);
    layer->gates = synresi_gate_width(&shape);
    layer->decays = synresi_decay_width(&shape);
    layer->max_log_decay = (float)log(w->max_decay);
    layer->agrees = any(w->kappa_agreement, w->heads);
    layer->listens = layer->agrees || any(w->kappa_beta, w->heads) || any(w->kappa_decay, w->heads);
    return check_arrays(layer, (int)number, words);
}
