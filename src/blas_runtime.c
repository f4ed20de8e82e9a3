/* Each BLAS has a call of its own, and a distribution lets the user switch between them after the build; so the calls are looked up in
 * the running process. Reference BLAS has none and needs none. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "blas_runtime.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

/* POSIX lets a function's address travel through void *; ISO C wants the copy. */
static int find(const char *name, void *function)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

void blas_use_one_thread(void)
{
    void (*openblas)(int), (*mkl)(int), (*blis)(int64_t); /* BLIS: dim_t, 64 bits in every distribution's build */
    if (find("openblas_set_num_threads", &openblas)) openblas(1);
    if (find("MKL_Set_Num_Threads", &mkl)) mkl(1);
    if (find("bli_thread_set_num_threads", &blis)) blis(1);
}

const char *blas_version(void)
{
    static char mkl_text[200];
    char *(*openblas)(void), *(*blis)(void);
    void (*mkl)(char *, int);
    if (find("openblas_get_config", &openblas)) return openblas();
    if (find("bli_info_get_version_str", &blis)) return blis();
    if (find("MKL_Get_Version_String", &mkl)) {
        mkl(mkl_text, sizeof mkl_text - 1);
        return mkl_text;
    }
    return "unknown";
}
