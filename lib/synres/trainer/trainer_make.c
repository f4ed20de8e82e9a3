/* Making trainers, looking into them, and taking the model out. The weights are checked by making a model of them first. */
#include "trainer_internal.h"

#include <math.h>
#include <string.h>

#include "../../base/checked.h"
#include "../../base/options.h"

static const synres_train_options DEFAULT = {.sequences = 1, .tokens = 64, .learning_rate = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .clip = 1};

synres_status synres_train_options_init(synres_train_options *options, size_t size) { return base_options_init(options, size, &DEFAULT, sizeof DEFAULT); }

#define REFUSE(condition, status, ...)                                  \
    do {                                                                \
        if (condition) return synresi_fail(words, status, __VA_ARGS__); \
    } while (0)

static bool not_negative(double x) { return x >= 0 && isfinite(x); }

static synres_status check_options(const synres_train_options *o, const synresi_words *words)
{
    const int32_t all = SYNRES_TRAIN_FREEZE_KAPPA | SYNRES_TRAIN_FREEZE_GATES | SYNRES_TRAIN_FREEZE_PROJECTIONS | SYNRES_TRAIN_FREEZE_TAPS;
    REFUSE(o->flags & ~all, SYNRES_E_UNSUPPORTED, "options: unknown flags %d", o->flags & ~all);
    REFUSE(o->sequences < 1 || o->sequences > INT32_MAX, SYNRES_E_SHAPE, "options: %lld sequences", (long long)o->sequences);
    REFUSE(o->tokens < 1 || o->tokens > INT32_MAX / 64, SYNRES_E_SHAPE, "options: %lld tokens", (long long)o->tokens);
    REFUSE(!not_negative(o->learning_rate), SYNRES_E_ARGUMENT, "options: learning_rate is negative or not finite");
    REFUSE(!(o->beta1 >= 0 && o->beta1 < 1 && o->beta2 >= 0 && o->beta2 < 1), SYNRES_E_ARGUMENT, "options: beta1 and beta2 are in [0, 1)");
    REFUSE(!(o->epsilon > 0 && isfinite(o->epsilon)), SYNRES_E_ARGUMENT, "options: epsilon is not positive");
    REFUSE(!not_negative(o->weight_decay), SYNRES_E_ARGUMENT, "options: weight_decay is negative or not finite");
    REFUSE(!not_negative(o->clip), SYNRES_E_ARGUMENT, "options: clip is negative or not finite");
    return SYNRES_OK;
}

static synres_status check_layer(const synresi_layer *layer, const synresi_words *words)
{
    REFUSE(layer->w.radius > 0, SYNRES_E_UNSUPPORTED, "a radius is not trained through");
    for (int64_t i = 0; i < layer->w.taps; i++)
        REFUSE(layer->tap_weights[i].cap > 0, SYNRES_E_UNSUPPORTED, "tap %d: a cap is not trained; set it in the model that was trained without", (int)i);
    return SYNRES_OK;
}

/* The arrays' places; pieces: of Adam's. */
static void place(synres_trainer *trainer, base_layout *layout)
{
    const int64_t count = trainer->plan.count, pieces = base_blocks(count, SYNRESI_TRAIN_PIECE) + SYNRESI_ARRAYS; /* each range begins one */
    synresi_net_place_f32(&trainer->plan, layout, &trainer->net);
    trainer->first = base_layout_take(layout, count, sizeof *trainer->first);
    trainer->second = base_layout_take(layout, count, sizeof *trainer->second);
    trainer->steps = base_layout_take(layout, pieces, sizeof *trainer->steps);
    if (!layout->memory || !layout->fits) return;
    memset(trainer->first, 0, (size_t)count * sizeof *trainer->first);
    memset(trainer->second, 0, (size_t)count * sizeof *trainer->second);
    memset(trainer->steps, 0, (size_t)pieces * sizeof *trainer->steps);
}

/* What is absent is 0, and a gain 1. */
static void copy_weights(synres_trainer *trainer, const synresi_layer *from)
{
    synresi_layer layer = *from;
    for (int64_t tap = 0; tap < SYNRESI_MAX_TAPS; tap++)
        for (int which = tap ? SYNRES_PARAMETER_B : 0; which <= SYNRES_PARAMETER_GATE_BIAS; which++) {
            const synresi_range *range = &trainer->plan.range[synresi_range_of(which, tap)];
            const float *values = *synresi_plan_field(&layer.w, &layer.tap_weights[tap], which);
            float *place = trainer->net.parameter + range->offset;
            for (int64_t i = 0; i < range->size; i++) place[i] = values ? values[i] : which == SYNRES_PARAMETER_GAIN;
        }
}

static synres_status make(const synres_host *host, const synres_model *model, const synres_train_options *options, synres_trainer **out)
{
    base_memory memory;
    base_memory_init(&memory, host->memory_user, host->allocate, host->release, 0);
    synres_trainer *trainer = base_alloc(&memory, sizeof *trainer);
    if (!trainer) return SYNRES_E_MEMORY;
    memset(trainer, 0, sizeof *trainer);
    base_memory_init(&trainer->memory, host->memory_user, host->allocate, host->release, 0);
    synresi_plan_make(&trainer->plan, &model->layer[0], options, model->lanes);
    base_layout measure = {.fits = true};
    place(trainer, &measure);
    base_layout layout = {.fits = true, .memory = measure.fits ? base_alloc(&trainer->memory, measure.used) : NULL};
    trainer->arrays = layout.memory;
    if (!layout.memory) {
        synres_trainer_destroy(trainer);
        return measure.fits ? SYNRES_E_MEMORY : SYNRES_E_OVERFLOW;
    }
    place(trainer, &layout);
    copy_weights(trainer, &model->layer[0]);
    *out = trainer;
    return SYNRES_OK;
}

synres_status synres_trainer_create(const synres_host *given, const synres_layer_weights *weights, const synres_train_options *given_options,
                                    synres_trainer **out)
{
    synres_host host;
    synresi_words words;
    synres_train_options options;
    if (!out) return SYNRES_E_ARGUMENT;
    *out = NULL;
    synres_status status = synresi_host_read(given, &host, &words);
    if (status) return status;
    if (host.relevance) return synresi_fail(&words, SYNRES_E_UNSUPPORTED, "a relevance of the host's own has no derivative: it cannot be trained through");
    status = base_options_read(&options, sizeof options, &DEFAULT, given_options);
    if (status) return synresi_fail(&words, status, "options: struct_size");
    status = check_options(&options, &words);
    synres_model *model = NULL;
    if (!status) status = synres_model_create(given, weights, 1, &model);
    if (!status) status = check_layer(&model->layer[0], &words);
    if (!status) {
        status = make(&host, model, &options, out);
        if (status) status = synresi_fail(&words, status, "no memory for %lld sequences of %lld tokens", (long long)options.sequences, (long long)options.tokens);
    }
    synres_model_destroy(model);
    return status;
}

void synres_trainer_destroy(synres_trainer *trainer)
{
    if (!trainer) return;
    base_memory memory;
    base_memory_init(&memory, trainer->memory.user, trainer->memory.allocate, trainer->memory.release, 0);
    base_free(&memory, trainer->arrays);
    base_free(&memory, trainer);
}

synres_status synres_trainer_model(const synres_trainer *trainer, const synres_host *host, synres_model **out)
{
    if (out) *out = NULL;
    if (!trainer || !out) return SYNRES_E_ARGUMENT;
    synresi_layer layer = trainer->plan.layer;
    for (int64_t tap = 0; tap < base_max_i64(layer.w.taps, 1); tap++)
        for (int which = tap ? SYNRES_PARAMETER_B : 0; which <= SYNRES_PARAMETER_GATE_BIAS; which++) {
            const synresi_range *range = &trainer->plan.range[synresi_range_of(which, tap)];
            *synresi_plan_field(&layer.w, &layer.tap_weights[tap], which) = range->present ? trainer->net.parameter + range->offset : NULL;
        }
    layer.w.struct_size = sizeof layer.w;
    layer.w.tap = layer.tap_weights;
    return synres_model_create(host, &layer.w, 1, out);
}

static synres_status find(const synres_trainer *trainer, int32_t which, int64_t tap, const synresi_range **range)
{
    if (!trainer || which < 0 || which > SYNRES_PARAMETER_GATE_BIAS) return SYNRES_E_ARGUMENT;
    if (which >= SYNRES_PARAMETER_B && (tap < 0 || tap >= trainer->plan.layer.w.taps)) return SYNRES_E_NOT_FOUND;
    *range = &trainer->plan.range[synresi_range_of(which, tap)];
    return (*range)->present ? SYNRES_OK : SYNRES_E_NOT_FOUND;
}

synres_status synres_trainer_parameter(synres_trainer *trainer, int32_t which, int64_t tap, float **values, int64_t *size)
{
    const synresi_range *range;
    if (!values || !size) return SYNRES_E_ARGUMENT;
    synres_status status = find(trainer, which, tap, &range);
    if (status) return status;
    *values = trainer->net.parameter + range->offset;
    *size = range->size;
    return SYNRES_OK;
}

synres_status synres_trainer_gradient(const synres_trainer *trainer, int32_t which, int64_t tap, const float **values, int64_t *size)
{
    const synresi_range *range;
    if (!values || !size) return SYNRES_E_ARGUMENT;
    synres_status status = find(trainer, which, tap, &range);
    if (status) return status;
    *values = trainer->net.gradient + range->offset;
    *size = range->size;
    return SYNRES_OK;
}
