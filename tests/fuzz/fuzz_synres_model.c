/* Models of libsynres: the bytes as they are, and the same bytes with a right checksum. What is accepted runs. */
#include <stdlib.h>
#include <string.h>

#include "fuzz_context.h"
#include "synres_seed.h"

static int64_t held;

static void *allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    void *memory = size > 64 << 20 ? NULL : aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    held += memory != NULL;
    return memory;
}

static void release(void *user, void *memory, size_t size)
{
    (void)user, (void)size;
    held -= memory != NULL;
    free(memory);
}

static void load(const uint8_t *data, size_t size)
{
    char words[200] = "";
    const void *bytes;
    size_t same;
    synres_host host;
    synres_model *model;
    require(synres_host_init(&host, sizeof host) == SYNRES_OK);
    host.allocate = allocate, host.release = release, host.words = words, host.words_size = sizeof words;
    synres_status status = synres_model_load_bytes(&host, data, size, &model);
    require(status == SYNRES_OK || *words || status == SYNRES_E_MEMORY || status == SYNRES_E_OVERFLOW);
    require((model != NULL) == (status == SYNRES_OK) && (model || held == 0));
    if (!model) return;
    require(synres_model_bytes(model, &bytes, &same) == SYNRES_OK && same == size && memcmp(bytes, data, size) == 0);
    synres_use(model, NULL);
    synres_model_destroy(model);
    require(held == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    require(copy != NULL);
    memcpy(copy, data, size);
    load(copy, size);
    if (synres_sign(copy, size)) load(copy, size);
    free(copy);
    return 0;
}
