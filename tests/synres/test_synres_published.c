/* The library beside rules as other projects compute them (tests/golden/make_synres.py): ggml's gated_delta_net, fla's gated delta rule, ONNX LinearAttention
 * and δ-mem, each with its own scaling and its own layout of the state. Those projects' tests allow each other 2·10⁻³; here it is rounding. */
#include <math.h>

#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

typedef struct published_case {
    const char *name;
    int32_t flags;
    int transposed; /* their state is d_key × d_value */
    double scale;   /* of what is read */
    int64_t heads, d_key, d_value, tokens;
    const double *q, *k, *v, *beta, *g, *S0, *o, *S;
} published_case;

#include "../golden/synres.inc"

enum { PUBLISHED = sizeof published / sizeof *published };

/* Their state in our layout, to free. */
static double *state_of(const published_case *c, const double *theirs)
{
    const int64_t k = c->d_key, v = c->d_value;
    double *S = malloc((size_t)(c->heads * k * v) * sizeof *S);
    for (int64_t h = 0; h < c->heads; h++)
        for (int64_t i = 0; i < v; i++)
            for (int64_t j = 0; j < k; j++) S[(h * v + i) * k + j] = theirs[c->transposed ? (h * k + j) * v + i : (h * v + i) * k + j];
    return S;
}

static float *narrow(const double *x, int64_t n)
{
    float *y = malloc((size_t)(n + !n) * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = (float)x[i];
    return y;
}

static void assert_near(const char *what, const char *name, double error, double allowed)
{
    ck_assert_msg(error <= allowed, "%s, %s: %g", name, what, error);
}

START_TEST(kernels_compute_what_others_publish)
{
    const published_case *c = &published[_i];
    const int64_t rows = c->tokens * c->heads, keys = rows * c->d_key, values = rows * c->d_value, state = c->heads * c->d_key * c->d_value;
    const int64_t decays = c->flags & SYNRES_RULE_DECAY_CHANNEL ? keys : rows;
    double *q = copy_f64(c->q, keys), *S0 = state_of(c, c->S0), *want = state_of(c, c->S), *S = copy_f64(S0, state), *u = calloc((size_t)values, sizeof *u);
    for (int64_t i = 0; i < keys; i++) q[i] *= c->scale; /* the scale is the query's here */
    synres_shape shape;
    synres_tokens_f64 in;
    synres_tokens_f32 in32;
    ck_synres_ok(synres_shape_init(&shape, sizeof shape));
    ck_synres_ok(synres_tokens_f64_init(&in, sizeof in));
    ck_synres_ok(synres_tokens_f32_init(&in32, sizeof in32));
    shape.flags = c->flags, shape.heads = c->heads, shape.d_key = c->d_key, shape.d_value = c->d_value;
    in.tokens = in32.tokens = c->tokens, in.key = c->k, in.query = q, in.value = c->v, in.beta = c->beta, in.log_decay = c->g;
    float *narrowed[] = {narrow(c->k, keys), narrow(q, keys), narrow(c->v, values), narrow(c->beta, rows), c->g ? narrow(c->g, decays) : NULL};
    in32.key = narrowed[0], in32.query = narrowed[1], in32.value = narrowed[2], in32.beta = narrowed[3], in32.log_decay = narrowed[4];
    size_t bytes;
    ck_synres_ok(synres_step_f64(&shape, &in, S, u, 0, 1));
    assert_near("step_f64, state", c->name, rms_ratio_f64(S, want, state), 1e-14);
    assert_near("step_f64, reads", c->name, rms_ratio_f64(u, c->o, values), 1e-14);
    memcpy(S, S0, (size_t)state * sizeof *S);
    ck_synres_ok(synres_chunk_size_f64(&shape, &bytes));
    void *memory = malloc(bytes);
    ck_synres_ok(synres_chunk_f64(&shape, &in, S, u, 4, memory, bytes, 0, 1));
    assert_near("chunk_f64, state", c->name, rms_ratio_f64(S, want, state), 1e-13);
    assert_near("chunk_f64, reads", c->name, rms_ratio_f64(u, c->o, values), 1e-13);
    float *S32 = narrow(S0, state), *u32 = calloc((size_t)values, sizeof *u32);
    ck_synres_ok(synres_step_f32(&shape, &in32, S32, u32, 0, 1));
    assert_near("step_f32, state", c->name, rms_ratio(S32, want, state), 1e-6);
    assert_near("step_f32, reads", c->name, rms_ratio(u32, c->o, values), 1e-6);
    for (size_t i = 0; i < sizeof narrowed / sizeof *narrowed; i++) free(narrowed[i]);
    free(q), free(S0), free(want), free(S), free(u), free(S32), free(u32), free(memory);
}
END_TEST

enum { NESTED = 1, KEPT = 2, KINDS_OF_DELTA_MEM = 3, MEM_R = DELTA_MEM_R };

/* δ-mem as a layer: r = 8, φ = tanh, one gate a row with bias −1.5, read before, taps on W_q and W_o scaled by α/r. Its default needs SYNRES_LAYER_UNCERTIFIED,
 * the nested form does not; without λ, α is 1. */
START_TEST(a_layer_computes_delta_mem)
{
    static const double *const reads[][3] = {{delta_mem_tied_q, delta_mem_tied_o, delta_mem_tied_S},
                                             {delta_mem_nested_q, delta_mem_nested_o, delta_mem_nested_S},
                                             {delta_mem_kept_q, delta_mem_kept_o, delta_mem_kept_S}};
    float bias[MEM_R], y[DELTA_MEM_T * DELTA_MEM_OUT];
    const int64_t A = MEM_R * DELTA_MEM_IN, B = DELTA_MEM_OUT * MEM_R;
    float *owned[] = {narrow(delta_mem_A_q, A), narrow(delta_mem_A_k, A), narrow(delta_mem_A_v, A), narrow(delta_mem_W_beta, A), narrow(delta_mem_B_q, B),
                      narrow(delta_mem_B_o, B), narrow(delta_mem_x, DELTA_MEM_T * DELTA_MEM_IN)};
    synres_layer_weights w;
    synres_tap_weights tap[2];
    ck_synres_ok(synres_layer_weights_init(&w, sizeof w));
    for (int i = 0; i < MEM_R; i++) bias[i] = -1.5f;
    for (int i = 0; i < 2; i++) {
        ck_synres_ok(synres_tap_weights_init(&tap[i], sizeof tap[i]));
        tap[i].d_out = DELTA_MEM_OUT, tap[i].B = owned[4 + i], tap[i].scale = (double)DELTA_MEM_ALPHA / MEM_R;
    }
    w.flags = SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_ROW | (_i == KEPT ? 0 : SYNRES_LAYER_TIED) |
              (_i == NESTED ? 0 : SYNRES_LAYER_UNCERTIFIED) | (_i == NESTED || _i == KEPT ? 0 : SYNRES_LAYER_ERASE_OUTSIDE);
    if (_i == KEPT) w.max_decay = 1;
    w.d_in = DELTA_MEM_IN, w.d_key = w.d_value = MEM_R, w.activation = SYNRES_ACTIVATION_TANH, w.epsilon = 1e-24;
    w.A_query = owned[0], w.A_key = owned[1], w.A_value = owned[2], w.w_beta = owned[3], w.b_beta = bias, w.taps = 2, w.tap = tap;
    small_model m = {0};
    size_t bytes;
    void *memory;
    ck_synres_ok(synres_model_create(NULL, &w, 1, &m.model));
    ck_synres_ok(synres_work_size(m.model, DELTA_MEM_T, &bytes));
    ck_synres_ok(synres_work_init(m.model, DELTA_MEM_T, m.work_memory = malloc(bytes), bytes, &m.work));
    synres_state *state = make_state(m.model, 0, &memory), *states[DELTA_MEM_T];
    for (int t = 0; t < DELTA_MEM_T; t++) states[t] = state;
    synres_batch batch = batch_of(owned[6], states, DELTA_MEM_T);
    ck_synres_ok(synres_run(m.model, 0, &batch, m.work, 0, 1));
    for (int i = 0; i < 2; i++) {
        memset(y, 0, sizeof y);
        ck_synres_ok(synres_tap(m.model, 0, i, m.work, y, 0, 0, 1));
        assert_near("outputs", "delta-mem", rms_ratio(y, reads[_i][i], DELTA_MEM_T * DELTA_MEM_OUT), 2e-6);
    }
    double norm, want = 0;
    for (int i = 0; i < MEM_R * MEM_R; i++) want += reads[_i][2][i] * reads[_i][2][i];
    ck_synres_ok(synres_state_norm(state, 0, 0, &norm));
    ck_assert_msg(near(norm, sqrt(want), 2e-6, 0), "%.9g, not %.9g", norm, sqrt(want));
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    free(memory);
    free_model(&m);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "kernels", kernels_compute_what_others_publish, PUBLISHED);
    add_loop(suite, "delta-mem", a_layer_computes_delta_mem, KINDS_OF_DELTA_MEM);
}

SUITE_MAIN("synres_published", add_cases)
