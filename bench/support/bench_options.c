#include "bench_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *program)
{
    fprintf(stderr, "usage: %s [--threads N] [--rounds N] [--quick] [--inputs DIR] [--only SIZE] [--json FILE|-]\n", program);
    exit(2);
}

/* A number from 1 to 1000, or 0. */
static int positive(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    return *text && !*end && n >= 1 && n <= 1000 ? (int)n : 0;
}

bench_options bench_parse(int argc, char **argv)
{
    bench_options o = {.threads = 1};
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i];
        if (strcmp(option, "--quick") == 0) {
            o.quick = true;
            continue;
        }
        if (++i == argc) usage(argv[0]);
        if (strcmp(option, "--threads") == 0 && positive(argv[i])) o.threads = positive(argv[i]);
        else if (strcmp(option, "--rounds") == 0 && positive(argv[i])) o.rounds = positive(argv[i]);
        else if (strcmp(option, "--inputs") == 0) o.inputs = argv[i];
        else if (strcmp(option, "--only") == 0) o.only = argv[i];
        else if (strcmp(option, "--json") == 0) o.json = argv[i];
        else usage(argv[0]);
    }
    if (!o.rounds) o.rounds = o.quick ? 1 : 5;
    return o;
}

bool bench_wants(const bench_options *options, const char *size)
{
    return !options->only || strncmp(size, options->only, strlen(options->only)) == 0;
}
