/* encode: sparse codes of activations. */
#include "codes_json.h"
#include "failure.h"
#include "matrix_argument.h"
#include "output.h"
#include "session.h"

static int run(const command *self, int count, char **words)
{
    const char *path = NULL;
    int64_t limit = 0;
    option options[] = {
        {.name = "-o", .value = "FILE.npz", .help = "the codes, as scipy.sparse.load_npz reads them", .kind = OPTION_FILE, .target = &path,
         .standard = "required"},
        rows_option("--rows", "the first N rows of X", &limit),
    };
    arguments a;
    atoms_context *context = NULL;
    atoms_sae *sae = NULL;
    atoms_codes *codes = NULL;
    matrix_argument x = {0};
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if (!path) {
        code = usage_error("-o", "is missing: where to write the codes");
        goto done;
    }
    if ((code = session_open(&a, &context))) goto done;
    const char *sae_path = a.words.word[0];
    const word_list files = {a.words.word + 1, a.words.count - 1};
    if ((code = checked(context, atoms_sae_load(context, sae_path, &sae), sae_path))) goto done;
    if ((code = matrix_argument_open(context, files, limit, &x))) goto done;
    if ((code = matrix_argument_fits(&x, atoms_sae_d_in(sae), sae_path))) goto done;
    if ((code = checked(context, atoms_codes_create(context, atoms_sae_d_sae(sae), &codes), path))) goto done;
    if ((code = checked(context, atoms_sae_encode_rows(sae, x.rows, codes), x.what))) goto done;
    if ((code = checked(context, atoms_codes_save(codes, path), path))) goto done;
    code = output_codes(&a, context, codes, path);
done:
    atoms_codes_destroy(codes);
    matrix_argument_close(&x);
    atoms_sae_destroy(sae);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command encode_command = {
    .name = "encode",
    .summary = "sparse codes of activations",
    .synopsis = "SAE X... -o FILE.npz",
    .example = "atoms encode my-sae acts.npy -o codes.npz    # codes.npz: one row a token, one column an atom",
    .words_least = 2,
    .run = run,
};
