#include "bench_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *program)
{
    fprintf(stderr, "usage: %s [--threads N] [--rounds N] [--quick] [--inputs DIR] [--only SIZE] [--json FILE|-]\n", program);
    exit(2);
}

int bench_number(const char *text, int least, int most)
{
    char *end;
    const long n = strtol(text, &end, 10);
    return *text && !*end && n >= least && n <= most ? (int)n : 0;
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
        if (strcmp(option, "--threads") == 0 && (o.threads = bench_number(argv[i], 1, 1000))) continue;
        if (strcmp(option, "--rounds") == 0 && (o.rounds = bench_number(argv[i], 1, 1000))) continue;
        if (strcmp(option, "--inputs") == 0) o.inputs = argv[i];
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
