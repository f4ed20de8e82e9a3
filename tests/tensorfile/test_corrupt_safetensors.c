/* safetensors files that are not what they should be. */
#include "corrupt.h"

#include <atoms/atoms.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "tensorfile_cases.h"

enum { FORMAT = ATOMS_E_FORMAT, LIMIT = ATOMS_E_LIMIT, UNSUPPORTED = ATOMS_E_UNSUPPORTED };

#define ENTRY(dtype, shape, begin, end) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"
#define A(dtype, shape, begin, end) "{\"a\":" ENTRY(dtype, shape, begin, end) "}"
#define AB(a, b) "{\"a\":" a ",\"b\":" b "}"

/* A header, and `data` zeros after it. */
static const struct {
    const char *header;
    int data, expected;
    const char *words;
} headers[] = {
    {"{}", 0, 0, ""},
    {"{}      ", 0, 0, ""},
    {A("F32", "[2,3]", "0", "24"), 24, 0, ""},
    {A("F32", "[]", "0", "4"), 4, 0, ""},
    {A("F32", "[0,3]", "0", "0"), 0, 0, ""},
    {A("F4", "[3,2]", "0", "3"), 3, 0, ""},
    {A("F6_E2M3", "[4]", "0", "3"), 3, 0, ""},
    {A("U8", "[1,1,1,1,1,1,1,1]", "0", "1"), 1, 0, ""},
    {AB(ENTRY("U8", "[1]", "1", "2"), ENTRY("U8", "[1]", "0", "1")), 2, 0, ""},
    {AB(ENTRY("U8", "[0]", "1", "1"), ENTRY("U8", "[1]", "0", "1")), 1, 0, ""},
    {"{ \"a\" :\t" ENTRY("U8", "[ 1 ]", "0", "1") "\n}", 1, 0, ""},
    {"{\"\":" ENTRY("U8", "[1]", "0", "1") "}", 1, 0, ""},
    {"{\"\\u00fc\\\\\\\"\":" ENTRY("U8", "[1]", "0", "1") "}", 1, 0, ""},
    {"{\"__metadata__\":{}}", 0, 0, ""},
    {"{\"__metadata__\":{\"a\":\"b\",\"c\":\"\"}}", 0, 0, ""},
    {"{", 0, FORMAT, "lacks a comma, a key or a colon"},
    {"{}x", 0, FORMAT, "something other than spaces follows"},
    {"{}\n", 0, FORMAT, "something other than spaces follows"},
    {"{}{}", 0, FORMAT, "something other than spaces follows"},
    {"{,}", 0, FORMAT, "lacks a comma, a key or a colon"},
    {"{\"a\"}", 0, FORMAT, "lacks a colon"},
    {"{\"a\":}", 0, FORMAT, "is no JSON"},
    {"{\"a\":1}", 0, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":null}", 0, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":[]}", 0, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{}}", 0, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{a:1}", 0, FORMAT, "lacks a comma, a key or a colon"},
    {"{'a':1}", 0, FORMAT, "lacks a comma, a key or a colon"},
    {"{\"a", 0, FORMAT, "does not end"},
    {"{\"a\\", 0, FORMAT, "does not end"},
    {"{\"a\":{\"dtype\":", 0, FORMAT, "does not end"},
    {"{\"a\":{]}}", 0, FORMAT, "is no JSON"},
    {"{\"\xC0\x80\":" ENTRY("U8", "[1]", "0", "1") "}", 1, FORMAT, "no UTF-8"},
    {"{\"\xED\xA0\x80\":" ENTRY("U8", "[1]", "0", "1") "}", 1, FORMAT, "no UTF-8"},
    {"{\"a\\u0000b\":" ENTRY("U8", "[1]", "0", "1") "}", 1, FORMAT, "is no JSON"},
    {"{\"\\ud800\":" ENTRY("U8", "[1]", "0", "1") "}", 1, FORMAT, "is no JSON"},
    {A("F32", "[2,3]", "0", "24") "  \0", 25, FORMAT, "bytes follow"},
    {A("f32", "[2,3]", "0", "24"), 24, UNSUPPORTED, "the dtype \"f32\" is not known"},
    {A("F128", "[1]", "0", "16"), 16, UNSUPPORTED, "the dtype \"F128\" is not known"},
    {"{\"a\":{\"dtype\":1,\"shape\":[],\"data_offsets\":[0,4]}}", 4, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,4]}}", 4, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":4}}", 4, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, FORMAT, "not a dtype, a shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, FORMAT, "has a key twice"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, FORMAT, "no two integers in order"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4, FORMAT, "no two integers in order"},
    {A("F32", "[1]", "-4", "0"), 4, FORMAT, "no two integers in order"},
    {A("F32", "[1]", "4", "0"), 4, FORMAT, "no two integers in order"},
    {A("F32", "[1]", "0", "4.0"), 4, FORMAT, "no two integers in order"},
    {A("F32", "[1]", "0", "\"4\""), 4, FORMAT, "no two integers in order"},
    {A("F32", "[1]", "0", "1e400"), 4, FORMAT, "is no JSON"},
    {A("F32", "[1]", "0", "99999999999999999999"), 4, FORMAT, "is no JSON"},
    {A("F32", "[1]", "0", "NaN"), 4, FORMAT, "is no JSON"},
    {A("F32", "[-1]", "0", "4"), 4, FORMAT, "no integer ≥ 0"},
    {A("F32", "[1.0]", "0", "4"), 4, FORMAT, "no integer ≥ 0"},
    {A("F32", "[true]", "0", "4"), 4, FORMAT, "no integer ≥ 0"},
    {A("F32", "[[1]]", "0", "4"), 4, FORMAT, "no integer ≥ 0"},
    {A("F32", "[[[1]]]", "0", "4"), 4, FORMAT, "nested too deep"},
    {A("U8", "[1,1,1,1,1,1,1,1,1]", "0", "1"), 1, LIMIT, "more than 8 dimensions"},
    {A("F4", "[3]", "0", "2"), 2, FORMAT, "do not end at a whole byte"},
    {A("F32", "[2]", "0", "4"), 4, FORMAT, "as many bytes as data_offsets"},
    {A("F32", "[0]", "0", "4"), 4, FORMAT, "as many bytes as data_offsets"},
    {A("F32", "[1]", "0", "0"), 0, FORMAT, "as many bytes as data_offsets"},
    {A("F32", "[4294967296,4294967296]", "0", "0"), 0, FORMAT, "product of the shape"}, /* wraps to 0 */
    {A("F32", "[4611686018427387904]", "0", "0"), 0, FORMAT, "too many bytes"},
    {A("F32", "[0,4294967296,4294967296]", "0", "0"), 0, FORMAT, "product of the shape"},
    {A("U8", "[9223372036854775807]", "0", "9223372036854775807"), 8, FORMAT, "too many bytes"},
    {A("F32", "[1]", "0", "4"), 3, FORMAT, "cut short"},
    {A("F32", "[1]", "0", "4"), 5, FORMAT, "bytes follow"},
    {"{}", 1, FORMAT, "bytes follow"},
    {A("F32", "[1]", "4", "8"), 8, FORMAT, "a hole before"},
    {A("F32", "[0]", "4", "4"), 4, FORMAT, "a hole before"},
    {A("F32", "[0]", "9223372036854775807", "9223372036854775807"), 0, FORMAT, "a hole before"}, /* plus the header would wrap */
    {AB(ENTRY("U8", "[1]", "0", "1"), ENTRY("U8", "[1]", "2", "3")), 3, FORMAT, "a hole before"},
    {AB(ENTRY("U8", "[2]", "0", "2"), ENTRY("U8", "[2]", "1", "3")), 3, FORMAT, "overlap"},
    {AB(ENTRY("U8", "[2]", "0", "2"), ENTRY("U8", "[2]", "0", "2")), 2, FORMAT, "overlap"},
    {"{\"a\":" ENTRY("U8", "[1]", "0", "1") ",\"a\":" ENTRY("U8", "[1]", "1", "2") "}", 2, FORMAT, "occurs twice"},
    {"{\"a\":" ENTRY("U8", "[1]", "0", "1") ",\"\\u0061\":" ENTRY("U8", "[1]", "1", "2") "}", 2, FORMAT, "occurs twice"},
    {"{\"a\":" ENTRY("U8", "[1]", "0", "1") " \"b\":" ENTRY("U8", "[1]", "1", "2") "}", 2, FORMAT, "lacks a comma"},
    {"{\"a\":" ENTRY("U8", "[1]", "0", "1") ",}", 1, FORMAT, "lacks a comma"},
    {"{\"__metadata__\":1}", 0, FORMAT, "no JSON object"},
    {"{\"__metadata__\":[]}", 0, FORMAT, "no JSON object"},
    {"{\"__metadata__\":{\"a\":1}}", 0, FORMAT, "a value is no string"},
    {"{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, FORMAT, "nested too deep"},
    {"{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}", 0, FORMAT, "occurs twice"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, FORMAT, "occurs twice"},
    {"{\"__metadata__\":{\"a\":\"\\u0000\"}}", 0, FORMAT, "is no JSON"},
    {"{\"__metadata__\":{\"a\":\"\xFF\"}}", 0, FORMAT, "no UTF-8"},
};

enum { HEADERS = sizeof headers / sizeof *headers };
_Static_assert(HEADERS >= 60, "the corpus has shrunk");

static bytes with_length(uint64_t length, const char *header, int data)
{
    bytes b = {.size = 0};
    put_little(&b, length, 8);
    put_text(&b, header);
    put_zeros(&b, (size_t)data);
    return b;
}

START_TEST(headers_are_judged)
{
    bytes b = with_length(strlen(headers[_i].header), headers[_i].header, headers[_i].data);
    check_case(headers[_i].header, &b, headers[_i].expected, headers[_i].words);
}
END_TEST

START_TEST(lengths_are_judged)
{
    static const char good[] = A("F32", "[1]", "0", "4");
    const uint64_t n = sizeof good - 1;
    const struct {
        uint64_t length;
        int expected;
        const char *words;
    } cases[] = {{n, 0, ""},
                 {0, FORMAT, "no JSON object"},
                 {1, FORMAT, "lacks a comma"},
                 {n - 1, FORMAT, "lacks a comma"},
                 {n + 1, FORMAT, "something other than spaces"},
                 {n + 4, FORMAT, "something other than spaces"},
                 {n + 5, FORMAT, "longer than the file"},
                 {UINT64_MAX, FORMAT, "longer than the file"},
                 {UINT64_MAX - 7, FORMAT, "longer than the file"}, /* plus 8 wraps to 0 */
                 {(uint64_t)1 << 63, FORMAT, "longer than the file"},
                 {100000000, FORMAT, "longer than the file"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = with_length(cases[i].length, good, 4);
        check_case("length", &b, cases[i].expected, cases[i].words);
    }
    bytes b = with_length(2, "{}", 0);
    b.size = 8, check_case("8 bytes", &b, FORMAT, "it is no npy");
    b.size = 7, check_case("7 bytes", &b, FORMAT, "it is no npy");
}
END_TEST

/* Headers at and over the limit of 16 MiB, and headers that would take far more memory than they have bytes. */
START_TEST(large_headers_are_bounded)
{
    enum { LIMIT_BYTES = 16777216, ROOM = LIMIT_BYTES + 64 };
    char *file = malloc(ROOM);
    static const struct {
        const char *begin, *repeat, *end;
        uint64_t length;
        int expected;
    } cases[] = {{"{}", " ", "", LIMIT_BYTES, 0},
                 {"{}", " ", "", LIMIT_BYTES + 8, LIMIT},
                 {"{\"a\":[", "[],", "0]}", LIMIT_BYTES, FORMAT},
                 {"{\"a\":", "[", "", LIMIT_BYTES, FORMAT},
                 {"{\"__metadata__\":{\"x\":\"y\"", ",\"a\":\"b\"", "}}", LIMIT_BYTES, FORMAT},
                 {"{\"b\":{}", ",\"a\":{}", "}", LIMIT_BYTES, FORMAT},
                 {"{\"a\":\"", "a", "\"}", LIMIT_BYTES, FORMAT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t length = cases[i].length;
        memcpy(file, &length, 8);
        char *text = file + 8;
        size_t begin = strlen(cases[i].begin), step = strlen(cases[i].repeat), end = strlen(cases[i].end), n = begin;
        memcpy(text, cases[i].begin, begin);
        for (; n + step + end <= length; n += step) memcpy(text + n, cases[i].repeat, step);
        memcpy(text + n, cases[i].end, end);
        memset(text + n + end, ' ', length - n - end);
        ck_assert_status(open_and_read(file, length + 8, NULL), cases[i].expected);
    }
    free(file);
}
END_TEST

START_TEST(every_safetensors_byte_counts)
{
    static const char good[] = "{\"__metadata__\":{\"k\":\"v\"},\"a\":" ENTRY("F32", "[2,1]", "0", "8") ",\"b\":" ENTRY("U8", "[3]", "8", "11") "}";
    bytes b = with_length(sizeof good - 1, good, 11);
    check_all_truncations(b.data, b.size);
    check_all_changes(b.data, b.size);
}
END_TEST

void add_corrupt_safetensors_cases(Suite *suite)
{
    add_loop(suite, "safetensors headers", headers_are_judged, HEADERS);
    add_case(suite, "safetensors lengths", lengths_are_judged);
    add_case(suite, "safetensors limits", large_headers_are_bounded);
    add_case(suite, "safetensors bytes", every_safetensors_byte_counts);
}
