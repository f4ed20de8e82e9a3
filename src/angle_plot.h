/* A picture of two distributions of angles, drawn by gnuplot. */
#ifndef ANGLE_PLOT_H
#define ANGLE_PLOT_H

#include <atoms/atoms.h>

/* Writes an SVG; `aip` NULL: the Euclidean curve alone. An exit status. */
int angle_plot(const char *path, const atoms_angles_report *euclidean, const atoms_angles_report *aip);

#endif
