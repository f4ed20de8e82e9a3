/* The end of a zip archive says how many entries its directory has. libzip looks for that record in the last 64 KiB, at every place
 * that carries its signature, and reserves memory for as many entries as the record claims; so each such place is looked at here first. */
#include <string.h>

#include "npz_archive.h"
#include "npz_source.h"

enum {
    TAIL = 65557,           /* a comment of 65535 bytes and the record before it */
    END_SIZE = 22,          /* end of central directory; entries at byte 10 */
    LOCATOR_SIZE = 20,      /* ZIP64: where the other record is, at byte 8 */
    END64_SIZE = 56,        /* ZIP64: entries at byte 32 */
    ENDS_MAX = 16           /* each costs libzip a look; data that hold zip archives have few */
};

static uint64_t little(const unsigned char *bytes, int n)
{
    uint64_t value = 0;
    while (n--) value = value << 8 | bytes[n];
    return value;
}

static atoms_status too_many(const atoms_tensorfile *file)
{
    return atomsi_tensor_fail(file, NULL, ATOMS_E_LIMIT, "the archive claims more than 4096 members");
}

static atoms_status check_end64(atoms_tensorfile *file, const unsigned char *locator)
{
    unsigned char record[END64_SIZE];
    uint64_t at = little(locator + 8, 8);
    if (file->size < END64_SIZE || at > (uint64_t)(file->size - END64_SIZE)) return ATOMS_OK; /* libzip refuses it before allocating */
    int error = base_io_read_full(&file->context->io, file->file, record, sizeof record, (int64_t)at);
    if (error) return atomsi_fail_file(file->context, error, file->path);
    return little(record + 32, 8) > NPZ_ENTRIES_MAX ? too_many(file) : ATOMS_OK;
}

static atoms_status check_ends(atoms_tensorfile *file, const unsigned char *tail, int64_t size)
{
    int ends = 0;
    for (int64_t i = 0; i + END_SIZE <= size; i++) {
        const unsigned char *end = tail + i;
        if (memcmp(end, "PK\5\6", 4) != 0) continue;
        if (++ends > ENDS_MAX) return atomsi_tensor_fail(file, NULL, ATOMS_E_LIMIT, "the archive has more than 16 ends of directory");
        int has_locator = i >= LOCATOR_SIZE && memcmp(end - LOCATOR_SIZE, "PK\6\7", 4) == 0;
        int is_last = i + END_SIZE + (int64_t)little(end + 20, 2) == size;
        if (!has_locator && is_last && little(end + 10, 2) > NPZ_ENTRIES_MAX) return too_many(file);
        atoms_status status = has_locator ? check_end64(file, end - LOCATOR_SIZE) : ATOMS_OK;
        if (status) return status;
    }
    return ATOMS_OK;
}

atoms_status atomsi_npz_check_tail(atoms_tensorfile *file)
{
    int64_t size = base_min_i64(file->size, TAIL + LOCATOR_SIZE);
    unsigned char *tail = atomsi_alloc(file->context, size, 1);
    if (!tail) return ATOMS_E_MEMORY;
    int error = base_io_read_full(&file->context->io, file->file, tail, (size_t)size, file->size - size);
    atoms_status status = error ? atomsi_fail_file(file->context, error, file->path) : check_ends(file, tail, size);
    atomsi_free(file->context, tail);
    return status;
}
