/* A sweep as a picture: R² and q* over (rows, width), in sample and held out side by side. */
#ifndef SWEEP_PLOT_H
#define SWEEP_PLOT_H

#include <jansson.h>

/* The gnuplot script of the picture, to be freed. It holds its own data: `gnuplot sweep.gp > sweep.svg` draws it. */
char *sweep_plot_script(const json_t *result);

#endif
