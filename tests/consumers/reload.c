/* reload LIBRARY VERSION_FUNCTION: loads and unloads the library a thousand times. A guest leaves nothing behind: not memory, not a thread, not a
 * changed floating-point state. This program links the BLAS itself, so that only our library comes and goes. */
#include <dlfcn.h>
#include <fenv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static long status_line(const char *key)
{
    char line[256];
    long value = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key))) sscanf(line + strlen(key), ": %ld", &value);
    if (file) fclose(file);
    return value;
}

/* Rounding, and whether tiny numbers are flushed to zero: what linking with -ffast-math would change in the host. */
static unsigned floating_point_control(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_stmxcsr() & ~0x3fu;
#else
    return (unsigned)fegetround();
#endif
}

static int use(const char *path, const char *function)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    int32_t (*version)(void) = NULL;
    if (library) *(void **)&version = dlsym(library, function);
    if (!version || version() <= 0) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    if (dlclose(library)) return 1;
    if (dlopen(path, RTLD_NOW | RTLD_NOLOAD)) {
        fprintf(stderr, "the library stays loaded\n");
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    unsigned control = floating_point_control();
    volatile double tiny = 1e-300;
    long threads = status_line("Threads");
    for (int i = 0; i < 100; i++)
        if (use(argv[1], argv[2])) return 1;
    long resident = status_line("VmRSS");
    for (int i = 0; i < 1000; i++)
        if (use(argv[1], argv[2])) return 1;
    long grown = status_line("VmRSS") - resident, more = status_line("Threads") - threads;
    printf("%ld KiB more, %ld threads more\n", grown, more);
    if (floating_point_control() != control || tiny * 1e-15 == 0) {
        fprintf(stderr, "loading changed the floating-point environment\n");
        return 1;
    }
    return resident <= 0 || grown > 1024 || more != 0;
}
