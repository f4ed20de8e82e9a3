/* A function for every constant, for callers through a foreign-function interface who have no C compiler at hand.
 * The rule: the function is the constant's name in lower case, takes nothing and returns int32_t.
 * ATOMS_E_SHAPE -> atoms_e_shape(), ATOMS_F32 -> atoms_f32(), ATOMS_FORMAT_SAELENS -> atoms_format_saelens().
 */
#ifndef ATOMS_CONSTANTS_H
#define ATOMS_CONSTANTS_H

#include <atoms/api.h>

ATOMS_BEGIN

#define ATOMS_CONSTANT(constant, function) ATOMS_API int32_t function(void);
#include <atoms/constants.def>
#undef ATOMS_CONSTANT

ATOMS_END

#endif
