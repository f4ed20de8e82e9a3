/* Rows as they are come straight from their handle; shuffled ones from the block that control_shuffled.c made. */
#include "row_source.h"

#include <string.h>

row_source atomsi_row_source(atoms_context *context, atoms_rows *rows)
{
    return (row_source){.context = context, .rows = rows, .count = atoms_rows_count(rows), .width = atoms_rows_width(rows), .block = -1};
}

void atomsi_row_source_free(row_source *source)
{
    atomsi_free(source->context, source->shuffled);
}

atoms_status atomsi_row_source_read(row_source *source, int64_t first, int64_t count, float *out)
{
    int64_t width = source->width;
    atoms_matrix view = atoms_matrix_f32(out, count, width);
    if (!source->shuffled) return atoms_rows_read(source->rows, first, &view);
    for (int64_t done = 0; done < count;) {
        int64_t block = (first + done) / ROW_SOURCE_BLOCK, begin = (first + done) % ROW_SOURCE_BLOCK;
        int64_t take = base_min_i64(count - done, ROW_SOURCE_BLOCK - begin);
        atoms_status status = atomsi_row_source_load(source, block);
        if (status) return status;
        memcpy(out + done * width, source->shuffled + begin * width, (size_t)(take * width) * sizeof *out);
        done += take;
    }
    return ATOMS_OK;
}
