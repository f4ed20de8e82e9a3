/* The parts of this room's suite. */
#ifndef TENSORFILE_CASES_H
#define TENSORFILE_CASES_H

#include <check.h>

void add_convert_cases(Suite *suite);
void add_golden_cases(Suite *suite);
void add_written_cases(Suite *suite);
void add_fault_cases(Suite *suite);
void add_map_cases(Suite *suite);
void add_corrupt_npy_cases(Suite *suite);
void add_corrupt_npz_cases(Suite *suite);
void add_corrupt_safetensors_cases(Suite *suite);

#endif
