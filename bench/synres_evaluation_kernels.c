/* L0: what the rules recall with keys and gates that are given. Each rule has a small grid of constant gates; in each column the setting with the best
 * mean cosine on the tuning seeds is taken, and what it reaches on the other seeds is reported. Every κ > 0 stands beside its κ = 0 partner, tuned alike. */
#include <string.h>

#include "support/bench_check.h"
#include "synres_evaluation.h"

enum { SETTINGS = 64, KINDS = 5, TUNING_SEED = 1000 };

/* A rule with its grid: all of bias × decay × κ. A list ends at the first 0 after its beginning; `partner`: the row it is compared with, −1: none. */
typedef struct family {
    const char *name;
    int partner;
    bool erase;
    double spread;
    double bias[8], decay[4], kappa[4], kappa_agreement[4];
} family;

#define BIASES {-4, -3, -2, -1, -0.01, 1, 3}

static const family families[] = {
    {"none", -1, false, 0, {-200}, {1}, {0}, {0}},
    {"Hebbian", -1, false, 0, {-0.01}, {1, 0.999, 0.99, 0.97}, {0}, {0}},
    {"delta (κ = 0)", -1, true, 0, BIASES, {1}, {0}, {0}},
    {"delta, contextual κ", 2, true, 0, BIASES, {1}, {2, 4, 8, 16}, {0}},
    {"delta, agreement κ", 2, true, 0, BIASES, {1}, {0}, {1, 2, 5, 10}},
    {"gated delta (κ = 0)", -1, true, 0, BIASES, {0.9998, 0.999, 0.99}, {0}, {0}},
    {"gated delta, contextual κ", 5, true, 0, BIASES, {0.999, 0.99}, {2, 4, 8, 16}, {0}},
    {"KDA (κ = 0)", -1, true, 8, BIASES, {0.9998, 0.999, 0.99}, {0}, {0}},
};
enum { FAMILIES = sizeof families / sizeof *families };

static int length(const double *list, int most)
{
    int n = 1;
    while (n < most && list[n]) n++;
    return n;
}

static int grid(const family *f, memory_setting out[SETTINGS])
{
    const int biases = length(f->bias, 8), decays = length(f->decay, 4), kappas = length(f->kappa, 4), agreements = length(f->kappa_agreement, 4);
    int n = 0;
    for (int i = 0; i < biases * decays * kappas * agreements; i++) {
        const double kappa = f->kappa[i / biases / decays % kappas];
        out[n++] = (memory_setting){.erase = f->erase,
                                    .bias = f->bias[i % biases],
                                    .decay = f->decay[i / biases % decays],
                                    .spread = f->spread,
                                    .kappa = kappa,
                                    .kappa_decay = f->decay[0] < 1 ? kappa : 0,
                                    .kappa_agreement = f->kappa_agreement[i / biases / decays / kappas]};
    }
    return n;
}

/* One column of a table: streams of one kind, all rules. */
typedef struct column {
    const evaluation_options *options;
    stream **streams; /* tuning seeds, then those that are reported */
    int tuning;
    memory_setting setting[FAMILIES][SETTINGS], chosen[FAMILIES];
    int settings[FAMILIES];
    double *tuned;       /* families × settings × tuning seeds */
    memory_score *score; /* families × seeds */
} column;

static void tune(void *arg, int64_t number)
{
    column *c = arg;
    const int64_t seed = number % c->tuning, i = number / c->tuning % SETTINGS, f = number / c->tuning / SETTINGS;
    if (i < c->settings[f]) c->tuned[number] = memory_recall(&c->setting[f][i], c->streams[seed]).tuned;
}

static void report(void *arg, int64_t number)
{
    column *c = arg;
    c->score[number] = memory_recall(&c->chosen[number / c->options->seeds], c->streams[c->tuning + number % c->options->seeds]);
}

static void choose(column *c, int f)
{
    double best = -2;
    for (int i = 0; i < c->settings[f]; i++) {
        double mean = 0;
        for (int seed = 0; seed < c->tuning; seed++) mean += c->tuned[(f * SETTINGS + i) * c->tuning + seed] / c->tuning;
        if (mean > best) best = mean, c->chosen[f] = c->setting[f][i];
    }
}

static column *column_make(const evaluation_options *options, const stream_kind *kind)
{
    column *c = bench_memory(1, sizeof *c);
    c->options = options;
    c->tuning = options->quick ? 1 : 5;
    c->streams = bench_memory((size_t)(c->tuning + options->seeds), sizeof *c->streams);
    for (int i = 0; i < c->tuning + options->seeds; i++)
        c->streams[i] = stream_make(kind, (uint64_t)(i < c->tuning ? TUNING_SEED + i : i - c->tuning + 1));
    c->tuned = bench_memory((size_t)(FAMILIES * SETTINGS * c->tuning), sizeof *c->tuned);
    c->score = bench_memory((size_t)(FAMILIES * options->seeds), sizeof *c->score);
    for (int f = 0; f < FAMILIES; f++) c->settings[f] = grid(&families[f], c->setting[f]);
    evaluation_parallel(options->threads, (int64_t)FAMILIES * SETTINGS * c->tuning, tune, c);
    for (int f = 0; f < FAMILIES; f++) choose(c, f);
    evaluation_parallel(options->threads, (int64_t)FAMILIES * options->seeds, report, c);
    return c;
}

static void column_free(column *c)
{
    for (int i = 0; i < c->tuning + c->options->seeds; i++) stream_free(c->streams[i]);
    free(c->streams);
    free(c->tuned);
    free(c->score);
    free(c);
}

static void cell(evaluation_report *report, const column *c, int f, int group, bool top)
{
    double own[EVALUATION_SEEDS], partner[EVALUATION_SEEDS];
    const int seeds = c->options->seeds, p = families[f].partner;
    for (int i = 0; i < seeds; i++) {
        const memory_score *a = &c->score[f * seeds + i], *b = &c->score[(p < 0 ? f : p) * seeds + i];
        own[i] = top ? a->top[group] : a->cosine[group];
        partner[i] = top ? b->top[group] : b->cosine[group];
    }
    char setting[120];
    const memory_setting *s = &c->chosen[f];
    snprintf(setting, sizeof setting, "bias %g, decay %g, kappa %g, kappa_agreement %g", s->bias, s->decay, s->kappa, s->kappa_agreement);
    if (p < 0) evaluation_report_cell(report, evaluation_estimate(seeds, own), setting);
    else evaluation_report_against(report, evaluation_estimate(seeds, own), evaluation_difference(seeds, own, partner), setting);
}

/* Two tables: cosine and top-1. Streams whose questions fall into groups have a column a group, others one column. */
static void table(const evaluation_options *options, evaluation_report *report, const char *name, int kinds, const stream_kind *kind)
{
    column *all[KINDS];
    const char *names[KINDS * EVALUATION_GROUPS];
    int columns = 0, of[KINDS * EVALUATION_GROUPS], group[KINDS * EVALUATION_GROUPS];
    for (int i = 0; i < kinds; i++) {
        all[i] = column_make(options, &kind[i]);
        const int groups = stream_groups(&kind[i], names + columns);
        for (int g = 0; g < groups; g++) of[columns] = i, group[columns++] = g;
    }
    for (int top = 0; top < 2; top++) {
        char title[160];
        snprintf(title, sizeof title, "%s: %s", name, top ? "top-1" : "cosine");
        evaluation_report_table(report, title, columns, names);
        for (int f = 0; f < FAMILIES; f++) {
            evaluation_report_row(report, families[f].name);
            for (int i = 0; i < columns; i++) cell(report, all[of[i]], f, group[i], top);
        }
    }
    for (int i = 0; i < kinds; i++) column_free(all[i]);
}

void evaluation_of_kernels(const evaluation_options *options, evaluation_report *report)
{
    static const stream_kind resonance[] = {{.name = "topical, 75 % noise", .writes = 256, .noise = 0.75, .topic = 0.65},
                                            {.name = "topical, 87.5 % noise", .writes = 512, .noise = 0.875, .topic = 0.65},
                                            {.name = "recurring, 75 % noise", .writes = 256, .noise = 0.75, .facts = 28},
                                            {.name = "recurring, 87.5 % noise", .writes = 512, .noise = 0.875, .facts = 28}};
    static const stream_kind writes[] = {{.name = "16", .writes = 16}, {.name = "32", .writes = 32}, {.name = "64", .writes = 64},
                                         {.name = "128", .writes = 128}, {.name = "256", .writes = 256}};
    static const stream_kind retention[] = {{.name = "", .writes = 256, .by_distance = true}};
    static const stream_kind rewritten[] = {{.name = "", .writes = 96, .rewritten = true}};
    static const stream_kind noise[] = {{.name = "0", .writes = 32}, {.name = "0.1", .writes = 32, .key_noise = 0.1},
                                        {.name = "0.2", .writes = 32, .key_noise = 0.2}, {.name = "0.35", .writes = 32, .key_noise = 0.35},
                                        {.name = "0.5", .writes = 32, .key_noise = 0.5}};
    static const stream_kind distractors[] = {{.name = "0", .writes = 32}, {.name = "0.5", .writes = 64, .noise = 0.5},
                                              {.name = "0.75", .writes = 128, .noise = 0.75}, {.name = "0.875", .writes = 256, .noise = 0.875}};
    table(options, report, "resonance, d = 64", options->quick ? 1 : 4, resonance);
    if (options->quick) return;
    table(options, report, "recall against the number of writes, random unit keys, d = 64", 5, writes);
    table(options, report, "retention: recall against the distance in writes, 256 writes", 1, retention);
    table(options, report, "overwriting: 64 facts, 32 of them written twice", 1, rewritten);
    table(options, report, "noisy questions k + this·n, 32 writes", 5, noise);
    table(options, report, "distractors: 32 facts, this fraction of the writes is noise, isotropic", 4, distractors);
}
