/* Does the memory recall, and does resonance earn its place? Tables of means over seeds with confidence intervals: docs/synres/evaluation.md. */
#include <string.h>

#include "support/bench_check.h"
#include "support/bench_options.h"
#include "support/yardstick.h"
#include "synres_evaluation.h"

static _Noreturn void usage(const char *program)
{
    fprintf(stderr, "usage: %s [--level L0|L1] [--seeds N] [--threads N] [--quick] [--json FILE|-]\n", program);
    exit(2);
}

static evaluation_options parse(int argc, char **argv)
{
    evaluation_options o = {.threads = 1, .level = {true, true}};
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i];
        if (strcmp(option, "--quick") == 0) {
            o.quick = true;
            continue;
        }
        if (++i == argc) usage(argv[0]);
        if (strcmp(option, "--seeds") == 0 && (o.seeds = bench_number(argv[i], 2, EVALUATION_SEEDS))) continue;
        if (strcmp(option, "--threads") == 0 && (o.threads = bench_number(argv[i], 1, 64))) continue;
        if (strcmp(option, "--json") == 0) o.json = argv[i];
        else if (strcmp(option, "--level") == 0 && strcmp(argv[i], "L0") == 0) o.level[1] = false;
        else if (strcmp(option, "--level") == 0 && strcmp(argv[i], "L1") == 0) o.level[0] = false;
        else usage(argv[0]);
    }
    if (!o.seeds) o.seeds = o.quick ? 2 : 10;
    return o;
}

int main(int argc, char **argv)
{
    const evaluation_options options = parse(argc, argv);
    yardstick_threads(1);
    evaluation_report *report = evaluation_report_open(&options);
    if (options.level[0]) evaluation_of_kernels(&options, report);
    if (options.level[1]) evaluation_of_resonance(&options, report);
    if (options.level[1]) evaluation_of_learning(&options, report);
    return evaluation_report_close(report);
}
