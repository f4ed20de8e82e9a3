/* Pictures, drawn by gnuplot. A script sets an SVG terminal and no output. */
#ifndef PICTURE_H
#define PICTURE_H

/* Draws what the script says into the file `path`. Where gnuplot is not installed that is an error, or sets *missing where that is not
 * NULL. An exit status. */
int picture_draw(const char *path, const char *script, int *missing);

enum { PICTURE_WHY_BYTES = 512 };

/* The same as text, to be freed; without gnuplot that is an error. A script that gnuplot cannot draw is none: *svg is NULL then, and `why`
 * (PICTURE_WHY_BYTES, else "") says so. */
int picture_text(const char *script, char **svg, char *why);

/* Whether gnuplot is there at all, asked before long work; an error where it is not. */
int picture_possible(void);

#endif
