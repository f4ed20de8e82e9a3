/* snprintf writes the decimal point of the host's locale, of one or more bytes; whatever in its output is no digit, sign,
 * exponent or letter of "inf"/"nan" can only be that point. So the text is mended instead of asking for the locale. */
#include "number_text.h"

#include <stdio.h>
#include <string.h>

const char *base_number_text(char *out, double value, int digits)
{
    char raw[BASE_NUMBER_TEXT_MAX];
    snprintf(raw, sizeof raw, "%.*g", digits, value);
    char *to = out;
    for (const char *from = raw; *from;) {
        if (strchr("0123456789+-einfa", *from)) {
            *to++ = *from++;
        } else {
            *to++ = '.';
            while (*from && !strchr("0123456789+-einfa", *from)) from++;
        }
    }
    *to = '\0';
    return out;
}
