/* Time that only goes forward, for budgets that a caller gives in seconds. It is read, never waited for, and no result but where a search ends
 * depends on it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "prefix.h"

#define base_clock_seconds PREFIXED(base_clock_seconds)

/* Seconds since some moment in the past. Any thread. */
double base_clock_seconds(void);

#endif
