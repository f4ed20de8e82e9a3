#include "html.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void html_text(FILE *page, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '&') fputs("&amp;", page);
        else if (*c == '<') fputs("&lt;", page);
        else if (*c == '>') fputs("&gt;", page);
        else if (*c == '"') fputs("&quot;", page);
        else if (*c == '\'') fputs("&#39;", page);
        else if ((*c < 32 && *c != '\n') || *c == 127) fputs("\xEF\xBF\xBD", page);
        else fputc(*c, page);
    }
}

void html_stranger(FILE *page, const char *text)
{
    fputs("<bdi>", page);
    html_text(page, text ? text : "–");
    fputs("</bdi>", page);
}

const char *whole_words(int64_t value, char buffer[WHOLE_BYTES])
{
    char digits[32], *end = buffer;
    snprintf(digits, sizeof digits, "%" PRId64, value);
    const char *c = digits;
    if (*c == '-') end = stpcpy(end, "−"), c++;
    int long_enough = strlen(c) > 4;
    for (size_t left = strlen(c); left; left--) {
        *end++ = *c++;
        if (long_enough && left > 1 && (left - 1) % 3 == 0) end = stpcpy(end, "\xE2\x80\xAF");
    }
    *end = '\0';
    return buffer;
}

void html_whole(FILE *page, int64_t value)
{
    char words[WHOLE_BYTES];
    fputs(whole_words(value, words), page);
}

void html_number(FILE *page, const json_t *value, int decimals)
{
    char text[64];
    double number = json_number_value(value);
    if (json_is_integer(value)) {
        html_whole(page, json_integer_value(value));
        return;
    }
    if (!json_is_real(value)) {
        fputs("–", page);
        return;
    }
    snprintf(text, sizeof text, fabs(number) < 10 ? "%.*f" : "%.*g", fabs(number) < 10 ? decimals : decimals + 1, number);
    for (const char *c = text; *c; c++)
        if (*c == '-') fputs("−", page);
        else fputc(*c, page);
}
