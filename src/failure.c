#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096 };

/* File names may hold anything: a control character would break the line or talk to the terminal. */
static void print_line(const char *kind, const char *what, const char *why)
{
    char line[LINE_MAX_BYTES];
    snprintf(line, sizeof line, "%s%s%s%s", kind, what ? what : "", what ? ": " : "", why);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    fflush(stdout);
    fprintf(stderr, "%s\n", line);
}

static void print_formatted(const char *kind, const char *what, const char *format, va_list arguments)
{
    char why[LINE_MAX_BYTES];
    vsnprintf(why, sizeof why, format, arguments);
    print_line(kind, what, why);
}

int usage_error(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formatted("atoms: ", what, format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

int run_error(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formatted("atoms: ", what, format, arguments);
    va_end(arguments);
    return EXIT_FAILED;
}

void print_note(const char *what, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formatted("atoms: note: ", what, format, arguments);
    va_end(arguments);
}

/* The library's words about these begin with the file (or say "out of memory"). */
static int names_its_file(atoms_status status)
{
    return status == ATOMS_E_NOT_FINITE || status == ATOMS_E_IO || status == ATOMS_E_FORMAT || status == ATOMS_E_LIMIT ||
           status == ATOMS_E_NOT_FOUND || status == ATOMS_E_MEMORY;
}

int checked(const atoms_context *context, atoms_status status, const char *what)
{
    if (status == ATOMS_OK) return EXIT_DONE;
    char detail[2048];
    atoms_context_detail(context, detail, sizeof detail);
    if (!detail[0]) print_line("atoms: ", what, atoms_status_text(status));
    else if (!what || names_its_file(status) || strncmp(detail, what, strlen(what)) == 0) print_line("atoms: ", NULL, detail);
    else print_line("atoms: ", what, detail);
    return EXIT_FAILED;
}

void require_memory(const void *block)
{
    if (block) return;
    print_line("atoms: ", NULL, "out of memory");
    exit(EXIT_FAILED);
}
