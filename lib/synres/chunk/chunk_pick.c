#include <string.h>

#include "chunk_internal.h"

const synresi_chunks *synresi_chunks_named(const char *name)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0) return __builtin_cpu_supports("avx512f") ? &synresi_chunks_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &synresi_chunks_avx2 : NULL;
#endif
    return strcmp(name, "portable") == 0 ? &synresi_chunks_portable : NULL;
}

const synresi_chunks *synresi_chunks_pick(void)
{
    const synresi_chunks *chunks = synresi_chunks_named("avx512");
    if (!chunks) chunks = synresi_chunks_named("avx2");
    return chunks ? chunks : &synresi_chunks_portable;
}
