/* A function for every constant, for callers through a foreign-function interface who have no C compiler at hand.
 * The rule: the function is the constant's name in lower case, takes nothing and returns int32_t.
 * SYNRES_E_SHAPE -> synres_e_shape(), SYNRES_RULE_READ_PRE -> synres_rule_read_pre().
 */
#ifndef SYNRES_CONSTANTS_H
#define SYNRES_CONSTANTS_H

#include <synres/api.h>

SYNRES_BEGIN

#define SYNRES_CONSTANT(constant, function) SYNRES_API int32_t function(void);
#include <synres/constants.def>
#undef SYNRES_CONSTANT

SYNRES_END

#endif
