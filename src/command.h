/* A command of the program: how it is called, what it says about itself, and the function that runs it. */
#ifndef COMMAND_H
#define COMMAND_H

/* Exit status of the program. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

typedef struct command {
    const char *name;
    const char *summary;  /* one line for the list of commands */
    const char *synopsis; /* the arguments, as in "X... [-o FILE]" */
    const char *example;  /* one worked example: a command line, then what it does */
    int words_least;      /* how many arguments that are no options it needs */
    int words_most;       /* 0: any number */
    int (*run)(const struct command *self, int count, char **words); /* the program's whole command line; returns an exit status */
} command;

extern const command info_command, metric_command, angles_command, train_command, eval_command, sweep_command, encode_command,
    decode_command, code_command, rip_command, report_command, dict_command, compare_command,
    identify_command;

#endif
