/* info: what a file or an SAE directory holds. A file that is well-formed but not supported is answered with the reason, not refused. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dictionary_argument.h"
#include "failure.h"
#include "output.h"
#include "session.h"
#include "text_table.h"

static const char *format_name(int32_t format)
{
    return format == ATOMS_FORMAT_SAELENS ? "SAELens" : format == ATOMS_FORMAT_GEMMA_SCOPE ? "Gemma Scope" : NULL;
}

static int describe_sae(atoms_context *context, const char *path, const atoms_sae *sae, json_t *about)
{
    atoms_sae_report r;
    int code = checked(NULL, atoms_sae_report_init(&r, sizeof r), path);
    if (!code) code = checked(context, atoms_sae_describe(sae, &r), path);
    if (code) return code;
    put_text(about, "architecture", r.architecture);
    put_whole(about, "d_in", r.d_in);
    put_whole(about, "d_sae", r.d_sae);
    put_text(about, "format", format_name(r.format));
    put_text(about, "canonical_form", "z = x W_enc + b_enc, f = z where z > max(threshold, 0), y = f W_dec + b_dec");
    put_number(about, "input_scale", r.input_scale);
    put_number(about, "output_scale", r.output_scale);
    put_flag(about, "input_bias_folded", r.input_bias_folded);
    put_flag(about, "unit_decoder", r.unit_decoder);
    json_t *metadata = r.metadata ? json_loads(r.metadata, 0, NULL) : NULL;
    put(about, "metadata", metadata ? metadata : json_object());
    return EXIT_DONE;
}

/* An SAE directory, or a file that holds an SAE's weights. */
static int info_sae(atoms_context *context, const char *path, json_t *about)
{
    atoms_sae *sae;
    atoms_status status = atoms_sae_load(context, path, &sae);
    put_text(about, "kind", "sae");
    if (status == ATOMS_E_UNSUPPORTED) {
        char reason[1024];
        atoms_context_detail(context, reason, sizeof reason);
        put_text(about, "refused", reason);
        return EXIT_DONE;
    }
    int code = checked(context, status, path);
    if (!code) code = describe_sae(context, path, sae, about);
    atoms_sae_destroy(sae);
    return code;
}

static int list_tensors(atoms_context *context, const char *path, const atoms_tensorfile *file, json_t *tensors)
{
    for (int64_t i = 0; i < atoms_tensorfile_count(file); i++) {
        atoms_tensor_info t;
        int code = checked(NULL, atoms_tensor_info_init(&t, sizeof t), path);
        if (!code) code = checked(context, atoms_tensorfile_info(file, i, &t), path);
        if (code) return code;
        json_t *tensor = json_object(), *shape = json_array();
        append(tensors, tensor);
        put_text(tensor, "name", t.name);
        put_text(tensor, "dtype", t.dtype ? atoms_dtype_name(t.dtype) : t.dtype_text);
        put(tensor, "shape", shape);
        for (int32_t k = 0; k < t.rank; k++) append(shape, json_integer(t.shape[k]));
        if (t.column_major) put_flag(tensor, "column_major", 1);
    }
    return EXIT_DONE;
}

static int info_file(atoms_context *context, const char *path, json_t *about)
{
    static const char *const kinds[] = {[ATOMS_FILE_NPY] = "npy", [ATOMS_FILE_NPZ] = "npz", [ATOMS_FILE_SAFETENSORS] = "safetensors"};
    atoms_tensorfile *file;
    int code = checked(context, atoms_tensorfile_open(context, path, &file), path);
    if (code) return code;
    int sae = tensorfile_holds_sae(file);
    if (!sae) put_text(about, "kind", kinds[atoms_tensorfile_format(file)]);
    json_t *tensors = needed(json_array());
    code = list_tensors(context, path, file, tensors);
    atoms_tensorfile_close(file);
    if (!code && sae) code = info_sae(context, path, about);
    put(about, "tensors", tensors);
    return code;
}

static void print_one(const json_t *about)
{
    const json_t *tensor;
    size_t i;
    print_columns(NULL, &about, 1);
    json_array_foreach(json_object_get(about, "tensors"), i, tensor)
    {
        const json_t *extent;
        size_t k;
        const char *name = json_string_value(json_object_get(tensor, "name"));
        printf("  %-20s %-5s", name && *name ? name : "(the array)", json_string_value(json_object_get(tensor, "dtype")));
        json_array_foreach(json_object_get(tensor, "shape"), k, extent)
            printf("%s%" JSON_INTEGER_FORMAT, k ? " x " : " ", json_integer_value(extent));
        printf("\n");
    }
}

static void print_info(const json_t *result)
{
    const json_t *files = json_object_get(result, "files"), *about;
    size_t i;
    if (!files) print_one(result);
    json_array_foreach(files, i, about)
    {
        if (i) printf("\n");
        print_one(about);
    }
}

static int run(const command *self, int count, char **words)
{
    arguments a;
    atoms_context *context = NULL;
    json_t *files = json_array(), *result;
    int code = arguments_read(self, NULL, 0, count, words, &a);
    if (code >= 0) goto done;
    if ((code = session_open(&a, &context))) goto done;
    for (int i = 0; i < a.words.count && !code; i++) {
        const char *path = a.words.word[i];
        struct stat s;
        json_t *about = json_object();
        append(files, about);
        put_text(about, "path", path);
        code = stat(path, &s) == 0 && S_ISDIR(s.st_mode) ? info_sae(context, path, about) : info_file(context, path, about);
    }
    if (code) goto done;
    if (a.words.count == 1) result = json_incref(json_array_get(files, 0));
    else put((result = result_new()), "files", json_incref(files));
    code = output_result(&a, result, print_info);
done:
    json_decref(files);
    atoms_context_destroy(context);
    arguments_free(&a);
    return code;
}

const command info_command = {
    .name = "info",
    .summary = "what a tensor file or an SAE directory holds",
    .synopsis = "PATH...",
    .example = "atoms info my-sae acts.npz    # widths, format and metadata of an SAE; names, types and shapes of tensors",
    .words_least = 1,
    .run = run,
};
