/* check_json FILE [PATH | PATH=TYPE | PATH==TEXT]…: FILE holds exactly one JSON object and nothing else, no key twice, and each PATH
 * (keys and array indices, separated by '/') is there, of that type, with that value.  check_json -p FILE PATH prints a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static const json_t *follow(const json_t *at, const char *path, size_t length)
{
    char key[128];
    while (at && length) {
        size_t n = 0;
        while (n < length && path[n] != '/') n++;
        if (n >= sizeof key) return NULL;
        memcpy(key, path, n);
        key[n] = '\0';
        at = json_is_array(at) ? json_array_get(at, (size_t)atol(key)) : json_object_get(at, key);
        path += n;
        length -= n;
        if (length) path++, length--;
    }
    return at;
}

static const char *type_name(const json_t *v)
{
    static const char *const names[] = {"object", "array", "string", "integer", "real", "boolean", "boolean", "null"};
    return names[json_typeof(v)];
}

static int has_type(const json_t *v, const char *type)
{
    return strcmp(type, type_name(v)) == 0 || (strcmp(type, "number") == 0 && json_is_number(v));
}

static int check(const json_t *root, const char *wish)
{
    const char *equals = strchr(wish, '=');
    size_t length = equals ? (size_t)(equals - wish) : strlen(wish);
    const json_t *v = follow(root, wish, length);
    if (!v) {
        fprintf(stderr, "%s: no such key\n", wish);
        return 1;
    }
    if (!equals) return 0;
    if (equals[1] != '=') {
        if (has_type(v, equals + 1)) return 0;
        fprintf(stderr, "%s: it is %s\n", wish, type_name(v));
        return 1;
    }
    char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *plain = json_is_string(v) ? json_string_value(v) : text;
    int same = strcmp(plain, equals + 2) == 0;
    if (!same) fprintf(stderr, "%s: it is %s\n", wish, plain);
    free(text);
    return !same;
}

int main(int count, char **words)
{
    int print = count == 4 && strcmp(words[1], "-p") == 0, bad = 0;
    json_error_t error;
    json_t *root = count > 1 ? json_load_file(words[print ? 2 : 1], JSON_REJECT_DUPLICATES, &error) : NULL;
    if (!root || !json_is_object(root)) {
        fprintf(stderr, "not one JSON object: %s\n", root ? type_name(root) : error.text);
        return 1;
    }
    if (print) {
        const json_t *v = follow(root, words[3], strlen(words[3]));
        char *text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
        if (text) puts(text);
        bad = !text;
        free(text);
    }
    for (int i = 2; i < count && !print; i++) bad |= check(root, words[i]);
    json_decref(root);
    return bad;
}
