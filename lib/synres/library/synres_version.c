#include <synres/version.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown compiler"
#endif

int32_t synres_version(void) { return SYNRES_VERSION; }

const char *synres_version_string(void)
{
    return TEXT(SYNRES_VERSION_MAJOR) "." TEXT(SYNRES_VERSION_MINOR) "." TEXT(SYNRES_VERSION_PATCH);
}

int32_t synres_abi_version(void) { return SYNRES_SOVERSION; }

const char *synres_build_info(void)
{
    return "libsynres " TEXT(SYNRES_VERSION_MAJOR) "." TEXT(SYNRES_VERSION_MINOR) "." TEXT(SYNRES_VERSION_PATCH) ", " COMPILER
#ifdef ATOMS_TEST_BUILD
           ", test build"
#endif
        ;
}
