/* An assertion that exists in test builds only. It never guards against input: input is checked at the public edge. */
#ifndef BASE_ASSERTION_H
#define BASE_ASSERTION_H

#ifdef ATOMS_TEST_BUILD
#define ATOMS_ASSERT(condition) \
    do {                        \
        if (!(condition))       \
            __builtin_trap();   \
    } while (0)
#else
#define ATOMS_ASSERT(condition) ((void)0)
#endif

#endif
