/* Multi-query associative recall (zoology, arXiv 2312.04927) and a tiny model that learns it: embeddings, a one-token shift, the layer, a tied readout.
 * Shared by example 12 and by the evaluation in bench/. Everything is a function of the seeds. */
#ifndef ASSOCIATIVE_RECALL_H
#define ASSOCIATIVE_RECALL_H

#include <synres/synres.h>

typedef struct recall_random {
    uint64_t state;
} recall_random;

recall_random recall_seed(uint64_t seed);
double recall_uniform(recall_random *random);               /* in (0, 1] */
int recall_below(recall_random *random, int n);             /* 0 … n − 1 */
double recall_normal(recall_random *random);                /* standard normal */

/* A sequence: key, value, key, value …; then some of the later tokens are these keys again, and there the value is wanted. The rest are random tokens.
 * Keys are of the vocabulary's first half, values of the second. */
typedef struct recall_task {
    int vocabulary, tokens, pairs;
    double power;  /* how far away a key is asked for: gap g with probability ∝ g^(power − 1); 0.01 in zoology */
    int rewritten; /* so many of the pairs are written a second time with another value, which is the one that is wanted */
    int noise;     /* so many tokens of the vocabulary's last eighth lie between the pairs (then no value is of these) */
} recall_task;

/* token, answer: sequences × tokens; answer −1 where nothing is asked. 2·(pairs + rewritten) + noise + 2·pairs ≤ tokens. */
void recall_make(const recall_task *task, recall_random *random, int sequences, int32_t *token, int32_t *answer);

typedef struct recall_options {
    int vocabulary, width; /* of the embedding */
    int d_key;             /* d_value is the same; one head */
    int sequences, tokens; /* the largest batch */
    int rule;              /* SYNRES_RULE_ERASE or 0 */
    int decays;            /* a learned decay; otherwise α = 1 */
    int train_flags;       /* SYNRES_TRAIN_FREEZE_KAPPA: κ stay 0 */
    double learning_rate;
    uint64_t seed;
} recall_options;

typedef struct recall_model recall_model;

recall_model *recall_create(const recall_options *options);
void recall_destroy(recall_model *model);

/* One step of Adam on new sequences; the loss is the mean cross-entropy where something is asked. `scale`: of the learning rate. */
double recall_train(recall_model *model, const recall_task *task, recall_random *random, double scale);

/* The fraction of new sequences' answers that are right. */
double recall_accuracy(recall_model *model, const recall_task *task, recall_random *random, int batches);

int64_t recall_parameters(const recall_model *model); /* how many numbers are trained */
synres_trainer *recall_trainer(recall_model *model);  /* the layer's */

#endif
