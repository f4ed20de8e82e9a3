/* Both libraries together: an atom of the activations decides what a synaptic state remembers.
 *
 * A stream of tokens says of each of 24 subjects an attribute, once for each of four topics, and each topic says another one. A token's activation is the
 * sum of three atoms: subject, attribute, topic. libatoms encodes it, and the layer of libsynres listens to the atoms that fire: the subject's make the
 * key, the attribute's the value, and the chosen topic's atom alone opens the write gate. The output of the frozen weights, 0 here, gets what the state
 * recalls; encoded again, its atoms name the attribute.
 *
 *     cc examples/13_atoms_decide_what_is_remembered.c -o remembered $(pkg-config --cflags --libs atoms synres) -lm */
#include <atoms/atoms.h>
#include <math.h>
#include <string.h>
#include <synres/synres.h>

#include "example_check.h"
#include "one_blas_thread.h"

enum { D = 128, SUBJECTS = 24, ATTRIBUTES = 24, TOPICS = 4, ATOMS = SUBJECTS + ATTRIBUTES + TOPICS, CODE = 64, TIMES = 5 };
enum { SUBJECT = 0, ATTRIBUTE = SUBJECTS, TOPIC = SUBJECTS + ATTRIBUTES, TOKENS = SUBJECTS * TOPICS * TIMES };

/* The atoms of the activations, and each atom's short code in the state. */
typedef struct world {
    float atom[ATOMS][D], encoder[D][ATOMS], code[ATOMS][CODE];
    int attribute[TOPICS][SUBJECTS]; /* what the topic says of the subject */
    atoms_context *context;
    atoms_sae *sae;
    atoms_sae_work *encoding;
    void *encoding_memory;
} world;

typedef struct memory {
    synres_model *model;
    synres_state *state;
    synres_work *work;
    void *state_memory, *work_memory;
} memory;

#define SYNRES(call) synres_check(call, #call)

static void synres_check(synres_status status, const char *call)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s\n", call, synres_status_name(status), synres_status_text(status));
    exit(1);
}

static unsigned draw(unsigned below)
{
    static unsigned long long seed = 1;
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % below;
}

static void unit(float *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) x[i] = (float)draw(2001) / 1000 - 1, sum += (double)x[i] * x[i];
    for (int i = 0; i < n; i++) x[i] = (float)(x[i] / sqrt(sum));
}

static void make_world(world *w)
{
    static float threshold[ATOMS];
    for (int a = 0; a < ATOMS; a++) {
        unit(w->atom[a], D);
        unit(w->code[a], CODE);
        threshold[a] = 0.5f;
        for (int i = 0; i < D; i++) w->encoder[i][a] = w->atom[a][i];
    }
    for (int t = 0; t < TOPICS; t++)
        for (int s = 0; s < SUBJECTS; s++) w->attribute[t][s] = (s * 5 + t * 7) % ATTRIBUTES;
    CHECK(NULL, atoms_context_create(NULL, &w->context));
    atoms_sae_weights weights; /* made by hand here; `atoms train` learns one from activations */
    CHECK(w->context, atoms_sae_weights_init(&weights, sizeof weights));
    weights.w_enc = atoms_matrix_f32(w->encoder[0], D, ATOMS);
    weights.w_dec = atoms_matrix_f32(w->atom[0], ATOMS, D);
    weights.threshold = threshold;
    CHECK(w->context, atoms_sae_create(w->context, &weights, &w->sae));
    size_t bytes;
    CHECK(w->context, atoms_sae_work_size(w->sae, 1, &bytes));
    if (!(w->encoding_memory = malloc(bytes))) exit(1);
    CHECK(w->context, atoms_sae_work_init(w->sae, w->encoding_memory, bytes, &w->encoding));
}

/* How strongly each atom fires for x; 0 where it does not. */
static void encode(world *w, const float *x, float fires[ATOMS])
{
    atoms_matrix token = atoms_vector_f32(x, D);
    atoms_codes_view codes;
    CHECK(w->context, atoms_sae_encode(w->sae, w->encoding, &token, &codes));
    memset(fires, 0, ATOMS * sizeof *fires);
    for (int64_t i = 0; i < codes.nnz; i++) fires[codes.index[i]] = codes.value[i];
}

/* A layer of one head over the atoms that fire. gate: the atom that opens it; −1: any attribute does. */
static synres_model *make_layer(const world *w, int gate)
{
    static float key[CODE][ATOMS], value[CODE][ATOMS], back[D][CODE], open[ATOMS];
    for (int i = 0; i < CODE; i++) {
        for (int a = SUBJECT; a < ATTRIBUTE; a++) key[i][a] = w->code[a][i];
        for (int a = ATTRIBUTE; a < TOPIC; a++) value[i][a] = w->code[a][i];
        for (int j = 0; j < D; j++) back[j][i] = 0;
        for (int a = ATTRIBUTE; a < TOPIC; a++)
            for (int j = 0; j < D; j++) back[j][i] += w->atom[a][j] * w->code[a][i]; /* an attribute's code becomes its atom again */
    }
    for (int a = 0; a < ATOMS; a++) open[a] = a == gate || (gate < 0 && a >= ATTRIBUTE && a < TOPIC) ? 12 : 0;
    const float bias = -6; /* shut: σ(−6) = 0.002, open: σ(6) = 0.998 */
    synres_tap_weights tap;
    synres_layer_weights layer;
    synres_model *model;
    SYNRES(synres_tap_weights_init(&tap, sizeof tap));
    SYNRES(synres_layer_weights_init(&layer, sizeof layer));
    tap.d_out = D, tap.B = back[0];
    layer.d_in = ATOMS, layer.heads = 1, layer.d_key = layer.d_value = CODE;
    layer.A_key = layer.A_query = key[0], layer.A_value = value[0];
    layer.w_beta = open, layer.b_beta = &bias;
    layer.taps = 1, layer.tap = &tap;
    SYNRES(synres_model_create(NULL, &layer, 1, &model));
    return model;
}

/* One token, the sum of `count` atoms; y is what the layer adds to a frozen output of 0. */
static void token(world *w, const memory *m, const int *atom, int count, float fires[ATOMS], float y[D])
{
    float x[D] = {0};
    for (int a = 0; a < count; a++)
        for (int j = 0; j < D; j++) x[j] += w->atom[atom[a]][j];
    encode(w, x, fires);
    synres_batch batch;
    SYNRES(synres_batch_init(&batch, sizeof batch));
    batch.tokens = 1, batch.x = fires, batch.states = &m->state;
    SYNRES(synres_run(m->model, 0, &batch, m->work, 0, 1));
    memset(y, 0, D * sizeof *y);
    SYNRES(synres_tap(m->model, 0, 0, m->work, y, D, 0, 1));
}

static int strongest(const float fires[ATOMS], int first, int count)
{
    int best = -1;
    for (int a = first; a < first + count; a++)
        if (fires[a] > (best < 0 ? 0 : fires[best])) best = a;
    return best;
}

static memory make_memory(const world *w, int gate)
{
    memory m = {.model = make_layer(w, gate)};
    size_t state_bytes, work_bytes;
    SYNRES(synres_state_size(m.model, 0, &state_bytes));
    SYNRES(synres_work_size(m.model, 1, &work_bytes));
    m.state_memory = malloc(state_bytes);
    m.work_memory = malloc(work_bytes);
    if (!m.state_memory || !m.work_memory) exit(1);
    SYNRES(synres_state_init(m.model, 0, m.state_memory, state_bytes, &m.state));
    SYNRES(synres_work_init(m.model, 1, m.work_memory, work_bytes, &m.work));
    return m;
}

/* The stream, then each subject alone is asked for. Returns how much of what the topic says is recalled: the topic that opens the gate, or the first. */
static double remember(world *w, int gate)
{
    memory m = make_memory(w, gate);
    float y[D], fires[ATOMS];
    int written = 0, recalled[TOPICS] = {0};
    for (int t = 0; t < TOKENS; t++) {
        const int topic = (int)draw(TOPICS), subject = t % SUBJECTS;
        token(w, &m, (int[]){SUBJECT + subject, ATTRIBUTE + w->attribute[topic][subject], TOPIC + topic}, 3, fires, y);
        written += gate < 0 || fires[gate] > 0;
    }
    for (int s = 0; s < SUBJECTS; s++) {
        token(w, &m, (int[]){SUBJECT + s}, 1, fires, y);
        encode(w, y, fires);
        const int said = strongest(fires, ATTRIBUTE, ATTRIBUTES);
        for (int t = 0; t < TOPICS; t++) recalled[t] += said == ATTRIBUTE + w->attribute[t][s];
    }
    if (gate < 0) printf("  any attribute            %4d", written);
    else printf("  the atom of topic %d      %4d", gate - TOPIC, written);
    for (int t = 0; t < TOPICS; t++) printf("  %5.0f %%", 100.0 * recalled[t] / SUBJECTS);
    printf("\n");
    free(m.state_memory), free(m.work_memory);
    synres_model_destroy(m.model);
    return (double)recalled[gate < 0 ? 0 : gate - TOPIC] / SUBJECTS;
}

int main(void)
{
    one_blas_thread();
    static world w;
    make_world(&w);
    printf("what opens the gate      written  recall of what topic 0 ... %d says\n", TOPICS - 1);
    const double all = remember(&w, -1);
    double least = 1;
    for (int t = 0; t < TOPICS; t++) least = fmin(least, remember(&w, TOPIC + t));
    free(w.encoding_memory);
    atoms_sae_destroy(w.sae);
    atoms_context_destroy(w.context);
    return all < 0.5 && least > 0.9 ? 0 : 1;
}
