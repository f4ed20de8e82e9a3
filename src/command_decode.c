/* decode: reconstructions from codes, streamed: the dense matrix is never in memory. */
#include <stdlib.h>
#include <string.h>

#include "codes_json.h"
#include "failure.h"
#include "interrupt.h"
#include "progress.h"
#include "session.h"

enum { BLOCK_ROWS = 256 };

typedef struct decoding {
    const atoms_sae *sae;
    atoms_codes_view codes;
    int64_t d_in;
    int64_t offset[BLOCK_ROWS + 1]; /* of a block, counted from its first entry */
    float *block;                   /* BLOCK_ROWS × d_in */
    atoms_status status;            /* of the decoder, when it failed */
    progress bar;
} decoding;

/* Rows first … first + count − 1, count ≤ BLOCK_ROWS, into block. */
static atoms_status decode_block(decoding *d, int64_t first, int64_t count)
{
    int64_t base = d->codes.offset[first];
    for (int64_t i = 0; i <= count; i++) d->offset[i] = d->codes.offset[first + i] - base;
    const atoms_codes_view part = {.rows = count, .width = d->codes.width, .nnz = d->offset[count], .offset = d->offset,
                                   .index = d->codes.index + base, .value = d->codes.value + base};
    const atoms_matrix out = atoms_matrix_f32(d->block, count, d->d_in);
    return atoms_sae_decode(d->sae, &part, &out);
}

/* The writer asks for elements, not rows: a row that a request cuts is decoded for both requests. */
static int32_t supply(void *user, int64_t first, int64_t count, void *out)
{
    decoding *d = user;
    float *to = out;
    while (count) {
        if (interrupt_noted()) return 1;
        int64_t row = first / d->d_in, skip = first % d->d_in;
        int64_t last = (first + count + d->d_in - 1) / d->d_in, rows = last - row < BLOCK_ROWS ? last - row : BLOCK_ROWS;
        if ((d->status = decode_block(d, row, rows))) return 1;
        int64_t got = rows * d->d_in - skip;
        if (got > count) got = count;
        memcpy(to, d->block + skip, (size_t)got * sizeof *to);
        to += got;
        first += got;
        count -= got;
        progress_show(&d->bar, row + rows, "");
    }
    return 0;
}

static int write_reconstruction(atoms_context *context, decoding *d, const char *path, int quiet)
{
    const int64_t shape[] = {d->codes.rows, d->d_in};
    atoms_tensorwriter *writer = NULL;
    int code = checked(context, atoms_tensorwriter_create(context, path, ATOMS_FILE_NPY, &writer), path);
    if (!code) code = checked(context, atoms_tensorwriter_add_stream(writer, "", ATOMS_F32, 2, shape, supply, d), path);
    if (!code) {
        interrupt_is_noted();
        progress_begin(&d->bar, "rows", 0, d->codes.rows, quiet);
        atoms_status status = atoms_tensorwriter_commit(writer);
        progress_end(&d->bar);
        if (status == ATOMS_E_CANCELLED && !d->status) interrupt_leaves("atoms: interrupted\n"); /* the writer has cleaned up */
        code = d->status ? run_error(path, "%s", atoms_status_text(d->status)) : checked(context, status, path);
    }
    atoms_tensorwriter_destroy(writer);
    return code;
}

static int run(const command *self, int count, char **words)
{
    const char *path = NULL;
    option options[] = {
        {.name = "-o", .value = "FILE.npy", .help = "the reconstructions, f32", .kind = OPTION_FILE, .target = &path, .standard = "required"},
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_sae *sae = NULL;
    atoms_codes *codes = NULL;
    decoding d = {0};
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if (!path) {
        code = usage_error("-o", "is missing: where to write the reconstructions");
        goto done;
    }
    if ((code = session_open(&a, &context))) goto done;
    const char *sae_path = a.words.word[0], *codes_path = a.words.word[1];
    if ((code = checked(context, atoms_sae_load(context, sae_path, &sae), sae_path))) goto done;
    if ((code = checked(context, atoms_codes_load(context, codes_path, &codes), codes_path))) goto done;
    if ((code = checked(context, atoms_codes_look(codes, &d.codes), codes_path))) goto done;
    if (d.codes.width != atoms_sae_d_sae(sae)) {
        code = run_error(codes_path, "codes over %lld atoms, %s has %lld", (long long)d.codes.width, sae_path, (long long)atoms_sae_d_sae(sae));
        goto done;
    }
    d.sae = sae;
    d.d_in = atoms_sae_d_in(sae);
    d.block = needed(malloc((size_t)BLOCK_ROWS * (size_t)d.d_in * sizeof *d.block));
    if ((code = write_reconstruction(context, &d, path, a.quiet))) goto done;
    code = output_codes(&a, context, codes, path);
done:
    free(d.block);
    atoms_codes_destroy(codes);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command decode_command = {
    .name = "decode",
    .summary = "reconstructions from codes",
    .synopsis = "SAE FILE.npz -o FILE.npy",
    .example = "atoms decode my-sae codes.npz -o xhat.npy    # xhat.npy: one row a token, f32",
    .words_least = 2,
    .words_most = 2,
    .run = run,
};
