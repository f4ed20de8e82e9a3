/* One pass over the text with a short list of things to skip or replace. It reads what gnuplot wrote a moment ago from a script of our
 * own, so it need not be an XML parser; what it does not know it copies. */
#include "svg_inline.h"

#include <string.h>

#include "html.h"

static const char *const colours[] = {"ink", "quiet", "grid", "first", "second", "limit", "paper"};
enum { COLOURS = sizeof colours / sizeof colours[0] };

static const struct {
    const char *begin, *end;
} dropped[] = {{"<title>", "</title>"}, {"<desc>", "</desc>"}, {"<defs>", "</defs>"}, {" id=\"", "\""}, {" font-family=\"", "\""}};

/* The text after what is dropped here, or NULL. */
static const char *after_dropped(const char *at)
{
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
        size_t length = strlen(dropped[i].begin);
        if (strncmp(at, dropped[i].begin, length)) continue;
        const char *end = strstr(at + length, dropped[i].end);
        if (end) return end + strlen(dropped[i].end);
    }
    return NULL;
}

/* The text after a group that holds nothing, or NULL. */
static const char *after_empty_group(const char *at)
{
    if (strncmp(at, "<g fill=", 8)) return NULL;
    const char *end = strchr(at, '>');
    if (!end) return NULL;
    end += 1 + strspn(end + 1, "\n\t ");
    return strncmp(end, "</g>", 4) ? NULL : end + 4 + strspn(end + 4, "\n");
}

/* Writes a colour of the page in place of its stand-in; the text after it, or NULL. */
static const char *after_colour(FILE *page, const char *at)
{
    int red, green, blue, length = 0;
    if (strncmp(at, "rgb(", 4) || sscanf(at, "rgb(%d,%d,%d)%n", &red, &green, &blue, &length) < 3 || !length) return NULL;
    if (red != 0xfe || green || blue < 0 || blue >= COLOURS) return NULL;
    fprintf(page, "var(--%s)", colours[blue]);
    return at + length;
}

void svg_inline(FILE *page, const char *svg, const char *label)
{
    const char *at = strstr(svg, "<svg"), *box = at ? strstr(at, "viewBox=\"") : NULL, *body = at ? strchr(at, '>') : NULL;
    if (!at || !box || !body) return;
    box += strlen("viewBox=\"");
    fprintf(page, "<svg role=\"img\" viewBox=\"%.*s\" aria-label=\"", (int)strcspn(box, "\""), box);
    html_text(page, label);
    fputs("\">", page);
    for (at = body + 1; *at;) {
        const char *next = after_dropped(at);
        if (!next) next = after_empty_group(at);
        if (!next) next = after_colour(page, at);
        if (next) at = next;
        else fputc(*at++, page);
    }
}
