/* The figures of the theorem, from codes: coherence and q* are stability's, the rest is one look at the entries. */
#include <math.h>

#include "identify_internal.h"

static const atoms_identify_report empty_report = {.struct_size = sizeof(atoms_identify_report)};

atoms_status atoms_identify_report_init(atoms_identify_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

static atoms_status check(const atoms_dictionary *d, const atoms_codes *codes, const float *threshold, atoms_codes_view *view)
{
    atoms_status status = atoms_codes_look(codes, view);
    if (status) return status;
    if (view->width != d->atoms)
        return atomsi_fail(d->context, ATOMS_E_SHAPE, "codes are over %lld atoms, the dictionary has %lld", (long long)view->width, (long long)d->atoms);
    if (!view->nnz) return atomsi_fail(d->context, ATOMS_E_SHAPE, "codes have no non-zero: there is nothing to identify");
    for (int64_t i = 0; threshold && i < d->atoms; i++)
        if (!isfinite(threshold[i])) return atomsi_fail(d->context, ATOMS_E_NOT_FINITE, "threshold[%lld] is not finite", (long long)i);
    return ATOMS_OK;
}

static void put_coefficients(const atoms_dictionary *d, const atoms_codes_view *codes, uint8_t *fires, atoms_identify_report *r)
{
    r->delta_min = INFINITY;
    r->delta_max = -INFINITY;
    for (int64_t e = 0; e < codes->nnz; e++) {
        double delta = (double)codes->value[e] * d->length[codes->index[e]];
        r->delta_min = fmin(r->delta_min, delta);
        r->delta_max = fmax(r->delta_max, delta);
        fires[codes->index[e]] = 1;
    }
    for (int64_t row = 0; row < codes->rows; row++) r->k = base_max_i64(r->k, codes->offset[row + 1] - codes->offset[row]);
}

static void put_interval(atoms_identify_report *r)
{
    double k = (double)r->k;
    r->low = r->epsilon * k * r->delta_max;
    r->high = r->delta_min - r->epsilon * (k - 1) * r->delta_max;
    r->feasible = r->delta_min > 0 && r->delta_min > r->epsilon * (2 * k - 1) * r->delta_max && r->low < r->high;
}

static void put_membership(const atoms_dictionary *d, const float *threshold, const uint8_t *fires, uint8_t *inside, atoms_identify_report *r)
{
    r->atoms_inside = threshold ? 0 : -1;
    for (int64_t i = 0; i < d->atoms; i++) {
        double tau = threshold ? (double)threshold[i] * d->length[i] : NAN;
        int is = r->feasible && fires[i] && tau > r->low && tau < r->high;
        if (is && threshold) r->atoms_inside++;
        if (inside) inside[i] = (uint8_t)is;
    }
}

static atoms_status identify(const atoms_dictionary *d, const atoms_codes *codes, const atoms_codes_view *view, const float *threshold,
                             uint8_t *fires, uint8_t *inside, atoms_identify_report *report)
{
    atoms_identify_report r = empty_report;
    atoms_stability_report stability = {.struct_size = sizeof stability};
    atoms_status status = atoms_stability(d, codes, &stability);
    if (status) return status;
    put_coefficients(d, view, fires, &r);
    r.atoms = stability.atoms;
    r.epsilon = stability.atoms > 1 ? stability.mu : 0;
    r.epsilon_all = d->atoms > 1 ? stability.mu_all : 0;
    r.q_star = stability.q_star;
    r.q_star_all = stability.q_star_all;
    put_interval(&r);
    put_membership(d, threshold, fires, NULL, &r);
    status = atomsi_write_report(d->context, report, &r, sizeof r, "atoms_identify_report");
    if (!status && inside) put_membership(d, threshold, fires, inside, &r);
    return status;
}

atoms_status atoms_identify(const atoms_dictionary *dictionary, const atoms_codes *codes, const float *threshold, uint8_t *inside,
                            atoms_identify_report *report)
{
    if (!dictionary || !codes || !report)
        return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary, codes or report is NULL");
    atoms_codes_view view;
    atoms_status status = check(dictionary, codes, threshold, &view);
    if (status) return status;
    uint8_t *fires = atomsi_alloc_zero(dictionary->context, dictionary->atoms, 1);
    if (!fires) return ATOMS_E_MEMORY;
    status = identify(dictionary, codes, &view, threshold, fires, inside, report);
    atomsi_free(dictionary->context, fires);
    return status;
}
