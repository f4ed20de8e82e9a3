/* Cholesky factor L of G_SS + diag ρ_S: grown by a row when an atom joins, brought back to a triangle by Givens rotations when one leaves
 * (Gill, Golub, Murray, Saunders 1974). An inverse kept by rank-one updates, as others keep it, loses digits with every step; the
 * rotations are orthogonal and lose none. z and p ride along: a new row gives one new entry, and a rotation of L's columns rotates theirs. */
#include "homotopy_factor.h"

#include <math.h>

#include "../../linalg/cblas_gate.h"

double atomsi_homotopy_dot(int64_t n, const double *x, const double *y)
{
    double s[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++) s[k] += x[i + k] * y[i + k];
    for (; i < n; i++) s[0] += x[i] * y[i];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

void atomsi_homotopy_forward(const atomsi_homotopy *path, double *b)
{
    for (int64_t i = 0; i < path->count; i++) {
        const double *row = path->factor + i * path->plan->capacity;
        b[i] = (b[i] - atomsi_homotopy_dot(i, row, b)) / row[i];
    }
}

void atomsi_homotopy_backward(const atomsi_homotopy *path, double *b)
{
    for (int64_t i = path->count - 1; i >= 0; i--) {
        const double *row = path->factor + i * path->plan->capacity;
        double value = b[i] / row[i];
        b[i] = value;
        for (int64_t j = 0; j < i; j++) b[j] -= value * row[j];
    }
}

/* u_j·u_i for the support's i, and j itself in place count. */
static void gram_row(const atomsi_homotopy *path, int64_t j, double *out)
{
    const atomsi_homotopy_plan *plan = path->plan;
    const double *row = plan->gram ? plan->gram + j * plan->atoms : NULL, *u = plan->unit + j * plan->dim;
    for (int64_t i = 0; i < path->count; i++)
        out[i] = row ? row[path->index[i]] : atomsi_homotopy_dot(plan->dim, u, plan->unit + path->index[i] * plan->dim);
    out[path->count] = (row ? row[j] : atomsi_homotopy_dot(plan->dim, u, u)) + (plan->ridge ? plan->ridge[j] : 0);
}

int atomsi_homotopy_append(atomsi_homotopy *path, int64_t atom, double target)
{
    int64_t k = path->count, dim = path->plan->dim;
    double *row = path->factor + k * path->plan->capacity;
    gram_row(path, atom, row);
    double diagonal = row[k];
    atomsi_homotopy_forward(path, row);
    double pivot = diagonal - atomsi_homotopy_dot(k, row, row);
    if (!(pivot > ATOMSI_HOMOTOPY_DEPENDENT * diagonal)) return 0;
    row[k] = sqrt(pivot);
    path->index[k] = (int32_t)atom;
    path->value[k] = 0;
    path->target[k] = target;
    path->product[k] = atomsi_homotopy_dot(dim, path->plan->unit + atom * dim, path->x);
    path->z[k] = (target - atomsi_homotopy_dot(k, row, path->z)) / row[k];
    path->p[k] = (path->product[k] - atomsi_homotopy_dot(k, row, path->p)) / row[k];
    path->count++;
    return 1;
}

/* Columns j and j + 1 of rows j … count − 1 are rotated so that row j, which reaches one place too far, ends on the diagonal. */
static void rotate(atomsi_homotopy *path, int64_t j, int64_t count)
{
    int64_t stride = path->plan->capacity;
    double *row = path->factor + j * stride, length = hypot(row[j], row[j + 1]), c = row[j] / length, s = row[j + 1] / length;
    row[j] = length;
    for (int64_t i = j + 1; i < count; i++) {
        row = path->factor + i * stride;
        double a = row[j], b = row[j + 1];
        row[j] = c * a + s * b;
        row[j + 1] = c * b - s * a;
    }
    double *carried[2] = {path->z, path->p};
    for (int k = 0; k < 2; k++) {
        double a = carried[k][j], b = carried[k][j + 1];
        carried[k][j] = c * a + s * b;
        carried[k][j + 1] = c * b - s * a;
    }
}

void atomsi_homotopy_remove(atomsi_homotopy *path, int64_t at)
{
    int64_t stride = path->plan->capacity, count = path->count - 1;
    for (int64_t i = at; i < count; i++) {
        const double *from = path->factor + (i + 1) * stride;
        double *to = path->factor + i * stride;
        for (int64_t j = 0; j < i + 2; j++) to[j] = from[j];
        path->index[i] = path->index[i + 1];
        path->value[i] = path->value[i + 1];
        path->target[i] = path->target[i + 1];
        path->product[i] = path->product[i + 1];
    }
    for (int64_t j = at; j < count; j++) rotate(path, j, count);
    path->count = count;
}
