/* The part of a plan that all coders have: the unit atoms in f32, for the products that search. What is reported comes from the dictionary's
 * own f64 atoms. */
#include "../../linalg/cblas_gate.h"
#include "coding_internal.h"

enum { ROWS_AT_ONCE = 256 };

static void round_atoms(void *arg, int64_t block, int32_t worker)
{
    (void)worker;
    const atomsi_coder *coder = arg;
    int64_t first = block * ROWS_AT_ONCE * coder->dim;
    int64_t end = base_min_i64(first + ROWS_AT_ONCE * coder->dim, coder->atoms * coder->dim);
    for (int64_t i = first; i < end; i++) coder->unit32[i] = (float)coder->dictionary->unit[i];
}

atoms_status atomsi_coder_init(atomsi_coder *coder, atoms_context *context, const atoms_dictionary *dictionary, const char *name)
{
    if (!dictionary) return atomsi_fail(context, ATOMS_E_ARGUMENT, "dictionary is NULL");
    if (dictionary->atoms > INT32_MAX) /* codes hold their numbers in 32 bits */
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "dictionary: %lld atoms are too many for a code", (long long)dictionary->atoms);
    *coder = (atomsi_coder){.context = context, .dictionary = dictionary, .atoms = dictionary->atoms, .dim = dictionary->dim, .name = name};
    coder->unit32 = atomsi_alloc(context, coder->atoms * coder->dim, sizeof *coder->unit32); /* half of what the dictionary holds */
    if (!coder->unit32) return ATOMS_E_MEMORY;
    atomsi_parallel_for(context, base_blocks(coder->atoms, ROWS_AT_ONCE), round_atoms, coder);
    return ATOMS_OK;
}

void atomsi_coder_release(atomsi_coder *coder)
{
    atomsi_free(coder->context, coder->unit32);
}

void atomsi_correlate(const atomsi_coder *coder, int64_t rows, const float *x32, float *out)
{
    if (rows == 1)
        linalg_sgemv(coder->atoms, coder->dim, coder->unit32, coder->dim, x32, out);
    else
        linalg_sgemm(LINALG_PLAIN, LINALG_TRANSPOSED, rows, coder->atoms, coder->dim, 1, x32, coder->dim, coder->unit32, coder->dim, 0, out,
                     coder->atoms);
}
