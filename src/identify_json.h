/* The identifiability theorem on an SAE's codes, as JSON: what `identify` prints and `report` shows. */
#ifndef IDENTIFY_JSON_H
#define IDENTIFY_JSON_H

#include <atoms/atoms.h>
#include <jansson.h>

typedef struct identify_subject {
    atoms_context *context;
    const atoms_sae *sae;
    const char *sae_path;
    const atoms_metric *metric; /* NULL: Euclidean */
    const atoms_codes *codes;   /* over the SAE's atoms */
    int has_supports;           /* the codes are a set of rows, not its extremes alone */
    int64_t supports_limit;     /* atoms of a row: supports are left out where one has more */
} identify_subject;

/* Puts into the object:
 *   epsilon epsilon_all K delta_min delta_max interval{low high} feasible atoms atoms_inside q_star q_star_all
 *   counterexample{exists silent silent_score silent_support[] active active_score active_support[] atoms_without}
 *   supports{…}, where has_supports: see supports_json.h
 * of the atoms that fire, by their numbers in the SAE; notes go to `result` below `about` ("", or "PATH."). Atoms of length 0 that never
 * fire are left out, with a note. Where `refusal` (METRIC_REASON_BYTES, empty) is not NULL, codes that the theorem says nothing of are no error: it then says
 * why, and the object is left empty. An exit status. */
int put_identify(const identify_subject *s, json_t *object, json_t *result, const char *about, char *refusal);

#endif
