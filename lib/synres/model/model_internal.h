/* A model as the other rooms see it: the layers' parameters as views of the image, and what follows from them. */
#ifndef MODEL_INTERNAL_H
#define MODEL_INTERNAL_H

#include <synres/model.h>

#include "../../base/memory.h"
#include "../step/step_internal.h"

enum { SYNRESI_MAX_TAPS = 16, SYNRESI_MAX_LAYERS = 4096, SYNRESI_RULES = 31 };

/* A tap, ready to be added: B with scale and gain folded in; NULL: never executed. */
typedef struct synresi_tap {
    int64_t d_out;
    double cap;
    const float *folded;          /* heads·d_value × SYNRESI_LANES for each sixteen of the d_out outputs */
    const float *gate, *gate_bias;
} synresi_tap;

typedef struct synresi_layer {
    synres_layer_weights w; /* pointers into the image */
    synres_tap_weights tap_weights[SYNRESI_MAX_TAPS];
    synresi_tap tap[SYNRESI_MAX_TAPS];
    int64_t padded;         /* d_key in whole lanes: the stride of states and traces */
    int64_t gates, decays;  /* numbers of β and of α a head */
    bool listens, agrees;   /* some κ is not 0; some κ_M is not 0 */
    float max_log_decay;
} synresi_layer;

struct synres_model {
    base_memory memory;
    const synresi_lanes *lanes; /* picked once, here */
    const synres_relevance *relevance;
    unsigned char *image;
    size_t image_size;
    uint64_t hash;
    int64_t layers;
    synresi_layer *layer;
    void *folded;               /* the taps' own memory */
};

/* The host's room for words about a failure. */
typedef struct synresi_words {
    char *text;
    int64_t size;
} synresi_words;

synres_status synresi_fail(const synresi_words *words, synres_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The host's struct as ours, checked; and its room for words. */
synres_status synresi_host_read(const synres_host *given, synres_host *host, synresi_words *words);

/* The image: what files and memory hold. */
synres_status synresi_image_size(const synresi_layer *layer, int64_t layers, size_t *size);
void synresi_image_write(synresi_layer *layer, int64_t layers, unsigned char *image, size_t size);
synres_status synresi_image_check(const unsigned char *image, size_t size, const synresi_words *words, int64_t *layers, uint64_t *hash);
synres_status synresi_image_read(const unsigned char *image, size_t size, synresi_layer *layer, int64_t layers, const synresi_words *words);

/* Refuses what a layer may not be, fills in what follows from its weights; folds the taps of all layers. */
synres_status synresi_layer_check(const synresi_layer *layer, int64_t number, const synresi_words *words);
synres_status synresi_layer_finish(synresi_layer *layer, int64_t number, const synresi_words *words);
synres_status synresi_taps_fold(synres_model *model, const synresi_words *words);

#endif
