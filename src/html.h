/* Text into HTML. Words that come from files and file names are strangers' words: they only go through html_text and html_stranger. */
#ifndef HTML_H
#define HTML_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* Escaped for an element or a quoted attribute; control characters become U+FFFD. */
void html_text(FILE *page, const char *text);

/* Escaped and isolated: right-to-left marks inside it turn nothing around. NULL: an en dash. */
void html_stranger(FILE *page, const char *text);

/* A number for reading: so many decimals below 10, as precise above; whole numbers grouped by thin spaces; a proper minus; null: an en dash. */
void html_number(FILE *page, const json_t *value, int decimals);
void html_whole(FILE *page, int64_t value);

/* The same as words for a caption; returns the buffer. */
enum { WHOLE_BYTES = 48 };
const char *whole_words(int64_t value, char buffer[WHOLE_BYTES]);

#endif
