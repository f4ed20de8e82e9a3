/* A trainer of the small model (without its cap), a batch for it, and what comes out. */
#ifndef SMALL_TRAINING_H
#define SMALL_TRAINING_H

#include "small_model.h"
#include "trainer/trainer_internal.h"

enum { SEQUENCES = 5, TOKENS = 40, ALL = SEQUENCES * TOKENS };

typedef struct training {
    synres_trainer *trainer;
    float *x, dx[ALL * SMALL_IN], y[SMALL_TAPS][ALL * SMALL_OUT], dy[SMALL_TAPS][ALL * SMALL_OUT];
    float *out[SMALL_TAPS];      /* y and dy as the calls take them */
    const float *in[SMALL_TAPS];
} training;

/* change: options to use in place of the defaults (sequences and tokens are set here). */
training *make_training(uint64_t seed, int32_t rule, const synres_train_options *change);
void end_training(training *t);

/* Call number `phase` (forward, backward, gradients, step) of one thread; all four by nth threads, one after another, which must succeed. */
synres_status training_call(training *t, int32_t ith, int32_t nth, int phase);
void training_step(training *t, int32_t nth);

static inline float *parameters(const training *t) { return t->trainer->net.parameter; }
static inline int64_t count_of(const training *t) { return t->trainer->plan.count; }

#endif
