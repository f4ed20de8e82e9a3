#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

enum { WHY_BYTES = 4096, LINE_BYTES = 2 * WHY_BYTES };

/* File names may hold anything: a control character would break the line or talk to the terminal. */
static void print_line(const char *kind, const char *what, const char *why)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "%s%s%s%s", kind, what ? what : "", what ? ": " : "", why);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    fflush(stdout);
    progress_clear();
    fprintf(stderr, "%s\n", line);
}

static void print_formatted(const char *kind, const char *what, const char *format, va_list values)
{
    char why[WHY_BYTES];
    vsnprintf(why, sizeof why, format, values);
    print_line(kind, what, why);
}

int usage_error(const char *what, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_formatted("atoms: ", what, format, values);
    va_end(values);
    return EXIT_USAGE;
}

int run_error(const char *what, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_formatted("atoms: ", what, format, values);
    va_end(values);
    return EXIT_FAILED;
}

void print_note(const char *what, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_formatted("atoms: note: ", what, format, values);
    va_end(values);
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

void *needed(void *block)
{
    if (block) return block;
    print_line("atoms: ", NULL, "out of memory");
    exit(EXIT_FAILED);
}
