/* Making models. From weights and from bytes alike, the image is made first and the model is what the image says: so what was saved is what was used. */
#include "model_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../base/checked.h"
#include "../../base/options.h"
#include "model_files.h"

static const synres_tap_weights DEFAULT_TAP = {.scale = 1};
static const synres_layer_weights DEFAULT_LAYER = {.flags = SYNRES_RULE_ERASE, .heads = 1, .beta_max = 1, .max_decay = 1 - 0x1p-12, .mu = 0.97, .nu = 0.99,
                                                   .epsilon = 1e-6, .block = 64};
static const synres_host DEFAULT_HOST = {.words = NULL};

synres_status synres_tap_weights_init(synres_tap_weights *tap, size_t size) { return base_options_init(tap, size, &DEFAULT_TAP, sizeof DEFAULT_TAP); }
synres_status synres_layer_weights_init(synres_layer_weights *layer, size_t size)
{
    return base_options_init(layer, size, &DEFAULT_LAYER, sizeof DEFAULT_LAYER);
}
synres_status synres_host_init(synres_host *host, size_t size) { return base_options_init(host, size, &DEFAULT_HOST, sizeof DEFAULT_HOST); }

synres_status synresi_fail(const synresi_words *words, synres_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (words->text && words->size > 0) vsnprintf(words->text, (size_t)words->size, format, arguments);
    va_end(arguments);
    return status;
}

synres_status synresi_host_read(const synres_host *given, synres_host *host, synresi_words *words)
{
    synres_status status = base_options_read(host, sizeof *host, &DEFAULT_HOST, given);
    *words = (synresi_words){host->words, host->words_size};
    if (status) return status;
    if (!host->allocate != !host->release) return synresi_fail(words, SYNRES_E_ARGUMENT, "set both memory hooks or neither");
    const synres_relevance *r = host->relevance;
    if (!r) return SYNRES_OK;
    if (r->struct_size < sizeof *r || !r->signals) return synresi_fail(words, SYNRES_E_ARGUMENT, "the relevance has no signals");
    if (r->api_version != SYNRES_RELEVANCE_VERSION) return synresi_fail(words, SYNRES_E_UNSUPPORTED, "version %u of the relevance", r->api_version);
    return SYNRES_OK;
}

/* The model with room for an image of `size` bytes and its layers. */
static synres_status make(const synres_host *host, int64_t layers, size_t size, synres_model **out)
{
    base_memory memory;
    base_memory_init(&memory, host->memory_user, host->allocate, host->release, 0);
    synres_model *model = base_alloc(&memory, sizeof *model);
    if (!model) return SYNRES_E_MEMORY;
    memset(model, 0, sizeof *model);
    base_memory_init(&model->memory, host->memory_user, host->allocate, host->release, 0);
    model->lanes = synresi_lanes_pick();
    model->relevance = host->relevance;
    model->layers = layers;
    model->image_size = size;
    model->image = base_alloc(&model->memory, size);
    model->layer = base_alloc(&model->memory, (size_t)layers * sizeof *model->layer);
    *out = model;
    if (!model->image || !model->layer) return SYNRES_E_MEMORY;
    memset(model->layer, 0, (size_t)layers * sizeof *model->layer);
    return SYNRES_OK;
}

void synres_model_destroy(synres_model *model)
{
    if (!model) return;
    base_memory memory;
    base_memory_init(&memory, model->memory.user, model->memory.allocate, model->memory.release, 0);
    base_free(&memory, model->folded);
    base_free(&memory, model->layer);
    base_free(&memory, model->image);
    base_free(&memory, model);
}

/* The image is filled: the rest of the model from it. On failure the model is destroyed. */
static synres_status finish(synres_model *model, const synresi_words *words, synres_model **out)
{
    int64_t layers;
    synres_status status = synresi_image_check(model->image, model->image_size, words, &layers, &model->hash);
    if (!status) status = synresi_image_read(model->image, model->image_size, model->layer, model->layers, words);
    for (int64_t i = 0; i < model->layers && !status; i++) {
        status = synresi_layer_check(&model->layer[i], i, words);
        if (!status) status = synresi_layer_finish(&model->layer[i], i, words);
    }
    if (!status) status = synresi_taps_fold(model, words);
    if (status) synres_model_destroy(model);
    else *out = model;
    return status;
}

/* The caller's structs, of whatever size, as ours. */
static synres_status read_layers(const synres_layer_weights *given, int64_t layers, synresi_layer *layer, const synresi_words *words)
{
    uint32_t stride = given->struct_size;
    if (stride < sizeof stride) return synresi_fail(words, SYNRES_E_ARGUMENT, "layer 0: struct_size");
    for (int64_t i = 0; i < layers; i++) {
        const void *one = (const char *)given + (size_t)i * stride;
        synres_status status = base_options_read(&layer[i].w, sizeof layer[i].w, &DEFAULT_LAYER, one);
        if (!status) status = synresi_layer_check(&layer[i], i, words);
        if (status) return status;
        for (int64_t t = 0; t < layer[i].w.taps; t++) {
            const void *tap = (const char *)layer[i].w.tap + (size_t)t * layer[i].w.tap->struct_size;
            status = base_options_read(&layer[i].tap_weights[t], sizeof layer[i].tap_weights[t], &DEFAULT_TAP, tap);
            if (status) return synresi_fail(words, status, "layer %d, tap %d: struct_size", (int)i, (int)t);
            if (layer[i].tap_weights[t].d_out < 1 || layer[i].tap_weights[t].d_out > INT32_MAX)
                return synresi_fail(words, SYNRES_E_SHAPE, "layer %d, tap %d: d_out is %lld", (int)i, (int)t, (long long)layer[i].tap_weights[t].d_out);
        }
    }
    return SYNRES_OK;
}

synres_status synres_model_create(const synres_host *given, const synres_layer_weights *weights, int64_t layers, synres_model **out)
{
    synres_host host;
    synresi_words words;
    if (!out) return SYNRES_E_ARGUMENT;
    *out = NULL;
    synres_status status = synresi_host_read(given, &host, &words);
    if (status) return status;
    if (!weights || layers < 1 || layers > SYNRESI_MAX_LAYERS) return synresi_fail(&words, SYNRES_E_ARGUMENT, "%lld layers", (long long)layers);
    base_memory memory;
    base_memory_init(&memory, host.memory_user, host.allocate, host.release, 0);
    synresi_layer *layer = base_alloc(&memory, (size_t)layers * sizeof *layer);
    if (!layer) return synresi_fail(&words, SYNRES_E_MEMORY, "no memory for the layers");
    memset(layer, 0, (size_t)layers * sizeof *layer);
    size_t size = 0;
    synres_model *model = NULL;
    status = read_layers(weights, layers, layer, &words);
    if (!status) status = synresi_image_size(layer, layers, &size);
    if (!status) status = make(&host, layers, size, &model);
    if (!status) {
        synresi_image_write(layer, layers, model->image, size);
        status = finish(model, &words, out);
    } else {
        synres_model_destroy(model);
    }
    base_free(&memory, layer);
    return status;
}

synres_status synresi_model_from(const synres_host *given, synresi_source source, const void *from, synres_model **out)
{
    synres_host host;
    synresi_words words;
    if (!out) return SYNRES_E_ARGUMENT;
    *out = NULL;
    synres_status status = synresi_host_read(given, &host, &words);
    if (status) return status;
    if (!from) return synresi_fail(&words, SYNRES_E_ARGUMENT, "NULL");
    unsigned char *image = NULL;
    size_t size = 0;
    int64_t layers = 0;
    uint64_t hash;
    base_memory memory;
    base_memory_init(&memory, host.memory_user, host.allocate, host.release, 0);
    status = source(&memory, from, &image, &size, &words);
    if (!status) status = synresi_image_check(image, size, &words, &layers, &hash);
    synres_model *model = NULL;
    if (!status) status = make(&host, layers, size, &model);
    if (!status) {
        memcpy(model->image, image, size);
        status = finish(model, &words, out);
    } else {
        synres_model_destroy(model);
    }
    base_free(&memory, image);
    return status;
}

int64_t synres_model_layers(const synres_model *model) { return model ? model->layers : 0; }
uint64_t synres_model_hash(const synres_model *model) { return model ? model->hash : 0; }
