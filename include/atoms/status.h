/* Status codes: 0 is success, everything negative an error. See docs/ERRORS.md for what to do about each. */
#ifndef ATOMS_STATUS_H
#define ATOMS_STATUS_H

#include <atoms/api.h>

ATOMS_BEGIN

typedef int32_t atoms_status;

enum {
#define ATOMS_STATUS(name, number, text) name = number,
#include <atoms/status.def>
#undef ATOMS_STATUS
};

/* The constant's name, "ATOMS_E_SHAPE", or "ATOMS_E_?" for a number that is none. Static storage; any thread. Since 0.1. */
ATOMS_API const char *atoms_status_name(atoms_status status);

/* One line of English for the status. The context's detail says which argument, file, row or byte. Since 0.1. */
ATOMS_API const char *atoms_status_text(atoms_status status);

ATOMS_END

#endif
