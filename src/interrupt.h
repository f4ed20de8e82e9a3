/* SIGINT and SIGTERM. Two ways to take them: leave at once, or note the wish for a callback that asks. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* From now on a signal writes `words` (static storage, or kept until the end) to stderr and ends the process with EXIT_INTERRUPTED; a
 * signal noted before does so now. */
void interrupt_leaves(const char *words);

/* From now on the first signal is only noted; the second one leaves. */
void interrupt_is_noted(void);

int interrupt_noted(void);

#endif
