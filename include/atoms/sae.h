/* Threshold-activated (JumpReLU) sparse autoencoders: encode, decode, steer, load, save.
 *
 *   z = x W_enc + b_enc,   f_i = z_i if z_i > θ_i and z_i > 0, else 0,   x̂ = f W_dec + b_dec        (strict >, θ ≥ 0)
 *
 * This is the canonical form; a handle always holds it. Input scale, input bias and output scale of a file or of the
 * caller are folded into it once, in f64, such that latent values stay the file's own; decoder rows keep their length
 * unless atoms_sae_unit_decoder is asked for. ReLU SAEs are the case θ = 0. A handle is immutable: share it freely.
 */
#ifndef ATOMS_SAE_H
#define ATOMS_SAE_H

#include <atoms/codes.h>
#include <atoms/rows.h>

ATOMS_BEGIN

typedef struct atoms_sae atoms_sae;
typedef struct atoms_sae_work atoms_sae_work;

/* File formats of SAEs. Pinned for ever. */
enum { ATOMS_FORMAT_SAELENS = 1, ATOMS_FORMAT_GEMMA_SCOPE = 2 };

/* Weights as the field writes them. x̂ = (f W_dec + b_dec)/output_scale, z = (input_scale·x − input_bias) W_enc + b_enc. */
typedef struct atoms_sae_weights {
    uint32_t struct_size;
    int32_t reserved;
    atoms_matrix w_enc;      /* d_in × d_sae, any float dtype */
    atoms_matrix w_dec;      /* d_sae × d_in */
    const float *b_enc;      /* d_sae; NULL = 0 */
    const float *threshold;  /* d_sae; NULL = 0 (ReLU); a negative one acts as 0 */
    const float *b_dec;      /* d_in; NULL = 0 */
    const float *input_bias; /* d_in, subtracted after scaling; NULL = 0 */
    double input_scale;      /* > 0; default 1 */
    double output_scale;     /* > 0; default 1 */
} atoms_sae_weights;

typedef struct atoms_sae_report {
    uint32_t struct_size;
    int32_t format;             /* ATOMS_FORMAT_… it was loaded from; 0: made in memory */
    int64_t d_in;
    int64_t d_sae;
    const char *architecture;   /* as the source called it: "jumprelu", "standard"; the handle's */
    const char *metadata;       /* JSON object text of what the source said beside the arithmetic, or "{}"; the handle's */
    double input_scale;         /* what was folded, for the curious */
    double output_scale;
    int32_t input_bias_folded;
    int32_t unit_decoder;       /* 1: every decoder row has length 1 within 1e-5 */
} atoms_sae_report;

ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_weights_init(atoms_sae_weights *weights, size_t size);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_report_init(atoms_sae_report *report, size_t size);

/* Copies and folds the weights. Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (tensor, row, column), OVERFLOW, MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_create(atoms_context *context, const atoms_sae_weights *weights, atoms_sae **out);
ATOMS_API void atoms_sae_destroy(atoms_sae *sae);

/* Loads a SAELens directory (cfg.json + sae_weights.safetensors) or a Gemma Scope params.npz (the file, or its directory).
 * What changes the arithmetic and is not understood is refused by name: UNSUPPORTED with the key and value. Other
 * keys are kept as metadata. Errors: IO, NOT_FOUND, FORMAT, LIMIT, UNSUPPORTED, SHAPE, DTYPE, NOT_FINITE, MEMORY. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_load(atoms_context *context, const char *path, atoms_sae **out);

/* Saves the canonical form in f32: a SAELens v6 directory (made if missing, each file replaced atomically, weights before
 * cfg.json) or a Gemma Scope npz (path is the file). Errors: ARGUMENT, IO, MEMORY, UNSUPPORTED (a library without files; npz into a
 * pipe). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_save(const atoms_sae *sae, const char *path, int32_t format);

/* Sizes (0 for NULL), and where it came from. Since 0.1. */
ATOMS_API int64_t atoms_sae_d_in(const atoms_sae *sae);
ATOMS_API int64_t atoms_sae_d_sae(const atoms_sae *sae);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_describe(const atoms_sae *sae, atoms_sae_report *report);

/* Views of the canonical weights, the handle's: encoder and decoder are d_sae × d_in (row i belongs to latent i), f32. The encoder is the
 * transpose of atoms_sae_weights.w_enc: transpose it before giving it to atoms_sae_create. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_encoder(const atoms_sae *sae, atoms_matrix *out);
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_decoder(const atoms_sae *sae, atoms_matrix *out);
ATOMS_API const float *atoms_sae_b_enc(const atoms_sae *sae);
ATOMS_API const float *atoms_sae_threshold(const atoms_sae *sae);
ATOMS_API const float *atoms_sae_b_dec(const atoms_sae *sae);

/* A copy whose decoder rows have length 1: with n_i = ‖W_dec,i‖, encoder column, b_enc and θ times n_i, row divided by n_i;
 * reconstructions stay, latent values become n_i·f_i. Errors: ARGUMENT (a row of zeros, by number), NOT_FINITE (beyond f32), MEMORY.
 * Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_unit_decoder(const atoms_sae *sae, atoms_sae **out);

/* Bytes of a work for batches of up to max_rows rows. It holds pre-activations of a tile and the codes that encode returns:
 * max_rows · min(d_sae, 1024) entries and at least d_sae, so one row always fits. Errors: ARGUMENT, OVERFLOW. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_work_size(const atoms_sae *sae, int64_t max_rows, size_t *bytes);

/* Makes a work inside `memory` (any alignment), for as many rows as its size was asked for; it stays the caller's and must outlive
 * the work; there is nothing to destroy. Errors: ARGUMENT, CAPACITY (too small for one row). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_work_init(const atoms_sae *sae, void *memory, size_t bytes, atoms_sae_work **out);

/* Codes of the rows of x (any float dtype, ≤ max_rows rows) into *out, a view over the work, valid until its next use.
 * Never allocates, locks, or calls the system. Cost: one GEMM (rows × d_in × d_sae), one GEMV for one row. A row's bits may depend on
 * the number of rows in the batch (the BLAS picks other kernels), never on threads.
 * Errors: ARGUMENT, SHAPE, DTYPE, NOT_FINITE (row, column), CAPACITY (more rows or codes than fit: use fewer rows). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_encode(const atoms_sae *sae, atoms_sae_work *work, const atoms_matrix *x, atoms_codes_view *out);

/* Codes of all rows, streamed, appended to `codes` (width d_sae), on the context's threads. On failure codes is as it was.
 * Errors: ARGUMENT, SHAPE, OVERFLOW, MEMORY, NOT_FINITE (row, column), and those of reading rows. Allocates. Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_encode_rows(const atoms_sae *sae, atoms_rows *rows, atoms_codes *codes);

/* x̂ of each row of codes into out (codes->rows × d_in, f32): sums of decoder rows. Never allocates. On one thread. Since 0.1.
 * Errors: ARGUMENT (an index out of range), SHAPE, DTYPE, NOT_FINITE (a value of the codes). */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_decode(const atoms_sae *sae, const atoms_codes_view *codes, const atoms_matrix *out);

/* residual[0 … d_in) += strength · W_dec,latent. Never allocates. Errors: ARGUMENT, NOT_FINITE (strength). Since 0.1. */
ATOMS_API ATOMS_NODISCARD atoms_status atoms_sae_steer(const atoms_sae *sae, int64_t latent, double strength, float *residual);

ATOMS_END

#endif
