/* A layer that lets its input through: x = (key, value, push), k = q = key/‖key‖, v = value, β = β_max·σ(push), so that tests say what is written. One head. */
#ifndef GLASS_LAYER_H
#define GLASS_LAYER_H

#include <synres/synres.h>

enum { GLASS_MOST = 16, GLASS_PUSH = 200 }; /* σ(±GLASS_PUSH) is 1 and 0 in f32, exactly */

typedef struct glass_options {
    int32_t flags;
    int64_t d_key, d_value, block;
    double beta_max, max_decay, radius; /* 0: the library's default */
} glass_options;

typedef struct glass {
    glass_options options;
    synres_model *model;
    synres_work *work;
    synres_state *state;
    void *memory, *work_memory;
} glass;

/* What the library says to such a layer; on SYNRES_OK all members are made. Tap 0: B the identity. */
synres_status open_glass(glass *g, glass_options options, int64_t rewind);
void close_glass(glass *g);

/* One token; its read, d_value numbers of the work. */
const float *write_glass(const glass *g, const double *key, const double *value, double push);

/* The live state, rows *stride apart, and its norm and bound. */
float *glass_state(const glass *g, int64_t *stride);
double glass_norm(const glass *g);
double glass_bound(const glass *g);

/* Unit keys of which the state recalls least and most: its right singular vectors, by power iteration; and the length of what `key` recalls. */
void weakest_key(const glass *g, double *key);
void strongest_key(const glass *g, double *key);

#endif
