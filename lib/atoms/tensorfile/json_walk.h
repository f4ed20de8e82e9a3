/* Walking over a JSON object that may be hostile: member after member, so that never more than one value is held as a tree. jansson
 * takes every string and value apart; only the braces, colons and commas between members are looked at here. */
#ifndef ATOMSI_JSON_WALK_H
#define ATOMSI_JSON_WALK_H

#include <jansson.h>
#include <stdbool.h>

#include "../context/context_internal.h"

typedef struct json_walk {
    const char *at, *end;
    const char *words; /* what is wrong, after a step that failed */
} json_walk;

/* Takes the '{' at walk->at. */
bool atomsi_json_enter(json_walk *walk);

/* The next key, as a JSON string of the caller's (json_decref), with walk->at on its value; NULL with words == NULL after the closing
 * '}', NULL with words on an error. `first` says that no member was taken yet. */
json_t *atomsi_json_key(json_walk *walk, bool first);

/* The value at walk->at as a tree of the caller's, of at most `depth` levels and `bytes` bytes; NULL with words on an error. */
json_t *atomsi_json_value(json_walk *walk, int depth, size_t bytes);

#endif
