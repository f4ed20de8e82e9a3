#include "bench_report.h"

#include <string.h>

#include "bench_check.h"
#include "bench_json.h"
#include "yardstick.h"

struct bench_report {
    const char *json;
    FILE *table;
    json_t *all, *sizes, *size; /* size: the last one */
};

/* The widest instruction set here of those that the library has kernels for, which is what it picks. */
static const char *kernels(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return "avx512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
#endif
    return "portable";
}

bench_report *bench_report_open(const char *program, const bench_options *options)
{
    bench_report *r = bench_memory(1, sizeof *r);
    r->json = options->json;
    r->table = bench_json_table(options->json);
    r->all = json_object();
    bench_json_put(r->all, "bench", json_string(program));
    bench_json_put(r->all, "threads", json_integer(options->threads));
    bench_json_put(r->all, "clock", json_string(options->threads == 1 ? "process" : "wall"));
    bench_json_put(r->all, "rounds", json_integer(options->rounds));
    bench_json_put(r->all, "inputs", json_string(options->inputs ? options->inputs : "made"));
    bench_json_put(r->all, "kernels", json_string(kernels()));
    bench_json_put(r->all, "cblas", json_string(yardstick_name()));
    bench_json_put(r->all, "cblas_core", json_string(yardstick_core()));
    bench_json_put(r->all, "sizes", json_array());
    r->sizes = json_object_get(r->all, "sizes");
    fprintf(r->table, "%s: %d thread%s (%s time), medians of %d rounds, kernels %s\nCBLAS: %s, core %s\n", program, options->threads,
            options->threads == 1 ? "" : "s", options->threads == 1 ? "process" : "wall", options->rounds, kernels(), yardstick_name(),
            yardstick_core());
    return r;
}

void bench_report_size(bench_report *r, const char *size, const bench_contestant *contestants, int n, double units, const char *unit)
{
    json_t *times = json_array();
    bench_json_append(r->sizes, r->size = json_object());
    bench_json_put(r->size, "size", json_string(size));
    bench_json_put(r->size, "unit", json_string(unit));
    bench_json_put(r->size, "times", times);
    bench_json_put(r->size, "ratios", json_array());
    bench_json_put(r->size, "figures", json_object());
    fprintf(r->table, "\n%s\n", size);
    for (int i = 0; i < n; i++) {
        const bench_contestant *c = contestants + i;
        json_t *time = json_object();
        bench_json_append(times, time);
        bench_json_put(time, "name", json_string(c->name));
        bench_json_put(time, "ms", json_real(1e3 * c->seconds));
        bench_json_put(time, "per_second", json_real(units / c->seconds));
        bench_json_put(time, "spread", json_real(c->spread));
        fprintf(r->table, "  %-34s %12.4g ms %12.5g %s/s   spread %.2f\n", c->name, 1e3 * c->seconds, units / c->seconds, unit, c->spread);
    }
}

void bench_report_figure(bench_report *r, const char *name, double value)
{
    bench_json_put(json_object_get(r->size, "figures"), name, json_real(value));
    fprintf(r->table, "  %-34s %12.4g\n", name, value);
}

static void add_ratio(bench_report *r, const char *name, double value, const char *rule, double bar, int holds)
{
    json_t *ratio = json_object();
    bench_json_append(json_object_get(r->size, "ratios"), ratio);
    bench_json_put(ratio, "name", json_string(name));
    bench_json_put(ratio, "value", json_real(value));
    bench_json_put(ratio, rule, json_real(bar));
    bench_json_put(ratio, "holds", json_boolean(holds));
    fprintf(r->table, "  %-34s %12.3f    %s %.3g: %s\n", name, value, strcmp(rule, "at_most") == 0 ? "at most" : "at least", bar,
            holds ? "holds" : "MISSED");
}

void bench_report_at_most(bench_report *r, const char *name, double value, double bar)
{
    add_ratio(r, name, value, "at_most", bar, value <= bar);
}

void bench_report_at_least(bench_report *r, const char *name, double value, double bar)
{
    add_ratio(r, name, value, "at_least", bar, value >= bar);
}

int bench_report_close(bench_report *r)
{
    int wrong = json_array_size(r->sizes) == 0;
    if (wrong) fprintf(stderr, "no such size\n");
    wrong |= bench_json_close(r->all, wrong ? NULL : r->json);
    free(r);
    return wrong;
}
