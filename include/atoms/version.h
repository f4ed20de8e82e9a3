/* Version of the headers and of the library that was loaded. */
#ifndef ATOMS_VERSION_H
#define ATOMS_VERSION_H

#include <atoms/api.h>

#define ATOMS_VERSION_MAJOR 0
#define ATOMS_VERSION_MINOR 1
#define ATOMS_VERSION_PATCH 0

/* One number that orders versions: 10000·major + 100·minor + patch. */
#define ATOMS_VERSION (10000 * ATOMS_VERSION_MAJOR + 100 * ATOMS_VERSION_MINOR + ATOMS_VERSION_PATCH)

ATOMS_BEGIN

/* ATOMS_VERSION of the library that was loaded; compare it with the header's. Any thread. Since 0.1. */
ATOMS_API int32_t atoms_version(void);

/* "0.1.0". Static storage; any thread. Since 0.1. */
ATOMS_API const char *atoms_version_string(void);

/* The number in the library's soname; it changes exactly when the binary interface breaks. Since 0.1. */
ATOMS_API int32_t atoms_abi_version(void);

/* Compiler and options this library was built with, one line. Static storage. Since 0.1. */
ATOMS_API const char *atoms_build_info(void);

ATOMS_END

#endif
