/* Every allocation and every file operation of load and save made to fail in turn. */
#include <atoms/atoms.h>
#include <errno.h>
#include <stdio.h>

#include "context/context_internal.h"
#include "counting_memory.h"
#include "failing_io.h"
#include "files.h"
#include "sae_oracle.h"
#include "suite.h"
#include "unsynced_io.h"

/* Two SAEs of the same shape that differ everywhere. */
static atoms_sae *make(atoms_context *context, uint64_t seed)
{
    sae_case c = sae_case_make(seed, 20, 33, 0.5);
    atoms_sae *sae = sae_case_create(context, &c, 0);
    sae_case_free(&c);
    return sae;
}

/* 1: the file is this SAE's, 0: it is not; a file that does not load fails the test. */
static int holds(atoms_context *context, const char *path, const atoms_sae *sae)
{
    atoms_sae *found;
    ck_assert_ok(atoms_sae_load(context, path, &found));
    int same = !memcmp(atoms_sae_b_dec(found), atoms_sae_b_dec(sae), 20 * sizeof(float)) &&
               !memcmp(atoms_sae_threshold(found), atoms_sae_threshold(sae), 33 * sizeof(float));
    atoms_sae_destroy(found);
    return same;
}

typedef struct fault_case {
    int32_t format;
    int sticky, error; /* error 0: short reads and writes */
} fault_case;

static const fault_case fault_cases[] = {
    {ATOMS_FORMAT_SAELENS, 0, EIO},     {ATOMS_FORMAT_SAELENS, 1, ENOSPC},     {ATOMS_FORMAT_SAELENS, 0, 0},     {ATOMS_FORMAT_SAELENS, 1, 0},
    {ATOMS_FORMAT_SAELENS, 0, EINTR},   {ATOMS_FORMAT_GEMMA_SCOPE, 0, EIO},    {ATOMS_FORMAT_GEMMA_SCOPE, 1, EIO}, {ATOMS_FORMAT_GEMMA_SCOPE, 0, 0},
};

/* Saving `fresh` over `old` with operation k failing. Until the first file is renamed the old SAE is there; afterwards, and on
 * success, the new one; there is never a temporary file left, nor anything that does not load. */
START_TEST(a_failing_save_leaves_the_old_files_or_the_new)
{
    fault_case f = fault_cases[_i];
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1), *plain = counting_context(&memory, 1);
    atoms_sae *old = make(plain, 81), *fresh = make(context, 82);
    const char *name = f.format == ATOMS_FORMAT_SAELENS ? "faulty" : "faulty.npz";
    int entries = count_entries(scratch_folder()) + 1, open = count_open_files();
    int64_t failed = 0, kept = 0, visited = 0;
    for (int64_t k = 1;; k++) {
        failing_io io = {.sticky = f.sticky, .error = f.error};
        ck_assert_ok(atoms_sae_save(old, scratch_path(name), f.format));
        failing_io_use(&io, context);
        io.fail_at = k;
        atoms_status status = atoms_sae_save(fresh, scratch_path(name), f.format);
        int is_old = holds(plain, scratch_path(name), old), is_new = holds(plain, scratch_path(name), fresh);
        ck_assert_int_eq(is_old + is_new, 1);
        ck_assert_int_eq(count_entries(scratch_folder()), entries);
        if (f.format == ATOMS_FORMAT_SAELENS) ck_assert_int_eq(count_entries(scratch_path(name)), 2);
        ck_assert_int_eq(count_open_files(), open);
        if (!status) ck_assert(is_new);
        if (!io.failures) break;
        visited++;
        failed += status != ATOMS_OK;
        kept += is_old;
    }
    ck_assert_int_ge(visited, 10);
    if (f.error == EIO || f.error == ENOSPC) ck_assert(failed >= 8 && kept >= 5);
    if (!f.error) ck_assert_int_eq(failed, 0);
    atoms_sae_destroy(old);
    atoms_sae_destroy(fresh);
    atoms_context_destroy(context);
    atoms_context_destroy(plain);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static const char *const load_names[] = {"saelens", "checkpoint", "legacy", "gemma"};

START_TEST(a_failing_load_says_so_and_leaves_nothing)
{
    static const int errors[] = {EIO, EACCES, 0};
    char folder[4096]; /* scratch paths rotate */
    snprintf(folder, sizeof folder, "%s", golden_sae(load_names[_i]));
    int64_t failed = 0;
    int open = count_open_files();
    for (size_t e = 0; e < 3; e++)
        for (int sticky = 0; sticky <= 1; sticky++)
            for (int64_t k = 1;; k++) {
                counting_memory memory = {0};
                atoms_context *context = counting_context(&memory, 1);
                failing_io io = {.sticky = sticky, .error = errors[e]};
                failing_io_use(&io, context);
                io.fail_at = k;
                atoms_sae *sae;
                atoms_status status = atoms_sae_load(context, folder, &sae);
                if (status) ck_assert(status == ATOMS_E_IO && !sae && errors[e]);
                failed += status != ATOMS_OK;
                atoms_sae_destroy(sae);
                atoms_context_destroy(context);
                ck_assert_int_eq(memory.held, 0);
                ck_assert_int_eq(count_open_files(), open);
                if (!io.failures) break;
            }
    ck_assert_int_ge(failed, 12);
}
END_TEST

/* Load, save in both formats, with the k-th request refused, once or for ever. */
START_TEST(refused_memory_in_load_and_save)
{
    char folder[4096]; /* scratch paths rotate */
    snprintf(folder, sizeof folder, "%s", golden_sae(load_names[_i]));
    int64_t injected = 0;
    for (int sticky = 0; sticky <= 1; sticky++)
        for (int64_t k = 1;; k++) {
            counting_memory memory = {0};
            atoms_context *context = counting_context(&memory, 1);
            atoms_sae *sae;
            context->io = unsynced_io();
            memory.fail_at = memory.requests + k;
            memory.sticky = sticky;
            atoms_status status = atoms_sae_load(context, folder, &sae);
            if (!status) status = atoms_sae_save(sae, scratch_path("memory"), ATOMS_FORMAT_SAELENS);
            if (!status) status = atoms_sae_save(sae, scratch_path("memory.npz"), ATOMS_FORMAT_GEMMA_SCOPE);
            atoms_sae_destroy(sae);
            atoms_context_destroy(context);
            ck_assert_int_eq(memory.held, 0);
            if (!status) break;
            ck_assert_status(status, ATOMS_E_MEMORY);
            injected++;
        }
    ck_assert_int_ge(injected, 40);
    ck_assert_int_le(count_entries(scratch_folder()), 3);
}
END_TEST

void add_fault_cases(Suite *suite);
void add_fault_cases(Suite *suite)
{
    add_file_loop(suite, "failing save", a_failing_save_leaves_the_old_files_or_the_new, (int)(sizeof fault_cases / sizeof *fault_cases));
    add_file_loop(suite, "failing load", a_failing_load_says_so_and_leaves_nothing, 4);
    add_file_loop(suite, "refused memory", refused_memory_in_load_and_save, 4);
}
