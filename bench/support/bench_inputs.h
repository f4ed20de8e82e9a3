/* Inputs: made here, the same on every machine up to libm's rounding, or read from the .npy files of another program, so that both run on
 * the same data. Names in a folder: sae_d576_m4608_W_enc.npy (d × m), …_W_dec (m × d), …_threshold (m), …_x_B1024 (rows × d);
 * a batch that was not saved is the beginning of …_x_B4096. */
#ifndef BENCH_INPUTS_H
#define BENCH_INPUTS_H

#include <atoms/atoms.h>

#include "bench_options.h"

typedef struct bench_sae_size {
    int d, m, rows, l0; /* inputs, latents, tokens in a batch, active latents a token */
} bench_sae_size;

typedef struct bench_sae_inputs {
    bench_sae_size size;
    char name[64];                             /* "d576 m4608 B1024" */
    float *w_enc, *w_dec, *threshold, *x; /* as named above; x: standard normal rows */
} bench_sae_inputs;

void bench_sae_name(bench_sae_size size, char name[64]);

/* Unit decoder rows, W_enc = W_decᵀ, thresholds such that l0 latents fire on a standard normal row. */
bench_sae_inputs bench_sae_make(atoms_context *context, const bench_options *options, bench_sae_size size);
void bench_sae_free(bench_sae_inputs *inputs);
atoms_sae *bench_sae_create(atoms_context *context, const bench_sae_inputs *inputs);

/* The first rows × cols elements of an .npy in the folder, as `dtype`, in memory to free; of cols × rows in Fortran order, its columns are the rows.
 * Another number of columns or fewer rows end the program. */
void *bench_read(atoms_context *context, const char *folder, const char *name, int64_t rows, int64_t cols, int32_t dtype);

/* Standard normal numbers of a stream. */
void bench_normal(uint64_t stream, int64_t n, float *out);

/* A context with this many threads. */
atoms_context *bench_context(int threads);

/* Allocations made through the context so far. */
uint64_t bench_allocations(const atoms_context *context);

#endif
