/* What the files of synres_evaluation share: streams of facts, a memory that is a made model, jobs on threads, and tables of means with intervals. */
#ifndef SYNRES_EVALUATION_H
#define SYNRES_EVALUATION_H

#include <stdbool.h>
#include <stdint.h>
#include <synres/model.h>

enum { EVALUATION_WIDTH = 64, EVALUATION_INPUT = 2 * EVALUATION_WIDTH + 1, EVALUATION_GROUPS = 6, EVALUATION_SEEDS = 100 };

typedef struct evaluation_options {
    int seeds;   /* figures are means over these; tuning has its own */
    int threads; /* jobs are shared out; the figures do not depend on it */
    bool level[2];
    bool quick;       /* two seeds, small sizes: only to see that it works */
    const char *json; /* "-": stdout, and the tables on stderr; NULL: none */
} evaluation_options;

/* Calls job(arg, 0 … jobs − 1), shared out between threads. */
void evaluation_parallel(int threads, int64_t jobs, void (*job)(void *arg, int64_t number), void *arg);

/* What a stream is made of. Keys and values are unit vectors; every fact that is wanted is asked for once, after the last write. */
typedef struct stream_kind {
    const char *name;
    int writes;
    double noise;     /* fraction of the writes that nobody asks for: keys and values of their own, isotropic */
    double topic;     /* wanted keys are ℓ2(topic·t + isotropic), t one a stream; 0: isotropic */
    int facts;        /* > 0: the wanted writes are of this many facts, each again and again */
    bool rewritten;   /* half of the facts are written a second time, with another value. Groups: rewritten, untouched, the values of before */
    bool by_distance; /* groups: how many writes ago */
    double key_noise; /* asked with k + this·(an isotropic unit vector) */
} stream_kind;

typedef struct stream {
    int writes, queries, groups, tuned; /* groups before `tuned` are what a setting is chosen by */
    float *key, *value;                 /* writes × EVALUATION_WIDTH */
    float *query, *target;              /* queries × EVALUATION_WIDTH */
    int *group;
} stream;

stream *stream_make(const stream_kind *kind, uint64_t seed);
void stream_free(stream *s);
int stream_groups(const stream_kind *kind, const char *names[EVALUATION_GROUPS]);

/* A setting of the layer's gates; nothing is learned. */
typedef struct memory_setting {
    bool erase;             /* the delta rule; otherwise Hebbian */
    double bias;            /* β = σ(bias + κ r + κ_M r_M) */
    double decay;           /* α where r = 0; 1: none */
    double spread;          /* > 0: a decay per key channel, half-lives from 1/spread to spread times that of `decay` */
    double kappa;           /* contextual */
    double kappa_decay;     /* contextual, on the decay */
    double kappa_agreement; /* agreement */
} memory_setting;

typedef struct memory_score {
    double cosine[EVALUATION_GROUPS], top[EVALUATION_GROUPS]; /* means over the group's queries */
    double tuned;                                             /* mean cosine of the groups that count for tuning */
} memory_score;

/* A layer with this setting; x = [key; value; whether it is a question], (writes + queries) × EVALUATION_INPUT. One tap, which says u. */
typedef struct memory_weights memory_weights;
memory_weights *memory_weights_make(const memory_setting *setting); /* to free */
const synres_layer_weights *memory_layer(const memory_weights *weights);
void memory_input(const stream *s, float *x);

/* What is recalled, queries × EVALUATION_WIDTH, against what is wanted. */
memory_score memory_judge(const stream *s, const float *u);

/* The stream through synres_run of a model with this setting, then its questions. */
memory_score memory_recall(const memory_setting *setting, const stream *s);

/* A mean over seeds and the half-width of its 95 % confidence interval (Student's t). */
typedef struct estimate {
    double mean, half;
} estimate;
estimate evaluation_estimate(int n, const double *x);
estimate evaluation_difference(int n, const double *x, const double *y); /* of pairs: x − y */

typedef struct evaluation_report evaluation_report;
evaluation_report *evaluation_report_open(const evaluation_options *options);
void evaluation_report_table(evaluation_report *report, const char *name, int columns, const char *const *column);
void evaluation_report_row(evaluation_report *report, const char *name);
/* Into the last row; `setting` (NULL: none) goes into the JSON alone. `against`: beside its κ = 0 partner. */
void evaluation_report_cell(evaluation_report *report, estimate value, const char *setting);
void evaluation_report_against(evaluation_report *report, estimate value, estimate difference, const char *setting);
int evaluation_report_close(evaluation_report *report);

void evaluation_of_kernels(const evaluation_options *options, evaluation_report *report); /* L0 */
void evaluation_of_learning(const evaluation_options *options, evaluation_report *report); /* L1 */
void evaluation_of_resonance(const evaluation_options *options, evaluation_report *report);

#endif
