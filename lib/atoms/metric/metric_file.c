/* A metric as a safetensors file: its moments (moments_file.c), with kind = "atoms.metric", and what they were made into it with:
 * metadata source = "moments" or "dictionary", centred = "0" or "1", gamma_rule = "fixed" or "ledoit-wolf"; tensor gamma [1] f64.
 * Loading builds the metric again, which with the same BLAS gives the same bits, and cannot disagree with the moments. */
#include <string.h>

#include "metric_internal.h"

static const char *const sources[] = {"moments", "dictionary", NULL};
static const char *const centrings[] = {"0", "1", NULL};
static const char *const rules[] = {[ATOMS_GAMMA_FIXED] = "fixed", [ATOMS_GAMMA_LEDOIT_WOLF] = "ledoit-wolf", NULL};

atoms_status atoms_metric_save(const atoms_metric *metric, const char *path)
{
    if (!metric) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(metric->context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorwriter *writer;
    atoms_status status = atoms_tensorwriter_create(metric->context, path, ATOMS_FILE_SAFETENSORS, &writer);
    if (status) return status;
    status = atomsi_moments_write(metric->moments, "atoms.metric", writer);
    if (!status) status = atoms_tensorwriter_metadata(writer, "source", sources[metric->of_dictionary]);
    if (!status) status = atoms_tensorwriter_metadata(writer, "centred", centrings[metric->opts.centred]);
    if (!status) status = atoms_tensorwriter_metadata(writer, "gamma_rule", rules[metric->opts.gamma_rule]);
    if (!status) status = atoms_tensorwriter_add(writer, "gamma", ATOMS_F64, 1, (int64_t[]){1}, &metric->opts.gamma);
    if (!status) status = atoms_tensorwriter_commit(writer);
    atoms_tensorwriter_destroy(writer);
    return status;
}

/* Which of the words a metadata key holds. */
static atoms_status read_word(atoms_context *context, const atoms_tensorfile *file, const char *path, const char *key, const char *const *words,
                              int32_t *which)
{
    const char *text = atoms_tensorfile_metadata(file, key);
    for (int32_t i = 0; text && words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            *which = i;
            return ATOMS_OK;
        }
    return atomsi_fail(context, ATOMS_E_FORMAT, "%s: metadata \"%s\" is \"%.60s\", which is not known", path, key, text ? text : "");
}

static atoms_status read_metric(atoms_context *context, atoms_tensorfile *file, const char *path, atoms_metric **out)
{
    atoms_metric_opts opts;
    int32_t of_dictionary = 0;
    atoms_moments *moments;
    atoms_status status = atoms_metric_opts_init(&opts, sizeof opts);
    if (!status) status = read_word(context, file, path, "source", sources, &of_dictionary);
    if (!status) status = read_word(context, file, path, "centred", centrings, &opts.centred);
    if (!status) status = read_word(context, file, path, "gamma_rule", rules, &opts.gamma_rule);
    if (!status) status = atomsi_tensor_read(context, file, path, "gamma", ATOMS_F64, 1, 0, &opts.gamma);
    if (status) return status;
    if (opts.gamma < 0) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: gamma is negative", path);
    if ((status = atomsi_moments_read(context, file, path, &moments))) return status;
    if (!moments->count) {
        atoms_moments_destroy(moments);
        return atomsi_fail(context, ATOMS_E_FORMAT, "%s: a metric of no rows", path);
    }
    return atomsi_metric_build(context, moments, &opts, of_dictionary, out);
}

atoms_status atoms_metric_load(atoms_context *context, const char *path, atoms_metric **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorfile *file;
    atoms_status status = atomsi_moments_open(context, path, "atoms.metric", &file);
    if (status) return status;
    status = read_metric(context, file, path, out);
    atoms_tensorfile_close(file);
    return status;
}
