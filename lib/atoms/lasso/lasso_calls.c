/* The public calls on a plan: the frame does them; here are the checks that are the lasso's own. */
#include <math.h>

#include "lasso_parts.h"

struct atoms_lasso_work; /* is an atomsi_coding_work */

atoms_status atoms_lasso_work_size(const atoms_lasso *lasso, int64_t max_rows, size_t *bytes)
{
    return lasso ? atomsi_coding_work_size(&lasso->coder, max_rows, bytes) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_lasso_work_init(const atoms_lasso *lasso, void *memory, size_t bytes, atoms_lasso_work **out)
{
    if (out) *out = NULL;
    if (!lasso) return ATOMS_E_ARGUMENT;
    atomsi_coding_work *work = NULL;
    atoms_status status = atomsi_coding_work_init(&lasso->coder, memory, bytes, out ? &work : NULL);
    if (!status) *out = (atoms_lasso_work *)work;
    return status;
}

atoms_status atoms_lasso_batch(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x, atoms_codes_view *out,
                               atoms_code_record *records)
{
    return atoms_lasso_batch_from(lasso, work, x, NULL, out, records);
}

atoms_status atoms_lasso_batch_from(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x, const atoms_codes_view *start,
                                    atoms_codes_view *out, atoms_code_record *records)
{
    return lasso ? atomsi_coding_batch(&lasso->coder, (atomsi_coding_work *)work, x, start, out, records) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_lasso_path(const atoms_lasso *lasso, atoms_lasso_work *work, const atoms_matrix *x, const double *lambdas, int64_t n,
                              atoms_codes_view *out, atoms_code_record *records)
{
    if (!lasso) return ATOMS_E_ARGUMENT;
    for (int64_t i = 0; lambdas && i < n; i++) {
        char text[BASE_NUMBER_TEXT_MAX];
        base_number_text(text, lambdas[i], 6);
        if (!(lambdas[i] > 0 && isfinite(lambdas[i])))
            return atomsi_fail(lasso->coder.context, ATOMS_E_ARGUMENT, "lambdas[%lld] is %s and must be > 0 and finite", (long long)i, text);
        if (i && lambdas[i] > lambdas[i - 1])
            return atomsi_fail(lasso->coder.context, ATOMS_E_ARGUMENT, "lambdas[%lld] is %s and more than the one before: they must fall", (long long)i, text);
    }
    return atomsi_coding_path(&lasso->coder, (atomsi_coding_work *)work, x, lambdas, n, out, records);
}

atoms_status atoms_lasso_dual(const atoms_lasso *lasso, const atoms_lasso_work *work, atoms_matrix *out)
{
    return lasso ? atomsi_coding_dual(&lasso->coder, (const atomsi_coding_work *)work, out) : ATOMS_E_ARGUMENT;
}

atoms_status atoms_lasso_run(const atoms_lasso *lasso, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records)
{
    return atoms_lasso_run_dual(lasso, signals, codes, records, NULL);
}

atoms_status atoms_lasso_run_dual(const atoms_lasso *lasso, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records,
                                  const atoms_matrix *dual)
{
    return lasso ? atomsi_coding_run(&lasso->coder, signals, codes, records, dual) : ATOMS_E_ARGUMENT;
}
