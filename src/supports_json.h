/* The Gram matrix over the supports that really occur in codes, as JSON: what `identify` prints under `supports`. */
#ifndef SUPPORTS_JSON_H
#define SUPPORTS_JSON_H

#include <atoms/atoms.h>
#include <jansson.h>

/* Puts supports{rows most dependent lambda_min lambda_min_row lambda_min_mean lambda_max lambda_max_row lambda_max_mean delta delta_row} into the object; null,
 * with a note, where a row of `most` atoms, the largest, has more than `limit`. An exit status. */
int put_supports(atoms_context *context, const atoms_dictionary *dictionary, const atoms_codes *codes, int64_t most, int64_t limit, json_t *object,
                 json_t *result, const char *about, const char *what);

#endif
