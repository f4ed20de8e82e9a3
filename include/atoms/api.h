/* What every header of libatoms stands on: linkage, visibility, and the rule that a status is looked at.
 *
 * Rules that hold for every declaration in include/atoms unless it says otherwise:
 *   - Functions that can fail return atoms_status; on failure the outputs are untouched, except that
 *     a handle asked for through `T **out` is set to NULL. The context holds the words (context.h).
 *   - Matrices are row-major: a row is a sample (a token) or an atom, a column a coordinate.
 *   - A `const` handle may be used by many threads at once, while nobody changes it; any other by one thread at a time.
 *   - Every handle must be destroyed before the context that made it. Destroying NULL does nothing.
 *   - Strings are UTF-8 and end with a zero byte. Nothing is ever printed.
 */
#ifndef ATOMS_API_H
#define ATOMS_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ATOMS_BEGIN extern "C" {
#define ATOMS_END   }
#else
#define ATOMS_BEGIN
#define ATOMS_END
#endif

#if defined(_WIN32)
#define ATOMS_API
#elif defined(__GNUC__)
#define ATOMS_API __attribute__((visibility("default")))
#else
#define ATOMS_API
#endif

#if defined(__GNUC__)
#define ATOMS_NODISCARD __attribute__((warn_unused_result))
#else
#define ATOMS_NODISCARD
#endif

#endif
