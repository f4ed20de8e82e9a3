#include <string.h>

#include "step_internal.h"

const synresi_lanes *synresi_lanes_named(const char *name)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0) return __builtin_cpu_supports("avx512f") ? &synresi_lanes_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") ? &synresi_lanes_avx2 : NULL;
#endif
    return strcmp(name, "portable") == 0 ? &synresi_lanes_portable : NULL;
}

const synresi_lanes *synresi_lanes_pick(void)
{
    const synresi_lanes *lanes = synresi_lanes_named("avx512");
    if (!lanes) lanes = synresi_lanes_named("avx2");
    return lanes ? lanes : &synresi_lanes_portable;
}

const char *synres_step_kernel(void) { return synresi_lanes_pick()->name; }
