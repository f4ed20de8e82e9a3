#include "row_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "near.h"
#include "row_pattern.h"

void write_npy(const char *path, int32_t dtype, int fortran, int64_t rows, int64_t cols, int pattern)
{
    const char *descr = dtype == ATOMS_F16 ? "<f2" : dtype == ATOMS_F32 ? "<f4" : dtype == ATOMS_F64 ? "<f8" : "<i4";
    char header[129];
    int n = snprintf(header, sizeof header, "\x93NUMPY%c%c%c%c{'descr': '%s', 'fortran_order': %s, 'shape': (%lld, %lld), }", 1, 0, 118, 0, descr,
                     fortran ? "True" : "False", (long long)rows, (long long)cols);
    memset(header + n, ' ', sizeof header - (size_t)n);
    header[127] = '\n';
    size_t size = (size_t)atoms_dtype_size(dtype), elements = pattern ? (size_t)(rows * cols) : 0;
    char *bytes = malloc(128 + elements * size);
    memcpy(bytes, header, 128);
    for (int64_t i = 0; i < rows && pattern; i++)
        for (int64_t j = 0; j < cols; j++) put_value(dtype, bytes + 128 + size * (size_t)(fortran ? j * rows + i : i * cols + j), value_at(i, j));
    write_bytes(path, bytes, 128 + elements * size);
    free(bytes);
}

atoms_rows *open_rows(atoms_context *context, const char *path, const char *tensor, int64_t limit)
{
    atoms_rows_opts opts;
    ck_assert_ok(atoms_rows_opts_init(&opts, sizeof opts));
    opts.tensor = tensor;
    opts.limit = limit;
    atoms_rows *rows;
    atoms_status status = atoms_rows_open(context, path, &opts, &rows);
    char detail[1100];
    atoms_context_detail(context, detail, sizeof detail);
    ck_assert_msg(status == ATOMS_OK, "%s: %s: %s", path, atoms_status_name(status), detail);
    return rows;
}
