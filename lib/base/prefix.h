/* lib/base and lib/linalg are compiled once into each library, under that library's own internal prefix, so that static
 * links of libatoms and libsynres never clash. The build defines LIBRARY_PREFIX (atomsi, synresi); every header here
 * renames what it declares: base_alloc is the linker's atomsi_base_alloc. */
#ifndef BASE_PREFIX_H
#define BASE_PREFIX_H

#ifndef LIBRARY_PREFIX
#error "the build must define LIBRARY_PREFIX"
#endif

#define PREFIX_JOIN_(prefix, name) prefix##_##name
#define PREFIX_JOIN(prefix, name) PREFIX_JOIN_(prefix, name)
#define PREFIXED(name) PREFIX_JOIN(LIBRARY_PREFIX, name)

#endif
