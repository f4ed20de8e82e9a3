/* The promise on which everything rests: an f32 cosine of the pass is within the stated bound of the f64 one. And the tournament: every pair of
 * blocks exactly once. */
#include <math.h>

#include "counting_memory.h"
#include "geometry/geometry_parts.h"
#include "geometry_cases.h"
#include "geometry_oracle.h"
#include "suite.h"

typedef struct checking {
    const atomsi_directions *a, *b;
    _Atomic int64_t seen, wrong;
    double worst[4];
    uint8_t *met; /* atoms of a × atoms of b */
} checking;

static void check_tile(void *arg, const atomsi_gram_tile *tile, int32_t worker)
{
    checking *c = arg;
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->cols; j++) {
            int64_t x = tile->first_i + i, y = tile->first_j + j;
            c->met[x * c->b->atoms + y]++;
            double off = fabs(tile->cosine[i * tile->stride + j] - atomsi_directions_cosine(c->a, x, c->b, y));
            c->worst[worker] = fmax(c->worst[worker], off);
            c->seen++;
            c->wrong += !(off <= c->a->error);
        }
}

/* _i: dimensions; all coordinates positive is where f32 errors pile up, and lengths differ by the most that is read in place. */
START_TEST(f32_cosines_are_within_the_bound)
{
    static const int64_t dims[] = {1, 3, 383, 384, 385, 1000, 2500};
    enum { M = 70 };
    int64_t dim = dims[_i], checked = 0;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    for (int variant = 0; variant < 6; variant++) {
        double *d = random_atoms(M, dim, 100 + (uint64_t)variant);
        for (int64_t e = 0; e < M * dim; e++) {
            if (variant % 3 == 1) d[e] = fabs(d[e]) + 1;
            if (variant % 3 == 2) d[e] *= ldexp(1, (int)(e / dim % 29) - 14);
        }
        float *f = narrowed(d, M * dim);
        atoms_matrix m = variant < 3 ? atoms_matrix_f32(f, M, dim) : atoms_matrix_f64(d, M, dim);
        atomsi_directions directions;
        ck_assert_ok(atomsi_directions_of_matrix(context, &m, NULL, "m", &directions));
        ck_assert((directions.unit == NULL) == (variant < 3));
        ck_assert(directions.error < (double)(dim + 8) * 0x1p-24 && directions.error < 420 * 0x1p-24);
        checking c = {.a = &directions, .b = &directions, .met = calloc(M * M, 1)};
        ck_assert_ok(atomsi_gram_pass(&directions, NULL, check_tile, &c));
        ck_assert_int_eq(c.seen, M * M);
        ck_assert_int_eq(c.wrong, 0);
        checked++;
        free(c.met);
        atomsi_directions_free(&directions);
        free(d);
        free(f);
    }
    ck_assert_int_eq(checked, 6);
    counting_end(&memory, context);
}
END_TEST

static void mark_tile(void *arg, const atomsi_gram_tile *tile, int32_t worker)
{
    (void)worker;
    checking *c = arg;
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->cols; j++) c->met[(tile->first_i + i) * c->b->atoms + tile->first_j + j]++;
}

/* _i: numbers of blocks; with itself, and with another dictionary. */
START_TEST(every_pair_of_blocks_meets_once)
{
    enum { SIDE = ATOMSI_GRAM_SIDE };
    int64_t missed = 0, blocks = _i + 1, atoms = blocks * SIDE - 7, others = (blocks + 1) / 2 * SIDE + 3;
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 3);
    double *d = random_atoms(atoms, 2, 1), *o = random_atoms(others, 2, 2);
    atoms_matrix m = atoms_matrix_f64(d, atoms, 2), n = atoms_matrix_f64(o, others, 2);
    atomsi_directions a, b;
    ck_assert_ok(atomsi_directions_of_matrix(context, &m, NULL, "m", &a));
    ck_assert_ok(atomsi_directions_of_matrix(context, &n, NULL, "n", &b));
    checking c = {.a = &a, .b = &a, .met = calloc((size_t)(atoms * atoms), 1)};
    ck_assert_ok(atomsi_gram_pass(&a, NULL, mark_tile, &c));
    for (int64_t i = 0; i < atoms; i++)
        for (int64_t j = i; j < atoms; j++) missed += c.met[i * atoms + j] != 1;
    free(c.met);
    c = (checking){.a = &a, .b = &b, .met = calloc((size_t)(atoms * others), 1)};
    ck_assert_ok(atomsi_gram_pass(&a, &b, mark_tile, &c));
    for (int64_t e = 0; e < atoms * others; e++) missed += c.met[e] != 1;
    free(c.met);
    ck_assert_int_eq(missed, 0);
    atomsi_directions_free(&a);
    atomsi_directions_free(&b);
    free(d);
    free(o);
    counting_end(&memory, context);
}
END_TEST

void add_bound_cases(Suite *suite)
{
    add_loop(suite, "error bound", f32_cosines_are_within_the_bound, 7);
    add_loop(suite, "tournament", every_pair_of_blocks_meets_once, 5);
}
