/* What every header of libsynres stands on: linkage, visibility, and the rule that a status is looked at.
 *
 * Rules that hold for every declaration in include/synres unless it says otherwise:
 *   - Functions that can fail return synres_status; on failure the outputs are untouched, except that
 *     a handle asked for through `T **out` is set to NULL. Nothing is ever printed.
 *   - There is no context and no pool: memory and threads are the caller's. A function with `ith` and `nth` is called by nth threads
 *     at once, each with its own ith in 0 … nth−1, and together they do the work once; the bits do not depend on nth.
 *   - Matrices are row-major and f32. A head's state is d_value × d_key: rows are values.
 *   - A model is immutable and shared by any number of threads; a state and a work belong to one run at a time.
 */
#ifndef SYNRES_API_H
#define SYNRES_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SYNRES_BEGIN extern "C" {
#define SYNRES_END   }
#else
#define SYNRES_BEGIN
#define SYNRES_END
#endif

#if defined(__GNUC__) && !defined(_WIN32)
#define SYNRES_API __attribute__((visibility("default")))
#else
#define SYNRES_API
#endif

#if defined(__GNUC__)
#define SYNRES_NODISCARD __attribute__((warn_unused_result))
#else
#define SYNRES_NODISCARD
#endif

#endif
