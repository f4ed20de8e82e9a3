#include "npz_source.h"

#include <errno.h>

static zip_int64_t fail(npz_source *s, int zip_code, int error)
{
    zip_error_set(&s->zip_error, zip_code, error);
    return -1;
}

static zip_int64_t read_some(npz_source *s, void *data, zip_uint64_t length)
{
    int64_t left = s->file->size - s->position;
    int64_t n = length < (zip_uint64_t)left ? (int64_t)length : left;
    if (s->budget >= 0) {
        s->over_budget = n > s->budget;
        if (s->over_budget) return fail(s, ZIP_ER_READ, E2BIG);
        s->budget -= n;
    }
    s->error = base_io_read_full(&s->file->context->io, s->file->file, data, (size_t)n, s->position);
    if (s->error) return fail(s, ZIP_ER_READ, -s->error);
    s->position += n;
    return n;
}

static zip_int64_t seek(npz_source *s, void *data, zip_uint64_t length)
{
    zip_int64_t to = zip_source_seek_compute_offset((zip_uint64_t)s->position, (zip_uint64_t)s->file->size, data, length, &s->zip_error);
    if (to < 0) return -1;
    if (s->first_seek < 0) s->first_seek = to;
    s->position = to;
    return 0;
}

static zip_int64_t stat_size(npz_source *s, void *data, zip_uint64_t length)
{
    zip_stat_t *stat = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, length, &s->zip_error);
    if (!stat) return -1;
    zip_stat_init(stat);
    stat->size = (zip_uint64_t)s->file->size;
    stat->valid = ZIP_STAT_SIZE;
    return sizeof *stat;
}

zip_int64_t atomsi_npz_source(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    npz_source *s = user;
    switch (command) {
    case ZIP_SOURCE_OPEN: s->position = 0; return 0;
    case ZIP_SOURCE_READ: return read_some(s, data, length);
    case ZIP_SOURCE_SEEK: return seek(s, data, length);
    case ZIP_SOURCE_TELL: return s->position;
    case ZIP_SOURCE_STAT: return stat_size(s, data, length);
    case ZIP_SOURCE_CLOSE: case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&s->zip_error, data, length);
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
                                              ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default: return fail(s, ZIP_ER_OPNOTSUPP, 0);
    }
}
