/* A SAELens directory with right weights: the bytes as its cfg.json, then as its activation_scaler.json beside a right cfg.json. What is
 * accepted encodes, decodes, and describes itself. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atoms/sae.h>

#include "context/context_internal.h"
#include "fuzz_context.h"

enum { CONFIG, SCALER, WEIGHTS, FILES };

/* The directory; its path is "memory", and a handle is the number of a file. */
typedef struct folder_io {
    struct { const char *path; const void *bytes; size_t size; } files[FILES];
    int open;
} folder_io;

static int f_kind(void *user, const char *path)
{
    const folder_io *io = user;
    if (strcmp(path, "memory") == 0) return BASE_KIND_DIRECTORY;
    for (int i = 0; i < FILES; i++)
        if (strcmp(path, io->files[i].path) == 0) return BASE_KIND_FILE;
    return -ENOENT;
}

static int f_open_read(void *user, const char *path)
{
    folder_io *io = user;
    for (int i = 0; i < FILES; i++)
        if (strcmp(path, io->files[i].path) == 0) return io->open++, i;
    return -ENOENT;
}

static int f_close(void *user, int file)
{
    (void)file;
    ((folder_io *)user)->open--;
    return 0;
}

static int64_t f_size(void *user, int file)
{
    return (int64_t)((const folder_io *)user)->files[file].size;
}

static int64_t f_read_at(void *user, int file, void *buffer, size_t bytes, int64_t offset)
{
    const folder_io *io = user;
    size_t size = io->files[file].size, left = (uint64_t)offset < size ? size - (size_t)offset : 0, n = bytes < left ? bytes : left;
    if (n) memcpy(buffer, (const char *)io->files[file].bytes + offset, n);
    return (int64_t)n;
}

static void *read_golden(const char *path, size_t *size)
{
    static char space[2][65536];
    static int next;
    FILE *f = fopen(path, "rb");
    require(f != NULL);
    *size = fread(space[next], 1, sizeof space[next], f);
    fclose(f);
    require(*size > 0 && *size < sizeof space[next]);
    return space[next++];
}

static void use_sae(const atoms_sae *sae)
{
    float x[64] = {1, -1, .5f}, hat[64];
    int64_t d = atoms_sae_d_in(sae);
    require(d > 0 && d <= 64);
    size_t bytes;
    atoms_sae_work *work = NULL;
    atoms_codes_view codes;
    atoms_sae_report report;
    atoms_matrix in = atoms_matrix_f32(x, 1, d), out = atoms_matrix_f32(hat, 1, d);
    require(atoms_sae_report_init(&report, sizeof report) == ATOMS_OK && atoms_sae_describe(sae, &report) == ATOMS_OK);
    require(report.metadata[0] == '{' && report.metadata[strlen(report.metadata) - 1] == '}');
    require(atoms_sae_work_size(sae, 1, &bytes) == ATOMS_OK);
    void *memory = malloc(bytes);
    require(memory != NULL);
    require(atoms_sae_work_init(sae, memory, bytes, &work) == ATOMS_OK);
    atoms_status status = atoms_sae_encode(sae, work, &in, &codes);
    require(status == ATOMS_OK || status == ATOMS_E_NOT_FINITE);
    if (!status) status = atoms_sae_decode(sae, &codes, &out);
    require(status == ATOMS_OK || status == ATOMS_E_NOT_FINITE);
    free(memory);
}

static void load(folder_io *io)
{
    atoms_context *context = fuzz_context();
    context->io = base_io_posix();
    context->io.user = io;
    context->io.kind = f_kind;
    context->io.open_read = f_open_read;
    context->io.close = f_close;
    context->io.size = f_size;
    context->io.read_at = f_read_at;
    atoms_sae *sae;
    atoms_status status = atoms_sae_load(context, "memory", &sae);
    require(fuzz_largest() <= 16 * (io->files[CONFIG].size + io->files[SCALER].size) + 131072);
    require(status == ATOMS_OK || status == ATOMS_E_FORMAT || status == ATOMS_E_LIMIT || status == ATOMS_E_UNSUPPORTED ||
            status == ATOMS_E_NOT_FOUND || status == ATOMS_E_SHAPE || status == ATOMS_E_NOT_FINITE);
    require((sae != NULL) == (status == ATOMS_OK));
    if (sae) use_sae(sae);
    atoms_sae_destroy(sae);
    require(io->open == 0);
    atoms_context_destroy(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const void *weights, *config;
    static size_t weights_size, config_size;
    if (!weights) {
        weights = read_golden(TEST_GOLDEN "/sae/checkpoint_weights.safetensors", &weights_size);
        config = read_golden(TEST_GOLDEN "/sae/checkpoint_cfg.json", &config_size);
    }
    folder_io io = {.files = {{"memory/cfg.json", data, size},
                              {"memory/activation_scaler.json", "{\"scaling_factor\": 1.5}", 23},
                              {"memory/sae_weights.safetensors", weights, weights_size}}};
    load(&io);
    io.files[CONFIG].bytes = config;
    io.files[CONFIG].size = config_size;
    io.files[SCALER].bytes = data;
    io.files[SCALER].size = size;
    load(&io);
    return 0;
}
