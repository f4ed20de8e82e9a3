/* Version of the headers and of the library that was loaded. */
#ifndef SYNRES_VERSION_H
#define SYNRES_VERSION_H

#include <synres/api.h>

#define SYNRES_VERSION_MAJOR 0
#define SYNRES_VERSION_MINOR 1
#define SYNRES_VERSION_PATCH 0

/* One number that orders versions: 10000·major + 100·minor + patch. */
#define SYNRES_VERSION (10000 * SYNRES_VERSION_MAJOR + 100 * SYNRES_VERSION_MINOR + SYNRES_VERSION_PATCH)

SYNRES_BEGIN

/* SYNRES_VERSION of the library that was loaded; compare it with the header's. Any thread. Since 0.1. */
SYNRES_API int32_t synres_version(void);

/* "0.1.0". Static storage; any thread. Since 0.1. */
SYNRES_API const char *synres_version_string(void);

/* The number in the library's soname; it changes exactly when the binary interface breaks. Since 0.1. */
SYNRES_API int32_t synres_abi_version(void);

/* Version and compiler of this library, one line. Static storage. Since 0.1. */
SYNRES_API const char *synres_build_info(void);

SYNRES_END

#endif
