#include "bench_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

json_t *bench_json(json_t *value)
{
    if (value) return value;
    fprintf(stderr, "no memory for the report, or a figure that is no number\n");
    exit(1);
}

void bench_json_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, bench_json(value))) bench_json(NULL);
}

void bench_json_append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, bench_json(value))) bench_json(NULL);
}

static bool is_stdout(const char *file) { return file && strcmp(file, "-") == 0; }

FILE *bench_json_table(const char *file) { return is_stdout(file) ? stderr : stdout; }

int bench_json_close(json_t *all, const char *file)
{
    int wrong = 0;
    if (is_stdout(file)) wrong = json_dumpf(all, stdout, JSON_INDENT(1)) || puts("") == EOF || fflush(stdout);
    else if (file) wrong = json_dump_file(all, file, JSON_INDENT(1)) != 0;
    if (wrong) fprintf(stderr, "%s cannot be written\n", file);
    json_decref(all);
    return wrong;
}
