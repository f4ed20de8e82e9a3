#include "output.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

json_t *result_new(void)
{
    json_t *result = needed(json_object());
    put(result, "notes", json_object());
    return result;
}

void put(json_t *object, const char *key, json_t *value)
{
    needed(json_object_set_new(object, key, needed(value)) ? NULL : object);
}

void append(json_t *array, json_t *value)
{
    needed(json_array_append_new(array, needed(value)) ? NULL : array);
}

void put_number(json_t *object, const char *key, double value)
{
    put(object, key, isfinite(value) ? json_real(value) : json_null());
}

void put_whole(json_t *object, const char *key, int64_t value)
{
    put(object, key, json_integer(value));
}

void put_flag(json_t *object, const char *key, int value)
{
    put(object, key, json_boolean(value));
}

/* A file's name may be any bytes; JSON may not. */
static json_t *text_value(const char *text)
{
    if (!text) return json_null();
    json_t *value = json_string(text);
    if (value) return value;
    char *plain = needed(strdup(text));
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c > 126) *c = '?';
    value = json_string(plain);
    free(plain);
    return value;
}

void put_text(json_t *object, const char *key, const char *text)
{
    put(object, key, text_value(text));
}

void append_text(json_t *array, const char *text)
{
    append(array, text_value(text));
}

void add_note(json_t *result, const char *about, const char *format, ...)
{
    char words[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(words, sizeof words, format, values);
    va_end(values);
    put_text(json_object_get(result, "notes"), about, words);
}

char *json_text(const json_t *value)
{
    char *text = needed(json_dumps(value, JSON_INDENT(1) | JSON_REAL_PRECISION(17)));
    return text;
}

int finish_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return EXIT_DONE;
    return run_error("stdout", "%s", strerror(errno));
}

int output_result(const arguments *a, json_t *result, void (*print)(const json_t *result))
{
    if (a->json) {
        char *text = json_text(result);
        printf("%s\n", text);
        free(text);
    } else {
        print(result);
        const char *about;
        json_t *words;
        json_object_foreach(json_object_get(result, "notes"), about, words)
            printf("note: %s: %s\n", about, json_string_value(words));
    }
    json_decref(result);
    return finish_stdout();
}
