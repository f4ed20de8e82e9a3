/* Checkpoints: the bytes as they are, and the same bytes with right checksums. What is accepted goes on training, whatever comes of it. */
#include <stdlib.h>
#include <string.h>

#include <atoms/train.h>

#include "checkpoint_signature.h"
#include "fuzz_context.h"
#include "memory_io.h"

static void use_trainer(atoms_trainer *trainer)
{
    enum { ROWS = 4, COLS = 16 };
    static float x[ROWS * COLS];
    for (int i = 0; i < ROWS * COLS; i++) x[i] = (float)(i * 37 % 11) - 5;
    atoms_train_opts opts;
    atoms_train_stats stats;
    atoms_sae *sae;
    require(atoms_train_opts_init(&opts, sizeof opts) == ATOMS_OK && atoms_trainer_opts(trainer, &opts) == ATOMS_OK);
    require(atoms_train_stats_init(&stats, sizeof stats) == ATOMS_OK);
    int64_t steps = atoms_trainer_steps_done(trainer), cols = atoms_trainer_dim(trainer);
    require(steps >= 0 && opts.batch > 0 && opts.width > 0 && cols > 0);
    atoms_status status = ATOMS_E_SHAPE;
    if (cols <= COLS) {
        atoms_matrix batch = atoms_matrix_f32(x, opts.batch < ROWS ? opts.batch : ROWS, cols);
        status = atoms_trainer_step(trainer, &batch, &stats);
    }
    require(atoms_trainer_steps_done(trainer) == steps + (status == ATOMS_OK));
    if (atoms_trainer_snapshot(trainer, &sae) == ATOMS_OK) atoms_sae_destroy(sae);
}

static void load(const uint8_t *data, size_t size)
{
    atoms_context *context = fuzz_context();
    memory_io io = {.bytes = data, .size = size};
    memory_io_use(&io, context);
    atoms_trainer *trainer;
    atoms_status status = atoms_trainer_load(context, "memory", &trainer);
    require(status == ATOMS_OK || status == ATOMS_E_FORMAT || status == ATOMS_E_LIMIT || status == ATOMS_E_UNSUPPORTED ||
            status == ATOMS_E_MEMORY);
    require((trainer != NULL) == (status == ATOMS_OK));
    require(io.open == 0);
    if (trainer) use_trainer(trainer);
    atoms_trainer_destroy(trainer);
    atoms_context_destroy(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load(data, size);
    uint8_t *copy = malloc(size + 1);
    require(copy != NULL);
    memcpy(copy, data, size);
    if (checkpoint_sign(copy, size)) load(copy, size);
    free(copy);
    return 0;
}
