/* The memory of one batch, and how a batch passes through it, for the files of this room. */
#ifndef ATOMSI_CODING_WORK_H
#define ATOMSI_CODING_WORK_H

#include "../codes/codes_internal.h"
#include "coding_internal.h"

struct atomsi_coding_work {
    const atomsi_coder *coder; /* whose work it is */
    int64_t max_rows, dim, capacity, scratch_bytes;
    int64_t entries; /* that index and value can take */
    atomsi_piece piece;
    double *x, *norm;             /* what piece.x and piece.norm point to */
    float *x32;
    void *scratch;
    double *recovery;             /* of the certificates of recovery, where they are asked for */
    atoms_code_record *record;    /* max_rows: of the batch, until it has succeeded */
    int64_t *offset;              /* max_rows + 1: the codes that a batch returns */
    int32_t *index;
    float *value;
    double *dual;                 /* max_rows × dim, where there are duals */
    int64_t dual_rows;            /* of the last batch */
};

/* Reads rows first … first + rows − 1 of x (finite) into the piece: whitened, of length 1, and rounded. Errors: NOT_FINITE (too long to be
 * measured); messages count rows from first_row. */
atoms_status atomsi_coding_read(const atomsi_coder *coder, atomsi_coding_work *work, const atoms_matrix *x, int64_t first, int64_t rows,
                                int64_t first_row);

/* record.fuchs and record.erc of a judged piece, and min_pivot where the solver did not give it. Uses work->recovery and piece->residual. */
void atomsi_certify_recovery(const atomsi_coder *coder, atomsi_coding_work *work);
/* Doubles of work->recovery. false: overflow. */
bool atomsi_recovery_size(const atomsi_coder *coder, int64_t *doubles);

/* A whole batch; messages count rows from first_row. chained: row i starts from the code of row i − 1. dual NULL or x->rows × dim packed. */
typedef struct atomsi_batch {
    const atoms_matrix *x;
    const atoms_codes_view *start;
    const double *lambda;
    int64_t first_row;
    bool repeated; /* x has one row, coded `rows` times, each code the start of the next */
    int64_t rows;
    atoms_code_record *records;
} atomsi_batch;
atoms_status atomsi_coding_do(const atomsi_coder *coder, atomsi_coding_work *work, const atomsi_batch *batch, atoms_codes_view *out);

#endif
