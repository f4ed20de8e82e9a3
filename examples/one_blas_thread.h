/* Sets the process's BLAS to one thread: libatoms does not, because a library must not change its host's BLAS, and its promise of
 * equal bits for any number of threads needs it (docs/THREADING.md). Whichever BLAS was loaded is found by the name of its setter;
 * one that has none (reference BLAS) has one thread anyway. */
#ifndef ONE_BLAS_THREAD_H
#define ONE_BLAS_THREAD_H

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

static inline void one_blas_thread(void)
{
    void *process = dlopen(NULL, RTLD_LAZY);
    if (!process) return;
    void (*set)(int);
    void (*set_wide)(int64_t); /* BLIS counts in its dim_t */
    void *symbol;
    if ((symbol = dlsym(process, "openblas_set_num_threads"))) memcpy(&set, &symbol, sizeof set), set(1);
    if ((symbol = dlsym(process, "MKL_Set_Num_Threads"))) memcpy(&set, &symbol, sizeof set), set(1);
    if ((symbol = dlsym(process, "bli_thread_set_num_threads"))) memcpy(&set_wide, &symbol, sizeof set_wide), set_wide(1);
    dlclose(process);
}

#endif
