/* Is a text well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)? */
#ifndef ATOMSI_UTF8_H
#define ATOMSI_UTF8_H

#include <stdbool.h>

bool atomsi_utf8_valid(const char *text);

#endif
