/* Every constant has its function: same value, same name in lower case. */
#include <atoms/atoms.h>
#include <ctype.h>
#include <synres/synres.h>

#include "suite.h"

typedef struct twin {
    const char *constant, *function;
    int32_t value, returned;
} twin;

START_TEST(functions_return_their_constants)
{
    const twin twins[] = {
#define ATOMS_CONSTANT(constant, function) {#constant, #function, constant, function()},
#include <atoms/constants.def>
#undef ATOMS_CONSTANT
#define SYNRES_CONSTANT(constant, function) {#constant, #function, constant, function()},
#include <synres/constants.def>
#undef SYNRES_CONSTANT
    };
    enum { TWINS = sizeof twins / sizeof twins[0] };
    ck_assert_int_gt(TWINS, 0);
    for (int i = 0; i < TWINS; i++) {
        const char *c = twins[i].constant, *f = twins[i].function;
        ck_assert_int_eq(twins[i].value, twins[i].returned);
        ck_assert_uint_eq(strlen(c), strlen(f));
        for (; *c; c++, f++) ck_assert_msg(tolower(*c) == *f, "%s and %s", twins[i].constant, twins[i].function);
    }
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "twins", functions_return_their_constants);
}

SUITE_MAIN("constants", add_cases)
