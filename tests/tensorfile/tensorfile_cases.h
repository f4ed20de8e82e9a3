/* The parts of this room's suite. */
#ifndef TENSORFILE_CASES_H
#define TENSORFILE_CASES_H

#include <check.h>

static inline void add_tensorfile_cases(Suite *suite)
{
    (void)suite;
}

#endif
