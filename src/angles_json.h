/* Distributions of angles as JSON: what `angles` prints and `report` draws. */
#ifndef ANGLES_JSON_H
#define ANGLES_JSON_H

#include <atoms/atoms.h>
#include <jansson.h>

/* rows, pairs, exhaustive, euclidean{…} and aip{…}; aip is null without a metric, and the result's notes[about] says why. */
void put_angles(json_t *object, json_t *result, const char *about, const atoms_angles_report *euclidean, const atoms_angles_report *aip,
                const char *reason);

#endif
