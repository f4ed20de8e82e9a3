/* The public calls on a plan: the frame of the sparse coders does them. */
#include "basis_pursuit_parts.h"

/* An atoms_basis_pursuit_work is an atomsi_coding_work. */

atoms_status atoms_basis_pursuit_work_size(const atoms_basis_pursuit *bp, int64_t max_rows, size_t *bytes)
{
    return bp ? atomsi_coding_work_size(&bp->coder, max_rows, bytes) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_basis_pursuit_work_init(const atoms_basis_pursuit *bp, void *memory, size_t bytes, atoms_basis_pursuit_work **out)
{
    if (out) *out = NULL;
    if (!bp) return ATOMS_E_ARGUMENT;
    atomsi_coding_work *work = NULL;
    atoms_status status = atomsi_coding_work_init(&bp->coder, memory, bytes, out ? &work : NULL);
    if (!status) *out = (atoms_basis_pursuit_work *)work;
    return status;
}

atoms_status atoms_basis_pursuit_batch(const atoms_basis_pursuit *bp, atoms_basis_pursuit_work *work, const atoms_matrix *x, atoms_codes_view *out,
                                       atoms_code_record *records)
{
    return bp ? atomsi_coding_batch(&bp->coder, (atomsi_coding_work *)work, x, NULL, out, records) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_basis_pursuit_dual(const atoms_basis_pursuit *bp, const atoms_basis_pursuit_work *work, atoms_matrix *out)
{
    return bp ? atomsi_coding_dual(&bp->coder, (const atomsi_coding_work *)work, out) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_basis_pursuit_run(const atoms_basis_pursuit *bp, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records)
{
    return bp ? atomsi_coding_run(&bp->coder, signals, codes, records, NULL) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_basis_pursuit_run_dual(const atoms_basis_pursuit *bp, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records,
                                          const atoms_matrix *dual)
{
    if (!bp) return ATOMS_E_ARGUMENT;
    return atomsi_coding_run(&bp->coder, signals, codes, records, dual);
}
