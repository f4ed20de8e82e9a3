/* The files of this suite add their cases here. */
#ifndef GEOMETRY_CASES_H
#define GEOMETRY_CASES_H

#include <check.h>

void add_closed_cases(Suite *suite);
void add_frame_cases(Suite *suite);
void add_bound_cases(Suite *suite);
void add_near_tie_cases(Suite *suite);
void add_thin_cases(Suite *suite);
void add_refusal_cases(Suite *suite);

#endif
