/* The function twins of all constants, from the same list that declares them. */
#include <synres/synres.h>

#define SYNRES_CONSTANT(constant, function) \
    int32_t function(void) { return constant; }
#include <synres/constants.def>
