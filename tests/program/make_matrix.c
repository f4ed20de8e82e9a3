/* make_matrix KIND ROWS COLS SEED FILE: a small f32 matrix for the program's tests. FILE ends in .npy, .npz or .safetensors; the last two
 * also hold a second tensor, so that a name is needed. KINDs:
 *   sparse   each row a sum of three of 2·COLS unit vectors, and noise: something that an SAE can learn
 *   flat     rank 2, whatever COLS
 *   nan      as sparse, with a NaN in row ROWS/2, column 1
 *   zero     as sparse, with a row of zeros in the middle
 *   long     as sparse, in f64, with a row in the middle that no metric can measure
 *   basis    √COLS times the unit vectors, one after the other: where ROWS is a multiple of COLS, rows whose metric is Euclid's */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atoms/atoms.h>

static uint64_t state;

/* Uniform in (−1, 1): a 64-bit linear congruential generator is random enough for test data. */
static float draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(int32_t)(state >> 32) / 2147483648.0f;
}

static void fill_sparse(float *x, long rows, long cols)
{
    float *atoms = malloc((size_t)(2 * cols * cols) * sizeof *atoms);
    if (!atoms) exit(1);
    for (long i = 0; i < 2 * cols; i++) {
        float norm = 0;
        for (long j = 0; j < cols; j++) {
            float value = atoms[i * cols + j] = draw();
            norm += value * value;
        }
        for (long j = 0; j < cols; j++) atoms[i * cols + j] /= sqrtf(norm);
    }
    for (long r = 0; r < rows; r++) {
        for (long j = 0; j < cols; j++) x[r * cols + j] = 0.01f * draw();
        for (int k = 0; k < 3; k++) {
            long atom = (long)((draw() + 1) / 2 * 2 * (float)cols) % (2 * cols);
            float value = 1.5f + draw();
            for (long j = 0; j < cols; j++) x[r * cols + j] += value * atoms[atom * cols + j];
        }
    }
    free(atoms);
}

static void fill_flat(float *x, long rows, long cols)
{
    for (long r = 0; r < rows; r++) {
        float a = draw(), b = draw();
        for (long j = 0; j < cols; j++) x[r * cols + j] = j % 2 ? a : b;
    }
}

static void fill_basis(float *x, long rows, long cols)
{
    for (long r = 0; r < rows; r++)
        for (long j = 0; j < cols; j++) x[r * cols + j] = r % cols == j ? sqrtf((float)cols) : 0;
}

static int write_matrix(const char *path, int32_t dtype, const void *x, long rows, long cols)
{
    const char *end = strrchr(path, '.');
    int npy = end && strcmp(end, ".npy") == 0;
    int32_t format = npy ? ATOMS_FILE_NPY : end && strcmp(end, ".npz") == 0 ? ATOMS_FILE_NPZ : ATOMS_FILE_SAFETENSORS;
    int64_t shape[] = {rows, cols}, half[] = {rows / 2, cols};
    atoms_context *context = NULL;
    atoms_tensorwriter *writer = NULL;
    int bad = atoms_context_create(NULL, &context) || atoms_tensorwriter_create(context, path, format, &writer) ||
              atoms_tensorwriter_add(writer, npy ? "" : "acts", dtype, 2, shape, x) ||
              (!npy && atoms_tensorwriter_add(writer, "half", dtype, 2, half, x)) || atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    atoms_context_destroy(context);
    return bad;
}

/* All of x in f64, one row of it as long as a finite one can be. */
static int write_long(const char *path, const float *x, long rows, long cols)
{
    double *wide = malloc((size_t)(rows * cols) * sizeof *wide);
    if (!wide) return 1;
    for (long e = 0; e < rows * cols; e++) wide[e] = e / cols == rows / 2 ? 1.7e308 : (double)x[e];
    int bad = write_matrix(path, ATOMS_F64, wide, rows, cols);
    free(wide);
    return bad;
}

int main(int count, char **words)
{
    if (count != 6) return 2;
    long rows = atol(words[2]), cols = atol(words[3]);
    float *x = malloc((size_t)(rows * cols) * sizeof *x);
    if (!x) return 1;
    state = strtoull(words[4], NULL, 10);
    if (strcmp(words[1], "flat") == 0) fill_flat(x, rows, cols);
    else if (strcmp(words[1], "basis") == 0) fill_basis(x, rows, cols);
    else fill_sparse(x, rows, cols);
    if (strcmp(words[1], "nan") == 0) x[rows / 2 * cols + 1] = NAN;
    if (strcmp(words[1], "zero") == 0) memset(x + rows / 2 * cols, 0, (size_t)cols * sizeof *x);
    int bad = strcmp(words[1], "long") == 0 ? write_long(words[5], x, rows, cols) : write_matrix(words[5], ATOMS_F32, x, rows, cols);
    free(x);
    return bad;
}
