/* A model: the learned parameters of every layer, immutable, shared by any number of states and threads.
 *
 *   k = ℓ2(φ(A_k x)),  q = ℓ2(φ(A_q x)),  v = A_v x,  ℓ2(z) = z/√(‖z‖² + ε);  gates as in gates.h, the update as in step.h, and for each tap
 *   y += scale · B (gain ∘ g ∘ u),  g_h = σ(gate_h·x + gate_bias_h) or 1
 */
#ifndef SYNRES_MODEL_H
#define SYNRES_MODEL_H

#include <synres/gates.h>
#include <synres/step.h>

SYNRES_BEGIN

typedef struct synres_model synres_model;

/* Flags of a layer, beside those of its rule (SYNRES_RULE_…). Pinned for ever. */
enum {
    SYNRES_LAYER_TIED = 256,          /* α = 1 − β, per row where the gates are; the layer has no decay weights */
    SYNRES_LAYER_ERASE_OUTSIDE = 512, /* with TIED: the erase outside the decay, δ-mem's default. Has no uniform bound */
    SYNRES_LAYER_UNCERTIFIED = 1024   /* the layer may have a rule without a uniform bound; otherwise such a rule is refused */
};

/* φ of keys and queries. Pinned for ever. */
enum { SYNRES_ACTIVATION_NONE = 0, SYNRES_ACTIVATION_SILU = 1, SYNRES_ACTIVATION_TANH = 2 };

/* One matrix that the layer adds to. r = heads·d_value. A tap without B, with scale 0 or a gain of zeros is never executed. */
typedef struct synres_tap_weights {
    uint32_t struct_size;
    int32_t reserved;
    int64_t d_out;
    const float *B;         /* d_out × r; NULL: absent */
    const float *gain;      /* r; NULL = 1 */
    const float *gate;      /* heads × d_in; NULL: no gate */
    const float *gate_bias; /* heads; NULL = 0 */
    double scale;           /* default 1 */
    double cap;             /* τ: ‖Δy‖ ≤ τ‖y‖ for each token; 0 = no cap (default) */
} synres_tap_weights;

typedef struct synres_layer_weights {
    uint32_t struct_size;
    int32_t flags;      /* SYNRES_RULE_… | SYNRES_LAYER_…; default SYNRES_RULE_ERASE */
    int64_t d_in;
    int64_t heads;
    int64_t d_key;
    int64_t d_value;
    int32_t activation; /* SYNRES_ACTIVATION_…; default NONE */
    int32_t threshold;  /* SYNRES_THRESHOLD_…; default MEAN */
    int64_t taps;       /* at most 16 */
    const synres_tap_weights *tap;
    const float *A_key;   /* heads·d_key × d_in */
    const float *A_query; /* heads·d_key × d_in */
    const float *A_value; /* heads·d_value × d_in */
    const float *w_beta;  /* heads·(1 or d_value) × d_in; NULL = 0 */
    const float *b_beta;  /* heads·(1 or d_value); NULL = 0 */
    const float *w_decay; /* heads·(1, d_key or d_value) × d_in; NULL = 0 */
    const float *b_decay; /* heads·(1, d_key or d_value); NULL = 0 */
    const float *rate;    /* a ≥ 0, heads; NULL: α = max_decay */
    const float *kappa_beta;      /* heads; NULL = 0 */
    const float *kappa_decay;     /* heads; NULL = 0 */
    const float *kappa_agreement; /* heads; NULL = 0 */
    double beta_max;  /* 0 < β_max ≤ 2; default 1 */
    double max_decay; /* α never exceeds it; default 1 − 2⁻¹²; 1 only with a radius or SYNRES_LAYER_UNCERTIFIED */
    double mu;        /* trace; default 0.97 */
    double nu;        /* threshold; default 0.99 */
    double epsilon;   /* default 1e-6 */
    int64_t block;    /* tokens of a block; default 64 */
    double radius;    /* R: ‖S‖ ≤ R at the beginning of each block, by scaling; then any rule has a bound. 0 = none (default) */
} synres_layer_weights;

/* Memory hooks. `allocate` returns `size` bytes aligned to `alignment` (a power of two), or NULL; `release` gets the size that was asked for. */
typedef void *(*synres_allocate_fn)(void *user, size_t size, size_t alignment);
typedef void (*synres_release_fn)(void *user, void *memory, size_t size);

/* What the host lends when a model is made: memory, room for words about a failure, its own relevance. All optional. */
typedef struct synres_host {
    uint32_t struct_size;
    int32_t reserved;
    void *memory_user;
    synres_allocate_fn allocate;       /* NULL = malloc's family; set both hooks or neither */
    synres_release_fn release;
    char *words;                       /* after a failure: what was wrong, a zero-terminated line */
    int64_t words_size;
    const synres_relevance *relevance; /* NULL = the library's; must outlive the model */
} synres_host;

SYNRES_API SYNRES_NODISCARD synres_status synres_tap_weights_init(synres_tap_weights *tap, size_t size);
SYNRES_API SYNRES_NODISCARD synres_status synres_layer_weights_init(synres_layer_weights *layer, size_t size);
SYNRES_API SYNRES_NODISCARD synres_status synres_host_init(synres_host *host, size_t size);

/* Copies the weights of `layers` layers. host NULL: malloc, no words. Errors: ARGUMENT, SHAPE, NOT_FINITE, OVERFLOW, MEMORY, UNSUPPORTED (flags,
 * another version of the relevance), CERTIFICATE (no uniform bound, and not said so). Allocates. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_model_create(const synres_host *host, const synres_layer_weights *layer, int64_t layers, synres_model **out);

/* Reads what synres_model_save wrote, from a file or from memory (which is copied). Truncated, changed or foreign bytes are refused: FORMAT; a later
 * version, or a machine of the other byte order: UNSUPPORTED; then as synres_model_create. IO, NOT_FOUND. Allocates. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_model_load(const synres_host *host, const char *path, synres_model **out);
SYNRES_API SYNRES_NODISCARD synres_status synres_model_load_bytes(const synres_host *host, const void *bytes, size_t size, synres_model **out);

/* Writes the model's bytes into a file that appears complete or not at all; and where these bytes are (the model's). Errors: ARGUMENT, IO, MEMORY. Since 0.1. */
SYNRES_API SYNRES_NODISCARD synres_status synres_model_save(const synres_model *model, const char *path);
SYNRES_API SYNRES_NODISCARD synres_status synres_model_bytes(const synres_model *model, const void **bytes, size_t *size);

SYNRES_API void synres_model_destroy(synres_model *model);

/* Number of layers (0 for NULL), and the checksum by which states know their model. Since 0.1. */
SYNRES_API int64_t synres_model_layers(const synres_model *model);
SYNRES_API uint64_t synres_model_hash(const synres_model *model);

SYNRES_END

#endif
