/* JSON that benchmarks write beside their tables. A failure of jansson (no memory, a figure that is no number) ends the program with words. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stdio.h>

#include <jansson.h>

/* The value, which is not NULL. */
json_t *bench_json(json_t *value);
void bench_json_put(json_t *object, const char *key, json_t *value);
void bench_json_append(json_t *array, json_t *value);

/* Where the table goes: stdout, unless the JSON goes there (`file` is "-"). */
FILE *bench_json_table(const char *file);

/* Writes `all` where `file` says (NULL: nowhere) and gives it up. 0, or 1 where it could not be written. */
int bench_json_close(json_t *all, const char *file);

#endif
