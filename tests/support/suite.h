/* The main function of a room's test executable: SUITE_MAIN(name, add_cases) where add_cases adds TCases to the suite. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "near.h"

#define SUITE_MAIN(name, add_cases)                                    \
    int main(void)                                                     \
    {                                                                  \
        Suite *suite = suite_create(name);                             \
        add_cases(suite);                                              \
        SRunner *runner = srunner_create(suite);                       \
        srunner_run_all(runner, CK_NORMAL);                            \
        int failed = srunner_ntests_failed(runner);                    \
        int ran = srunner_ntests_run(runner);                          \
        srunner_free(runner);                                          \
        return failed || !ran ? EXIT_FAILURE : EXIT_SUCCESS;           \
    }

/* A TCase with one test, or a loop test over 0 … n−1. */
static inline void add_case(Suite *suite, const char *name, const TTest *test)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, scratch_renew, NULL);
    tcase_add_test(c, test);
    suite_add_tcase(suite, c);
}

static inline void add_loop(Suite *suite, const char *name, const TTest *test, int n)
{
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, scratch_renew, NULL);
    tcase_add_loop_test(c, test, 0, n);
    suite_add_tcase(suite, c);
}

/* The same for tests that read or write files through the library: left out where it is built without them. */
static inline void add_file_case(Suite *suite, const char *name, const TTest *test)
{
#ifdef ATOMS_WITH_FILES
    add_case(suite, name, test);
#else
    (void)suite, (void)name, (void)test;
#endif
}

static inline void add_file_loop(Suite *suite, const char *name, const TTest *test, int n)
{
#ifdef ATOMS_WITH_FILES
    add_loop(suite, name, test, n);
#else
    (void)suite, (void)name, (void)test, (void)n;
#endif
}

#endif
