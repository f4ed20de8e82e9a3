/* Error lines: "atoms: WHAT: why" on stderr, one line whatever the words hold. */
#ifndef FAILURE_H
#define FAILURE_H

#include <atoms/atoms.h>

#include "command.h"

/* Print the line and return EXIT_USAGE and EXIT_FAILED. `what` may be NULL. */
int usage_error(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));
int run_error(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A remark that is no error: "atoms: note: WHAT: why". */
void print_note(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* EXIT_DONE for ATOMS_OK; else prints the context's words and returns EXIT_FAILED. `what` (a file, may be NULL) is put in front where
 * the words do not name a file themselves. */
int checked(const atoms_context *context, atoms_status status, const char *what);

/* The block; ends the program where it is NULL: memory for words or JSON has run out. */
void *needed(void *block);

#endif
