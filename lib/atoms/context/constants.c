/* The function twins of all constants, from the same list that declares them. */
#include <atoms/atoms.h>

#define ATOMS_CONSTANT(constant, function) \
    int32_t function(void) { return constant; }
#include <atoms/constants.def>
