#include "bench_report.h"

#include <jansson.h>
#include <string.h>

#include "bench_check.h"
#include "yardstick.h"

struct bench_report {
    const char *json;
    FILE *table;
    json_t *all, *sizes, *size; /* size: the last one */
};

/* A NULL value is no memory: jansson's setters refuse it. */
static void put(json_t *object, const char *key, json_t *value)
{
    if (!json_object_set_new(object, key, value)) return;
    fprintf(stderr, "no memory for \"%s\", or no number\n", key);
    exit(1);
}

static void append(json_t *array, json_t *value)
{
    if (!json_array_append_new(array, value)) return;
    fprintf(stderr, "no memory for the report\n");
    exit(1);
}

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
    r->table = options->json && strcmp(options->json, "-") == 0 ? stderr : stdout;
    r->all = json_object();
    put(r->all, "bench", json_string(program));
    put(r->all, "threads", json_integer(options->threads));
    put(r->all, "clock", json_string(options->threads == 1 ? "process" : "wall"));
    put(r->all, "rounds", json_integer(options->rounds));
    put(r->all, "inputs", json_string(options->inputs ? options->inputs : "made"));
    put(r->all, "kernels", json_string(kernels()));
    put(r->all, "cblas", json_string(yardstick_name()));
    put(r->all, "cblas_core", json_string(yardstick_core()));
    put(r->all, "sizes", json_array());
    r->sizes = json_object_get(r->all, "sizes");
    fprintf(r->table, "%s: %d thread%s (%s time), medians of %d rounds, kernels %s\nCBLAS: %s, core %s\n", program, options->threads,
            options->threads == 1 ? "" : "s", options->threads == 1 ? "process" : "wall", options->rounds, kernels(), yardstick_name(),
            yardstick_core());
    return r;
}

void bench_report_size(bench_report *r, const char *size, const bench_contestant *contestants, int n, double units, const char *unit)
{
    json_t *times = json_array();
    append(r->sizes, r->size = json_object());
    put(r->size, "size", json_string(size));
    put(r->size, "unit", json_string(unit));
    put(r->size, "times", times);
    put(r->size, "ratios", json_array());
    put(r->size, "figures", json_object());
    fprintf(r->table, "\n%s\n", size);
    for (int i = 0; i < n; i++) {
        const bench_contestant *c = contestants + i;
        json_t *time = json_object();
        append(times, time);
        put(time, "name", json_string(c->name));
        put(time, "ms", json_real(1e3 * c->seconds));
        put(time, "per_second", json_real(units / c->seconds));
        put(time, "spread", json_real(c->spread));
        fprintf(r->table, "  %-34s %12.4g ms %12.5g %s/s   spread %.2f\n", c->name, 1e3 * c->seconds, units / c->seconds, unit, c->spread);
    }
}

void bench_report_figure(bench_report *r, const char *name, double value)
{
    put(json_object_get(r->size, "figures"), name, json_real(value));
    fprintf(r->table, "  %-34s %12.4g\n", name, value);
}

static void add_ratio(bench_report *r, const char *name, double value, const char *rule, double bar, int holds)
{
    json_t *ratio = json_object();
    append(json_object_get(r->size, "ratios"), ratio);
    put(ratio, "name", json_string(name));
    put(ratio, "value", json_real(value));
    put(ratio, rule, json_real(bar));
    put(ratio, "holds", json_boolean(holds));
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
    else if (r->json && r->table == stderr) wrong = json_dumpf(r->all, stdout, JSON_INDENT(1)) || puts("") == EOF || fflush(stdout);
    else if (r->json && json_dump_file(r->all, r->json, JSON_INDENT(1))) {
        fprintf(stderr, "%s cannot be written\n", r->json);
        wrong = 1;
    }
    json_decref(r->all);
    free(r);
    return wrong;
}
