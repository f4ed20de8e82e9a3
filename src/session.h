/* What a command needs from the library and the process before it starts. */
#ifndef SESSION_H
#define SESSION_H

#include <atoms/atoms.h>

#include "arguments.h"

/* Sets the process's BLAS to one thread, takes over interrupts, and makes a context with the threads asked for, whose long calls show
 * how far they are. An exit status. */
int session_open(const arguments *a, atoms_context **out);

/* Words (kept) for the progress line of the calls to come; "" = none. */
void session_doing(const char *words);

#endif
