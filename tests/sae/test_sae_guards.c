/* Hot calls between unreadable pages: no byte outside the caller's memory is touched, whatever its alignment. */
#define _DEFAULT_SOURCE
#include <atoms/atoms.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counting_memory.h"
#include "sae_oracle.h"
#include "suite.h"

static atoms_codes_view encode(const atoms_sae *sae, atoms_sae_work *work, const float *x, int64_t rows)
{
    atoms_matrix m = atoms_matrix_f32(x, rows, atoms_sae_d_in(sae));
    atoms_codes_view codes;
    ck_assert_ok(atoms_sae_encode(sae, work, &m, &codes));
    return codes;
}

/* `bytes` bytes that end exactly where an unreadable page begins (at_end), or begin exactly where one ends. */
static unsigned char *guarded(size_t bytes, int at_end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
    unsigned char *map = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(map != MAP_FAILED);
    ck_assert(!mprotect(map, page, PROT_NONE) && !mprotect(map + page + room, page, PROT_NONE));
    return at_end ? map + page + room - bytes : map + page;
}

/* Every byte that is touched lies inside the work, the input and the output. The child's exit unmaps the pages. */
START_TEST(nothing_outside_the_callers_memory_is_touched)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    int64_t checked = 0;
    for (int trial = 0; trial < 24; trial++) {
        int at_end = trial & 1;
        int64_t d_in = 1 + 5 * (trial % 7), d_sae = 3 + 47 * (trial % 5), rows = 1 + trial % 6;
        sae_case c = sae_case_make(400 + (uint64_t)trial, d_in, d_sae, 0.5);
        atoms_sae *sae = sae_case_create(context, &c, 0);
        float *plain = random_rows(401 + (uint64_t)trial, rows, d_in);
        size_t bytes, size = (size_t)(rows * d_in) * sizeof(float);
        float *x = (float *)(void *)guarded(size, at_end), *y = (float *)(void *)guarded(size, at_end);
        memcpy(x, plain, size);
        ck_assert_ok(atoms_sae_work_size(sae, rows, &bytes));
        atoms_sae_work *work, *plain_work;
        void *block;
        ck_assert_ok(atoms_sae_work_init(sae, guarded(bytes, at_end), bytes, &work)); /* at_end: any odd address */
        plain_work = make_work(sae, rows, &block);
        atoms_codes_view a = encode(sae, work, x, rows), b = encode(sae, plain_work, plain, rows);
        ck_assert_int_eq(a.nnz, b.nnz);
        ck_assert(memcmp(a.value, b.value, (size_t)a.nnz * sizeof(float)) == 0);
        atoms_matrix out = atoms_matrix_f32(y, rows, d_in);
        ck_assert_ok(atoms_sae_decode(sae, &a, &out));
        ck_assert_ok(atoms_sae_steer(sae, d_sae - 1, 1, y));
        checked += a.nnz;
        free(block);
        free(plain);
        atoms_sae_destroy(sae);
        sae_case_free(&c);
    }
    ck_assert_int_gt(checked, 1000);
    atoms_context_destroy(context);
}
END_TEST

void add_guard_cases(Suite *suite);
void add_guard_cases(Suite *suite)
{
    add_case(suite, "guard pages", nothing_outside_the_callers_memory_is_touched);
}
