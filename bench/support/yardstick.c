/* Each BLAS is asked about itself and set to a number of threads by calls of its own, which are looked up in the running process. */
#define _GNU_SOURCE
#include "yardstick.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "bench_check.h"

/* POSIX lets a function's address travel through void *; ISO C wants the copy. */
static int find(const char *name, void *function)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

const char *yardstick_name(void)
{
    static char mkl_text[200];
    char *(*ask)(void);
    void (*mkl)(char *, int);
    if (find("openblas_get_config", &ask) || find("bli_info_get_version_str", &ask)) return ask();
    if (!find("MKL_Get_Version_String", &mkl)) return "unknown";
    mkl(mkl_text, sizeof mkl_text - 1);
    return mkl_text;
}

const char *yardstick_core(void)
{
    char *(*ask)(void);
    return find("openblas_get_corename", &ask) ? ask() : "unknown";
}

void yardstick_threads(int threads)
{
    void (*openblas)(int), (*mkl)(int), (*blis)(int64_t);
    if (find("openblas_set_num_threads", &openblas)) openblas(threads);
    if (find("MKL_Set_Num_Threads", &mkl)) mkl(threads);
    if (find("bli_thread_set_num_threads", &blis)) blis(threads);
}

void yardstick_sgemm(int m, int n, int k, const float *a, const float *b, int transposed, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, m, n, k, 1, a, k, b, transposed ? k : n, 0, c, n);
}

typedef struct tiles {
    int m, n, k, begin, step; /* tiles begin, begin + step, … */
    const float *a, *b;
    float *c; /* one tile */
} tiles;

static int least(int a, int b) { return a < b ? a : b; }

static void *multiply_tiles(void *arg)
{
    const tiles *t = arg;
    int across = (t->n + YARDSTICK_TILE_COLUMNS - 1) / YARDSTICK_TILE_COLUMNS, down = (t->m + YARDSTICK_TILE_ROWS - 1) / YARDSTICK_TILE_ROWS;
    for (int tile = t->begin; tile < across * down; tile += t->step) {
        int row = tile / across * YARDSTICK_TILE_ROWS, column = tile % across * YARDSTICK_TILE_COLUMNS;
        yardstick_sgemm(least(YARDSTICK_TILE_ROWS, t->m - row), least(YARDSTICK_TILE_COLUMNS, t->n - column), t->k,
                        t->a + (size_t)row * (size_t)t->k, t->b + (size_t)column * (size_t)t->k, 1, t->c);
    }
    return NULL;
}

void yardstick_sgemm_tiles(int m, int n, int k, const float *a, const float *b, int threads)
{
    pthread_t *others = bench_memory((size_t)threads, sizeof *others);
    tiles *parts = bench_memory((size_t)threads, sizeof *parts);
    for (int i = 0; i < threads; i++) {
        parts[i] = (tiles){m, n, k, i, threads, a, b, NULL};
        parts[i].c = bench_memory((size_t)YARDSTICK_TILE_ROWS * YARDSTICK_TILE_COLUMNS, sizeof *parts[i].c);
        if (i && pthread_create(others + i, NULL, multiply_tiles, parts + i)) exit(1);
    }
    multiply_tiles(parts);
    for (int i = 0; i < threads; i++) {
        if (i) pthread_join(others[i], NULL);
        free(parts[i].c);
    }
    free(parts);
    free(others);
}

void yardstick_sgemv(int rows, int cols, const float *a, const float *x, int transposed, float *y)
{
    cblas_sgemv(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, rows, cols, 1, a, cols, x, 1, 0, y, 1);
}

void yardstick_dsyrk(int n, int k, const double *a, double *c)
{
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, n, k, 1, a, n, 1, c, n);
}
