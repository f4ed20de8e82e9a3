#include "shell_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

static int is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
    return word[0] && word[strspn(word, plain)] == '\0';
}

static char *add_word(char *to, const char *word)
{
    if (is_plain(word)) return stpcpy(to, word);
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') to = stpcpy(to, "'\\''");
        else *to++ = *word;
    }
    *to++ = '\'';
    *to = '\0';
    return to;
}

char *shell_words(int count, char *const *words, const char *extra)
{
    size_t size = 1 + (extra ? strlen(extra) + 1 : 0);
    for (int i = 0; i < count; i++) size += 4 * strlen(words[i]) + 3; /* each byte quoted, two quotes, a space */
    char *text = needed(malloc(size)), *to = text;
    for (int i = 0; i < count; i++) {
        if (i) *to++ = ' ';
        to = add_word(to, words[i]);
        if (i != 1 || !extra) continue;
        *to++ = ' ';
        to = stpcpy(to, extra);
    }
    return text;
}
