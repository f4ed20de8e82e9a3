/* npy files that are not what they should be. */
#include "corrupt.h"

#include <atoms/atoms.h>
#include <string.h>

#include "suite.h"
#include "tensorfile_cases.h"

enum { FORMAT = ATOMS_E_FORMAT, LIMIT = ATOMS_E_LIMIT, UNSUPPORTED = ATOMS_E_UNSUPPORTED };

#define DICT(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }"

/* Version 1.0 with this text as its header and `data` zeros after it. */
static const struct {
    const char *header;
    int data, expected;
    const char *words;
} headers[] = {
    {DICT("'<f4'", "(2, 3)"), 24, 0, ""},
    {DICT("\"<f4\"", "(2,3)"), 24, 0, ""},
    {DICT("'<f4'", "(2L, 3L)"), 24, 0, ""},
    {DICT("'<f4'", "(2, 3,)"), 24, 0, ""},
    {DICT("'f4'", "(6,)"), 24, 0, ""},
    {DICT("'=f4'", "(6,)"), 24, 0, ""},
    {DICT("'<i1'", "(6,)"), 6, 0, ""},
    {DICT("'>u1'", "(6,)"), 6, 0, ""},
    {DICT("'<f4'", "()"), 4, 0, ""},
    {DICT("'<f4'", "(0,)"), 0, 0, ""},
    {DICT("'<f4'", "(1, 1, 1, 1, 1, 1, 1, 1)"), 4, 0, ""},
    {DICT("'|V2'", "(2,)"), 4, 0, ""},
    {DICT("'<M8[ns]'", "(1,)"), 8, 0, ""},
    {DICT("'|S0'", "(3,)"), 0, 0, ""},
    {"{'shape': (6,), 'descr': '<f4', 'fortran_order': True}", 24, 0, ""},
    {"  {'shape':(6,),'descr':'<f4','fortran_order':True}  \n\n", 24, 0, ""},
    {"{'descr':'<f4','fortran_order':False,'shape':(6,)", 24, FORMAT, "lacks a comma"},
    {"{'descr':'<f4' 'fortran_order':False,'shape':(6,)}", 24, FORMAT, "lacks a comma"},
    {"{'descr':'<f4','fortran_order':False}", 24, FORMAT, "lacks descr, fortran_order or shape"},
    {"{'descr':'<f4','shape':(6,)}", 24, FORMAT, "lacks descr, fortran_order or shape"},
    {"{'fortran_order':False,'shape':(6,)}", 24, FORMAT, "lacks descr, fortran_order or shape"},
    {"{}", 24, FORMAT, "lacks descr, fortran_order or shape"},
    {"{,}", 24, FORMAT, "a string is missing"},
    {"", 24, FORMAT, "no dict"},
    {"    ", 24, FORMAT, "no dict"},
    {"[]", 24, FORMAT, "no dict"},
    {"{'descr':'<f4','fortran_order':False,'shape':(6,),'more':1}", 24, FORMAT, "a key too many"},
    {"{'descr':'<f4','fortran_order':False,'shape':(6,),'shape':(6,)}", 24, FORMAT, "a key too many"},
    {"{'descr':'<f4','descr':'<f4','fortran_order':False,'shape':(6,)}", 24, FORMAT, "a key too many"},
    {"{'descr' '<f4','fortran_order':False,'shape':(6,)}", 24, FORMAT, "lacks a colon"},
    {"{descr:'<f4','fortran_order':False,'shape':(6,)}", 24, FORMAT, "a string is missing"},
    {"{'descr':'<f4','fortran_order':0,'shape':(6,)}", 24, FORMAT, "neither True nor False"},
    {"{'descr':'<f4','fortran_order':false,'shape':(6,)}", 24, FORMAT, "neither True nor False"},
    {"{'descr':'<f4','fortran_order':Falsey,'shape':(6,)}", 24, FORMAT, "lacks a comma"},
    {"{'descr':'<f4','fortran_order':", 24, FORMAT, "neither True nor False"},
    {DICT("'<f4'", "(6,)") "x", 24, FORMAT, "something follows the header's dict"},
    {DICT("'<f4'", "(6,)") "{}", 24, FORMAT, "something follows the header's dict"},
    {DICT("'<f4'", "(6)"), 24, FORMAT, "the shape is no tuple"},
    {DICT("'<f4'", "6"), 24, FORMAT, "the shape is no tuple"},
    {DICT("'<f4'", "[6]"), 24, FORMAT, "the shape is no tuple"},
    {DICT("'<f4'", "(,)"), 24, FORMAT, "no tuple of dimensions"},
    {DICT("'<f4'", "(2,,3)"), 24, FORMAT, "no tuple of dimensions"},
    {DICT("'<f4'", "(2 3)"), 24, FORMAT, "the shape lacks a comma"},
    {DICT("'<f4'", "(-6,)"), 24, FORMAT, "no tuple of dimensions"},
    {DICT("'<f4'", "(6.0,)"), 24, FORMAT, "the shape lacks a comma"},
    {DICT("'<f4'", "(0x6,)"), 24, FORMAT, "the shape lacks a comma"},
    {DICT("'<f4'", "(2,621,)"), 24, FORMAT, "the data are cut short"}, /* a grouping locale's 2621 */
    {DICT("'<f4'", "(9223372036854775807,)"), 24, FORMAT, "too many bytes"},
    {DICT("'<f4'", "(9223372036854775808,)"), 24, FORMAT, "a dimension of the shape is too large"},
    {DICT("'<f4'", "(99999999999999999999999999999999999999,)"), 24, FORMAT, "a dimension of the shape is too large"},
    {DICT("'<f4'", "(4294967296, 4294967296)"), 0, FORMAT, "the product of the shape is too large"}, /* wraps to 0 */
    {DICT("'<f4'", "(4611686018427387904,)"), 0, FORMAT, "too many bytes"},                           /* times 4 wraps to 0 */
    {DICT("'<f4'", "(4294967296, 4294967296, 0)"), 0, FORMAT, "the product of the shape is too large"},
    {DICT("'<f4'", "(0, 4294967296, 4294967296)"), 0, FORMAT, "the product of the shape is too large"},
    {DICT("'<f4'", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 4, LIMIT, "more than 8 dimensions"},
    {DICT("'<f4'", "(1073741824,)"), 24, FORMAT, "the data are cut short"}, /* would be 4.3 GB */
    {DICT("'<f4'", "(6,)"), 23, FORMAT, "the data are cut short"},
    {DICT("'<f4'", "(6,)"), 25, FORMAT, "bytes follow the data"},
    {DICT("'<f4'", "(0,)"), 1, FORMAT, "bytes follow the data"},
    {DICT("'|O'", "(1,)"), 8, UNSUPPORTED, "Python objects"},
    {DICT("'O'", "(1,)"), 8, UNSUPPORTED, "Python objects"},
    {DICT("[('a', '<f4')]", "(1,)"), 4, UNSUPPORTED, "structured"},
    {DICT("('<f4', (2,))", "(1,)"), 8, FORMAT, "a string is missing"},
    {DICT("4", "(1,)"), 4, FORMAT, "a string is missing"},
    {DICT("'<f4", "(1,)"), 4, FORMAT, "lacks a comma"},
    {DICT("'<f\\x34'", "(1,)"), 4, FORMAT, "has an escape"},
    {DICT("'<f4, and very much more than fits'", "(1,)"), 4, FORMAT, "too long"},
    {DICT("''", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'<'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'<f'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'<f3'", "(1,)"), 3, FORMAT, "names no dtype"},
    {DICT("'<f0'", "(1,)"), 0, FORMAT, "names no dtype"},
    {DICT("'|f4'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'!f4'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'<f4x'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'<q8'", "(1,)"), 8, FORMAT, "names no dtype"},
    {DICT("'<f4294967300'", "(1,)"), 4, FORMAT, "names no dtype"},
    {DICT("'|S999999999'", "(999999999,)"), 4, FORMAT, "the data are cut short"},
    {DICT("'|S999999999'", "(9999999999,)"), 4, FORMAT, "too many bytes"},
    {"{'descr", 0, FORMAT, "a string in the header does not end"},
};

enum { HEADERS = sizeof headers / sizeof *headers };
_Static_assert(HEADERS >= 60, "the corpus has shrunk");

START_TEST(headers_are_judged)
{
    bytes b = {.size = 0};
    put(&b, "\x93NUMPY\1\0", 8);
    put_little(&b, strlen(headers[_i].header), 2);
    put_text(&b, headers[_i].header);
    put_zeros(&b, (size_t)headers[_i].data);
    check_case(headers[_i].header, &b, headers[_i].expected, headers[_i].words);
}
END_TEST

static const char good[] = DICT("'<f4'", "(2, 3)");

/* A file with the given magic and a length field of `width` bytes that holds `length`. */
static bytes preamble(const char *magic, int width, uint64_t length)
{
    bytes b = {.size = 0};
    put(&b, magic, 8);
    put_little(&b, length, width);
    put_text(&b, good);
    put_zeros(&b, 24);
    return b;
}

START_TEST(preambles_are_judged)
{
    static bytes b;
    uint64_t n = sizeof good - 1;
    b = preamble("\x93NUMPY\1\0", 2, n), check_case("version 1", &b, 0, "");
    b = preamble("\x93NUMPY\2\0", 4, n), check_case("version 2", &b, 0, "");
    b = preamble("\x93NUMPY\3\0", 4, n), check_case("version 3", &b, 0, "");
    b = preamble("\x93NUMPY\0\0", 2, n), check_case("version 0", &b, UNSUPPORTED, "version");
    b = preamble("\x93NUMPY\4\0", 4, n), check_case("version 4", &b, UNSUPPORTED, "version");
    b = preamble("\x93NUMPY\1\1", 2, n), check_case("version 1.1", &b, UNSUPPORTED, "version");
    b = preamble("\x92NUMPY\1\0", 2, n), check_case("magic", &b, FORMAT, "it is no npy");
    b = preamble("\x93NUMPy\1\0", 2, n), check_case("magic", &b, FORMAT, "it is no npy");
    b = preamble("\x93NUMPY\1\0", 2, n - 1), check_case("short length", &b, FORMAT, "a string is missing");
    b = preamble("\x93NUMPY\1\0", 2, 65535), check_case("long length", &b, FORMAT, "longer than the file");
    b = preamble("\x93NUMPY\2\0", 4, 0xFFFFFFFF), check_case("huge length", &b, FORMAT, "longer than the file");
    b = preamble("\x93NUMPY\2\0", 4, 0x80000000), check_case("huge length", &b, FORMAT, "longer than the file");
    b = preamble("\x93NUMPY\2\0", 4, 70000), put_zeros(&b, 70000), check_case("header limit", &b, LIMIT, "65535");
    b = preamble("\x93NUMPY\1\0", 2, n), b.size = 9, check_case("9 bytes", &b, FORMAT, "too short");
    b = preamble("\x93NUMPY\2\0", 4, n), b.size = 11, check_case("11 bytes", &b, FORMAT, "too short");
    b.size = 0, check_case("nothing", &b, FORMAT, "it is no npy");
}
END_TEST

START_TEST(every_npy_byte_counts)
{
    bytes b = preamble("\x93NUMPY\1\0", 2, sizeof good - 1);
    check_all_truncations(b.data, b.size);
    check_all_changes(b.data, b.size);
}
END_TEST

void add_corrupt_npy_cases(Suite *suite)
{
    add_loop(suite, "npy headers", headers_are_judged, HEADERS);
    add_case(suite, "npy preambles", preambles_are_judged);
    add_case(suite, "npy bytes", every_npy_byte_counts);
}
