/* Results as one JSON object, from which the table for people is made too. Every function ends the program when memory runs out. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <jansson.h>
#include <stdint.h>

#include "arguments.h"

/* A result: an object that has an empty object `notes`. */
json_t *result_new(void);

void put(json_t *object, const char *key, json_t *value); /* takes the value over */
void put_number(json_t *object, const char *key, double value); /* NaN and infinities become null: the caller adds a note */
void put_whole(json_t *object, const char *key, int64_t value);
void put_flag(json_t *object, const char *key, int value);
void put_text(json_t *object, const char *key, const char *text); /* bytes that are no UTF-8 become '?'; NULL becomes null */
void append(json_t *array, json_t *value);                        /* takes the value over */
void append_text(json_t *array, const char *text);

/* notes[about] = words, where `about` is the path of a key, "held_out.q_star". */
void add_note(json_t *result, const char *about, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prints the result as JSON, or by `print` followed by the notes, releases it, and returns the exit status. */
int output_result(const arguments *a, json_t *result, void (*print)(const json_t *result));

/* Flushes stdout; a full disk or closed pipe is an error like any other. */
int finish_stdout(void);

/* JSON text of a value, to be freed. */
char *json_text(const json_t *value);

#endif
