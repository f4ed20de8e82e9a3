/* Small JSON files that come from the internet: size and depth are judged before the parser sees them, which then refuses
 * duplicate keys, NaN and Infinity, numbers out of range and bad UTF-8. */
#include <errno.h>
#include <string.h>

#include "sae_files.h"

enum { JSON_BYTES_MAX = 1 << 20, JSON_DEPTH_MAX = 32 };

char *atomsi_sae_join(atoms_context *context, const char *folder, const char *name)
{
    size_t length = strlen(folder), slash = length > 0 && folder[length - 1] != '/', rest = strlen(name) + 1, bytes;
    if (!base_add_size(length + slash, rest, &bytes)) return NULL;
    char *path = atomsi_alloc(context, (int64_t)bytes, 1);
    if (!path) return NULL;
    memcpy(path, folder, length);
    if (slash) path[length] = '/';
    memcpy(path + length + slash, name, rest);
    return path;
}

/* A whole file of at most JSON_BYTES_MAX bytes. */
static atoms_status read_text(atoms_context *context, const char *path, char **text, size_t *bytes)
{
    const base_io *io = &context->io;
    int file = io->open_read(io->user, path);
    if (file < 0) return atomsi_fail_file(context, file, path);
    atoms_status status = ATOMS_OK;
    int64_t size = io->size(io->user, file);
    if (size < 0) status = atomsi_fail_file(context, (int)size, path);
    else if (size > JSON_BYTES_MAX)
        status = atomsi_fail(context, ATOMS_E_LIMIT, "%s: %lld bytes, and at most %d are read", path, (long long)size, JSON_BYTES_MAX);
    else if (!(*text = atomsi_alloc(context, size, 1))) status = ATOMS_E_MEMORY;
    if (!status) {
        int error = base_io_read_full(io, file, *text, (size_t)size, 0);
        if (error) status = atomsi_fail_file(context, error, path);
    }
    io->close(io->user, file);
    *bytes = (size_t)size;
    return status;
}

static bool too_deep(const char *text, size_t bytes)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') i++;
            else in_string = c != '"';
        } else if (c == '"') in_string = true;
        else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) return true;
        } else if (c == '}' || c == ']') depth--;
    }
    return false;
}

atoms_status atomsi_sae_read_json(atoms_context *context, const char *path, json_t **out)
{
    char *text = NULL;
    size_t bytes = 0;
    json_error_t error;
    *out = NULL;
    atoms_status status = read_text(context, path, &text, &bytes);
    if (status) goto done;
    if (too_deep(text, bytes)) {
        status = atomsi_fail(context, ATOMS_E_LIMIT, "%s: nested deeper than %d levels", path, JSON_DEPTH_MAX);
        goto done;
    }
    *out = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (!*out) {
        bool memory = json_error_code(&error) == json_error_out_of_memory;
        status = atomsi_fail(context, memory ? ATOMS_E_MEMORY : ATOMS_E_FORMAT, "%s: line %d column %d: %s", path, error.line, error.column,
                             error.text);
    } else if (!json_is_object(*out)) {
        status = atomsi_fail(context, ATOMS_E_FORMAT, "%s: is not a JSON object", path);
        json_decref(*out);
        *out = NULL;
    }
done:
    atomsi_free(context, text);
    return status;
}

char *atomsi_sae_json_text(atoms_context *context, const json_t *value, size_t flags)
{
    size_t bytes = json_dumpb(value, NULL, 0, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    char *text = atomsi_alloc(context, (int64_t)bytes + 1, 1);
    if (!text) return NULL;
    if (json_dumpb(value, text, bytes, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) != bytes || bytes == 0) {
        atomsi_free(context, text);
        (void)atomsi_fail(context, ATOMS_E_MEMORY, "out of memory while writing JSON");
        return NULL;
    }
    text[bytes] = '\0';
    return text;
}
