/* An SAE as a subject. A work holds a bounded number of codes; where a block has more, its halves are encoded one after the other. */
#include "block_stream.h"
#include "judge.h"

/* The worker's memory: reconstructions in f32, then the SAE's own work. */
static size_t reconstruction_bytes(const subject *s)
{
    return (size_t)STREAM_ROWS * (size_t)s->dim * sizeof(float); /* checked when the subject was made */
}

static atoms_status reconstruct_rows(const subject *s, atoms_sae_work *work, float *narrow, const float *x, int64_t rows, double *xhat,
                                     int64_t *l0, int64_t *firing)
{
    atoms_codes_view codes;
    atoms_matrix in = atoms_matrix_f32(x, rows, s->dim), out = atoms_matrix_f32(narrow, rows, s->dim);
    atoms_status status = atoms_sae_encode(s->self, work, &in, &codes);
    if (status == ATOMS_E_CAPACITY && rows > 1) {
        int64_t half = rows / 2;
        status = reconstruct_rows(s, work, narrow, x, half, xhat, l0, firing);
        if (status) return status;
        return reconstruct_rows(s, work, narrow, x + half * s->dim, rows - half, xhat + half * s->dim, l0 + half, firing);
    }
    if (!status) status = atoms_sae_decode(s->self, &codes, &out);
    if (status) return status;
    for (int64_t i = 0; i < rows * s->dim; i++) xhat[i] = narrow[i];
    for (int64_t r = 0; r < rows; r++) l0[r] = codes.offset[r + 1] - codes.offset[r];
    for (int64_t e = 0; e < codes.nnz; e++) firing[codes.index[e]]++;
    return ATOMS_OK;
}

static atoms_status reconstruct(const subject *s, void *work, const float *x, int64_t rows, double *xhat, int64_t *l0, int64_t *firing)
{
    size_t before = reconstruction_bytes(s);
    atoms_sae_work *sae_work;
    atoms_status status = atoms_sae_work_init(s->self, (char *)work + before, s->work_bytes - before, &sae_work);
    return status ? status : reconstruct_rows(s, sae_work, work, x, rows, xhat, l0, firing);
}

atoms_status atomsi_subject_of_sae(atoms_context *context, const atoms_sae *sae, subject *out)
{
    subject s = {.self = sae, .dim = atoms_sae_d_in(sae), .latents = atoms_sae_d_sae(sae), .reconstruct = reconstruct};
    size_t own, sae_work;
    atoms_status status = atoms_sae_decoder(sae, &s.atoms);
    if (!status) status = atoms_sae_work_size(sae, STREAM_ROWS, &sae_work);
    if (status) return status;
    if (!base_bytes(s.dim, STREAM_ROWS * sizeof(float), &own) || !base_add_size(own, sae_work, &s.work_bytes))
        return atomsi_fail(context, ATOMS_E_OVERFLOW, "sae: too large for a block of %d rows", STREAM_ROWS);
    *out = s;
    return ATOMS_OK;
}

atoms_status atomsi_judge_sae(judgement *j)
{
    subject s;
    atoms_status status = atomsi_subject_of_sae(j->context, j->sae, &s);
    return status ? status : atomsi_judge(j, &s);
}
