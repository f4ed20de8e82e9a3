/* The files of this suite add their cases here. */
#ifndef COMPARE_CASES_H
#define COMPARE_CASES_H

#include <check.h>

void add_compare_refusals(Suite *suite);

#endif
