/* A support on a path of the reverse search, and the decisions about it: whether it can grow, which atoms may join, which child is its own. */
#ifndef ATOMSI_RIP_SEARCH_NODE_H
#define ATOMSI_RIP_SEARCH_NODE_H

#include "rip_internal.h"

typedef struct rip_node { /* a support of n atoms, rising */
    int64_t n;
    int32_t *atom;
    int32_t last;           /* the one that joined last */
    double value, *x;       /* λ = λ_max(A_JJ), and its unit eigenvector */
    double *matrix;         /* A_JJ */
    double *factor;         /* τI − A_JJ = L D Lᵀ: L below, 1/D on the diagonal; n × n */
    bool is_factored;       /* false: τ is too close to λ, or below it */
    float *squares;         /* Σ A_kc² over k in the support, for every atom c */
    int32_t *candidates;
} rip_node;

/* Doubles that a node of n atoms takes for x, matrix and factor, and that a decision takes as scratch. */
static inline int64_t rip_node_doubles(int64_t n) { return 2 * n * n + n; }
static inline int64_t rip_node_scratch(int64_t n) { return 3 * n * n + 3 * n; }

/* λ ≥ what yᵀA_JJ y can be for a child with λ ≥ tau, y the child's eigenvector on J brought to length 1; −∞: no child of J reaches tau. */
double atomsi_rip_node_reserve(const rip_node *j, double tau);

/* Prepares J for questions about tau. */
void atomsi_rip_node_aim(rip_node *j, double tau);

/* Whether λ(J ∪ c) can reach tau; v = A_Jc. */
bool atomsi_rip_node_can_reach(const rip_node *j, const double *v, double tau, double *scratch);

/* child = J ∪ c; false where it stays below tau or c is not the atom it drops. */
bool atomsi_rip_node_grow(const rip_node *j, int32_t c, const double *v, double tau, double *scratch, rip_node *child);

/* n + 1 rising atoms; returns where c stands. */
int64_t atomsi_rip_node_join(const rip_node *j, int32_t c, int32_t *atom);

#endif
