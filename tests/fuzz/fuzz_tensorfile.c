#include "fuzz_tensorfile.h"

#include <string.h>

#include <atoms/atoms.h>

#include "memory_io.h"
#include "tensorfile/tensorfile_internal.h"

enum { BLOCK = 4096 };

/* The first and the last block of a tensor, then the first again, as itself and as f64; the same bytes each time. */
static void use_tensor(atoms_tensorfile *file, int64_t index, const atoms_tensor_info *info)
{
    static double a[BLOCK], b[BLOCK];
    int64_t n = info->elements < BLOCK ? info->elements : BLOCK, found = -1;
    size_t bytes;
    require(atoms_tensorfile_find(file, info->name, &found) == ATOMS_OK && found == index);
    atoms_status raw = atomsi_tensorfile_read_raw(file, index, a, sizeof a, &bytes);
    require(raw || bytes <= sizeof a);
    if (!info->dtype) {
        require(atoms_tensorfile_read(file, index, 0, n, ATOMS_F32, a) == ATOMS_E_DTYPE);
        return;
    }
    require(atoms_tensorfile_read(file, index, 1, info->elements, info->dtype, a) == ATOMS_E_ARGUMENT);
    atoms_status first = atoms_tensorfile_read(file, index, 0, n, info->dtype, a);
    atoms_status last = atoms_tensorfile_read(file, index, info->elements - n, n, ATOMS_F64, b);
    require(last == ATOMS_OK || last == ATOMS_E_FORMAT);
    atoms_status again = atoms_tensorfile_read(file, index, 0, n, info->dtype, b);
    require(first == again);
    if (!first) require(memcmp(a, b, (size_t)(n * atoms_dtype_size(info->dtype))) == 0);
}

void fuzz_tensorfile(const uint8_t *data, size_t size)
{
    atoms_context *context = fuzz_context();
    atoms_tensorfile *file;
    memory_io io = {.bytes = data, .size = size};
    memory_io_use(&io, context);
    atoms_status status = atoms_tensorfile_open(context, "memory", &file);
    require(fuzz_largest() <= size + 65536);
    require(status == ATOMS_OK || status == ATOMS_E_FORMAT || status == ATOMS_E_LIMIT || status == ATOMS_E_UNSUPPORTED);
    require((file != NULL) == (status == ATOMS_OK));
    for (int64_t i = 0; i < atoms_tensorfile_count(file); i++) {
        atoms_tensor_info info;
        require(atoms_tensor_info_init(&info, sizeof info) == ATOMS_OK);
        require(atoms_tensorfile_info(file, i, &info) == ATOMS_OK);
        use_tensor(file, i, &info);
    }
    (void)atoms_tensorfile_metadata(file, "format");
    atoms_tensorfile_close(file);
    require(io.open == 0);
    atoms_context_destroy(context);
}
