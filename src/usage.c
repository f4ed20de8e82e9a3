#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

/* Help is printed after parsing, and a default that was overwritten is one no longer: only untouched targets are shown. */
static void default_text(const option *o, char *buffer, size_t size)
{
    buffer[0] = '\0';
    if (o->standard) snprintf(buffer, size, "%s", o->standard);
    else if (o->given) return;
    else if (o->kind == OPTION_WHOLE) snprintf(buffer, size, "%" PRId64, *(const int64_t *)o->target);
    else if (o->kind == OPTION_POSITIVE) snprintf(buffer, size, "%g", *(const double *)o->target);
    else if (o->kind == OPTION_FLAG) snprintf(buffer, size, "off");
    else if (o->kind == OPTION_TEXT && *(const char *const *)o->target) snprintf(buffer, size, "%s", *(const char *const *)o->target);
    else snprintf(buffer, size, "none");
}

static void print_options(const option *options, int n)
{
    for (int i = 0; i < n; i++) {
        char name[64], standard[128];
        snprintf(name, sizeof name, "%s%s%s", options[i].name, options[i].value ? " " : "", options[i].value ? options[i].value : "");
        default_text(&options[i], standard, sizeof standard);
        printf("  %-24s %s", name, options[i].help);
        if (standard[0]) printf(" [%s]", standard);
        printf("\n");
    }
}

int print_command_help(const command *self, const option *options, int options_count)
{
    arguments common_values = {0};
    int help = 0;
    option common[COMMON_OPTIONS];
    common_options(&common_values, &help, common);
    printf("usage: atoms %s %s\n\n%s\n\noptions [default]:\n", self->name, self->synopsis, self->summary);
    print_options(options, options_count);
    print_options(common, COMMON_OPTIONS);
    printf("\nexample:\n  %s\n", self->example);
    return finish_stdout();
}

int print_program_help(const command *const *commands, int n)
{
    printf("usage: atoms COMMAND [OPTIONS] ARGUMENTS\n       atoms --version | --help | COMMAND --help\n\ncommands:\n");
    for (int i = 0; i < n; i++) printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
    printf("\nA matrix X is a .npy, .npz or .safetensors file, FILE:NAME where it holds several tensors; a row is a token.\n"
           "Several files are read as one matrix. Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n");
    return finish_stdout();
}

void list_commands(const command *const *commands, int n, char *buffer, int size)
{
    int used = 0;
    buffer[0] = '\0';
    for (int i = 0; i < n && used < size; i++)
        used += snprintf(buffer + used, (size_t)(size - used), "%s%s", i ? " " : "", commands[i]->name);
}
