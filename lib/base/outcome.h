/* Outcomes of base and linalg: the same numbers as the libraries' public statuses (asserted where base meets them),
 * since base knows no public header. */
#ifndef BASE_OUTCOME_H
#define BASE_OUTCOME_H

#include <stdint.h>

typedef int32_t base_outcome;

enum {
    BASE_OK = 0,
    BASE_E_ARGUMENT = -1,
    BASE_E_NOT_FINITE = -4,
    BASE_E_OVERFLOW = -5,
    BASE_E_MEMORY = -6,
    BASE_E_IO = -8,
    BASE_E_NOT_FOUND = -11,
    BASE_E_UNSUPPORTED = -12,
    BASE_E_NUMERIC = -14
};

#endif
