/* Making, describing and destroying trainers. */
#include <string.h>

#include "train_internal.h"

static atoms_status create_parts(atoms_trainer *t)
{
    const train_part shapes[PART_COUNT] = {[PART_ENCODER] = {.name = "encoder", .rows = t->width, .cols = t->d},
                                           [PART_DECODER] = {.name = "decoder", .rows = t->width, .cols = t->d},
                                           [PART_B_ENC] = {.name = "b_enc", .rows = 1, .cols = t->width},
                                           [PART_THRESHOLD] = {.name = "threshold", .rows = 1, .cols = t->width},
                                           [PART_B_DEC] = {.name = "b_dec", .rows = 1, .cols = t->d}};
    memcpy(t->parts, shapes, sizeof shapes);
    for (int i = 0; i < PART_COUNT; i++) {
        train_part *p = &t->parts[i];
        int64_t elements = p->rows * p->cols; /* both at most 2³¹ */
        p->value = atomsi_alloc_zero(t->context, elements, sizeof *p->value);
        p->first = atomsi_alloc_zero(t->context, elements, sizeof *p->first);
        p->second = atomsi_alloc_zero(t->context, elements, sizeof *p->second);
        if (!p->value || !p->first || !p->second) return ATOMS_E_MEMORY;
    }
    return ATOMS_OK;
}

static atoms_status create_scratch(atoms_trainer *t)
{
    atoms_context *c = t->context;
    int64_t batch = t->opts.batch, threads = atoms_context_threads(c), sums = train_sum_count(t);
    t->last_fired = atomsi_alloc_zero(c, t->width, sizeof *t->last_fired);
    t->drawn = atomsi_alloc(c, t->width, sizeof *t->drawn);
    t->order = atomsi_alloc(c, batch, sizeof *t->order);
    t->input = atomsi_alloc(c, batch * t->d, sizeof *t->input);
    t->error = atomsi_alloc(c, batch * t->d, sizeof *t->error);
    t->level = atomsi_alloc(c, t->width, sizeof *t->level);
    t->latent_gradients = atomsi_alloc(c, threads * train_update_room(t), sizeof *t->latent_gradients);
    t->latent_sums = atomsi_alloc(c, base_blocks(t->width, UPDATE_LATENTS), sizeof *t->latent_sums);
    t->row_errors = atomsi_alloc(c, batch, sizeof *t->row_errors);
    t->input_total = atomsi_alloc(c, t->d, sizeof *t->input_total);
    t->row_sums = atomsi_alloc(c, base_blocks(batch, ERROR_ROWS) * sums, sizeof *t->row_sums);
    t->sums = atomsi_alloc(c, sums, sizeof *t->sums);
    if (!t->last_fired || !t->drawn || !t->order || !t->input || !t->error || !t->level || !t->latent_gradients || !t->latent_sums ||
        !t->row_errors || !t->input_total || !t->row_sums || !t->sums)
        return ATOMS_E_MEMORY;
    if (t->opts.clip_norm > 0) {
        t->gradient = atomsi_alloc(c, t->width * train_gradient_size(t) + t->d, sizeof *t->gradient);
        if (!t->gradient) return ATOMS_E_MEMORY;
    }
    atoms_status status = atomsi_events_create(c, batch, t->width, &t->events);
    if (status) return status;
    t->tiles = atomsi_alloc(c, threads * train_tile_size(&t->events), sizeof *t->tiles);
    return t->tiles ? ATOMS_OK : ATOMS_E_MEMORY;
}

atoms_status atoms_trainer_create(atoms_context *context, int64_t d_in, const atoms_train_opts *opts, atoms_trainer **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    atoms_train_opts o;
    atoms_status status = atomsi_train_read_opts(context, d_in, opts, &o);
    if (status) return status;
    atoms_trainer *t = atomsi_alloc_zero(context, 1, sizeof *t);
    if (!t) return ATOMS_E_MEMORY;
    t->context = context;
    t->d = d_in;
    t->width = o.width;
    t->opts = o;
    t->opts.checkpoint_path = NULL;
    t->opts.metric = NULL;
    status = create_parts(t);
    if (!status) status = create_scratch(t);
    if (!status && o.metric) status = atomsi_train_whitening(t, o.metric);
    if (!status && o.checkpoint_path) status = atoms_trainer_checkpoint(t, o.checkpoint_path, o.checkpoint_every);
    if (status) {
        atoms_trainer_destroy(t);
        return status;
    }
    *out = t;
    return ATOMS_OK;
}

void atoms_trainer_destroy(atoms_trainer *t)
{
    if (!t) return;
    atoms_context *c = t->context;
    for (int i = 0; i < PART_COUNT; i++) {
        atomsi_free(c, t->parts[i].value);
        atomsi_free(c, t->parts[i].first);
        atomsi_free(c, t->parts[i].second);
    }
    atomsi_events_destroy(c, &t->events);
    void *const scratch[] = {t->last_fired,       t->drawn,       t->order,         t->input,           t->error,          t->level,    t->tiles,
                             t->latent_gradients, t->latent_sums, t->row_errors,    t->gradient,        t->places,         t->row_sums, t->sums,
                             t->input_total,      t->checkpoint_path, t->whitening.forth, t->whitening.back, t->whitening.narrow};
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++) atomsi_free(c, scratch[i]);
    atomsi_free(c, t);
}

atoms_status atoms_trainer_checkpoint(atoms_trainer *t, const char *path, int64_t every)
{
    if (!t) return ATOMS_E_ARGUMENT;
    if (every < 0 || (every > 0 && !path))
        return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "a checkpoint every %lld steps needs a path and a number that is not negative",
                           (long long)every);
    char *copy = NULL;
    if (path && !(copy = atomsi_copy_text(t->context, path))) return ATOMS_E_MEMORY;
    atomsi_free(t->context, t->checkpoint_path);
    t->opts.checkpoint_path = t->checkpoint_path = copy;
    t->opts.checkpoint_every = every;
    return ATOMS_OK;
}

atoms_status atoms_trainer_opts(const atoms_trainer *t, atoms_train_opts *opts)
{
    if (!t) return ATOMS_E_ARGUMENT;
    return atomsi_write_report(t->context, opts, &t->opts, sizeof t->opts, "atoms_train_opts");
}

int64_t atoms_trainer_dim(const atoms_trainer *t)
{
    return t ? t->d : 0;
}

int64_t atoms_trainer_steps_done(const atoms_trainer *t)
{
    return t ? t->step : 0;
}

int32_t atoms_trainer_whitens(const atoms_trainer *t)
{
    return t && t->whitening.forth;
}

