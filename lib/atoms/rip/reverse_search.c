/* Reverse search (Avis and Fukuda, Discrete Applied Mathematics 65, 1996) for the K atoms T with the largest λ(T) = λ_max(A_TT).
 *
 * Let x be the unit eigenvector of λ(T), n = |T|, and drop the atom with the smallest |x_i|. As A has a zero diagonal, the rest keeps
 * λ ≥ λ(T)(1 − 2x_i²)/(1 − x_i²) ≥ λ(T)(n − 2)/(n − 1). So every T with λ(T) ≥ θ has a chain of ancestors J_2 ⊂ … ⊂ J_K = T with
 * λ(J_n) ≥ θ(n − 1)/(K − 1), and one alone: "drop the smallest" names one parent. The search grows pairs, keeps a child only where the atom
 * it was grown by is the one it would drop, and so meets each support once without remembering any. The eigenvector is computed from the atoms in
 * rising order where that matters, so that the parent is a function of the support even where eigenvalues coincide.
 *
 * Few atoms are coupled to J strongly enough to join it (search_node.c): one pass over a running sum of squares finds them.
 *
 * All of this is done in the matrix A as kept in f32; with K atoms it is within (K − 1)·error of the true one, so θ is lowered by that, and what
 * reaches it is judged in f64. Work is cut by rows of pairs; the pieces of a stretch start from the same θ, so the tree does not depend on
 * threads, nor on how many pieces are run between two looks at the caller's wishes. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "../../base/clock.h"
#include "search_node.h"

enum { STRETCH = 64, TOGETHER = 8, LOOK_AT_CLOCK = 64 }; /* rows; for each thread; supports */

static const double rounding = 1e-12; /* of eigenvalues of tiny matrices, and more */

typedef struct piece { /* what came of a row */
    rip_support best;
    int64_t nodes;
    bool cut;
} piece;

typedef struct search {
    const rip_gram *gram;
    int64_t order;
    int sign;
    double known;    /* at the start of the stretch */
    int64_t first;   /* row of this stretch */
    int64_t offset;  /* of the rows that are run now in the stretch */
    int64_t nodes;   /* that a piece may look at; 0: any number */
    double deadline;
    _Atomic bool late;
    struct worker *workers;
    piece *pieces;
} search;

typedef struct worker {
    search *search;
    piece *piece;
    double target; /* θ in the matrix as kept */
    rip_node *nodes; /* of 1 … order − 1 atoms */
    double *value_work, *scratch;
    float *squares;
    int32_t *indices;
} worker;

/* What an eigenvalue of n atoms must reach. */
static double needed(const worker *w, int64_t n)
{
    return w->target * (double)(n - 1) / (double)(w->search->order - 1) - rounding;
}

static void aim(worker *w, double known)
{
    const search *s = w->search;
    w->target = known + rip_improvement - (double)(s->order - 1) * s->gram->error;
}

static bool is_over(worker *w)
{
    search *s = w->search;
    int64_t nodes = ++w->piece->nodes;
    if (s->nodes && nodes > s->nodes) w->piece->cut = true;
    if (nodes % LOOK_AT_CLOCK == 0 && base_clock_seconds() > s->deadline) atomic_store_explicit(&s->late, true, memory_order_relaxed);
    if (atomic_load_explicit(&s->late, memory_order_relaxed)) w->piece->cut = true;
    return w->piece->cut;
}

/* A support of the full size that may beat the best: judged in f64. */
static void judge(worker *w, const int32_t *atom)
{
    const search *s = w->search;
    double value = atomsi_rip_value(s->gram, s->sign, s->order, atom, w->value_work);
    if (!(value > w->piece->best.value)) return;
    w->piece->best.value = value;
    memcpy(w->piece->best.atom, atom, (size_t)s->order * sizeof *atom);
    aim(w, value);
}

/* Atoms whose couplings to J are strong enough to be looked at. The running sums are f32, a hundred thousandth is more than they lose. */
static int64_t find_candidates(worker *w, rip_node *j, double tau)
{
    const rip_gram *g = w->search->gram;
    double reserve = atomsi_rip_node_reserve(j, tau), limit = tau * (tau - reserve) * (1 - 1e-5);
    if (isinf(reserve)) return 0;
    return g->context->kernels->add_squares(g->atoms, rip_row(g, j->last), w->nodes[j->n - 1].squares, j->squares, (float)limit, j->candidates);
}

static void grow(worker *w, int64_t n)
{
    const search *s = w->search;
    rip_node *j = &w->nodes[n];
    double v[ATOMS_RIP_ORDER_MAX], sign = rip_sign(s->sign), tau = needed(w, n + 1);
    int64_t count = find_candidates(w, j, tau);
    if (count) atomsi_rip_node_aim(j, tau);
    for (int64_t i = 0; i < count; i++) {
        int32_t c = j->candidates[i], atom[ATOMS_RIP_ORDER_MAX];
        if (rip_holds(j->atom, j->n, c)) continue;
        for (int64_t k = 0; k < n; k++) v[k] = sign * (double)rip_row(s->gram, j->atom[k])[c];
        if (!atomsi_rip_node_can_reach(j, v, tau, w->scratch)) continue;
        if (is_over(w)) return;
        if (n + 1 == s->order) {
            atomsi_rip_node_join(j, c, atom);
            judge(w, atom);
        } else if (atomsi_rip_node_grow(j, c, v, tau, w->scratch, &w->nodes[n + 1])) {
            grow(w, n + 1);
            if (w->piece->cut) return;
        }
    }
}

/* The pair i < c, whose eigenvalues are ±a with vectors (1, ±1)/√2. */
static void start_pair(worker *w, int32_t i, int32_t c, double a)
{
    if (is_over(w)) return;
    if (w->search->order == 2) {
        judge(w, (int32_t[]){i, c});
        return;
    }
    static const double half = 0.70710678118654752440;
    rip_node *j = &w->nodes[2];
    j->atom[0] = i;
    j->atom[1] = j->last = c;
    memcpy(j->matrix, (double[]){0, a, a, 0}, 4 * sizeof(double));
    memcpy(j->x, (double[]){half, a > 0 ? half : -half}, 2 * sizeof(double));
    j->value = fabs(a);
    grow(w, 2);
}

static void run_piece(void *arg, int64_t index, int32_t worker_number)
{
    search *s = arg;
    worker *w = &s->workers[worker_number];
    const rip_gram *g = s->gram;
    w->piece = &s->pieces[s->offset + index];
    *w->piece = (piece){.best.value = s->known};
    aim(w, s->known);
    int64_t i = s->first + s->offset + index;
    const float *row = rip_row(g, i);
    if (s->order > 2)
        for (int64_t c = 0; c < g->atoms; c++) w->nodes[1].squares[c] = row[c] * row[c];
    for (int64_t c = i + 1; c < g->atoms && !w->piece->cut; c++) {
        double a = rip_sign(s->sign) * (double)row[c];
        if (fabs(a) >= needed(w, 2)) start_pair(w, (int32_t)i, (int32_t)c, a);
    }
}

static atoms_status make_worker(search *s, worker *w)
{
    atoms_context *context = s->gram->context;
    int64_t n = s->gram->atoms, k = s->order, value_work = k * s->gram->dim + 2 * k * k + k, elements = value_work + rip_node_scratch(k);
    for (int64_t i = 1; i < k; i++) elements += rip_node_doubles(i);
    w->search = s;
    w->nodes = atomsi_alloc_zero(context, k, sizeof *w->nodes);
    w->value_work = atomsi_alloc(context, elements, sizeof(double));
    w->squares = atomsi_alloc(context, k * n, sizeof(float));
    w->indices = atomsi_alloc(context, k * (n + k), sizeof(int32_t));
    if (!w->nodes || !w->value_work || !w->squares || !w->indices) return ATOMS_E_MEMORY;
    w->scratch = w->value_work + value_work;
    double *next = w->scratch + rip_node_scratch(k);
    for (int64_t i = 1; i < k; i++) {
        w->nodes[i] = (rip_node){.n = i, .x = next, .matrix = next + i, .factor = next + i + i * i, .squares = w->squares + i * n,
                                 .candidates = w->indices + i * n, .atom = w->indices + k * n + i * k};
        next += rip_node_doubles(i);
    }
    return ATOMS_OK;
}

static void free_workers(search *s, int32_t count)
{
    atoms_context *context = s->gram->context;
    for (int32_t i = 0; s->workers && i < count; i++) {
        worker *w = &s->workers[i];
        atomsi_free(context, w->nodes);
        atomsi_free(context, w->value_work);
        atomsi_free(context, w->squares);
        atomsi_free(context, w->indices);
    }
    atomsi_free(context, s->workers);
    atomsi_free(context, s->pieces);
}

static atoms_status make_workers(search *s, int32_t count)
{
    s->workers = atomsi_alloc_zero(s->gram->context, count, sizeof *s->workers);
    s->pieces = atomsi_alloc(s->gram->context, STRETCH, sizeof *s->pieces);
    atoms_status status = s->workers && s->pieces ? ATOMS_OK : ATOMS_E_MEMORY;
    for (int32_t i = 0; i < count && !status; i++) status = make_worker(s, &s->workers[i]);
    return status;
}

/* In the pieces' order, so that of equal values the first counts. */
static void take_pieces(search *s, int64_t count, int64_t *nodes, rip_support *best, bool *cut)
{
    for (int64_t i = 0; i < count; i++) {
        const piece *p = &s->pieces[i];
        *nodes += p->nodes;
        *cut |= p->cut;
        if (!(p->best.value > s->known)) continue;
        s->known = p->best.value;
        *best = p->best;
    }
}

/* Runs the rows of a stretch; returns how many: fewer where the caller wants no more. */
static int64_t run_stretch(search *s, int64_t count)
{
    const rip_gram *g = s->gram;
    int64_t together = TOGETHER * (int64_t)atoms_context_threads(g->context);
    bool more = true;
    for (s->offset = 0; s->offset < count && more; s->offset += together) {
        int64_t rows = base_min_i64(together, count - s->offset);
        atomsi_parallel_for(g->context, rows, run_piece, s);
        more = atomsi_rip_go_on(g->call, "search rows", s->first + s->offset + rows, g->atoms);
    }
    return base_min_i64(s->offset, count);
}

atoms_status atomsi_rip_search(const rip_gram *gram, int sign, int64_t order, double known, rip_support *best, bool *complete, rip_profile *profile)
{
    const rip_call *call = gram->call;
    int32_t threads = atoms_context_threads(gram->context);
    search s = {.gram = gram, .order = order, .sign = sign, .known = known, .deadline = call->search_ends};
    int64_t rows = gram->atoms, nodes = 0;
    bool cut = call->cancelled;
    atomic_init(&s.late, base_clock_seconds() > call->search_ends);
    atoms_status status = make_workers(&s, threads);
    for (; s.first < rows && !status && !cut; s.first += STRETCH) {
        s.nodes = call->nodes ? base_max_i64(call->nodes - nodes, 1) : 0;
        int64_t count = run_stretch(&s, base_min_i64(STRETCH, rows - s.first));
        take_pieces(&s, count, &nodes, best, &cut);
        cut = cut || call->cancelled || (call->nodes && nodes >= call->nodes && s.first + count < rows);
    }
    profile->nodes += nodes;
    if (cut) profile->stopped = atomic_load(&s.late) ? ATOMS_RIP_OUT_OF_TIME : ATOMS_RIP_OUT_OF_NODES;
    *complete = !cut;
    free_workers(&s, threads);
    return status;
}
