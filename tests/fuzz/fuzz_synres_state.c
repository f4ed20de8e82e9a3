/* States of libsynres, for each of the seeds' models: the bytes as they are, and with a right checksum. What is refused changes nothing; what is accepted
 * runs, rewinds, and is what is saved. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_context.h"
#include "synres_seed.h"

static void load(const synres_model *model, const uint8_t *data, size_t size)
{
    size_t bytes, saved;
    synres_state *state;
    require(synres_state_size(model, SYNRES_SEED_REWIND, &bytes) == SYNRES_OK);
    void *memory = malloc(bytes);
    require(memory && synres_state_init(model, SYNRES_SEED_REWIND, memory, bytes, &state) == SYNRES_OK);
    require(synres_state_save_size(state, &saved) == SYNRES_OK);
    uint8_t *before = malloc(saved), *after = malloc(saved);
    require(before && after && synres_state_save(state, before, saved) == SYNRES_OK);
    synres_status status = synres_state_load(state, data, size);
    require(status == SYNRES_OK || status == SYNRES_E_FORMAT || status == SYNRES_E_UNSUPPORTED || status == SYNRES_E_MODEL);
    require(synres_state_save(state, after, saved) == SYNRES_OK);
    require(status == SYNRES_OK ? size == saved && memcmp(after + 64, data + 64, size - 64) == 0 : memcmp(after, before, saved) == 0);
    if (!status) synres_use(model, state);
    free(before), free(after), free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    require(copy != NULL);
    memcpy(copy, data, size);
    for (int number = 0; number < SYNRES_SEEDS; number++) {
        synres_model *model = synres_seed_model(number);
        load(model, copy, size);
        if (synres_sign(copy, size)) load(model, copy, size);
        synres_model_destroy(model);
    }
    free(copy);
    return 0;
}
