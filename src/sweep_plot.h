/* A sweep as a picture: R² and q* over (rows, width), in sample and held out side by side. */
#ifndef SWEEP_PLOT_H
#define SWEEP_PLOT_H

#include <jansson.h>
#include <stdio.h>

/* The gnuplot script of the picture, to be freed. It holds its own data: `gnuplot sweep.gp > sweep.svg` draws it. */
char *sweep_plot_script(const json_t *result);

/* The same in pieces, for a script that draws each map by itself: its data, what all share, the plot. Maps: R² in sample and held out,
 * q* in sample and held out. */
enum { SWEEP_MAPS = 4 };
void sweep_map_data(FILE *script, const json_t *sweep, int map);
void sweep_map_axes(FILE *script, const json_t *sweep);
void sweep_map_plot(FILE *script, int map);
const char *sweep_map_title(int map);

#endif
