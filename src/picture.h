/* Pictures, drawn by gnuplot. */
#ifndef PICTURE_H
#define PICTURE_H

/* Draws what the script says, which sets an SVG terminal and no output, into the file `path`. Where gnuplot is not installed that is an
 * error, or sets *missing where that is not NULL. An exit status. */
int picture_draw(const char *path, const char *script, int *missing);

#endif
