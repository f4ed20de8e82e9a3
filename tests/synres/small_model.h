/* A small model with random weights, and an f64 reading of the definition to hold it against. */
#ifndef SMALL_MODEL_H
#define SMALL_MODEL_H

#include <synres/synres.h>

/* SMALL_RADIUS among the flags: no decay, but a radius of 1/2. */
enum { SMALL_IN = 20, SMALL_OUT = 35, SMALL_TAPS = 3, SMALL_RADIUS = 1 << 30 };

/* Layer weights in static-sized storage of the caller. */
typedef struct small_layer {
    synres_layer_weights w;
    synres_tap_weights tap[SMALL_TAPS];
    float *owned[32];
    int owns;
} small_layer;

/* d_key 10, d_value 6, 3 heads; rule flags and layer flags as given; kappas where `resonant`. Tap 0 plain, tap 1 gated, tap 2 capped (τ = 0.1). */
small_layer make_layer(uint64_t seed, int32_t flags, int resonant);
void free_layer(small_layer *layer);

/* A model of `layers` such layers, its state and work, all in one. */
typedef struct small_model {
    synres_model *model;
    synres_work *work;
    void *work_memory;
} small_model;
small_model make_model(uint64_t seed, int32_t flags, int resonant, int64_t layers);
small_model make_model_of(small_layer *layer); /* of this one layer, which stays the caller's */
void free_model(small_model *m);

/* A state of the model in memory of its own, to be freed with free(*memory). */
synres_state *make_state(const synres_model *model, int64_t rewind, void **memory);

/* `tokens` random inputs, to free. */
float *random_x(uint64_t seed, int64_t tokens);

#endif
