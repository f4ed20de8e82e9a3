/* The command line against a table of options. The same table makes the --help text (usage.h). */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdint.h>

#include "command.h"

typedef enum option_kind {
    OPTION_FLAG,     /* int: 1 where it is given */
    OPTION_WHOLE,    /* int64_t in low … high */
    OPTION_POSITIVE, /* double, finite and > 0 */
    OPTION_TEXT,     /* const char * */
    OPTION_FILE,     /* const char *: a file to write; one that cannot be made is refused at once (output_path.h) */
    OPTION_DIRECTORY, /* the same of a directory */
    OPTION_LIST      /* word_list: all words up to the next option */
} option_kind;

typedef struct word_list {
    char **word;
    int count;
} word_list;

typedef struct option {
    const char *name;     /* "--steps", "-o" */
    const char *value;    /* what --help calls its value, "N"; NULL for a flag */
    const char *help;     /* what it is, with the unit */
    option_kind kind;
    void *target;         /* what it points to is the default until the option is given */
    int64_t low, high;    /* OPTION_WHOLE; high 0: no upper end */
    const char *standard; /* the default in words, where the target does not say it */
    int given;
} option;

/* What every command takes. */
typedef struct arguments {
    int json;
    int quiet;
    int64_t threads; /* 0: the cores it may run on */
    word_list words; /* what is no option, in order */
} arguments;

/* Reads words[2 … count) of the program's command line. Returns -1 to go on, or the exit status to leave with: EXIT_DONE after --help,
 * EXIT_USAGE or EXIT_FAILED after an error, which has been printed. */
int arguments_read(const command *self, option *options, int options_count, int count, char **words, arguments *out);
void arguments_free(arguments *a);

/* Whole strings only: 0 = done, else the error has been printed for the option `name` and the exit status is returned. */
int parse_whole(const char *name, const char *text, int64_t low, int64_t high, int64_t *out);
int parse_number(const char *name, const char *text, double *out); /* finite */

enum { COMMON_OPTIONS = 4 };

/* The options that every command has, for the parser and for --help. */
void common_options(arguments *a, int *help, option out[COMMON_OPTIONS]);

#endif
