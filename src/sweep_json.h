/* What a sweep came to, as JSON: sweep.json, and what the command prints. */
#ifndef SWEEP_JSON_H
#define SWEEP_JSON_H

#include "stopwatch.h"
#include "sweep_settings.h"

/* A result with settings, files and an empty array of cells. */
json_t *sweep_json_begin(const sweep_settings *s, int64_t rows, int64_t cols, int64_t held_out_rows);

/* Adds a finished cell; notes say why a figure is null: one for all where there is no AIP, else one each. */
void sweep_json_cell(json_t *result, const atoms_sweep_cell *cell);

/* Puts the seconds, the time of the computation alone. */
void sweep_json_end(json_t *result, stopwatch spent);

/* Writes it to a file, atomically. An exit status. */
int sweep_json_write(const json_t *result, const char *path);

/* A line for each cell. */
void print_sweep(const json_t *result);

#endif
