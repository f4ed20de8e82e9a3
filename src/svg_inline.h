/* gnuplot's SVG as an element of a page. */
#ifndef SVG_INLINE_H
#define SVG_INLINE_H

#include <stdio.h>

/* Colours of scripts that the page decides: PAGE_INK … stand for var(--ink) … of its style sheet, light or dark. */
#define PAGE_INK "rgb '#fe0000'"
#define PAGE_QUIET "rgb '#fe0001'"
#define PAGE_GRID "rgb '#fe0002'"
#define PAGE_FIRST "rgb '#fe0003'"
#define PAGE_SECOND "rgb '#fe0004'"
#define PAGE_LIMIT "rgb '#fe0005'"
#define PAGE_PAPER "rgb '#fe0006'"

/* Writes the picture with the accessible name `label` (escaped here). What has no place inside a page is left out: the XML declaration,
 * name spaces, definitions of point symbols, identifiers (every picture has the same), empty groups. */
void svg_inline(FILE *page, const char *svg, const char *label);

#endif
