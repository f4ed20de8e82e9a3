#include "kernels.h"

const linalg_kernels *linalg_kernels_pick(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return &linalg_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &linalg_kernels_avx2;
#endif
    return &linalg_kernels_portable;
}
