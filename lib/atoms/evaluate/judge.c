/* In sample and held out, from one pass over each and one pass over the pairs of atoms: which atoms count is settled in sample, so the same
 * counts over pairs meet both distributions of L0. */
#include "judge.h"

/* Pairs of the subject's atoms, zeros left out, in `metric` (NULL = Euclidean); `used` are those that fired in the tally. */
static atoms_status pairs_of(const subject *s, const tally *in_sample, const atoms_metric *metric, int64_t largest_k, atomsi_pair_profile *out)
{
    atoms_context *context = in_sample->context;
    atoms_dictionary *dictionary = NULL;
    uint8_t *kept = atomsi_alloc(context, s->latents, 1);
    atoms_status status = kept ? atomsi_dictionary_create(context, &s->atoms, "atoms", metric, kept, &dictionary) : ATOMS_E_MEMORY;
    if (!status) {
        int64_t next = 0;
        for (int64_t i = 0; i < s->latents; i++)
            if (kept[i]) kept[next++] = in_sample->firing[i] > 0; /* the numbers of the atoms that were kept */
        status = atomsi_pair_profile_make(dictionary, kept, largest_k, out);
    }
    atoms_dictionary_destroy(dictionary);
    atomsi_free(context, kept);
    return status;
}

static int64_t largest_l0(const tally *t)
{
    int64_t k = t->latents;
    while (k > 1 && !t->l0_counts[k]) k--;
    return k;
}

static void put_aip(const atomsi_pair_profile *p, const tally *t, atoms_figures *f)
{
    f->q_star = atomsi_q_star(&p->used, t->l0_counts, t->latents + 1);
    f->q_star_all = atomsi_q_star(&p->all, t->l0_counts, t->latents + 1);
    f->mu = p->used.mu;
}

static void put_euclidean(const atomsi_pair_profile *p, const tally *t, atoms_figures *f)
{
    f->q_star_euclidean = atomsi_q_star(&p->used, t->l0_counts, t->latents + 1);
    f->mu_euclidean = p->used.mu;
}

/* Stability of the subject, seen with the L0 of `inside` (NULL where there is no train) and of `outside`. */
static atoms_status judge_stability(judgement *j, const subject *s, const tally *inside, const tally *outside)
{
    int64_t largest_k = base_max_i64(largest_l0(outside), inside ? largest_l0(inside) : 1);
    const tally *in_sample = inside ? inside : outside;
    for (int aip = j->metric ? 1 : 0; aip >= 0; aip--) {
        atomsi_pair_profile p;
        atoms_status status = pairs_of(s, in_sample, aip ? j->metric : NULL, largest_k, &p);
        if (status) return status;
        void (*put)(const atomsi_pair_profile *, const tally *, atoms_figures *) = aip ? put_aip : put_euclidean;
        put(&p, outside, &j->held_out);
        if (inside) put(&p, inside, &j->in_sample);
        atomsi_pair_profile_free(&p);
    }
    return ATOMS_OK;
}

atoms_status atomsi_judge(judgement *j, const subject *s)
{
    tally inside = {0}, outside = {0};
    atoms_status status = j->train ? atomsi_tally_rows(s, j->metric, j->train, &inside) : ATOMS_OK;
    if (!status) status = atomsi_tally_rows(s, j->metric, j->rows, &outside);
    if (!status) {
        j->held_out = atomsi_figures_of(&outside, j->metric != NULL);
        if (j->train) j->in_sample = atomsi_figures_of(&inside, j->metric != NULL);
        status = judge_stability(j, s, j->train ? &inside : NULL, &outside);
    }
    atomsi_tally_free(&inside);
    atomsi_tally_free(&outside);
    return status;
}
