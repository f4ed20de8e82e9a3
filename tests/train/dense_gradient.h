/* The gradient by the dense formulas in f64, and a surrogate loss whose slope they are: f̃ = f − w(θ² − θ₀²)/2ε, H̃ = H − w(θ − θ₀)/ε, with
 * the support and the window frozen where the model was when it was copied. */
#ifndef TESTS_DENSE_GRADIENT_H
#define TESTS_DENSE_GRADIENT_H

#include "train/train_internal.h"

/* A model and batch in f64, with the frozen support and window, and the pre-activations z0 they were frozen at. */
typedef struct dense {
    const atoms_train_opts *o;
    int64_t n, d, m;
    double *u, *c; /* n × d: scaled inputs, and less p */
    double *part[PART_COUNT];
    double *theta0, *z0;
    char *active, *window;
    double weight;
} dense;

/* The trainer's model and batch (already centred in t->input) as f64. */
dense densify(const atoms_trainer *t);
void forget(dense *s);

double surrogate_loss(const dense *s);
/* Adds to grad, whose parts have the trainer's shapes. */
void dense_gradient(const dense *s, double *grad[PART_COUNT]);

/* Zeros in the shapes of the trainer's parts. */
void allocate_gradient(const atoms_trainer *t, double *grad[PART_COUNT]);
void free_gradient(double *grad[PART_COUNT]);

double *widen(const float *x, int64_t n);

/* Every published recipe, and mixtures that none of them has. */
enum { VARIANTS = 6 };
atoms_train_opts variant(int k);

/* A trainer that has seen rows, with biases and thresholds pushed off their common start, and a batch in its input as the model sees it. */
atoms_trainer *prepared_as(atoms_context *context, atoms_train_opts o, int64_t d, int64_t width, int64_t batch);

/* One latent's gradient as the trainer's passes give it, into grad. */
void write_latent(const atoms_trainer *t, int64_t i, latent_gradient g, double *grad[PART_COUNT]);
/* Gradient of every part by the trainer's own passes; returns the loss. */
double sparse_gradient(atoms_trainer *t, double *grad[PART_COUNT]);

#endif
