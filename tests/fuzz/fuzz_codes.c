/* Codes: the bytes as they are, loaded; what is accepted keeps the promises of a view. */
#include <atoms/codes.h>

#include "fuzz_context.h"
#include "fuzz_numbers.h"
#include "memory_io.h"

static void use_codes(atoms_context *context, const atoms_codes *codes)
{
    atoms_codes_view v;
    atoms_l0_report l0;
    require(atoms_codes_look(codes, &v) == ATOMS_OK);
    fuzz_require_view(&v);
    require(atoms_l0_report_init(&l0, sizeof l0) == ATOMS_OK);
    require(atoms_codes_l0(context, &v, &l0) == (v.rows ? ATOMS_OK : ATOMS_E_SHAPE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { INFLATED = 1032, GROWN = 16 }; /* deflate's largest ratio; one byte in the file becomes at most an int64, and room is doubled */
    atoms_context *context = fuzz_context();
    memory_io io = {.bytes = data, .size = size};
    memory_io_use(&io, context);
    atoms_codes *codes;
    atoms_status status = atoms_codes_load(context, "memory", &codes);
    require(fuzz_largest() <= (uint64_t)INFLATED * GROWN * size + 65536);
    require(status == ATOMS_OK || status == ATOMS_E_FORMAT || status == ATOMS_E_LIMIT || status == ATOMS_E_UNSUPPORTED ||
            status == ATOMS_E_NOT_FOUND || status == ATOMS_E_DTYPE || status == ATOMS_E_OVERFLOW || status == ATOMS_E_MEMORY);
    require((codes != NULL) == (status == ATOMS_OK));
    if (codes) use_codes(context, codes);
    atoms_codes_destroy(codes);
    require(io.open == 0);
    atoms_context_destroy(context);
    return 0;
}
