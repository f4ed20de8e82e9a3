/* Coherence: the largest |cos| over pairs of atoms. */
#include "dictionary_internal.h"

static const atoms_coherence_report empty_report = {.struct_size = sizeof(atoms_coherence_report)};

atoms_status atoms_coherence_report_init(atoms_coherence_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

atoms_status atoms_dictionary_coherence(const atoms_dictionary *dictionary, const uint8_t *use, atoms_coherence_report *report)
{
    if (!dictionary || !report) return atomsi_fail(dictionary ? dictionary->context : NULL, ATOMS_E_ARGUMENT, "dictionary or report is NULL");
    atomsi_pair_profile profile;
    atoms_status status = atomsi_pair_profile_make(dictionary, use, 1, &profile);
    if (status) return status;
    const atomsi_pairs *pairs = &profile.used;
    if (pairs->pairs) {
        atoms_coherence_report r = empty_report;
        r.atoms = pairs->atoms;
        r.pair[0] = pairs->pair[0];
        r.pair[1] = pairs->pair[1];
        r.mu = pairs->mu;
        r.mu_positive = pairs->mu_positive;
        status = atomsi_write_report(dictionary->context, report, &r, sizeof r, "atoms_coherence_report");
    } else {
        status = atomsi_fail(dictionary->context, ATOMS_E_SHAPE, "coherence needs two atoms, %lld of %lld are in use", (long long)pairs->atoms,
                             (long long)dictionary->atoms);
    }
    atomsi_pair_profile_free(&profile);
    return status;
}
