/* code: sparse codes with any dictionary. Rows are read block by block, so that only the coding is timed and X may be larger than memory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "code_records.h"
#include "dictionary_argument.h"
#include "failure.h"
#include "matrix_argument.h"
#include "session.h"
#include "stopwatch.h"
#include "text_table.h"

/* A multiple of the blocks that the library cuts a run into: where rows are cut makes no difference to any bit. */
enum { BLOCK_ROWS = 16384 };

typedef struct coding {
    atoms_context *context;
    coding_plan plan;
    matrix_argument x;
    atoms_codes *codes;
    atoms_code_record *records; /* of all rows */
    double *block;              /* rows of X */
    double *dual;               /* of all rows, or NULL */
    stopwatch spent;
} coding;

static int make_plan(coding *c, const atoms_dictionary *dictionary, const coding_options *o, const char *word)
{
    int64_t atoms = atoms_dictionary_atoms(dictionary), dim = atoms_dictionary_dim(dictionary), most = atoms < dim ? atoms : dim;
    if (o->sparsity > most)
        return run_error(word, "--sparsity is %lld; of %lld atoms in %lld dimensions at most %lld can be independent", (long long)o->sparsity, (long long)atoms,
                         (long long)dim, (long long)most);
    session_doing("preparing");
    stopwatch start = stopwatch_start();
    int code = checked(c->context, coding_plan_create(c->context, dictionary, o, &c->plan), word);
    c->spent = stopwatch_since(start);
    return code;
}

static int allocate(coding *c, int with_dual)
{
    size_t n = (size_t)c->x.count, width = (size_t)c->x.width, rows = n < BLOCK_ROWS ? n : BLOCK_ROWS;
    c->records = needed(calloc(n, sizeof *c->records));
    c->block = needed(calloc(rows * width, sizeof *c->block));
    if (!with_dual) return EXIT_DONE;
    if (!coding_plan_has_dual(&c->plan)) return usage_error("--dual", "omp and ols have no dual vectors");
    if (!(c->dual = calloc(n * width, sizeof *c->dual))) return run_error("--dual", "no memory for %lld rows", (long long)c->x.count);
    return EXIT_DONE;
}

static int code_block(coding *c, int64_t first, int64_t count)
{
    const atoms_matrix block = atoms_matrix_f64(c->block, count, c->x.width);
    const atoms_matrix dual = atoms_matrix_f64(c->dual ? c->dual + first * c->x.width : NULL, count, c->x.width);
    atoms_rows *rows = NULL;
    int code = checked(c->context, atoms_rows_read(c->x.rows, first, &block), c->x.what);
    if (!code) code = checked(c->context, atoms_rows_from_matrix(c->context, &block, &rows), c->x.what);
    stopwatch start = stopwatch_start();
    if (!code) code = checked(c->context, coding_plan_run(&c->plan, rows, c->codes, c->records + first, c->dual ? &dual : NULL), c->x.what);
    stopwatch spent = stopwatch_since(start);
    c->spent.wall += spent.wall;
    c->spent.cpu += spent.cpu;
    atoms_rows_destroy(rows);
    return code;
}

/* Codes by the SAE's own numbers, where its atoms of length 0 were left out: they are over all of its atoms. */
static int renumber(coding *c, const dictionary_matrix *d)
{
    atoms_codes_view view;
    atoms_codes *codes = NULL;
    if (!d->directed.zeros) return EXIT_DONE;
    atoms_status status = atoms_codes_look(c->codes, &view);
    if (!status) status = codes_renumber(c->context, &view, d->directed.number, d->count, &codes);
    int code = checked(c->context, status, NULL);
    atoms_codes_destroy(c->codes);
    c->codes = codes;
    return code;
}

static json_t *describe(const coding *c, const coding_options *o, int64_t zeros, const char *path)
{
    atoms_codes_view view;
    json_t *result = result_new();
    if (atoms_codes_look(c->codes, &view)) return result;
    put_text(result, "solver", o->solver);
    put_whole(result, "rows", view.rows);
    put_whole(result, "width", view.width);
    note_zeros(result, "width", zeros);
    put_whole(result, "nnz", view.nnz);
    put_number(result, "l0_mean", view.rows ? (double)view.nnz / (double)view.rows : NAN);
    records_summary(result, &c->plan, c->records, view.rows);
    put_number(result, "seconds", c->spent.wall);
    put_number(result, "cpu_seconds", c->spent.cpu);
    put_number(result, "rows_per_s", (double)view.rows / c->spent.wall);
    put_text(result, "path", path);
    return result;
}

static void release(coding *c)
{
    coding_plan_destroy(&c->plan);
    atoms_codes_destroy(c->codes);
    matrix_argument_close(&c->x);
    free(c->records), free(c->block), free(c->dual);
}

static int run(const command *self, int count, char **words)
{
    const char *path = NULL, *metric_path = NULL, *records_path = NULL;
    int64_t limit = 0;
    int dual = 0;
    coding_options o = {0};
    option options[CODING_OPTIONS + 5] = {
        {.name = "-o", .value = "FILE.npz", .help = "the codes, as scipy.sparse.load_npz reads them", .kind = OPTION_FILE, .target = &path, .standard = "required"},
        {.name = "--metric", .value = "FILE", .help = "distances in this metric (of `atoms metric -o`)", .kind = OPTION_TEXT, .target = &metric_path, .standard = "Euclidean"},
        {.name = "--records", .value = "R.npz", .help = "a record a row: status, residual, gap, certificates", .kind = OPTION_FILE, .target = &records_path},
        {.name = "--dual", .help = "the records also have the dual vectors, rows x columns of X in f64", .kind = OPTION_FLAG, .target = &dual},
        rows_option("--rows", "the first N rows of X", &limit),
    };
    coding_options_table(&o, options + 5);
    arguments a;
    coding c = {0};
    atoms_dictionary *dictionary = NULL;
    dictionary_matrix d = {.sae = NULL};
    int code = arguments_read(self, options, sizeof options / sizeof options[0], count, words, &a);
    if (code >= 0) goto done;
    if ((code = coding_options_check(&o))) goto done;
    if (!path && (code = usage_error("-o", "is missing: where to write the codes"))) goto done;
    if (dual && !records_path && (code = usage_error("--dual", "needs --records: dual vectors are written there"))) goto done;
    if ((code = session_open(&a, &c.context))) goto done;
    const char *word = a.words.word[0];
    const word_list files = {a.words.word + 1, a.words.count - 1};
    if ((code = matrix_argument_open(c.context, files, limit, &c.x))) goto done;
    if ((code = dictionary_argument_open(c.context, word, metric_path, &d, &dictionary))) goto done;
    if ((code = matrix_argument_fits(&c.x, atoms_dictionary_dim(dictionary), word))) goto done;
    if ((code = make_plan(&c, dictionary, &o, word))) goto done;
    if ((code = allocate(&c, dual))) goto done;
    if ((code = checked(c.context, atoms_codes_create(c.context, atoms_dictionary_atoms(dictionary), &c.codes), path))) goto done;
    session_doing("");
    for (int64_t first = 0; first < c.x.count; first += BLOCK_ROWS)
        if ((code = code_block(&c, first, c.x.count - first < BLOCK_ROWS ? c.x.count - first : BLOCK_ROWS))) goto done;
    if ((code = renumber(&c, &d))) goto done;
    if (records_path && (code = records_save(c.context, records_path, c.records, c.x.count, c.dual, c.x.width))) goto done;
    if ((code = checked(c.context, atoms_codes_save(c.codes, path), path))) goto done;
    code = output_result(&a, describe(&c, &o, d.directed.zeros, path), print_result);
done:
    release(&c);
    atoms_dictionary_destroy(dictionary);
    dictionary_matrix_close(&d);
    atoms_context_destroy(c.context);
    arguments_free(&a);
    return code;
}

const command code_command = {
    .name = "code",
    .summary = "sparse codes with any dictionary, with a proof for each row",
    .synopsis = "D X... -o FILE.npz --solver S [--sparsity K] [--residual E] [--lambda L|--lambda-rel F] [--sigma S] [--records R.npz]",
    .example = "atoms code my-sae acts.npy -o codes.npz --solver omp --sparsity 32    # 32 atoms of the decoder for every row",
    .words_least = 2,
    .run = run,
};
