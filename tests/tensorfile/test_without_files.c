/* A library built without jansson and libzip says so. */
#include <atoms/atoms.h>

#include "counting_memory.h"
#include "suite.h"

START_TEST(file_functions_are_unsupported)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_tensorfile *file = (atoms_tensorfile *)(uintptr_t)1;
    atoms_tensorwriter *writer = (atoms_tensorwriter *)(uintptr_t)1;
    ck_assert_status(atoms_tensorfile_open(context, "x.npy", &file), ATOMS_E_UNSUPPORTED);
    ck_assert_detail(context, "ATOMS_FILES=OFF");
    ck_assert_ptr_null(file);
    ck_assert_status(atoms_tensorwriter_create(context, "x.npy", ATOMS_FILE_NPY, &writer), ATOMS_E_UNSUPPORTED);
    ck_assert_ptr_null(writer);
    ck_assert_status(atoms_tensorfile_read(file, 0, 0, 1, ATOMS_F32, NULL), ATOMS_E_UNSUPPORTED);
    ck_assert_status(atoms_tensorwriter_commit(writer), ATOMS_E_UNSUPPORTED);
    atoms_tensorfile_close(file);
    atoms_tensorwriter_destroy(writer);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "without files", file_functions_are_unsupported);
}

SUITE_MAIN("tensorfile", add_cases)
