/* The constants of a Gaussian dictionary of 64 coordinates and 256 atoms, as another program found them: a reverse search of its own, and the
 * semidefinite relaxation. Exact where it was exact, and no looser where it was not. Its table has four digits. */
#include <math.h>
#include <stdio.h>

#include "counting_memory.h"
#include "rip_support.h"
#include "suite.h"

enum { ATOMS = 256, DIM = 64, HEADER = 128 };

static const double half_a_digit = 5e-5;

/* Of make_rip.py --matrices: f64 rows behind a header of version 1. */
static atoms_dictionary *read_dictionary(atoms_context *context)
{
    char header[HEADER + 1] = {0};
    double *rows = malloc(sizeof(double[ATOMS][DIM]));
    FILE *file = fopen(TEST_GOLDEN "/rip_64x256.npy", "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(header, 1, HEADER, file), HEADER);
    ck_assert(strstr(header + 10, "'<f8'") && strstr(header + 10, "(256, 64)") && strstr(header + 10, "'fortran_order': False"));
    ck_assert_uint_eq(fread(rows, sizeof(double), ATOMS * DIM, file), ATOMS * DIM);
    fclose(file);
    atoms_dictionary *dictionary = dictionary_from(context, rows, ATOMS, DIM);
    free(rows);
    return dictionary;
}

static atoms_rip_report describe(const atoms_rip *rip, int64_t order)
{
    atoms_rip_report r;
    ck_assert_ok(atoms_rip_report_init(&r, sizeof r));
    ck_assert_ok(atoms_rip_describe(rip, order, &r));
    return r;
}

START_TEST(both_signs_are_exact_to_six)
{
    static const struct {
        double plus, minus;
    } table[] = {{.8195, .6281}, {1.0554, .7256}, {1.2660, .7971}, {1.4845, .8497}};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_dictionary *dictionary = read_dictionary(context);
    atoms_rip_opts o = rip_options();
    o.each_sign = 1;
    int64_t orders[] = {3, 4, 5, 6};
    atoms_rip *rip;
    ck_assert_ok(atoms_rip_create(dictionary, orders, 4, &o, &rip));
    for (int i = 0; i < 4; i++) {
        atoms_rip_report r = describe(rip, orders[i]);
        ck_assert(r.exact && r.upper - r.lower <= 1e-9 && r.plus_upper - r.plus_lower <= 1e-9 && r.minus_upper - r.minus_lower <= 1e-9);
        ck_assert_msg(fabs(r.plus_lower - table[i].plus) <= half_a_digit && fabs(r.minus_lower - table[i].minus) <= half_a_digit,
                      "order %d: %.5f, %.5f", (int)orders[i], r.plus_lower, r.minus_lower);
    }
    atoms_rip_report two = describe(rip, 2);
    ck_assert(two.exact && fabs(two.lower - .5290) <= half_a_digit);
    atoms_rip_destroy(rip);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(larger_orders_are_no_looser)
{
    static const struct {
        int64_t order;
        int exact;
        double lower, upper; /* exact; a search from below, and the semidefinite relaxation */
    } table[] = {{8, 1, 1.8708, 1.8708}, {10, 1, 2.1812, 2.1812}, {16, 0, 2.9581, 3.1413}, {32, 0, 4.2, 4.967}};
    enum { ORDERS = sizeof table / sizeof *table };
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 2);
    atoms_dictionary *dictionary = read_dictionary(context);
    atoms_rip_opts o = rip_options();
    o.nodes = 3000000;
    int64_t orders[ORDERS];
    for (int i = 0; i < ORDERS; i++) orders[i] = table[i].order;
    atoms_rip *rip;
    ck_assert_ok(atoms_rip_create(dictionary, orders, ORDERS, &o, &rip));
    for (int i = 0; i < ORDERS; i++) {
        atoms_rip_report r = describe(rip, table[i].order);
        ck_assert_msg(table[i].lower - half_a_digit <= r.lower && r.lower <= r.upper && r.upper <= table[i].upper + half_a_digit && r.minus_upper <= 1,
                      "order %d: [%.5f, %.5f]", (int)table[i].order, r.lower, r.upper);
        ck_assert(!table[i].exact || (r.exact && r.upper - r.lower <= 1e-9));
    }
    atoms_rip_destroy(rip);
    atoms_dictionary_destroy(dictionary);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "both signs", both_signs_are_exact_to_six);
    add_case(suite, "larger orders", larger_orders_are_no_looser);
}

SUITE_MAIN("rip table", add_cases)
