/* Help texts, made from the tables of commands and options. */
#ifndef USAGE_H
#define USAGE_H

#include "arguments.h"

/* Prints to stdout; returns the exit status. */
int print_command_help(const command *self, const option *options, int options_count);
int print_program_help(const command *const *commands, int n);

/* "info metric …" for error lines. */
void list_commands(const command *const *commands, int n, char *buffer, int size);

#endif
