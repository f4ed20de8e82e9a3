#include "npz_target.h"

#include <errno.h>

#include "../../base/checked.h"

static zip_int64_t fail(npz_target *t, int zip_code, int error)
{
    zip_error_set(&t->zip_error, zip_code, error);
    return -1;
}

/* libzip goes back to fill in a member's header; where the target is a pipe or a device that cannot be done. */
static zip_int64_t write_some(npz_target *t, const void *data, zip_uint64_t length)
{
    if (t->file->device && t->position != t->end) t->error = -ESPIPE;
    else t->error = base_atomic_write_at(t->file, data, (size_t)length, t->position);
    if (t->error) return fail(t, ZIP_ER_WRITE, -t->error);
    t->position += (int64_t)length;
    t->end = base_max_i64(t->end, t->position);
    return (zip_int64_t)length;
}

static zip_int64_t seek(npz_target *t, void *data, zip_uint64_t length)
{
    zip_int64_t to = zip_source_seek_compute_offset((zip_uint64_t)t->position, (zip_uint64_t)t->end, data, length, &t->zip_error);
    if (to < 0) return -1;
    t->position = to;
    return 0;
}

zip_int64_t atomsi_npz_target(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    npz_target *t = user;
    switch (command) {
    case ZIP_SOURCE_STAT: return fail(t, ZIP_ER_READ, ENOENT); /* a new archive */
    case ZIP_SOURCE_WRITE: return write_some(t, data, length);
    case ZIP_SOURCE_SEEK_WRITE: return seek(t, data, length);
    case ZIP_SOURCE_TELL_WRITE: return t->position;
    case ZIP_SOURCE_BEGIN_WRITE: case ZIP_SOURCE_COMMIT_WRITE: case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_CLOSE: case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&t->zip_error, data, length);
    case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_WRITABLE;
    default: return fail(t, ZIP_ER_OPNOTSUPP, 0);
    }
}
