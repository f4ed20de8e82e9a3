/* The linear assignment problem by shortest augmenting paths (Jonker and Volgenant, Computing 38, 1987), rows ≤ columns.
 *
 * Dual prices u, v keep reduced costs c_ij − u_i − v_j ≥ 0, and 0 on assigned pairs. Rows that find their best column free take it; each other row
 * is brought in along a shortest path in reduced costs (Dijkstra) to a free column, after which prices are moved so that both properties still hold. A
 * column that was never assigned keeps the price 0, which is what makes the rectangular case optimal too. Two dictionaries of one model agree
 * for the most part, so most rows never start a search. */
#include "compare_internal.h"

typedef struct assigning {
    int64_t rows, cols;
    const double *value;
    double *u, *v;
    int64_t *column, *row;  /* partners, −1 = none */
    double *distance;       /* of a column from the row that is being brought in */
    int64_t *before;        /* the row from which it is reached */
    int64_t *open;          /* columns: the first `closed` are done, in the order in which they were */
    int64_t closed;
} assigning;

static double reduced(const assigning *s, int64_t i, int64_t j)
{
    return -s->value[i * s->cols + j] - s->u[i] - s->v[j];
}

static void take_what_is_free(assigning *s)
{
    for (int64_t j = 0; j < s->cols; j++) s->row[j] = -1, s->v[j] = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        const double *value = s->value + i * s->cols;
        int64_t best = 0;
        for (int64_t j = 1; j < s->cols; j++)
            if (value[j] > value[best]) best = j;
        s->u[i] = -value[best];
        s->column[i] = -1;
        if (s->row[best] >= 0) continue;
        s->row[best] = i;
        s->column[i] = best;
    }
}

/* Closes the nearest open column and returns it. */
static int64_t close_nearest(assigning *s)
{
    int64_t at = s->closed;
    for (int64_t k = at + 1; k < s->cols; k++)
        if (s->distance[s->open[k]] < s->distance[s->open[at]]) at = k;
    int64_t nearest = s->open[at];
    s->open[at] = s->open[s->closed];
    s->open[s->closed++] = nearest;
    return nearest;
}

/* Shortest path from a row to a free column, which is returned. */
static int64_t search(assigning *s, int64_t from)
{
    s->closed = 0;
    for (int64_t j = 0; j < s->cols; j++) {
        s->open[j] = j;
        s->distance[j] = reduced(s, from, j);
        s->before[j] = from;
    }
    for (;;) {
        int64_t nearest = close_nearest(s), i = s->row[nearest];
        if (i < 0) return nearest;
        double so_far = s->distance[nearest];
        for (int64_t k = s->closed; k < s->cols; k++) {
            int64_t j = s->open[k];
            double distance = so_far + reduced(s, i, j);
            if (distance >= s->distance[j]) continue;
            s->distance[j] = distance;
            s->before[j] = i;
        }
    }
}

static void bring_in(assigning *s, int64_t from)
{
    int64_t end = search(s, from);
    double length = s->distance[end];
    s->u[from] += length;
    for (int64_t k = 0; k < s->closed - 1; k++) { /* the last one closed is the free column */
        int64_t j = s->open[k];
        s->u[s->row[j]] += length - s->distance[j];
        s->v[j] -= length - s->distance[j];
    }
    for (int64_t j = end, i = -1; i != from;) { /* each row on the path takes the column it was reached by */
        i = s->before[j];
        int64_t left = s->column[i];
        s->row[j] = i;
        s->column[i] = j;
        j = left;
    }
}

static atoms_status run(atoms_context *context, assigning *s)
{
    atoms_status status = ATOMS_OK;
    take_what_is_free(s);
    for (int64_t i = 0; i < s->rows && !status; i++) {
        if (s->column[i] < 0) bring_in(s, i);
        if (i % 64 == 63 || i == s->rows - 1) status = atomsi_progress(context, "atoms", i + 1, s->rows);
    }
    return status;
}

atoms_status atomsi_assignment(atoms_context *context, int64_t rows, int64_t cols, const double *value, int64_t *column)
{
    ATOMS_ASSERT(rows <= cols);
    assigning s = {.rows = rows, .cols = cols, .value = value, .column = column};
    double *prices = atomsi_alloc(context, rows + 2 * cols, sizeof *prices);
    int64_t *links = atomsi_alloc(context, 3 * cols, sizeof *links);
    atoms_status status = prices && links ? ATOMS_OK : ATOMS_E_MEMORY;
    if (!status) {
        s.u = prices;
        s.v = prices + rows;
        s.distance = s.v + cols;
        s.row = links;
        s.before = links + cols;
        s.open = s.before + cols;
        status = run(context, &s);
    }
    atomsi_free(context, prices);
    atomsi_free(context, links);
    return status;
}
