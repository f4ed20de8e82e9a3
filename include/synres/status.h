/* Status codes of libsynres, a list of its own: 0 is success, everything negative an error. See docs/synres/interface.md. */
#ifndef SYNRES_STATUS_H
#define SYNRES_STATUS_H

#include <synres/api.h>

SYNRES_BEGIN

typedef int32_t synres_status;

enum {
#define SYNRES_STATUS(name, number, text) name = number,
#include <synres/status.def>
#undef SYNRES_STATUS
};

/* The constant's name, "SYNRES_E_SHAPE", or "SYNRES_E_?" for a number that is none. Static storage; any thread. Since 0.1. */
SYNRES_API const char *synres_status_name(synres_status status);

/* One line of English for the status. Static storage; any thread. Since 0.1. */
SYNRES_API const char *synres_status_text(synres_status status);

SYNRES_END

#endif
