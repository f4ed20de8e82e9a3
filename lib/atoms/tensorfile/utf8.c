/* The first byte says how many follow and, for four of its values, in which narrower range the second must lie: that range is
 * what shuts out overlong forms, surrogates and numbers that are too large. */
#include "utf8.h"

bool atomsi_utf8_valid(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    while (*at) {
        unsigned char first = *at++, low = 0x80, high = 0xBF;
        int follow;
        if (first < 0x80) follow = 0;
        else if (first >= 0xC2 && first <= 0xDF) follow = 1;
        else if (first >= 0xE0 && first <= 0xEF) follow = 2;
        else if (first >= 0xF0 && first <= 0xF4) follow = 3;
        else return false;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
        for (; follow; follow--, low = 0x80, high = 0xBF)
            if (*at < low || *at++ > high) return false;
    }
    return true;
}
