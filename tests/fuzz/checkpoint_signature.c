/* As lib/atoms/train/checkpoint.c has it: one checksum over the tensors `integers` and `reals`, one over build, kernels, and name and
 * bytes of every tensor there is, in the order below. make_corpus fails where the two no longer agree. */
#include "checkpoint_signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atoms/tensorfile.h>

#include "base/checksum.h"
#include "fuzz_context.h"
#include "memory_io.h"
#include "tensorfile/tensorfile_internal.h"

static const char *const order[] = {
    "integers",  "reals",                "last_fired",
    "encoder",   "encoder.adam_first",   "encoder.adam_second",
    "decoder",   "decoder.adam_first",   "decoder.adam_second",
    "b_enc",     "b_enc.adam_first",     "b_enc.adam_second",
    "threshold", "threshold.adam_first", "threshold.adam_second",
    "b_dec",     "b_dec.adam_first",     "b_dec.adam_second",
    "whitening", "unwhitening",
};
enum { OPTIONS = 2, TENSORS = sizeof order / sizeof *order };

typedef struct sums {
    uint64_t options, all;
} sums;

static int sum_tensors(atoms_tensorfile *file, size_t size, sums *out)
{
    const char *build = atoms_tensorfile_metadata(file, "build"), *kernels = atoms_tensorfile_metadata(file, "kernels");
    if (!build || !kernels) return 0;
    *out = (sums){.all = base_checksum(kernels, strlen(kernels), base_checksum(build, strlen(build), 0))};
    char *bytes = malloc(size);
    require(bytes != NULL);
    for (int i = 0; i < TENSORS; i++) {
        int64_t index;
        size_t n;
        if (atoms_tensorfile_find(file, order[i], &index) || atomsi_tensorfile_read_raw(file, index, bytes, size, &n)) continue;
        if (i < OPTIONS) out->options = base_checksum(bytes, n, out->options);
        out->all = base_checksum(bytes, n, base_checksum(order[i], strlen(order[i]), out->all));
    }
    free(bytes);
    return 1;
}

static int put(uint8_t *file, size_t size, const char *key, uint64_t sum)
{
    enum { DIGITS = 16 };
    size_t length = strlen(key);
    char text[DIGITS + 1];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)sum);
    for (size_t at = 0; at + length + DIGITS <= size; at++)
        if (memcmp(file + at, key, length) == 0) return memcpy(file + at + length, text, DIGITS) != NULL;
    return 0;
}

int checkpoint_sign(uint8_t *file, size_t size)
{
    atoms_context *context = fuzz_context();
    memory_io io = {.bytes = file, .size = size};
    memory_io_use(&io, context);
    atoms_tensorfile *opened;
    sums s;
    int good = atoms_tensorfile_open(context, "memory", &opened) == ATOMS_OK && sum_tensors(opened, size, &s);
    atoms_tensorfile_close(opened);
    atoms_context_destroy(context);
    return good && put(file, size, "\"checksum\":\"", s.all) && put(file, size, "\"options_checksum\":\"", s.options);
}
