/* npz files that are not what they should be. */
#include <atoms/atoms.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "suite.h"
#include "tensorfile_cases.h"
#include "zip_builder.h"

enum { OK = ATOMS_OK, FORMAT = ATOMS_E_FORMAT, LIMIT = ATOMS_E_LIMIT, UNSUPPORTED = ATOMS_E_UNSUPPORTED };

#define HEADER(descr, shape) "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }\n"

static bytes a_npy, b_npy;

/* Two stored members, a.npy and b.npy. */
static void good_archive(zip_builder *z)
{
    make_npy(&a_npy, HEADER("<f4", "(2, 3)"), 24);
    make_npy(&b_npy, HEADER("|u1", "(3,)"), 3);
    zip_start(z);
    zip_store(z, "a.npy", &a_npy);
    zip_store(z, "b.npy", &b_npy);
    zip_finish(z);
}

enum { LOCAL, LOCAL_B, CENTRAL, CENTRAL_B, END, CONTENT, CONTENT_B };

/* One field of the good archive set to a value. Offsets: local header 0 magic, 4 version, 6 flags, 8 method, 10 time, 12 date, 14 crc,
 * 18 packed, 22 size, 26 name length, 28 extra length, 30 name; central: 4 made by, 6 … 28 as local 4 … 26, 30 extra length, 32 comment
 * length, 34 disk, 42 offset, 46 name; end: 4 disk, 8 and 10 entries, 12 size, 16 offset, 20 comment length. */
static const struct {
    const char *what;
    int where, offset, width;
    uint64_t value;
    int expected;
    const char *words;
} fields[] = {
    {"nothing changed", CONTENT, 0, 1, 0x93, OK, ""},
    {"local magic", LOCAL_B, 0, 4, 0, FORMAT, ""},
    {"local version", LOCAL, 4, 2, 99, FORMAT, ""},
    {"local method", LOCAL, 8, 2, 8, FORMAT, ""},
    {"local time", LOCAL, 10, 2, 99, FORMAT, ""},
    {"local date", LOCAL, 12, 2, 99, FORMAT, ""},
    {"local crc", LOCAL, 14, 4, 1, FORMAT, ""},
    {"local packed size", LOCAL, 18, 4, 1, FORMAT, ""},
    {"local packed size 0", LOCAL, 18, 4, 0, FORMAT, ""},
    {"local packed size huge", LOCAL, 18, 4, 0xFFFFFFFE, FORMAT, ""},
    {"local packed size all ones", LOCAL, 18, 4, 0xFFFFFFFF, FORMAT, ""},
    {"local size", LOCAL, 22, 4, 1, FORMAT, ""},
    {"local size huge", LOCAL, 22, 4, 0xFFFFFFFE, FORMAT, ""},
    {"local name length 0", LOCAL, 26, 2, 0, FORMAT, ""},
    {"local name length", LOCAL, 26, 2, 4, FORMAT, ""},
    {"local name length huge", LOCAL, 26, 2, 0xFFFF, FORMAT, ""},
    {"local extra length", LOCAL, 28, 2, 1, FORMAT, ""},
    {"local extra length huge", LOCAL, 28, 2, 0xFFFF, FORMAT, ""},
    {"local name", LOCAL, 30, 1, 'x', FORMAT, ""},
    {"central magic", CENTRAL_B, 0, 4, 0, FORMAT, ""},
    {"central version", CENTRAL, 6, 2, 1, FORMAT, ""},
    {"encrypted", CENTRAL, 8, 2, 1, UNSUPPORTED, "encrypted"},
    {"strongly encrypted", CENTRAL, 8, 2, 0x41, UNSUPPORTED, "encrypted"},
    {"central method deflate", CENTRAL, 10, 2, 8, FORMAT, ""},
    {"central method unknown", CENTRAL, 10, 2, 77, FORMAT, ""},
    {"central time", CENTRAL, 12, 2, 99, FORMAT, ""},
    {"central crc", CENTRAL, 16, 4, 1, FORMAT, ""},
    {"central packed size", CENTRAL, 20, 4, 1, FORMAT, ""},
    {"central packed size huge", CENTRAL, 20, 4, 0xFFFFFFFE, FORMAT, ""},
    {"central packed size all ones", CENTRAL, 20, 4, 0xFFFFFFFF, FORMAT, ""},
    {"central size", CENTRAL, 24, 4, 1, FORMAT, ""},
    {"central size huge", CENTRAL, 24, 4, 0xFFFFFFFE, FORMAT, ""},
    {"central name length 0", CENTRAL, 28, 2, 0, FORMAT, ""},
    {"central name length", CENTRAL, 28, 2, 6, FORMAT, ""},
    {"central name length huge", CENTRAL, 28, 2, 0xFFFF, FORMAT, ""},
    {"central extra length", CENTRAL, 30, 2, 1, FORMAT, ""},
    {"central extra length huge", CENTRAL_B, 30, 2, 0xFFFF, FORMAT, ""},
    {"central comment length", CENTRAL, 32, 2, 1, FORMAT, ""},
    {"central comment length huge", CENTRAL_B, 32, 2, 0xFFFF, FORMAT, ""},
    {"central offset of another", CENTRAL_B, 42, 4, 0, FORMAT, ""},
    {"central offset past the directory", CENTRAL, 42, 4, 100000, FORMAT, ""},
    {"central offset all ones", CENTRAL, 42, 4, 0xFFFFFFFF, FORMAT, ""},
    {"central name", CENTRAL, 46, 1, 'x', FORMAT, ""},
    {"end magic", END, 0, 4, 0, FORMAT, ""},
    {"end disk", END, 4, 2, 1, FORMAT, ""},
    {"end entries here", END, 8, 2, 1, FORMAT, ""},
    {"end entries", END, 10, 2, 1, FORMAT, ""},
    {"end entries both", END, 8, 4, 0x00010001, FORMAT, ""},
    {"end entries too many", END, 8, 4, 0x00030003, FORMAT, ""},
    {"end entries past the limit", END, 8, 4, 0x10011001, LIMIT, "more than 4096 members"},
    {"end entries all ones", END, 8, 4, 0xFFFFFFFF, LIMIT, "more than 4096 members"},
    {"end directory size", END, 12, 4, 1, FORMAT, ""},
    {"end directory size 0", END, 12, 4, 0, FORMAT, ""},
    {"end directory size huge", END, 12, 4, 0xFFFFFFFF, FORMAT, ""},
    {"end directory offset", END, 16, 4, 1, FORMAT, ""},
    {"end directory offset huge", END, 16, 4, 0xFFFFFFFF, FORMAT, ""},
    {"end comment length", END, 20, 2, 1, FORMAT, ""},
    {"npy magic", CONTENT, 0, 1, 0, FORMAT, "lacks the magic bytes"},
    {"npy version", CONTENT, 6, 1, 9, UNSUPPORTED, "version"},
    {"npy header length", CONTENT, 8, 2, 0xFFFF, FORMAT, "longer than the file"},
    {"npy header", CONTENT, 10, 1, '[', FORMAT, "no dict"},
    {"npy dtype", CONTENT, 22, 1, 'O', UNSUPPORTED, "Python objects"},
    {"data", CONTENT_B, 70, 1, 1, FORMAT, "CRC"},
};

enum { FIELDS = sizeof fields / sizeof *fields };
_Static_assert(FIELDS >= 60, "the corpus has shrunk");

START_TEST(fields_are_judged)
{
    static zip_builder z;
    good_archive(&z);
    const size_t places[] = {z.members[0].local,   z.members[1].local, z.members[0].central, z.members[1].central,
                             z.end, z.members[0].local + 35, z.members[1].local + 35};
    for (int i = 0; i < fields[_i].width; i++) z.file.data[places[fields[_i].where] + (size_t)(fields[_i].offset + i)] = (unsigned char)(fields[_i].value >> 8 * i);
    check_case(fields[_i].what, &z.file, fields[_i].expected, fields[_i].words);
}
END_TEST

START_TEST(members_are_judged)
{
    static zip_builder z;
    static bytes packed, other;
    good_archive(&z), check_case("good", &z.file, OK, "");
    deflate_stored(&packed, &a_npy);
    const uint32_t crc = zip_crc(a_npy.data, a_npy.size), n = (uint32_t)a_npy.size, p = (uint32_t)packed.size;

    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, n, crc), zip_finish(&z);
    check_case("deflated", &z.file, OK, "");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, n, crc + 1), zip_finish(&z);
    check_case("deflated, wrong checksum", &z.file, FORMAT, "CRC");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, n - 1, crc), zip_finish(&z);
    check_case("inflates to more than it says", &z.file, FORMAT, "cut short");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, n + 1, crc), zip_finish(&z);
    check_case("inflates to less than it says", &z.file, FORMAT, "bytes follow");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p - 9, n, crc), zip_finish(&z);
    check_case("deflate stream cut short", &z.file, FORMAT, "");
    zip_start(&z), zip_add(&z, "a.npy", 8, a_npy.data, n, n, crc), zip_finish(&z);
    check_case("no deflate stream", &z.file, FORMAT, "");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, (size_t)p * 1032 + 1, crc), zip_finish(&z);
    check_case("over the ratio", &z.file, LIMIT, "1/1032");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, p, (size_t)p * 1032, crc), zip_finish(&z);
    check_case("at the ratio", &z.file, FORMAT, "bytes follow");
    zip_start(&z), zip_add(&z, "a.npy", 8, packed.data, 0, 0, 0), zip_finish(&z);
    check_case("empty, deflated", &z.file, FORMAT, "too short for an npy");
    zip_start(&z), zip_add(&z, "a.npy", 0, packed.data, 0, 0, 0), zip_finish(&z);
    check_case("empty, stored", &z.file, FORMAT, "too short for an npy");
    zip_start(&z), zip_add(&z, "a.npy", 0, a_npy.data, n, n + 1, crc), zip_finish(&z);
    check_case("stored with two sizes", &z.file, FORMAT, "two sizes differ");
    zip_start(&z), zip_add(&z, "a.npy", 12, a_npy.data, n, n, crc), zip_finish(&z);
    check_case("bzip2", &z.file, UNSUPPORTED, "neither stored nor deflated");
    make_npy(&other, HEADER("<f4", "(1073741824,)"), 24);
    zip_start(&z), zip_store(&z, "a.npy", &other), zip_finish(&z);
    check_case("4.3 GB", &z.file, FORMAT, "cut short");
    make_npy(&other, HEADER("<f4", "(4611686018427387904,)"), 0);
    zip_start(&z), zip_store(&z, "a.npy", &other), zip_finish(&z);
    check_case("wraps to 0", &z.file, FORMAT, "too many bytes");
}
END_TEST

START_TEST(archives_are_judged)
{
    static zip_builder z;
    static bytes b;
    good_archive(&z);
    zip_start(&z), zip_finish(&z);
    check_case("no members", &z.file, OK, "");
    zip_start(&z), zip_store(&z, "readme.txt", &a_npy), zip_finish(&z);
    check_case("no npy among them", &z.file, FORMAT, "none of its members is a .npy");
    zip_start(&z), zip_store(&z, ".npy", &a_npy), zip_finish(&z);
    check_case("no name", &z.file, FORMAT, "none of its members is a .npy");
    zip_start(&z), zip_store(&z, "readme.txt", &b_npy), zip_store(&z, "../../etc/x.npy", &a_npy), zip_finish(&z);
    check_case("a name is no path", &z.file, OK, "");
    zip_start(&z), zip_store(&z, "\202\202.npy", &a_npy), zip_store(&z, "b.npy", &b_npy), zip_finish(&z);
    check_case("a name in code page 437", &z.file, OK, "");
    zip_start(&z), zip_store(&z, "a.npy", &a_npy), zip_store(&z, "a.npy", &b_npy), zip_finish(&z);
    check_case("a name twice", &z.file, FORMAT, "");
    zip_start(&z), zip_store(&z, "a.npy", &a_npy), z.members[1] = z.members[0], z.members[1].name = "b.npy", z.count = 2, zip_finish(&z);
    check_case("two names for one member", &z.file, FORMAT, "");

    /* b inside a: the local header of b.npy lies in the (legal) data of a.npy. */
    zip_start(&z), zip_store(&z, "b.npy", &b_npy);
    char header[96];
    snprintf(header, sizeof header, HEADER("|u1", "(%zu,)"), z.file.size);
    make_npy(&b, header, 0);
    size_t inner = b.size;
    put(&b, z.file.data, z.file.size);
    zip_start(&z), zip_store(&z, "a.npy", &b), zip_store(&z, "b.npy", &b_npy);
    z.members[1].local = 35 + inner, zip_finish(&z);
    check_case("a member inside another", &z.file, FORMAT, "overlaps");

    good_archive(&z), b = z.file, put(&z.file, "more", 4);
    check_case("bytes after the end", &z.file, FORMAT, "");
    b.size = 0, put_zeros(&b, 1), put(&b, z.file.data, z.file.size - 4);
    check_case("bytes before the start", &b, FORMAT, "it is no npy");
    b.size = 0, put(&b, "PK\3\4", 4);
    check_case("magic alone", &b, FORMAT, "");
    b.size = 0, put(&b, "PK\5\6", 4);
    check_case("magic of the end alone", &b, FORMAT, "");
}
END_TEST

/* Ends of a ZIP64 archive that claim more than there is; libzip alone would reserve memory for it. */
START_TEST(claims_are_bounded)
{
    static zip_builder z;
    static const uint64_t claims[] = {3, 4097, 1 << 20, (uint64_t)1 << 32, (uint64_t)1 << 58, UINT64_MAX};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        good_archive(&z);
        size_t at = z.end, size = z.end - z.directory;
        z.file.size = at;
        put(&z.file, "PK\6\6", 4), put_little(&z.file, 44, 8), put_little(&z.file, 45, 2), put_little(&z.file, 45, 2), put_zeros(&z.file, 8);
        put_little(&z.file, claims[i], 8), put_little(&z.file, claims[i], 8), put_little(&z.file, size, 8), put_little(&z.file, z.directory, 8);
        put(&z.file, "PK\6\7\0\0\0\0", 8), put_little(&z.file, at, 8), put_little(&z.file, 1, 4);
        put(&z.file, "PK\5\6\0\0\0\0\377\377\377\377\377\377\377\377\377\377\377\377\0\0", 22);
        check_case("ZIP64 claim", &z.file, i ? LIMIT : FORMAT, i ? "more than 4096 members" : "");
    }
    good_archive(&z);
    z.file.size = z.end;
    for (int i = 0; i < 17; i++) put(&z.file, "PK\5\6\0\0\0\0\377\17\377\17\0\0\0\0\0\0\0\0\0\0", 22);
    check_case("many ends", &z.file, LIMIT, "more than 16 ends");
}
END_TEST

/* 4,097 members, and a directory of more than 8 MiB. */
START_TEST(large_archives_are_bounded)
{
    static const struct {
        int count, extra;
        atoms_status expected;
    } cases[] = {{4096, 0, ATOMS_OK}, {4097, 0, ATOMS_E_LIMIT}, {200, 60000, ATOMS_E_LIMIT}};
    make_npy(&a_npy, HEADER("|u1", "(1,)"), 1);
    uint32_t crc = zip_crc(a_npy.data, a_npy.size);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t local_size = 30 + 8 + a_npy.size, central_size = 46 + 8 + (size_t)cases[c].extra, count = (size_t)cases[c].count;
        unsigned char *file = calloc(count * (local_size + central_size) + 22, 1), *at = file;
        bytes *b = malloc(sizeof *b);
        for (int central = 0; central < 2; central++)
            for (size_t i = 0; i < count; i++) {
                char name[32];
                snprintf(name, sizeof name, "%04zu.npy", i);
                b->size = 0;
                put(b, central ? "PK\1\2\24\3" : "PK\3\4", central ? 6 : 4), put_little(b, 20, 2), put_zeros(b, 6), put_little(b, 0x21, 2);
                put_little(b, crc, 4), put_little(b, a_npy.size, 4), put_little(b, a_npy.size, 4), put_little(b, 8, 2), put_little(b, 0, 2);
                if (central) put_little(b, (uint64_t)cases[c].extra, 2), put_zeros(b, 8), put_little(b, i * local_size, 4);
                put(b, name, 8);
                if (central) put_zeros(b, (size_t)cases[c].extra); /* a comment */
                else put(b, a_npy.data, a_npy.size);
                memcpy(at, b->data, b->size);
                at += b->size;
            }
        b->size = 0;
        put(b, "PK\5\6\0\0\0\0", 8), put_little(b, count, 2), put_little(b, count, 2), put_little(b, count * central_size, 4);
        put_little(b, count * local_size, 4), put_little(b, 0, 2);
        memcpy(at, b->data, b->size);
        char detail[1024];
        atoms_status status = open_and_read(file, (size_t)(at - file) + b->size, detail);
        ck_assert_msg(status == cases[c].expected, "%d members: %s (%s)", cases[c].count, atoms_status_name(status), detail);
        free(file);
        free(b);
    }
}
END_TEST

START_TEST(every_npz_byte_counts)
{
    static zip_builder z;
    good_archive(&z);
    check_all_truncations(z.file.data, z.file.size);
    check_all_changes(z.file.data, z.file.size);
    size_t size;
    unsigned char *deflated = read_bytes(golden_path("tensorfile/scipy.npz"), &size);
    check_all_truncations(deflated, size);
    check_all_changes(deflated, size);
    free(deflated);
}
END_TEST

void add_corrupt_npz_cases(Suite *suite)
{
    add_loop(suite, "npz fields", fields_are_judged, FIELDS);
    add_case(suite, "npz members", members_are_judged);
    add_case(suite, "npz archives", archives_are_judged);
    add_case(suite, "npz claims", claims_are_bounded);
    add_case(suite, "npz limits", large_archives_are_bounded);
    add_case(suite, "npz bytes", every_npz_byte_counts);
}
