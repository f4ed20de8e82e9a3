#include "json_walk.h"

static void skip_space(json_walk *walk)
{
    while (walk->at < walk->end && (*walk->at == ' ' || *walk->at == '\n' || *walk->at == '\t' || *walk->at == '\r')) walk->at++;
}

static bool take(json_walk *walk, char c)
{
    skip_space(walk);
    if (walk->at == walk->end || *walk->at != c) return false;
    walk->at++;
    return true;
}

bool atomsi_json_enter(json_walk *walk)
{
    if (take(walk, '{')) return true;
    walk->words = "the header is no JSON object";
    return false;
}

/* The end of the value that starts at walk->at, NULL where it has none or is nested deeper than `depth`. */
static const char *value_end(const json_walk *walk, int depth)
{
    int level = 0;
    bool in_string = false;
    for (const char *c = walk->at; c < walk->end; c++) {
        if (in_string) {
            if (*c == '\\') c++;
            else if (*c == '"') in_string = false;
        } else if (*c == '"') {
            in_string = true;
        } else if (*c == '{' || *c == '[') {
            if (++level > depth) return NULL;
        } else if (*c == '}' || *c == ']') {
            if (level == 0) return c;
            level--;
        } else if (*c == ',' && level == 0) {
            return c;
        }
        if (level == 0 && !in_string && (*c == '"' || *c == '}' || *c == ']') && c > walk->at) return c + 1;
    }
    return NULL;
}

json_t *atomsi_json_value(json_walk *walk, int depth, size_t bytes)
{
    skip_space(walk);
    const char *end = value_end(walk, depth);
    json_t *value = NULL;
    if (!end) walk->words = "a value in the header does not end, or is nested too deep";
    else if ((size_t)(end - walk->at) > bytes) walk->words = "a value in the header is too long";
    else if (!(value = json_loadb(walk->at, (size_t)(end - walk->at), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL)))
        walk->words = "a value in the header is no JSON, or no UTF-8, or has a key twice";
    else walk->at = end;
    return value;
}

json_t *atomsi_json_key(json_walk *walk, bool first)
{
    walk->words = NULL;
    if (take(walk, '}')) return NULL;
    walk->words = "the header's JSON lacks a comma, a key or a colon";
    if (!first && !take(walk, ',')) return NULL;
    skip_space(walk);
    if (walk->at == walk->end || *walk->at != '"') return NULL;
    json_t *key = atomsi_json_value(walk, 0, SIZE_MAX);
    if (!key) return NULL;
    walk->words = "the header's JSON lacks a colon";
    if (take(walk, ':')) return key;
    json_decref(key);
    return NULL;
}
