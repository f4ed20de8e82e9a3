/* A command line as text that a shell reads back as the same words. */
#ifndef SHELL_WORDS_H
#define SHELL_WORDS_H

/* All words, quoted where needed, with `extra` (may be NULL) after the second one (the command). To be freed. */
char *shell_words(int count, char *const *words, const char *extra);

#endif
