/* Numbers as text, the same under every locale. */
#ifndef BASE_NUMBER_TEXT_H
#define BASE_NUMBER_TEXT_H

#include "prefix.h"

#define base_number_text PREFIXED(base_number_text)

enum { BASE_NUMBER_TEXT_MAX = 40 };

/* Writes value with `digits` significant digits (17 gives every double back) into out[BASE_NUMBER_TEXT_MAX]; returns out. */
const char *base_number_text(char *out, double value, int digits);

#endif
