/* A state as bytes: a header, then every head's live block. Little-endian; a machine of the other byte order is refused by the mark in the header. */
#include <math.h>
#include <string.h>

#include "../../base/checksum.h"
#include "state_internal.h"

typedef struct state_header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t model, size, reserved[3], checksum;
} state_header;

_Static_assert(sizeof(state_header) == 64, "the format has no holes");

static const char MAGIC[8] = "SYNRESS";
enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304 };

static uint64_t checksum_of(const unsigned char *bytes, size_t size)
{
    return base_checksum(bytes + sizeof(state_header), size - sizeof(state_header), base_checksum(bytes, offsetof(state_header, checksum), 0));
}

synres_status synres_state_save_size(const synres_state *state, size_t *bytes)
{
    if (!state || !bytes) return SYNRES_E_ARGUMENT;
    *bytes = sizeof(state_header);
    for (int64_t l = 0; l < state->model->layers; l++) *bytes += synresi_live_bytes(&state->model->layer[l]) * (size_t)state->model->layer[l].w.heads;
    return SYNRES_OK;
}

synres_status synres_state_save(const synres_state *state, void *buffer, size_t bytes)
{
    size_t size, at = sizeof(state_header);
    synres_status status = synres_state_save_size(state, &size);
    if (status) return status;
    if (!buffer) return SYNRES_E_ARGUMENT;
    if (bytes < size) return SYNRES_E_CAPACITY;
    unsigned char *out = buffer;
    for (int64_t l = 0; l < state->model->layers; l++)
        for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
            const size_t live = synresi_live_bytes(&state->model->layer[l]);
            memcpy(out + at, state->head[state->first[l] + h], live);
            at += live;
        }
    state_header header = {.version = VERSION, .byte_order = BYTE_ORDER_MARK, .model = state->hash, .size = size};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    memcpy(out, &header, sizeof header);
    header.checksum = checksum_of(out, size);
    memcpy(out, &header, sizeof header);
    return SYNRES_OK;
}

/* What rounding may leave above a bound that has faded away: numbers that no longer get smaller. */
static const double LEFT_BY_ROUNDING = 1e-30;

/* What the checksum cannot know: a position that counts, numbers that a run leaves, a bound that S does not belie. */
static bool block_is_sane(const synresi_layer *layer, const unsigned char *block)
{
    synresi_memory memory;
    memcpy(&memory, block, sizeof memory);
    if (memory.position < 0 || memory.position > INT64_MAX / 2 || !(memory.bound >= 0 && memory.bound <= SYNRESI_MOST)) return false;
    if (!(fabsf(memory.threshold) <= 2) || !(fabsf(memory.agreement_threshold) <= 2)) return false;
    const size_t S = sizeof memory + (size_t)layer->padded * sizeof(float), end = S + (size_t)(layer->w.d_value * layer->padded) * sizeof(float);
    double square = 0;
    for (size_t i = sizeof memory; i < synresi_live_bytes(layer); i += sizeof(float)) {
        float x;
        memcpy(&x, block + i, sizeof x);
        if (!(fabsf(x) <= 2 * SYNRESI_MOST)) return false;
        if (i >= S && i < end) square += (double)x * x;
    }
    return sqrt(square) <= 2 * memory.bound + LEFT_BY_ROUNDING;
}

static bool blocks_are_sane(const synres_state *state, const unsigned char *bytes)
{
    size_t at = sizeof(state_header);
    for (int64_t l = 0; l < state->model->layers; l++)
        for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
            if (!block_is_sane(&state->model->layer[l], bytes + at)) return false;
            at += synresi_live_bytes(&state->model->layer[l]);
        }
    return true;
}

synres_status synres_state_load(synres_state *state, const void *given, size_t size)
{
    size_t expected, at = sizeof(state_header);
    const unsigned char *bytes = given;
    state_header header;
    synres_status status = synres_state_save_size(state, &expected);
    if (status || !bytes) return SYNRES_E_ARGUMENT;
    if (size < sizeof header) return SYNRES_E_FORMAT;
    memcpy(&header, bytes, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0) return SYNRES_E_FORMAT;
    if (header.byte_order != BYTE_ORDER_MARK) return SYNRES_E_UNSUPPORTED;
    if (header.size != size || header.checksum != checksum_of(bytes, size)) return SYNRES_E_FORMAT;
    if (header.version != VERSION) return SYNRES_E_UNSUPPORTED;
    if (header.model != state->hash) return SYNRES_E_MODEL;
    if (size != expected || !blocks_are_sane(state, bytes)) return SYNRES_E_FORMAT;
    status = synres_state_reset(state);
    for (int64_t l = 0; l < state->model->layers; l++)
        for (int64_t h = 0; h < state->model->layer[l].w.heads; h++) {
            const size_t live = synresi_live_bytes(&state->model->layer[l]);
            unsigned char *block = state->head[state->first[l] + h];
            memcpy(block, bytes + at, live);
            if (state->rewind) memcpy(block + live, block, live); /* from here on it can be rewound to here */
            at += live;
        }
    return status;
}
