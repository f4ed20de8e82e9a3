/* Plans of pursuit. */
#include <math.h>

#include "pursuit_internal.h"

static const atoms_pursuit_opts defaults = {.struct_size = sizeof(atoms_pursuit_opts)};

enum { DEFAULT_ATOMS = 32, DEFAULT_GRAM_BYTES = 1 << 30 };

atoms_status atoms_pursuit_opts_init(atoms_pursuit_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &defaults, sizeof defaults);
}

static atoms_status check_flag(atoms_context *context, const char *name, int64_t value, int64_t most)
{
    if (value >= 0 && value <= most) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.%s is %lld and must be 0 to %lld", name, (long long)value, (long long)most);
}

static atoms_status check_stop(atoms_context *context, const char *name, double value)
{
    if (value >= 0 && isfinite(value)) return ATOMS_OK;
    char text[BASE_NUMBER_TEXT_MAX];
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.%s is %s and must be 0 or positive", name, base_number_text(text, value, 6));
}

static atoms_status check(atoms_context *context, const atoms_dictionary *dictionary, const atoms_pursuit_opts *o)
{
    atoms_status status;
    if (!dictionary) return atomsi_fail(context, ATOMS_E_ARGUMENT, "dictionary is NULL");
    if ((status = check_flag(context, "rule", o->rule, ATOMS_PURSUIT_OLS))) return status;
    if ((status = check_flag(context, "nonnegative", o->nonnegative, 1))) return status;
    if ((status = check_flag(context, "certify", o->certify, ATOMS_CERTIFY_FUCHS | ATOMS_CERTIFY_ERC))) return status;
    if (o->nonnegative && o->rule != ATOMS_PURSUIT_OMP)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.nonnegative goes with the rule ATOMS_PURSUIT_OMP only");
    if ((status = check_stop(context, "residual", o->residual))) return status;
    if ((status = check_stop(context, "residual_rel", o->residual_rel))) return status;
    int64_t most = base_min_i64(dictionary->atoms, dictionary->dim);
    if (o->max_atoms < 0 || o->max_atoms > most)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.max_atoms is %lld; of %lld atoms in %lld dimensions at most %lld can be independent",
                           (long long)o->max_atoms, (long long)dictionary->atoms, (long long)dictionary->dim, (long long)most);
    if (o->gram_bytes < -1)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "opts.gram_bytes is %lld and must be -1 or more", (long long)o->gram_bytes);
    return ATOMS_OK;
}

static int64_t most_atoms(const atoms_dictionary *dictionary, const atoms_pursuit_opts *o)
{
    int64_t most = base_min_i64(dictionary->atoms, dictionary->dim);
    if (o->max_atoms) return o->max_atoms;
    return o->residual > 0 || o->residual_rel > 0 ? most : base_min_i64(most, DEFAULT_ATOMS);
}

/* How it works, and what memory that takes. Non-negative codes drop atoms again, which would turn every column of a basis: they go in rounds. */
static atoms_status choose_way(atoms_pursuit *p, const atoms_pursuit_opts *o)
{
    atomsi_coder *coder = &p->coder;
    int64_t budget = o->gram_bytes ? o->gram_bytes : DEFAULT_GRAM_BYTES;
    bool by_gram = budget > 0 && !o->nonnegative && atomsi_gram_fits(coder, budget);
    size_t bytes;
    coder->piece_rows = by_gram ? atomsi_pursuit_gram_rows(p) : atomsi_pursuit_rounds_rows(p);
    coder->solve = by_gram ? atomsi_pursuit_by_gram : atomsi_pursuit_in_rounds;
    coder->judge = atomsi_pursuit_judge;
    if (!(by_gram ? atomsi_pursuit_gram_size : atomsi_pursuit_rounds_size)(p, &bytes))
        return atomsi_fail(coder->context, ATOMS_E_OVERFLOW, "a pursuit of %lld of %lld atoms needs too much memory", (long long)coder->capacity,
                           (long long)coder->atoms);
    coder->scratch_bytes = (int64_t)bytes;
    return by_gram ? atomsi_gram_create(coder, &p->gram) : ATOMS_OK;
}

atoms_status atoms_pursuit_create(atoms_context *context, const atoms_dictionary *dictionary, const atoms_pursuit_opts *opts, atoms_pursuit **out)
{
    if (out) *out = NULL;
    if (!context) return ATOMS_E_ARGUMENT;
    if (!out) return atomsi_fail(context, ATOMS_E_ARGUMENT, "out is NULL");
    atoms_pursuit_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &defaults, opts, "atoms_pursuit_opts");
    if (!status) status = check(context, dictionary, &o);
    if (status) return status;
    atoms_pursuit *p = atomsi_alloc_zero(context, 1, sizeof *p);
    if (!p) return ATOMS_E_MEMORY;
    status = atomsi_coder_init(&p->coder, context, dictionary, "pursuit");
    if (status) {
        atomsi_free(context, p);
        return status;
    }
    p->coder.capacity = most_atoms(dictionary, &o);
    p->coder.nonnegative = o.nonnegative;
    p->coder.certify = o.certify;
    p->rule = o.rule;
    p->residual = o.residual;
    p->residual_rel = o.residual_rel;
    p->counted = o.max_atoms > 0 || !(o.residual > 0 || o.residual_rel > 0);
    status = choose_way(p, &o);
    if (status) atoms_pursuit_destroy(p);
    else *out = p;
    return status;
}

void atoms_pursuit_destroy(atoms_pursuit *pursuit)
{
    if (!pursuit) return;
    atoms_context *context = pursuit->coder.context;
    atomsi_free(context, pursuit->gram);
    atomsi_coder_release(&pursuit->coder);
    atomsi_free(context, pursuit);
}

double atomsi_pursuit_goal(const atoms_pursuit *pursuit, const atomsi_piece *piece, int64_t row)
{
    return fmax(pursuit->residual / piece->norm[row], pursuit->residual_rel);
}

atoms_status atoms_pursuit_work_size(const atoms_pursuit *pursuit, int64_t max_rows, size_t *bytes)
{
    return pursuit ? atomsi_coding_work_size(&pursuit->coder, max_rows, bytes) : ATOMS_E_ARGUMENT;
}

/* A work is the frame's; its public name says whose it is. */
atoms_status atoms_pursuit_work_init(const atoms_pursuit *pursuit, void *memory, size_t bytes, atoms_pursuit_work **out)
{
    if (out) *out = NULL;
    if (!pursuit) return ATOMS_E_ARGUMENT;
    atomsi_coding_work *work = NULL;
    atoms_status status = atomsi_coding_work_init(&pursuit->coder, memory, bytes, out ? &work : NULL);
    if (!status) *out = (atoms_pursuit_work *)work;
    return status;
}

atoms_status atoms_pursuit_batch(const atoms_pursuit *pursuit, atoms_pursuit_work *work, const atoms_matrix *x, atoms_codes_view *out,
                                 atoms_code_record *records)
{
    if (!pursuit) return ATOMS_E_ARGUMENT;
    return atomsi_coding_batch(&pursuit->coder, (atomsi_coding_work *)work, x, NULL, out, records);
}

atoms_status atoms_pursuit_run(const atoms_pursuit *pursuit, atoms_rows *signals, atoms_codes *codes, atoms_code_record *records)
{
    return pursuit ? atomsi_coding_run(&pursuit->coder, signals, codes, records, NULL) : ATOMS_E_ARGUMENT;
}
