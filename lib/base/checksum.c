/* XXH64 as its specification describes it; the test holds published values. None of the libraries this project may link has a
 * checksum, and checkpoints are large: this one runs at memory speed in portable C. */
#include "checksum.h"

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu, P3 = 0x165667B19E3779F9u, P4 = 0x85EBCA77C2B2AE63u,
                      P5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static uint64_t little_endian(const unsigned char *p, int bytes)
{
    uint64_t x = 0;
    for (int i = 0; i < bytes; i++) x |= (uint64_t)p[i] << (8 * i);
    return x;
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * P2, 31) * P1;
}

static uint64_t finish(uint64_t hash, const unsigned char *p, size_t size)
{
    for (; size >= 8; p += 8, size -= 8) hash = rotate(hash ^ mix(0, little_endian(p, 8)), 27) * P1 + P4;
    for (; size >= 4; p += 4, size -= 4) hash = rotate(hash ^ little_endian(p, 4) * P1, 23) * P2 + P3;
    for (; size; p++, size--) hash = rotate(hash ^ *p * P5, 11) * P1;
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

uint64_t base_checksum(const void *bytes, size_t size, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t hash = seed + P5;
    size_t left = size;
    if (left >= 32) {
        uint64_t lane[4] = {seed + P1 + P2, seed + P2, seed, seed - P1};
        for (; left >= 32; p += 32, left -= 32)
            for (int i = 0; i < 4; i++) lane[i] = mix(lane[i], little_endian(p + 8 * i, 8));
        hash = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
        for (int i = 0; i < 4; i++) hash = (hash ^ mix(0, lane[i])) * P1 + P4;
    }
    return finish(hash + size, p, left);
}
