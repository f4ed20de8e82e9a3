#include "text_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEY_WIDTH = 22, CELL_WIDTH = 14, COLUMNS_MAX = 8, NAME_MAX_BYTES = 128 };

void scalar_text(const json_t *value, char *buffer, int size)
{
    if (json_is_integer(value)) snprintf(buffer, (size_t)size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value)) snprintf(buffer, (size_t)size, "%.6g", json_real_value(value));
    else if (json_is_string(value)) snprintf(buffer, (size_t)size, "%s", json_string_value(value));
    else if (json_is_boolean(value)) snprintf(buffer, (size_t)size, "%s", json_is_true(value) ? "yes" : "no");
    else snprintf(buffer, (size_t)size, "-");
}

static void print_row(const char *name, const json_t *const *values, int n)
{
    char cell[512];
    printf("%-*s ", KEY_WIDTH, name);
    for (int i = 0; i < n; i++) {
        scalar_text(values[i], cell, sizeof cell);
        printf("%s%*s", i ? " " : "", n > 1 ? CELL_WIDTH : 0, cell);
    }
    printf("\n");
}

static void print_rows(const char *prefix, const json_t *const *objects, int n)
{
    const char *key;
    json_t *first;
    json_object_foreach((json_t *)objects[0], key, first)
    {
        const json_t *values[COLUMNS_MAX];
        char name[NAME_MAX_BYTES];
        if (json_is_array(first) || (!prefix[0] && strcmp(key, "notes") == 0)) continue;
        for (int i = 0; i < n; i++) values[i] = json_object_get(objects[i], key);
        snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] ? " " : "", key);
        if (json_is_object(first)) print_rows(name, values, n);
        else print_row(name, values, n);
    }
}

void print_columns(const char *const *titles, const json_t *const *objects, int n)
{
    const json_t *ordered[COLUMNS_MAX];
    if (titles) {
        printf("%-*s ", KEY_WIDTH, "");
        for (int i = 0; i < n; i++) printf("%s%*s", i ? " " : "", CELL_WIDTH, titles[i]);
        printf("\n");
    }
    for (int i = 0; i < n; i++) ordered[i] = objects[i];
    print_rows("", ordered, n);
}

void print_result(const json_t *result)
{
    print_columns(NULL, &result, 1);
}
