/* Streams of facts, as in docs/synres/evaluation.md: what is written, in which order, and what is asked afterwards. */
#include <math.h>
#include <string.h>

#include "associative_recall.h"
#include "support/bench_check.h"
#include "synres_evaluation.h"

enum { D = EVALUATION_WIDTH };

static void normalise(float *x)
{
    double squares = 0;
    for (int j = 0; j < D; j++) squares += (double)x[j] * x[j];
    for (int j = 0; j < D; j++) x[j] = (float)(x[j] / sqrt(squares));
}

/* A random unit vector. */
static void unit(recall_random *random, float *out) /* Box–Muller */
{
    for (int j = 0; j < D; j += 2) {
        double radius = sqrt(-2 * log(recall_uniform(random))), angle = 6.283185307179586 * recall_uniform(random);
        out[j] = (float)(radius * cos(angle));
        out[j + 1] = (float)(radius * sin(angle));
    }
    normalise(out);
}

static void shuffle(recall_random *random, int n, int *order)
{
    for (int i = n - 1; i > 0; i--) {
        int j = recall_below(random, i + 1), swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

/* fact[t] = the fact that write t is of, −1 for noise. */
static void plan(const stream_kind *kind, recall_random *random, int wanted, int facts, int *fact)
{
    for (int t = 0; t < wanted; t++) fact[t] = t < facts ? t : kind->rewritten ? t - facts : recall_below(random, facts);
    for (int t = wanted; t < kind->writes; t++) fact[t] = -1;
    if (kind->rewritten || kind->by_distance) return; /* in this order: first everything, then half of it again */
    shuffle(random, kind->writes, fact);
}

static void ask(stream *s, const float *key, const float *target, int group, double noise, recall_random *random)
{
    float *query = s->query + s->queries * D, aside[D];
    unit(random, aside);
    for (int j = 0; j < D; j++) query[j] = key[j] + (float)noise * aside[j];
    memcpy(s->target + s->queries * D, target, D * sizeof *target);
    s->group[s->queries++] = group;
}

static const int distances[] = {4, 16, 64, 128, 256}; /* group: the first that is larger than the distance */

static int group_of(const stream_kind *kind, int facts, int fact)
{
    if (kind->rewritten) return fact >= facts / 2;
    if (!kind->by_distance) return 0;
    int group = 0;
    while (kind->writes - 1 - fact >= distances[group]) group++;
    return group;
}

int stream_groups(const stream_kind *kind, const char *names[EVALUATION_GROUPS])
{
    static const char *const rewritten[] = {"rewritten", "untouched", "the value of before"};
    static const char *const by[] = {"0-3", "4-15", "16-63", "64-127", "128-255"};
    if (!kind->rewritten && !kind->by_distance) {
        names[0] = kind->name;
        return 1;
    }
    const int n = kind->rewritten ? 3 : 5;
    for (int i = 0; i < n; i++) names[i] = kind->rewritten ? rewritten[i] : by[i];
    return n;
}

/* Facts' keys and values, then the writes. `before`: the values that a fact has first, where it is written anew. */
static void fill(const stream_kind *kind, recall_random *random, int facts, const int *fact, float *key, float *value, float *before, stream *s)
{
    float topic[D];
    unit(random, topic);
    for (int f = 0; f < facts; f++) {
        unit(random, key + f * D);
        for (int j = 0; j < D; j++) key[f * D + j] += (float)kind->topic * topic[j];
        normalise(key + f * D);
        unit(random, value + f * D);
        unit(random, before + f * D);
    }
    for (int t = 0; t < kind->writes; t++) {
        const bool old = kind->rewritten && t < facts / 2;
        if (fact[t] < 0) {
            unit(random, s->key + t * D);
            unit(random, s->value + t * D);
        } else {
            memcpy(s->key + t * D, key + fact[t] * D, D * sizeof *key);
            memcpy(s->value + t * D, (old ? before : value) + fact[t] * D, D * sizeof *value);
        }
    }
}

stream *stream_make(const stream_kind *kind, uint64_t seed)
{
    recall_random random = recall_seed(seed);
    const int wanted = (int)lround(kind->writes * (1 - kind->noise)), facts = kind->facts ? kind->facts : kind->rewritten ? 2 * wanted / 3 : wanted;
    stream *s = bench_memory(1, sizeof *s);
    const char *names[EVALUATION_GROUPS];
    s->writes = kind->writes;
    s->groups = stream_groups(kind, names);
    s->tuned = kind->rewritten ? 2 : s->groups;
    s->key = bench_memory((size_t)kind->writes * D, sizeof *s->key);
    s->value = bench_memory((size_t)kind->writes * D, sizeof *s->value);
    s->query = bench_memory((size_t)facts * 2 * D, sizeof *s->query);
    s->target = bench_memory((size_t)facts * 2 * D, sizeof *s->target);
    s->group = bench_memory((size_t)facts * 2, sizeof *s->group);
    float *key = bench_memory((size_t)facts * 3 * D, sizeof *key), *value = key + facts * D, *before = value + facts * D;
    int *fact = bench_memory((size_t)kind->writes, sizeof *fact);
    plan(kind, &random, wanted, facts, fact);
    fill(kind, &random, facts, fact, key, value, before, s);
    for (int f = 0; f < facts; f++) ask(s, key + f * D, value + f * D, group_of(kind, facts, f), kind->key_noise, &random);
    for (int f = 0; kind->rewritten && f < facts / 2; f++) ask(s, key + f * D, before + f * D, 2, kind->key_noise, &random);
    free(key);
    free(fact);
    return s;
}

void stream_free(stream *s)
{
    float *owned[] = {s->key, s->value, s->query, s->target};
    for (int i = 0; i < 4; i++) free(owned[i]);
    free(s->group);
    free(s);
}
