/* A checkpoint is one safetensors file with everything a step depends on: options, counters, parameters, both Adam moments and the
 * step each latent last fired in. The order of rows and all random numbers are functions of the options and counters. A checksum over the
 * other metadata and the names and bytes of all tensors, in this file's order, stands in the metadata, so a damaged file is refused whole. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <atoms/tensorfile.h>
#include <atoms/version.h>

#include "../../base/checksum.h"
#include "../../linalg/finite.h"
#include "train_internal.h"

#define FORMAT_NAME "atoms-checkpoint-2"

/* The scalars' order is the format. Options first, then counters. */
#define OPTION(field) offsetof(atoms_train_opts, field)
static const size_t small_options[] = {OPTION(activation), OPTION(sparsity), OPTION(decoder), OPTION(input_norm), OPTION(start), OPTION(warmup),
                                       OPTION(subtract_b_dec), OPTION(input_gradient), OPTION(data_bias)};
static const size_t large_options[] = {OPTION(width), OPTION(steps), OPTION(batch), OPTION(init_rows), OPTION(seed), OPTION(sparsity_warmup_most),
                                       OPTION(warmup_most), OPTION(dead_steps), OPTION(revive_every), OPTION(checkpoint_every)};
static const size_t real_options[] = {OPTION(target_l0), OPTION(start_l0), OPTION(start_threshold), OPTION(sparsity_weight), OPTION(sparsity_warmup),
                                      OPTION(tanh_scale), OPTION(preactivation_weight), OPTION(bandwidth), OPTION(learning_rate),
                                      OPTION(threshold_rate), OPTION(warmup_fraction), OPTION(warmup_start), OPTION(decay_fraction),
                                      OPTION(final_rate), OPTION(beta1), OPTION(beta2), OPTION(epsilon), OPTION(clip_norm)};

enum {
    SMALL = sizeof small_options / sizeof *small_options,
    LARGE = sizeof large_options / sizeof *large_options,
    AT_CHECKPOINT_EVERY = SMALL + LARGE - 1,
    AT_DIM = SMALL + LARGE,
    AT_STEP,
    AT_ROWS_SEEN,
    AT_REVIVED,
    AT_INITIALISED,
    AT_WHITENED,
    INTEGERS,
    AT_INPUT_SCALE = sizeof real_options / sizeof *real_options, /* reals[] */
    REALS,
    WHITENING_TENSORS = 2,
    TENSORS_MOST = 3 + 3 * PART_COUNT + WHITENING_TENSORS,
    NAME_MAX_BYTES = 40
};

typedef struct saved_tensor {
    char name[NAME_MAX_BYTES];
    int32_t dtype, rank;
    int64_t shape[2];
    void *data;
} saved_tensor;

/* The scalars of a trainer as two short vectors; their order is the format. */
typedef struct saved_scalars {
    int64_t integers[INTEGERS];
    double reals[REALS];
} saved_scalars;

static void collect_scalars(const atoms_trainer *t, saved_scalars *s)
{
    const char *options = (const char *)&t->opts;
    for (int i = 0; i < SMALL; i++) {
        int32_t value;
        memcpy(&value, options + small_options[i], sizeof value);
        s->integers[i] = value;
    }
    for (int i = 0; i < LARGE; i++) memcpy(&s->integers[SMALL + i], options + large_options[i], sizeof *s->integers);
    for (int i = 0; i < AT_INPUT_SCALE; i++) memcpy(&s->reals[i], options + real_options[i], sizeof *s->reals);
    s->integers[AT_DIM] = t->d;
    s->integers[AT_STEP] = t->step;
    s->integers[AT_ROWS_SEEN] = t->rows_seen;
    s->integers[AT_REVIVED] = t->revived;
    s->integers[AT_INITIALISED] = t->initialised;
    s->integers[AT_WHITENED] = t->whitening.forth != NULL;
    s->reals[AT_INPUT_SCALE] = t->input_scale;
}

static void restore_opts(const saved_scalars *s, atoms_train_opts *o)
{
    char *options = (char *)o;
    for (int i = 0; i < SMALL; i++) {
        int32_t value = s->integers[i] == (int32_t)s->integers[i] ? (int32_t)s->integers[i] : -1; /* refused as out of range */
        memcpy(options + small_options[i], &value, sizeof value);
    }
    for (int i = 0; i < LARGE; i++) memcpy(options + large_options[i], &s->integers[SMALL + i], sizeof *s->integers);
    for (int i = 0; i < AT_INPUT_SCALE; i++) memcpy(options + real_options[i], &s->reals[i], sizeof *s->reals);
    o->checkpoint_every = 0; /* set with its path, later */
}

static void list_scalars(saved_scalars *s, saved_tensor *list)
{
    list[0] = (saved_tensor){.name = "integers", .dtype = ATOMS_I64, .rank = 1, .shape = {INTEGERS, 1}, .data = s->integers};
    list[1] = (saved_tensor){.name = "reals", .dtype = ATOMS_F64, .rank = 1, .shape = {REALS, 1}, .data = s->reals};
}

/* Returns how many tensors there are in all. */
static int list_state(const atoms_trainer *t, saved_tensor *list)
{
    static const char *const suffixes[] = {"", ".adam_first", ".adam_second"};
    int count = 2;
    list[count++] = (saved_tensor){.name = "last_fired", .dtype = ATOMS_I64, .rank = 1, .shape = {t->width, 1}, .data = t->last_fired};
    for (int p = 0; p < PART_COUNT; p++) {
        const train_part *part = &t->parts[p];
        float *const arrays[] = {part->value, part->first, part->second};
        for (int k = 0; k < 3; k++) {
            saved_tensor *to = &list[count++];
            *to = (saved_tensor){.dtype = ATOMS_F32, .rank = 2, .shape = {part->rows, part->cols}, .data = arrays[k]};
            snprintf(to->name, sizeof to->name, "%s%s", part->name, suffixes[k]);
        }
    }
    if (!t->whitening.forth) return count;
    list[count++] = (saved_tensor){.name = "whitening", .dtype = ATOMS_F64, .rank = 2, .shape = {t->d, t->d}, .data = t->whitening.forth};
    list[count++] = (saved_tensor){.name = "unwhitening", .dtype = ATOMS_F64, .rank = 2, .shape = {t->d, t->d}, .data = t->whitening.back};
    return count;
}

/* What wrote the file, for whoever asks why two machines differ. */
typedef struct provenance {
    const char *build, *kernels;
} provenance;

static uint64_t checksum(const provenance *by, const saved_tensor *list, int count)
{
    uint64_t sum = base_checksum(by->build, strlen(by->build), 0);
    sum = base_checksum(by->kernels, strlen(by->kernels), sum);
    for (int i = 0; i < count; i++) {
        size_t bytes = (size_t)(list[i].shape[0] * list[i].shape[1] * atoms_dtype_size(list[i].dtype)); /* it is in memory */
        sum = base_checksum(list[i].name, strlen(list[i].name), sum);
        sum = base_checksum(list[i].data, bytes, sum);
    }
    return sum;
}

static void write_hex(uint64_t sum, char out[20])
{
    snprintf(out, 20, "%016llx", (unsigned long long)sum);
}

/* The options have a checksum of their own: they are believed, and memory is asked for on their word, before the rest is read. */
static void scalars_checksum_text(const saved_scalars *s, char out[20])
{
    write_hex(base_checksum(s->reals, sizeof s->reals, base_checksum(s->integers, sizeof s->integers, 0)), out);
}

static void checksum_text(const provenance *by, const saved_tensor *list, int count, char out[20])
{
    write_hex(checksum(by, list, count), out);
}

/* The tensor of the trained state that holds a NaN or an infinity, or NULL. */
static const saved_tensor *first_not_finite(const saved_tensor *list, int count)
{
    for (int i = 3; i < count; i++) {
        int64_t elements = list[i].shape[0] * list[i].shape[1];
        if ((list[i].dtype == ATOMS_F32 ? linalg_first_not_finite_f32(list[i].data, elements) : linalg_first_not_finite_f64(list[i].data, elements)) >= 0)
            return &list[i];
    }
    return NULL;
}

/* A model that has diverged does not replace a checkpoint that has not. */
atoms_status atoms_trainer_save(const atoms_trainer *t, const char *path)
{
    if (!t) return ATOMS_E_ARGUMENT;
    if (!path) return atomsi_fail(t->context, ATOMS_E_ARGUMENT, "path is NULL");
    const provenance by = {atoms_build_info(), t->context->kernels->name};
    saved_scalars scalars;
    saved_tensor list[TENSORS_MOST];
    char sum[20], scalars_sum[20];
    collect_scalars(t, &scalars);
    scalars_checksum_text(&scalars, scalars_sum);
    list_scalars(&scalars, list);
    int count = list_state(t, list);
    const saved_tensor *bad = first_not_finite(list, count);
    if (bad) return atomsi_fail(t->context, ATOMS_E_NUMERIC, "training diverged: %s is not finite; %s is not written", bad->name, path);
    checksum_text(&by, list, count, sum);
    atoms_tensorwriter *w;
    atoms_status status = atoms_tensorwriter_create(t->context, path, ATOMS_FILE_SAFETENSORS, &w);
    if (!status) status = atoms_tensorwriter_metadata(w, "format", FORMAT_NAME);
    if (!status) status = atoms_tensorwriter_metadata(w, "checksum", sum);
    if (!status) status = atoms_tensorwriter_metadata(w, "options_checksum", scalars_sum);
    if (!status) status = atoms_tensorwriter_metadata(w, "build", by.build);
    if (!status) status = atoms_tensorwriter_metadata(w, "kernels", by.kernels);
    for (int i = 0; i < count && !status; i++)
        status = atoms_tensorwriter_add(w, list[i].name, list[i].dtype, list[i].rank, list[i].shape, list[i].data);
    if (!status) status = atoms_tensorwriter_commit(w);
    atoms_tensorwriter_destroy(w);
    return status;
}

/* Finds a tensor of that name, type and shape. */
static atoms_status find_tensor(atoms_context *context, atoms_tensorfile *file, const char *path, const saved_tensor *want, int64_t *index)
{
    atoms_tensor_info info;
    atoms_status status = atoms_tensorfile_find(file, want->name, index);
    if (status) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: the checkpoint has no tensor %s", path, want->name);
    if ((status = atoms_tensor_info_init(&info, sizeof info))) return status;
    if ((status = atoms_tensorfile_info(file, *index, &info))) return status;
    int fits = info.dtype == want->dtype && info.rank == want->rank;
    for (int32_t k = 0; k < want->rank && fits; k++) fits = info.shape[k] == want->shape[k];
    if (!fits) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: tensor %s has another shape or type than the options ask for", path, want->name);
    return ATOMS_OK;
}

static atoms_status read_tensor(atoms_context *context, atoms_tensorfile *file, const char *path, const saved_tensor *want)
{
    int64_t index;
    atoms_status status = find_tensor(context, file, path, want, &index);
    return status ? status : atoms_tensorfile_read(file, index, 0, want->shape[0] * want->shape[1], want->dtype, want->data);
}

/* The options come first, because they say how large everything else is. */
static atoms_status read_scalars(atoms_context *context, atoms_tensorfile *file, const char *path, saved_scalars *scalars)
{
    const char *format = atoms_tensorfile_metadata(file, "format");
    if (!format || strcmp(format, FORMAT_NAME) != 0)
        return atomsi_fail(context, ATOMS_E_FORMAT, "%s: not a checkpoint (its format is not %s)", path, FORMAT_NAME);
    saved_tensor list[2];
    list_scalars(scalars, list);
    atoms_status status = read_tensor(context, file, path, &list[0]);
    if (!status) status = read_tensor(context, file, path, &list[1]);
    if (status) return status;
    char sum[20];
    scalars_checksum_text(scalars, sum);
    const char *want = atoms_tensorfile_metadata(file, "options_checksum");
    if (!want || strcmp(sum, want) != 0) return atomsi_fail(context, ATOMS_E_FORMAT, "%s: the checksum of the options does not match; the file is damaged", path);
    return ATOMS_OK;
}

/* The checksum guards against accidents alone, but the passes index, divide and count by their state: whatever no trainer could have
 * written is refused. Counters leave room to be added to. */
static int is_sound(const atoms_trainer *t, const saved_tensor *list, int count)
{
    int64_t most_rows; /* of one process */
    if (t->step < 0 || t->rows_seen < t->step || t->rows_seen > INT64_MAX / 2 || t->revived < 0 || t->revived > INT64_MAX / 2) return 0;
    if (!base_mul_i64(t->step, t->opts.batch, &most_rows)) return 0;
    if (t->initialised ? !(t->input_scale > 0) || !isnormal((float)t->input_scale) : t->step > 0) return 0;
    for (int64_t i = 0; i < t->width; i++)
        if (t->last_fired[i] < 0 || t->last_fired[i] > t->step || !(t->parts[PART_THRESHOLD].value[i] >= 0)) return 0;
    return !first_not_finite(list, count);
}

static atoms_status read_state(atoms_trainer *t, atoms_tensorfile *file, const char *path, saved_scalars *scalars)
{
    saved_tensor list[TENSORS_MOST];
    char sum[20];
    list_scalars(scalars, list);
    int count = list_state(t, list);
    for (int i = 2; i < count; i++) {
        atoms_status status = read_tensor(t->context, file, path, &list[i]);
        if (status) return status;
    }
    const provenance by = {atoms_tensorfile_metadata(file, "build"), atoms_tensorfile_metadata(file, "kernels")};
    const char *want = atoms_tensorfile_metadata(file, "checksum");
    if (by.build && by.kernels && want) checksum_text(&by, list, count, sum);
    else sum[0] = '\0';
    if (!want || strcmp(sum, want) != 0) return atomsi_fail(t->context, ATOMS_E_FORMAT, "%s: the checksum does not match; the file is damaged", path);
    t->step = scalars->integers[AT_STEP];
    t->rows_seen = scalars->integers[AT_ROWS_SEEN];
    t->revived = scalars->integers[AT_REVIVED];
    t->initialised = scalars->integers[AT_INITIALISED] != 0;
    t->input_scale = scalars->reals[AT_INPUT_SCALE];
    if (t->whitening.forth) atomsi_train_narrow(t);
    if (!is_sound(t, list, count)) return atomsi_fail(t->context, ATOMS_E_FORMAT, "%s: the checkpoint holds a state that no training reaches", path);
    return ATOMS_OK;
}

/* Options out of range mean a damaged file here, not a caller's mistake; a refused allocation stays what it is. The model and its whitening
 * must be in the file before memory for them is asked for. A batch's buffers have nothing in the file to be held against: the context's cap
 * bounds them. */
static atoms_status make_trainer(atoms_context *context, atoms_tensorfile *file, const char *path, const saved_scalars *scalars, atoms_trainer **out)
{
    atoms_train_opts o;
    int64_t index, d = scalars->integers[AT_DIM], every = scalars->integers[AT_CHECKPOINT_EVERY];
    atoms_status status = atoms_train_opts_init(&o, sizeof o);
    if (status) return status;
    restore_opts(scalars, &o);
    const saved_tensor encoder = {.name = "encoder", .dtype = ATOMS_F32, .rank = 2, .shape = {o.width, d}};
    const saved_tensor whitening = {.name = "whitening", .dtype = ATOMS_F64, .rank = 2, .shape = {d, d}};
    status = find_tensor(context, file, path, &encoder, &index);
    if (!status && scalars->integers[AT_WHITENED]) status = find_tensor(context, file, path, &whitening, &index);
    if (status) return status;
    status = o.width > 0 ? atoms_trainer_create(context, d, &o, out) : ATOMS_E_ARGUMENT; /* 0 is a default to others, which is in no file */
    if (status == ATOMS_E_ARGUMENT || status == ATOMS_E_OVERFLOW)
        return atomsi_fail(context, ATOMS_E_FORMAT, "%s: the checkpoint's options are out of range; the file is damaged", path);
    if (!status && scalars->integers[AT_WHITENED]) status = atomsi_train_whitening(*out, NULL);
    if (!status && every > 0) status = atoms_trainer_checkpoint(*out, path, every); /* it goes on where it was */
    return status;
}

atoms_status atoms_trainer_load(atoms_context *context, const char *path, atoms_trainer **out)
{
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    *out = NULL;
    if (!context || !path) return atomsi_fail(context, ATOMS_E_ARGUMENT, "path is NULL");
    atoms_tensorfile *file;
    saved_scalars scalars;
    atoms_status status = atoms_tensorfile_open(context, path, &file);
    if (status) return status;
    atoms_trainer *t = NULL;
    status = read_scalars(context, file, path, &scalars);
    if (!status) status = make_trainer(context, file, path, &scalars, &t);
    if (!status) status = read_state(t, file, path, &scalars);
    atoms_tensorfile_close(file);
    if (status) {
        atoms_trainer_destroy(t);
        return status;
    }
    *out = t;
    return ATOMS_OK;
}
