/* Decoding is a sum of the decoder rows that a code names; the zeros of the dense product are never touched. Rows of codes are taken
 * one after another: cutting the decoder's columns, so that a panel of them stays in the cache for all rows, was measured to be slower. */
#include <math.h>
#include <string.h>

#include "../codes/codes_internal.h"
#include "../matrix/matrix_internal.h"
#include "sae_internal.h"

enum { ATOMS_AT_ONCE = 256 }; /* a multiple of those that the kernel takes together */

static atoms_status check_codes(const atoms_sae *sae, const atoms_codes_view *codes)
{
    atoms_status status = atomsi_codes_check(sae->context, codes, "codes");
    if (status) return status;
    if (codes->width != sae->d_sae)
        return atomsi_fail(sae->context, ATOMS_E_SHAPE, "codes are over %lld atoms, the SAE has %lld latents", (long long)codes->width,
                           (long long)sae->d_sae);
    return ATOMS_OK;
}

static atoms_status check_out(const atoms_sae *sae, int64_t rows, const atoms_matrix *out)
{
    atoms_status status = atomsi_matrix_check_cols(sae->context, out, sae->d_in, "out");
    if (status) return status;
    if (out->dtype != ATOMS_F32)
        return atomsi_fail(sae->context, ATOMS_E_DTYPE, "out is %s and must be f32", atoms_dtype_name(out->dtype));
    if (out->rows != rows)
        return atomsi_fail(sae->context, ATOMS_E_SHAPE, "out has %lld rows, codes %lld", (long long)out->rows, (long long)rows);
    return ATOMS_OK;
}

static void decode_row(const atoms_sae *sae, const atoms_codes_view *codes, int64_t r, float *row)
{
    const float *atom[ATOMS_AT_ONCE];
    memcpy(row, sae->b_dec, (size_t)sae->d_in * sizeof *row);
    for (int64_t k = codes->offset[r], count; k < codes->offset[r + 1]; k += count) {
        count = base_min_i64(ATOMS_AT_ONCE, codes->offset[r + 1] - k);
        for (int64_t i = 0; i < count; i++) atom[i] = sae->decoder + codes->index[k + i] * sae->d_in;
        sae->context->kernels->axpys(sae->d_in, count, codes->value + k, atom, row);
    }
}

atoms_status atoms_sae_decode(const atoms_sae *sae, const atoms_codes_view *codes, const atoms_matrix *out)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    atoms_status status = check_codes(sae, codes);
    if (status) return status;
    if ((status = check_out(sae, codes->rows, out))) return status;
    for (int64_t r = 0; r < codes->rows; r++) decode_row(sae, codes, r, atomsi_matrix_row(out, r));
    return ATOMS_OK;
}

atoms_status atoms_sae_steer(const atoms_sae *sae, int64_t latent, double strength, float *residual)
{
    if (!sae) return ATOMS_E_ARGUMENT;
    if (!residual) return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "residual is NULL");
    if (latent < 0 || latent >= sae->d_sae)
        return atomsi_fail(sae->context, ATOMS_E_ARGUMENT, "latent %lld is not in 0 … %lld", (long long)latent, (long long)sae->d_sae - 1);
    if (!isfinite((float)strength)) return atomsi_fail(sae->context, ATOMS_E_NOT_FINITE, "strength is %s", isnan(strength) ? "NaN" : "infinite in f32");
    sae->context->kernels->axpy(sae->d_in, (float)strength, sae->decoder + latent * sae->d_in, residual);
    return ATOMS_OK;
}
