/* Structs with their size first, append-only. The reader's rule: a smaller struct gets defaults for the fields it does not
 * know, a larger one is accepted only if its unknown tail is zero. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stddef.h>

#include "outcome.h"
#include "prefix.h"

#define base_options_init PREFIXED(base_options_init)
#define base_options_read PREFIXED(base_options_read)
#define base_report_write PREFIXED(base_report_write)

/* Fills the caller's struct of `size` bytes from `defaults` (known_size bytes); a larger tail is zeroed. */
base_outcome base_options_init(void *options, size_t size, const void *defaults, size_t known_size);

/* known = defaults overlaid with what the caller's struct holds. options NULL: the defaults. BASE_E_ARGUMENT: struct_size
 * smaller than the size field; BASE_E_UNSUPPORTED: the unknown tail is not zero. */
base_outcome base_options_read(void *known, size_t known_size, const void *defaults, const void *options);

/* Copies a report into the caller's struct, whose struct_size is honoured (and kept): no byte past it is written. */
base_outcome base_report_write(void *report, const void *known, size_t known_size);

#endif
