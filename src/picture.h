/* Pictures, drawn by gnuplot. A script sets an SVG terminal and no output. */
#ifndef PICTURE_H
#define PICTURE_H

/* Draws what the script says into the file `path`. Where gnuplot is not installed that is an error, or sets *missing where that is not
 * NULL. An exit status. */
int picture_draw(const char *path, const char *script, int *missing);

/* The same as text, to be freed; without gnuplot that is an error. */
int picture_text(const char *script, char **svg);

/* Whether gnuplot is there at all, asked before long work; an error where it is not. */
int picture_possible(void);

#endif
