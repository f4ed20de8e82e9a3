/* What the field trained before thresholds: a ReLU + L1 autoencoder of the same width, for the same budget, on the same rows. */
#include <atoms/train.h>

#include "judge.h"

typedef struct listener {
    atoms_context *context;
    atoms_status status;
} listener;

static int32_t on_step(void *user, const atoms_train_stats *stats)
{
    listener *l = user;
    l->status = atomsi_progress(l->context, "steps", stats->step, stats->steps);
    return l->status != ATOMS_OK;
}

static atoms_status train(const judgement *j, atoms_sae **out)
{
    const row_source *from = j->train ? j->train : j->rows;
    listener l = {.context = j->context};
    atoms_train_opts o;
    atoms_trainer *trainer;
    atoms_status status = atoms_train_opts_recipe(&o, sizeof o, "features");
    if (status) return status;
    o.width = atoms_sae_d_sae(j->sae);
    o.seed = j->seed;
    if (j->features_steps) o.steps = j->features_steps;
    if (j->features_batch) o.batch = j->features_batch;
    o.batch = base_min_i64(o.batch, from->count);
    status = atoms_trainer_create(j->context, from->width, &o, &trainer);
    if (!status) status = atoms_trainer_run(trainer, from->rows, on_step, &l, NULL);
    if (!status) status = l.status;
    if (!status) status = atoms_trainer_snapshot(trainer, out);
    atoms_trainer_destroy(trainer);
    return status;
}

atoms_status atomsi_judge_features(judgement *j)
{
    const atoms_sae *judged = j->sae;
    atoms_sae *features = NULL;
    atoms_status status = train(j, &features);
    if (status) return status;
    j->sae = features;
    status = atomsi_judge_sae(j);
    j->sae = judged;
    atoms_sae_destroy(features);
    return status;
}
