#include <atoms/version.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown compiler"
#endif

int32_t atoms_version(void) { return ATOMS_VERSION; }

const char *atoms_version_string(void)
{
    return TEXT(ATOMS_VERSION_MAJOR) "." TEXT(ATOMS_VERSION_MINOR) "." TEXT(ATOMS_VERSION_PATCH);
}

int32_t atoms_abi_version(void) { return ATOMS_SOVERSION; }

const char *atoms_build_info(void)
{
    return "libatoms " TEXT(ATOMS_VERSION_MAJOR) "." TEXT(ATOMS_VERSION_MINOR) "." TEXT(ATOMS_VERSION_PATCH) ", " COMPILER
#ifdef ATOMS_WITH_FILES
           ", files"
#else
           ", no files"
#endif
#ifdef ATOMS_TEST_BUILD
           ", test build"
#endif
        ;
}
