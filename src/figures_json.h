/* The library's figures as JSON, and why one of them is missing. */
#ifndef FIGURES_JSON_H
#define FIGURES_JSON_H

#include <atoms/atoms.h>
#include <jansson.h>

/* An object with every figure; each null gets a note under "ABOUT.KEY" in `result`. `no_metric`: why there is no AIP, NULL where there is. */
json_t *figures_json(const atoms_figures *f, json_t *result, const char *about, const char *no_metric);

#endif
