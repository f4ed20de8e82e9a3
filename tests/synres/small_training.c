#include "small_training.h"

#include "suite.h"
#include "synres_inputs.h"
#include "train_oracle.h"

training *make_training(uint64_t seed, int32_t rule, const synres_train_options *change)
{
    training *t = calloc(1, sizeof *t);
    small_layer layer = make_layer(seed, rule, 1);
    synres_train_options options;
    ck_synres_ok(synres_train_options_init(&options, sizeof options));
    if (change) options = *change;
    options.sequences = SEQUENCES, options.tokens = TOKENS;
    layer.tap[2].cap = 0, layer.w.tap = layer.tap;
    ck_synres_ok(synres_trainer_create(NULL, &layer.w, &options, &t->trainer));
    free_layer(&layer);
    t->x = random_x(seed, ALL);
    for (int tap = 0; tap < SMALL_TAPS; tap++) {
        t->out[tap] = t->y[tap], t->in[tap] = t->dy[tap];
        for (int64_t i = 0; i < ALL * SMALL_OUT; i++) t->dy[tap][i] = (float)tiny_number(50 + tap, i);
    }
    return t;
}

void end_training(training *t)
{
    synres_trainer_destroy(t->trainer);
    free(t->x);
    free(t);
}

synres_status training_call(training *t, int32_t ith, int32_t nth, int phase)
{
    if (phase == 0) return synres_trainer_forward(t->trainer, t->x, SEQUENCES, TOKENS, t->out, ith, nth);
    if (phase == 1) return synres_trainer_backward(t->trainer, t->in, t->dx, ith, nth);
    return phase == 2 ? synres_trainer_gradients(t->trainer, ith, nth) : synres_trainer_step(t->trainer, 1, ith, nth);
}

void training_step(training *t, int32_t nth)
{
    for (int phase = 0; phase < 4; phase++)
        for (int32_t ith = 0; ith < nth; ith++) ck_synres_ok(training_call(t, ith, nth, phase));
}
