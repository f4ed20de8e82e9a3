/* make_corpus FOLDER: seeds for the fuzzers of what this library writes itself, made by the library, so that they follow its formats:
 * FOLDER/codes, FOLDER/saelens, FOLDER/checkpoint, FOLDER/synres_model, FOLDER/synres_state; and of each seed damaged copies, always the same ones. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <atoms/atoms.h>

#include "base/random.h"
#include "checkpoint_signature.h"
#include "context/context_internal.h"
#include "fuzz_context.h"
#include "synres_seed.h"
#include "unsynced_io.h"

enum { DAMAGED = 80, BYTES_MOST = 1 << 16, D = 5, M = 7 };

static const char *root;
static int written;

static const char *in_root(const char *folder, const char *name)
{
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s%s%s", root, folder, *name ? "/" : "", name);
    return path;
}

static void write_file(const char *folder, const char *name, int number, const uint8_t *bytes, size_t size)
{
    char numbered[128];
    snprintf(numbered, sizeof numbered, "%s-%02d", name, number);
    FILE *f = fopen(in_root(folder, numbered), "wb");
    require(f && fwrite(bytes, 1, size, f) == size && fclose(f) == 0);
    written++;
}

static uint64_t drawn(int64_t below, uint64_t *counter)
{
    return (uint64_t)base_random_below(11, BASE_STREAM_TEST, (*counter)++, below);
}

/* One change: a bit, a byte that means something to one of the formats, a cut, or a piece twice. Returns the new size, at most BYTES_MOST. */
static size_t damage(uint8_t *bytes, size_t size, uint64_t *counter)
{
    static const uint8_t telling[] = {0, 1, 0x7F, 0x80, 0xFF, '0', '9', '-', '.', 'e', '"', '\\', '{', '}', '[', ']', ',', ':'};
    if (!size) return 0;
    size_t at = drawn((int64_t)size, counter), length = 1 + drawn(16, counter);
    switch (drawn(5, counter)) {
    case 0: bytes[at] ^= (uint8_t)(1 << drawn(8, counter)); return size;
    case 1: case 2: bytes[at] = telling[drawn(sizeof telling, counter)]; return size;
    case 3:
        if (length > size - at) length = size - at;
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    default:
        if (length > size - at) length = size - at;
        if (size + length > BYTES_MOST) return size;
        memmove(bytes + at + length, bytes + at, size - at);
        return size + length;
    }
}

static void add_seed(const char *folder, const char *name, const char *path)
{
    static uint8_t seed[BYTES_MOST], copy[BYTES_MOST];
    FILE *f = fopen(path, "rb");
    require(f != NULL);
    size_t size = fread(seed, 1, sizeof seed, f);
    require(fclose(f) == 0 && size > 0 && size < sizeof seed);
    write_file(folder, name, 0, seed, size);
    if (strcmp(folder, "checkpoint") == 0) { /* signing is understood */
        memcpy(copy, seed, size);
        require(checkpoint_sign(copy, size) && memcmp(copy, seed, size) == 0);
    }
    if (strncmp(folder, "synres", 6) == 0) {
        memcpy(copy, seed, size);
        require(synres_sign(copy, size) && memcmp(copy, seed, size) == 0);
    }
    uint64_t counter = (uint64_t)written << 20;
    for (int i = 1; i <= DAMAGED; i++) {
        size_t left = size;
        memcpy(copy, seed, size);
        for (uint64_t changes = 1 + drawn(3, &counter); changes; changes--) left = damage(copy, left, &counter);
        write_file(folder, name, i, copy, left);
    }
    write_file(folder, name, DAMAGED + 1, seed, size / 2);
}

static void add_codes(atoms_context *context)
{
    const char *path = in_root("codes.npz", "");
    atoms_codes *codes;
    require(atoms_codes_create(context, M, &codes) == ATOMS_OK);
    require(atoms_codes_save(codes, path) == ATOMS_OK);
    add_seed("codes", "empty", path);
    const int64_t offset[] = {0, 2, 2, 5};
    const int32_t index[] = {1, 4, 0, 3, 6};
    const float value[] = {1, -2.5f, 3, .25f, 1e30f};
    const atoms_codes_view rows = {.rows = 3, .width = M, .nnz = 5, .offset = offset, .index = index, .value = value};
    require(atoms_codes_append(codes, &rows) == ATOMS_OK && atoms_codes_save(codes, path) == ATOMS_OK);
    add_seed("codes", "three", path);
    atoms_codes_destroy(codes);
    add_seed("codes", "scipy-f32", TEST_GOLDEN "/codes_scipy_f32.npz");
    add_seed("codes", "scipy-f64", TEST_GOLDEN "/codes_scipy_f64.npz");
    require(remove(path) == 0);
}

static void add_saelens(void)
{
    static const char *const names[] = {"checkpoint_cfg", "legacy_cfg", "saelens_cfg", "checkpoint_scaler"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, TEST_GOLDEN "/sae/%s.json", names[i]);
        add_seed("saelens", names[i], path);
    }
}

/* Before the first step and after some. */
static void add_checkpoints(atoms_context *context)
{
    const char *path = in_root("checkpoint.safetensors", "");
    atoms_train_opts opts;
    atoms_trainer *trainer;
    require(atoms_train_opts_init(&opts, sizeof opts) == ATOMS_OK);
    opts.width = M;
    opts.batch = 4;
    opts.steps = 10;
    opts.target_l0 = 2;
    require(atoms_trainer_create(context, D, &opts, &trainer) == ATOMS_OK);
    require(atoms_trainer_save(trainer, path) == ATOMS_OK);
    add_seed("checkpoint", "new", path);
    for (uint64_t step = 0; step < 3; step++) {
        float x[4 * D];
        for (uint64_t i = 0; i < 4 * D; i++) x[i] = (float)base_random_normal(step, BASE_STREAM_TEST, i);
        atoms_matrix batch = atoms_matrix_f32(x, 4, D);
        require(atoms_trainer_step(trainer, &batch, NULL) == ATOMS_OK);
    }
    require(atoms_trainer_save(trainer, path) == ATOMS_OK);
    add_seed("checkpoint", "three-steps", path);
    atoms_trainer_destroy(trainer);
    require(remove(path) == 0);
}

/* States before the first token and in the middle of a block. */
static void add_synres(void)
{
    for (int number = 0; number < SYNRES_SEEDS; number++) {
        char name[32];
        size_t bytes, size;
        synres_state *state;
        synres_model *model = synres_seed_model(number);
        const char *path = in_root("seed", "");
        snprintf(name, sizeof name, "kind-%d", number);
        require(synres_model_save(model, path) == SYNRES_OK);
        add_seed("synres_model", name, path);
        require(synres_state_size(model, SYNRES_SEED_REWIND, &bytes) == SYNRES_OK);
        void *memory = malloc(bytes);
        require(memory && synres_state_init(model, SYNRES_SEED_REWIND, memory, bytes, &state) == SYNRES_OK);
        require(synres_state_save_size(state, &size) == SYNRES_OK);
        uint8_t *saved = malloc(size);
        for (int tokens = 0; tokens < 2; tokens++) {
            if (tokens) synres_use(model, state);
            require(saved && synres_state_save(state, saved, size) == SYNRES_OK);
            FILE *f = fopen(path, "wb");
            require(f && fwrite(saved, 1, size, f) == size && fclose(f) == 0);
            snprintf(name, sizeof name, "kind-%d-%s", number, tokens ? "used" : "new");
            add_seed("synres_state", name, path);
        }
        free(saved), free(memory);
        synres_model_destroy(model);
        require(remove(path) == 0);
    }
}

int main(int count, char **words)
{
    if (count != 2) return EXIT_FAILURE;
    root = words[1];
    const char *const folders[] = {"", "codes", "saelens", "checkpoint", "synres_model", "synres_state"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        require(mkdir(in_root(folders[i], ""), 0777) == 0 || errno == EEXIST);
    atoms_context *context;
    require(atoms_context_create(NULL, &context) == ATOMS_OK);
    context->io = unsynced_io();
    add_codes(context);
    add_saelens();
    add_checkpoints(context);
    add_synres();
    atoms_context_destroy(context);
    printf("%d files written\n", written);
    return EXIT_SUCCESS;
}
