/* The inner loop of the searches from below: one small eigenproblem, and one pass over the Gram matrix's rows of a support. */
#include "coupling.h"

#include <math.h>
#include <string.h>

enum { STRONGEST = 256 };

rip_coupling *atomsi_rip_make_couplings(const rip_gram *gram, int64_t order)
{
    int32_t count = atoms_context_threads(gram->context);
    int64_t square = order * order;
    rip_coupling *workers = atomsi_alloc_zero(gram->context, count, sizeof *workers);
    for (int32_t i = 0; workers && i < count; i++) {
        rip_coupling *w = &workers[i];
        w->coupling = atomsi_alloc(gram->context, gram->atoms, sizeof(float));
        w->matrix = atomsi_alloc(gram->context, 4 * square + 2 * order + order * gram->dim, sizeof(double));
        if (!w->coupling || !w->matrix) {
            atomsi_rip_free_couplings(gram, workers);
            return NULL;
        }
        w->vectors = w->matrix + square;
        w->values = w->vectors + square;
        w->value_work = w->values + order;
    }
    return workers;
}

void atomsi_rip_free_couplings(const rip_gram *gram, rip_coupling *workers)
{
    for (int32_t i = 0; workers && i < atoms_context_threads(gram->context); i++) {
        atomsi_free(gram->context, workers[i].coupling);
        atomsi_free(gram->context, workers[i].matrix);
    }
    atomsi_free(gram->context, workers);
}

int64_t atomsi_rip_couple(const rip_gram *g, int sign_of, rip_coupling *w, int64_t n, const int32_t *atom)
{
    const float *rows[ATOMS_RIP_ORDER_MAX];
    float x[ATOMS_RIP_ORDER_MAX];
    double sign = rip_sign(sign_of);
    for (int64_t i = 0; i < n; i++) {
        rows[i] = rip_row(g, atom[i]);
        for (int64_t k = 0; k < n; k++) w->matrix[i * n + k] = sign * (double)rows[i][atom[k]];
    }
    int64_t top = atomsi_rip_eigen(n, w->matrix, w->values, w->vectors);
    for (int64_t k = 0; k < n; k++) x[k] = (float)(sign * w->vectors[top * n + k]);
    memset(w->coupling, 0, (size_t)g->atoms * sizeof(float));
    g->context->kernels->axpys(g->atoms, n, x, rows, w->coupling);
    for (int64_t k = 0; k < n; k++) w->coupling[atom[k]] = 0;
    return top;
}

int64_t atomsi_rip_strongest(const float *coupling, int64_t n, int64_t most, int32_t *atom)
{
    float size[STRONGEST];
    int64_t count = 0;
    for (int64_t c = 0; c < n; c++) {
        float x = fabsf(coupling[c]);
        if (!(x > 0) || (count == most && !(x > size[count - 1]))) continue;
        int64_t at = count < most ? count++ : count - 1;
        for (; at > 0 && size[at - 1] < x; at--) size[at] = size[at - 1], atom[at] = atom[at - 1];
        size[at] = x;
        atom[at] = (int32_t)c;
    }
    return count;
}

void atomsi_rip_insert(const int32_t *atom, int64_t n, int32_t c, int32_t *out)
{
    int64_t at = 0;
    for (; at < n && atom[at] < c; at++) out[at] = atom[at];
    out[at] = c;
    for (; at < n; at++) out[at + 1] = atom[at];
}

bool atomsi_rip_offer(const rip_gram *gram, int sign, rip_coupling *w, int64_t size, const int32_t *atom, rip_profile *profile)
{
    rip_support *best = &profile->best[sign][size];
    double value = atomsi_rip_value(gram, sign, size, atom, w->value_work);
    if (!(value > best->value)) return false;
    best->value = value;
    memcpy(best->atom, atom, (size_t)size * sizeof *atom);
    return true;
}
