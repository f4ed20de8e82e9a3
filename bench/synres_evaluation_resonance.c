/* L1: does the trainer find what resonance is good for? Wanted facts among 75 % noise, as at L0, but gates and κ are learned from 1 − cosine of what is
 * recalled. Projections and tap stay what they are at L0, so that what differs is κ alone: learned, or frozen at 0 in the same arrays. */
#include <math.h>
#include <string.h>
#include <synres/train.h>

#include "support/bench_check.h"
#include "synres_evaluation.h"
#include "synres_evaluation_check.h"

typedef struct family {
    const char *name;
    int partner;
    bool decays, frozen;
} family;

static const family families[] = {{"delta (κ = 0)", -1, false, true},
                                  {"delta, κ learned", 0, false, false},
                                  {"gated delta (κ = 0)", -1, true, true},
                                  {"gated delta, κ learned", 2, true, false}};
static const stream_kind kinds[] = {{.name = "topical, 75 % noise", .writes = 256, .noise = 0.75, .topic = 0.65},
                                    {.name = "recurring, 75 % noise", .writes = 256, .noise = 0.75, .facts = 28}};
static const double rates[] = {0.1, 0.3};
enum { D = EVALUATION_WIDTH, X = EVALUATION_INPUT, FAMILIES = 4, KINDS = 2, RATES = 2, TUNING = 2, TUNING_SEED = 1000, BATCH = 8 };

typedef struct result {
    double cosine, top, bias, kappa, agreement;
} result;

typedef struct learning {
    const evaluation_options *options;
    int kinds, steps, held_out; /* held out: batches */
    double rate[KINDS][FAMILIES]; /* chosen */
    result *tuned, *reported;     /* kinds × families × (rates × tuning seeds; seeds) */
} learning;

/* One batch: its streams, and what the layer is given and says. */
typedef struct batch {
    stream *s[BATCH];
    int tokens;
    float *x, *y, *dy;
} batch;

static void draw(batch *b, const stream_kind *kind, uint64_t first)
{
    for (int i = 0; i < BATCH; i++) {
        if (b->s[i]) stream_free(b->s[i]);
        b->s[i] = stream_make(kind, first + (uint64_t)i);
    }
    if (!b->x) {
        b->tokens = b->s[0]->writes + b->s[0]->queries;
        b->x = bench_memory((size_t)(BATCH * b->tokens * X), sizeof *b->x);
        b->y = bench_memory((size_t)(BATCH * b->tokens * D), sizeof *b->y);
        b->dy = bench_memory((size_t)(BATCH * b->tokens * D), sizeof *b->dy);
    }
    for (int i = 0; i < BATCH; i++) memory_input(b->s[i], b->x + i * b->tokens * X);
    memset(b->y, 0, (size_t)(BATCH * b->tokens * D) * sizeof *b->y);
}

static void batch_free(batch *b)
{
    for (int i = 0; i < BATCH; i++) stream_free(b->s[i]);
    free(b->x);
    free(b->y);
    free(b->dy);
}

/* ∂(1 − mean cosine)/∂y, where something is asked; elsewhere 0. */
static void gradient(batch *b)
{
    memset(b->dy, 0, (size_t)(BATCH * b->tokens * D) * sizeof *b->dy);
    for (int i = 0; i < BATCH; i++) {
        const stream *s = b->s[i];
        for (int q = 0; q < s->queries; q++) {
            const float *u = b->y + (i * b->tokens + s->writes + q) * D, *target = s->target + q * D;
            float *du = b->dy + (u - b->y);
            double squares = 1e-12, product = 0;
            for (int j = 0; j < D; j++) squares += (double)u[j] * u[j], product += (double)u[j] * target[j];
            const double length = sqrt(squares), all = (double)BATCH * s->queries;
            for (int j = 0; j < D; j++) du[j] = (float)((product / squares * u[j] - target[j]) / length / all);
        }
    }
}

static double parameter(synres_trainer *trainer, int32_t which)
{
    float *values;
    int64_t size;
    MUST(synres_trainer_parameter(trainer, which, 0, &values, &size));
    return values[0];
}

static synres_trainer *start(const family *f, double rate, int tokens)
{
    memory_weights *weights = memory_weights_make(&(memory_setting){.erase = true, .bias = -2, .decay = f->decays ? 0.999 : 1});
    synres_train_options options;
    synres_trainer *trainer;
    MUST(synres_train_options_init(&options, sizeof options));
    options.sequences = BATCH, options.tokens = tokens, options.learning_rate = rate;
    options.flags = SYNRES_TRAIN_FREEZE_PROJECTIONS | SYNRES_TRAIN_FREEZE_TAPS | (f->frozen ? SYNRES_TRAIN_FREEZE_KAPPA : 0);
    MUST(synres_trainer_create(NULL, memory_layer(weights), &options, &trainer));
    free(weights);
    return trainer;
}

/* Streams are never met twice: those of a run begin at its seed · 2²⁰, the held-out ones half of that later. */
static result learn(const learning *l, int kind, int f, double rate, uint64_t seed)
{
    batch b = {0};
    draw(&b, &kinds[kind], seed << 20);
    synres_trainer *trainer = start(&families[f], rate, b.tokens);
    for (int step = 0; step < l->steps; step++) {
        const double left = 2.0 * (l->steps - step) / l->steps;
        const float *dy = b.dy;
        draw(&b, &kinds[kind], (seed << 20) + (uint64_t)(step * BATCH));
        MUST(synres_trainer_forward(trainer, b.x, BATCH, b.tokens, &b.y, 0, 1));
        gradient(&b);
        MUST(synres_trainer_backward(trainer, &dy, NULL, 0, 1));
        MUST(synres_trainer_gradients(trainer, 0, 1));
        MUST(synres_trainer_step(trainer, left < 1 ? left : 1, 0, 1));
    }
    result out = {.bias = parameter(trainer, SYNRES_PARAMETER_B_BETA),
                  .kappa = parameter(trainer, SYNRES_PARAMETER_KAPPA_BETA),
                  .agreement = parameter(trainer, SYNRES_PARAMETER_KAPPA_AGREEMENT)};
    for (int n = 0; n < l->held_out; n++) {
        draw(&b, &kinds[kind], (seed << 20) + (1u << 19) + (uint64_t)(n * BATCH));
        MUST(synres_trainer_forward(trainer, b.x, BATCH, b.tokens, &b.y, 0, 1));
        for (int i = 0; i < BATCH; i++) {
            const memory_score score = memory_judge(b.s[i], b.y + (i * b.tokens + b.s[i]->writes) * D);
            out.cosine += score.cosine[0] / BATCH / l->held_out;
            out.top += score.top[0] / BATCH / l->held_out;
        }
    }
    synres_trainer_destroy(trainer);
    batch_free(&b);
    return out;
}

static void tune(void *arg, int64_t n)
{
    learning *l = arg;
    const int f = (int)(n / TUNING / RATES % FAMILIES), kind = (int)(n / TUNING / RATES / FAMILIES);
    l->tuned[n] = learn(l, kind, f, rates[n / TUNING % RATES], (uint64_t)(TUNING_SEED + n % TUNING));
}

static void report_one(void *arg, int64_t n)
{
    learning *l = arg;
    const int seeds = l->options->seeds, f = (int)(n / seeds % FAMILIES), kind = (int)(n / seeds / FAMILIES);
    l->reported[n] = learn(l, kind, f, l->rate[kind][f], (uint64_t)(n % seeds + 1));
}

static void choose(learning *l, int kind, int f)
{
    double best = -2;
    for (int i = 0; i < RATES; i++) {
        double mean = 0;
        for (int seed = 0; seed < TUNING; seed++) mean += l->tuned[((kind * FAMILIES + f) * RATES + i) * TUNING + seed].cosine / TUNING;
        if (mean > best) best = mean, l->rate[kind][f] = rates[i];
    }
}

static void print(const learning *l, evaluation_report *report, const char *name, size_t field)
{
    const int seeds = l->options->seeds;
    const char *columns[KINDS];
    for (int kind = 0; kind < l->kinds; kind++) columns[kind] = kinds[kind].name;
    evaluation_report_table(report, name, l->kinds, columns);
    for (int f = 0; f < FAMILIES; f++) {
        evaluation_report_row(report, families[f].name);
        for (int kind = 0; kind < l->kinds; kind++) {
            double own[EVALUATION_SEEDS], partner[EVALUATION_SEEDS];
            const int p = families[f].partner < 0 ? f : families[f].partner;
            for (int i = 0; i < seeds; i++) {
                memcpy(own + i, (const char *)&l->reported[(kind * FAMILIES + f) * seeds + i] + field, sizeof *own);
                memcpy(partner + i, (const char *)&l->reported[(kind * FAMILIES + p) * seeds + i] + field, sizeof *own);
            }
            char setting[40];
            snprintf(setting, sizeof setting, "learning rate %g", l->rate[kind][f]);
            if (p == f) evaluation_report_cell(report, evaluation_estimate(seeds, own), setting);
            else evaluation_report_against(report, evaluation_estimate(seeds, own), evaluation_difference(seeds, own, partner), setting);
        }
    }
}

void evaluation_of_resonance(const evaluation_options *options, evaluation_report *report)
{
    learning l = {.options = options, .kinds = options->quick ? 1 : KINDS, .steps = options->quick ? 2 : 100, .held_out = options->quick ? 1 : 4};
    const int64_t cells = (int64_t)l.kinds * FAMILIES;
    l.tuned = bench_memory((size_t)(cells * RATES * TUNING), sizeof *l.tuned);
    l.reported = bench_memory((size_t)(cells * options->seeds), sizeof *l.reported);
    evaluation_parallel(options->threads, cells * RATES * TUNING, tune, &l);
    for (int kind = 0; kind < l.kinds; kind++)
        for (int f = 0; f < FAMILIES; f++) choose(&l, kind, f);
    evaluation_parallel(options->threads, cells * options->seeds, report_one, &l);
    print(&l, report, "resonance learned, d = 64: cosine on held-out streams", offsetof(result, cosine));
    print(&l, report, "resonance learned, d = 64: top-1 on held-out streams", offsetof(result, top));
    print(&l, report, "what was learned: bias of the write gate", offsetof(result, bias));
    print(&l, report, "what was learned: contextual κ of the write gate", offsetof(result, kappa));
    print(&l, report, "what was learned: agreement κ", offsetof(result, agreement));
    free(l.tuned);
    free(l.reported);
}
