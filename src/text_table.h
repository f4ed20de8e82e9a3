/* Tables for people, made from JSON objects. */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include <jansson.h>

/* A row for each key of the first object, a column for each object (which may be JSON null: "-"). `titles` NULL: no heading. Nested
 * objects are flattened; arrays and `notes` are left to --json. */
void print_columns(const char *const *titles, const json_t *const *objects, int n);

/* A result that is one table: print_columns of it alone. */
void print_result(const json_t *result);

/* A scalar as text: numbers with six digits, null as "-". */
void scalar_text(const json_t *value, char *buffer, int size);

#endif
