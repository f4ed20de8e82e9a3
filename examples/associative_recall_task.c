/* Sequences of multi-query associative recall, after zoology's generator (Arora 2023, arXiv 2312.04927): its plain form, with keys that are written anew
 * (so that something has to be forgotten), and with noise between the pairs (as MAD's noisy recall, arXiv 2403.17844). */
#include <math.h>
#include <stdlib.h>

#include "associative_recall.h"

static uint64_t next(recall_random *random) /* SplitMix64 */
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

recall_random recall_seed(uint64_t seed)
{
    recall_random random = {seed * 0xD1342543DE82EF95u};
    next(&random);
    return random;
}

double recall_uniform(recall_random *random) { return (double)((next(random) >> 11) + 1) * 0x1p-53; }

int recall_below(recall_random *random, int n) { return (int)(next(random) % (uint64_t)n); }

double recall_normal(recall_random *random) /* Box–Muller */
{
    const double radius = sqrt(-2 * log(recall_uniform(random)));
    return radius * cos(6.283185307179586 * recall_uniform(random));
}

/* n different numbers of first … first + among − 1. */
static void draw(recall_random *random, int n, int first, int among, int32_t *out)
{
    for (int i = 0; i < n; i++) {
        int again = 1;
        while (again) {
            out[i] = first + recall_below(random, among);
            again = 0;
            for (int j = 0; j < i; j++) again |= out[j] == out[i];
        }
    }
}

/* n different slots of `slots`, slot g with a weight of (g + 1)^(power − 1): by the largest of log(weight) + Gumbel noise. */
static void draw_slots(recall_random *random, int n, int slots, double power, double *score, int *out)
{
    for (int g = 0; g < slots; g++) score[g] = (power - 1) * log(g + 1) - log(-log(recall_uniform(random) * (1 - 0x1p-53)));
    for (int i = 0; i < n; i++) {
        int best = 0;
        for (int g = 1; g < slots; g++)
            if (score[g] > score[best]) best = g;
        out[i] = best;
        score[best] = -INFINITY;
    }
}

/* What the first part says, one after another: pair p ≥ 0 with its first value, pair −p − 1 with its second, or `pairs` for a noise token. */
static int plan(const recall_task *task, recall_random *random, int *unit)
{
    int n = 0;
    for (int p = 0; p < task->pairs; p++) unit[n++] = p;
    for (int p = 0; p < task->rewritten; p++) unit[n++] = -p - 1;
    for (int i = 0; i < task->noise; i++) unit[n++] = task->pairs;
    for (int i = n - 1; i > 0; i--) {
        const int j = recall_below(random, i + 1), swapped = unit[i];
        unit[i] = unit[j];
        unit[j] = swapped;
    }
    return n;
}

static void make_one(const recall_task *task, recall_random *random, int32_t *token, int32_t *answer, int32_t *key, int *unit, double *score)
{
    const int half = task->vocabulary / 2, noise = task->noise ? task->vocabulary / 8 : 0, values = task->pairs + task->rewritten;
    int32_t *value = key + task->pairs, *wanted = value + values;
    draw(random, task->pairs, 0, half, key);
    draw(random, values, half, task->vocabulary - half - noise, value);
    for (int t = 0; t < task->tokens; t++) token[t] = recall_below(random, task->vocabulary), answer[t] = -1;
    int t = 0;
    const int units = plan(task, random, unit);
    for (int i = 0; i < units; i++) {
        const int p = unit[i] < 0 ? -unit[i] - 1 : unit[i];
        if (unit[i] == task->pairs) {
            token[t++] = task->vocabulary - noise + recall_below(random, noise);
            continue;
        }
        token[t++] = key[p];
        token[t++] = wanted[p] = unit[i] < 0 ? value[task->pairs + p] : value[p]; /* the later one of two stays */
    }
    draw_slots(random, task->pairs, (task->tokens - t) / 2, task->power, score, unit);
    for (int p = 0; p < task->pairs; p++) {
        token[t + 2 * unit[p]] = key[p];
        answer[t + 2 * unit[p]] = wanted[p];
    }
}

void recall_make(const recall_task *task, recall_random *random, int sequences, int32_t *token, int32_t *answer)
{
    const size_t tokens = (size_t)task->tokens;
    int32_t *key = malloc(tokens * 4 * sizeof *key);
    int *unit = malloc(tokens * sizeof *unit);
    double *score = malloc(tokens * sizeof *score);
    if (!key || !unit || !score || 4 * task->pairs + 2 * task->rewritten + task->noise > task->tokens) exit(2);
    for (int i = 0; i < sequences; i++) make_one(task, random, token + (size_t)i * tokens, answer + (size_t)i * tokens, key, unit, score);
    free(key);
    free(unit);
    free(score);
}
