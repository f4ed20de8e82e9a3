/* Pins the offset and size of every field of every public struct (LP64), and that no struct holds a hole: padding is named. */
#include <atoms/atoms.h>
#include <stddef.h>
#include <stdio.h>
#include <synres/synres.h>

#include "suite.h"

typedef struct place {
    const char *structure, *field;
    size_t offset, size, pinned_offset, pinned_size;
} place;

#define STRUCT(name, bytes) {#name, NULL, 0, sizeof(name), 0, bytes},
#define FIELD(name, field, at, bytes) {#name, #field, offsetof(name, field), sizeof(((name *)0)->field), at, bytes},
static const place places[] = {
#include "atoms.layout"
#include "synres.layout"
};
enum { PLACES = sizeof places / sizeof places[0] };

START_TEST(every_field_is_where_it_was)
{
    const place *p = &places[_i];
    ck_assert_msg(p->offset == p->pinned_offset && p->size == p->pinned_size, "%s.%s: offset %zu, size %zu; pinned %zu, %zu", p->structure,
                  p->field ? p->field : "", p->offset, p->size, p->pinned_offset, p->pinned_size);
}
END_TEST

START_TEST(no_struct_holds_a_hole)
{
    size_t end = 0, size = 0;
    int structs = 0;
    for (int i = 0; i < PLACES; i++) {
        const place *p = &places[i];
        if (p->field) {
            ck_assert_msg(p->offset == end, "a hole before %s.%s", p->structure, p->field);
            end += p->size;
        } else {
            ck_assert_msg(end == size, "a hole at the end of the struct before %s", p->structure);
            end = 0;
            size = p->size;
            structs++;
        }
    }
    ck_assert_uint_eq(end, size);
    ck_assert_int_gt(structs, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_loop(suite, "pinned", every_field_is_where_it_was, PLACES);
    add_case(suite, "holes", no_struct_holds_a_hole);
}

SUITE_MAIN("layout", add_cases)
