/* Synaptic resonance by hand: three facts written into a state under their keys, one of them rewritten, a thousand distractors, and what is recalled.
 * The raw update alone: no model, no file, nothing allocated. */
#include <math.h>
#include <stdio.h>
#include <synres/synres.h>

enum { KEY = 64, VALUE = 4, FACTS = 3 };

/* A unit vector that differs from seed to seed. */
static void unit_key(unsigned seed, float key[KEY])
{
    double sum = 0;
    for (int j = 0; j < KEY; j++) {
        seed = seed * 1664525u + 1013904223u;
        key[j] = (float)(seed >> 8) / (float)(1 << 23) - 1;
        sum += (double)key[j] * key[j];
    }
    for (int j = 0; j < KEY; j++) key[j] = (float)(key[j] / sqrt(sum));
}

typedef struct memory {
    synres_shape shape;
    float S[VALUE * KEY];
} memory;

/* One token: strength 0 only recalls, and leaves the state as it is. */
static synres_status token(memory *m, const float *key, const float *value, float strength, float log_decay, float recalled[VALUE])
{
    synres_tokens_f32 t;
    synres_status status = synres_tokens_f32_init(&t, sizeof t);
    if (status) return status;
    t.key = t.query = key;
    t.value = value;
    t.beta = &strength;
    t.log_decay = &log_decay;
    return synres_step_f32(&m->shape, &t, m->S, recalled, 0, 1);
}

static synres_status show(memory *m, const char *when, float keys[FACTS][KEY])
{
    static const float nothing[VALUE] = {0};
    printf("%s\n", when);
    for (int f = 0; f < FACTS; f++) {
        float u[VALUE];
        synres_status status = token(m, keys[f], nothing, 0, 0, u);
        if (status) return status;
        printf("  fact %d: %6.2f %6.2f %6.2f %6.2f\n", f, u[0], u[1], u[2], u[3]);
    }
    return SYNRES_OK;
}

int main(void)
{
    static const float facts[FACTS][VALUE] = {{1, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 3, 0}}, corrected[VALUE] = {0, 0, 0, 5}, noise[VALUE] = {1, -1, 1, -1};
    static memory m;
    float keys[FACTS][KEY], key[KEY], u[VALUE];
    synres_status status = synres_shape_init(&m.shape, sizeof m.shape); /* the delta rule, one head */
    m.shape.d_key = KEY, m.shape.d_value = VALUE;
    for (int f = 0; f < FACTS && !status; f++) {
        unit_key(7 + (unsigned)f, keys[f]);
        status = token(&m, keys[f], facts[f], 1, 0, u);
    }
    if (!status) status = show(&m, "three facts written, one strength 1 write each:", keys);
    if (!status) status = token(&m, keys[1], corrected, 1, 0, u);
    if (!status) status = show(&m, "fact 1 written anew: its old value is gone, the others are nearly as they were:", keys);
    for (unsigned n = 0; n < 1000 && !status; n++) { /* what relevance is for: the same stream, written weakly */
        unit_key(1000 + n, key);
        status = token(&m, key, noise, 0.001f, 0, u);
    }
    if (!status) status = show(&m, "after a thousand distractors of strength 0.001:", keys);
    for (unsigned n = 0; n < 1000 && !status; n++) {
        unit_key(1000 + n, key);
        status = token(&m, key, noise, 1, 0, u);
    }
    if (!status) status = show(&m, "after the same thousand at strength 1:", keys);
    if (status) fprintf(stderr, "%s: %s\n", synres_status_name(status), synres_status_text(status));
    return status != SYNRES_OK;
}
