#include "arguments.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "output_path.h"
#include "usage.h"

int parse_whole(const char *name, const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || strchr(" \t\n\v\f\r", text[0])) return usage_error(name, "'%s' is not a whole number", text);
    if (errno == ERANGE) return usage_error(name, "'%s' is too large", text);
    if (value < low) return usage_error(name, "'%s' is less than %lld", text, (long long)low);
    if (high && value > high) return usage_error(name, "'%s' is more than %lld", text, (long long)high);
    *out = value;
    return EXIT_DONE;
}

int parse_number(const char *name, const char *text, double *out)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || strchr(" \t\n\v\f\r", text[0])) return usage_error(name, "'%s' is not a number", text);
    if (!isfinite(value)) return usage_error(name, "'%s' is not a finite number", text);
    *out = value;
    return EXIT_DONE;
}

static int parse_positive(const char *name, const char *text, double *out)
{
    double value = 0;
    int code = parse_number(name, text, &value);
    if (code) return code;
    if (value <= 0) return usage_error(name, "'%s' is not greater than 0", text);
    *out = value;
    return EXIT_DONE;
}

static int is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

/* The option called by `word`, which may hold "=value" after a long name. */
static option *find_option(option *options, int n, const char *word, const char **value)
{
    *value = NULL;
    for (int i = 0; i < n; i++) {
        size_t length = strlen(options[i].name);
        if (strncmp(word, options[i].name, length)) continue;
        if (!word[length]) return &options[i];
        if (word[length] != '=' || strncmp(word, "--", 2)) continue;
        *value = word + length + 1;
        return &options[i];
    }
    return NULL;
}

static int take_list(option *o, char **words, int count, int *at)
{
    word_list *list = o->target;
    list->word = words + *at;
    for (list->count = 0; *at < count && !is_option(words[*at]); (*at)++) list->count++;
    return list->count ? EXIT_DONE : usage_error(o->name, "needs at least one %s", o->value);
}

/* Sets the option; *at is the word after its name and is moved over what it takes. */
static int take_option(option *o, const char *value, char **words, int count, int *at)
{
    o->given = 1;
    if (o->kind == OPTION_FLAG) {
        if (value) return usage_error(o->name, "takes no value");
        *(int *)o->target = 1;
        return EXIT_DONE;
    }
    if (o->kind == OPTION_LIST) return value ? usage_error(o->name, "write the files after it, separated by spaces") : take_list(o, words, count, at);
    if (!value && *at < count) value = words[(*at)++];
    if (!value) return usage_error(o->name, "needs a value %s", o->value);
    switch (o->kind) {
    case OPTION_WHOLE: return parse_whole(o->name, value, o->low, o->high, o->target);
    case OPTION_POSITIVE: return parse_positive(o->name, value, o->target);
    default:
        if (!*value) return usage_error(o->name, "needs a value %s", o->value);
        *(const char **)o->target = value;
        return EXIT_DONE;
    }
}

void common_options(arguments *a, int *help, option out[COMMON_OPTIONS])
{
    const option table[COMMON_OPTIONS] = {
        {"--json", NULL, "one JSON object on stdout", OPTION_FLAG, &a->json, 0, 0, NULL, 0},
        {"--quiet", NULL, "no progress", OPTION_FLAG, &a->quiet, 0, 0, NULL, 0},
        {"--threads", "N", "threads", OPTION_WHOLE, &a->threads, 1, 1024, "the cores it may run on", 0},
        {"--help", NULL, "this text", OPTION_FLAG, help, 0, 0, "", 0},
    };
    memcpy(out, table, sizeof table);
}

static int count_words(const command *self, const arguments *a)
{
    if (a->words.count < self->words_least)
        return usage_error(self->name, "needs %s (see atoms %s --help)", self->synopsis, self->name);
    if (self->words_most && a->words.count > self->words_most)
        return usage_error(self->name, "'%s' is one argument too many", a->words.word[self->words_most]);
    return -1;
}

/* -1 to go on, as above. */
static int look_at_outputs(const option *options, int n)
{
    int code = EXIT_DONE;
    for (int i = 0; i < n && !code; i++) {
        if (!options[i].given || (options[i].kind != OPTION_FILE && options[i].kind != OPTION_DIRECTORY)) continue;
        const char *path = *(const char *const *)options[i].target;
        code = options[i].kind == OPTION_FILE ? output_file_possible(path) : output_directory_possible(path);
    }
    return code ? code : -1;
}

int arguments_read(const command *self, option *options, int options_count, int count, char **words, arguments *out)
{
    int help = 0, code = EXIT_DONE;
    option common[COMMON_OPTIONS];
    *out = (arguments){0};
    common_options(out, &help, common);
    out->words.word = needed(calloc((size_t)count, sizeof *out->words.word));
    int only_words = 0;
    for (int i = 2; i < count && !code && !help;) {
        char *word = words[i++];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = 1;
        } else if (only_words || !is_option(word)) {
            out->words.word[out->words.count++] = word;
        } else {
            const char *value;
            option *o = find_option(options, options_count, word, &value);
            if (!o) o = find_option(common, COMMON_OPTIONS, word, &value);
            code = o ? take_option(o, value, words, count, &i)
                     : usage_error(word, "unknown option (see atoms %s --help)", self->name);
        }
    }
    if (help) return print_command_help(self, options, options_count);
    if (!code) code = count_words(self, out);
    return code < 0 ? look_at_outputs(options, options_count) : code;
}

void arguments_free(arguments *a)
{
    free(a->words.word);
    a->words.word = NULL;
}
