/* Reading through libzip, which finds the members, inflates them and verifies checksums; with ZIP_CHECKCONS it compares the directory
 * with each member's own header and refuses names that occur twice. Added here: limits on number, ratio and directory, no overlap, and
 * the npy inside each member. A member stays open from one read to the next until its end is reached. */
#include "npz_archive.h"

#include <stdlib.h>
#include <string.h>

#include "npy_header.h"
#include "npz_source.h"

enum {
    RATIO_MAX = 1032, /* deflate cannot make more than 1032 bytes out of one */
    LOCAL_HEADER = 30,
    SKIP_MAX = 4096 /* a gap that is read over rather than sought over: an npy header, so that data read in order are checked too */
};

typedef struct npz_member {
    zip_uint64_t index;
    int64_t size, packed; /* bytes inflated and in the archive */
    int64_t begin, end;   /* of its header and data in the file */
    int64_t content;      /* stored only: where its data begin in the file */
    int stored;
    zip_file_t *stream;   /* NULL: not open */
    int64_t position;     /* of the stream */
} npz_member;

typedef struct npz_archive {
    npz_source source;
    zip_t *zip;
} npz_archive;

static void close_stream(npz_member *member)
{
    if (member->stream) zip_fclose(member->stream);
    member->stream = NULL;
}

/* A failed read marks libzip's view of the whole file, so that every stream must be opened again. */
static void close_streams(atoms_tensorfile *file)
{
    for (tensor_record *t = file->first; t; t = t->next)
        if (t->member) close_stream(t->member);
}

static atoms_status fail_zip(atoms_tensorfile *file, const char *tensor, zip_error_t *error)
{
    npz_source *source = &file->archive->source;
    int io_error = source->error, code = zip_error_code_zip(error);
    atoms_status status;
    source->error = 0;
    if (io_error) status = atomsi_fail_file(file->context, io_error, file->path);
    else if (source->over_budget) status = atomsi_tensor_fail(file, tensor, ATOMS_E_LIMIT, "the archive's directory has more than 8 MiB");
    else status = atomsi_tensor_fail(file, tensor, code == ZIP_ER_MEMORY ? ATOMS_E_MEMORY : ATOMS_E_FORMAT, zip_error_strerror(error));
    close_streams(file); /* last: the error may live in one of them */
    return status;
}

static atoms_status open_stream(atoms_tensorfile *file, const char *name, npz_member *member)
{
    close_stream(member);
    member->stream = zip_fopen_index(file->archive->zip, member->index, 0);
    member->position = 0;
    return member->stream ? ATOMS_OK : fail_zip(file, name, zip_get_error(file->archive->zip));
}

static atoms_status read_stream(atoms_tensorfile *file, const char *name, npz_member *member, int64_t bytes, unsigned char *out)
{
    while (bytes) {
        zip_int64_t n = zip_fread(member->stream, out, (zip_uint64_t)bytes);
        if (n < 0) return fail_zip(file, name, zip_file_get_error(member->stream));
        if (n == 0) return atomsi_tensor_fail(file, name, ATOMS_E_FORMAT, "the member is cut short");
        out += n;
        bytes -= n;
        member->position += n;
    }
    return ATOMS_OK;
}

/* At the end one more byte is asked for: that is when libzip compares the checksum, if the member was read through. */
static atoms_status finish_stream(atoms_tensorfile *file, const char *name, npz_member *member)
{
    unsigned char more;
    zip_int64_t n = zip_fread(member->stream, &more, 1);
    if (n < 0) return fail_zip(file, name, zip_file_get_error(member->stream));
    close_stream(member);
    return n ? atomsi_tensor_fail(file, name, ATOMS_E_FORMAT, "the member inflates to more than it says") : ATOMS_OK;
}

static atoms_status seek_stream(atoms_tensorfile *file, const char *name, npz_member *member, int64_t offset)
{
    atoms_status status = ATOMS_OK;
    if (!member->stream || (!member->stored && offset < member->position)) status = open_stream(file, name, member);
    if (status || offset == member->position) return status;
    if (member->stored && (offset < member->position || offset - member->position > SKIP_MAX)) {
        if (zip_fseek(member->stream, offset, SEEK_SET)) return fail_zip(file, name, zip_file_get_error(member->stream));
        member->position = offset;
        return ATOMS_OK;
    }
    unsigned char skipped[SKIP_MAX]; /* not the staging: the caller may be filling it */
    while (!status && member->position < offset)
        status = read_stream(file, name, member, base_min_i64(sizeof skipped, offset - member->position), skipped);
    return status;
}

static atoms_status read_member(atoms_tensorfile *file, const char *name, npz_member *member, int64_t offset, int64_t bytes, void *out)
{
    atoms_status status = seek_stream(file, name, member, offset);
    if (!status) status = read_stream(file, name, member, bytes, out);
    if (!status && member->position == member->size) status = finish_stream(file, name, member);
    return status;
}

int atomsi_tensorfile_compressed(const atoms_tensorfile *file, int64_t index)
{
    const npz_member *member = file->tensors[index]->member;
    return member && !member->stored;
}

atoms_status atomsi_npz_read(atoms_tensorfile *file, tensor_record *tensor, int64_t offset, int64_t bytes, void *out)
{
    return read_member(file, tensor->name, tensor->member, offset, bytes, out);
}

int64_t atomsi_npz_content_begin(const tensor_record *tensor)
{
    return tensor->member->content;
}

typedef struct member_bytes {
    atoms_tensorfile *file;
    tensor_record *tensor;
} member_bytes;

static atoms_status read_header_bytes(void *user, int64_t offset, int64_t bytes, void *out)
{
    member_bytes *m = user;
    return read_member(m->file, m->tensor->name, m->tensor->member, offset, bytes, out);
}

static atoms_status check_stat(atoms_tensorfile *file, const zip_stat_t *stat)
{
    zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((stat->valid & needed) != needed) return atomsi_tensor_fail(file, NULL, ATOMS_E_FORMAT, "a member lacks its name or size");
    if (stat->encryption_method != ZIP_EM_NONE) return atomsi_tensor_fail(file, stat->name, ATOMS_E_UNSUPPORTED, "the member is encrypted");
    if (stat->comp_method != ZIP_CM_STORE && stat->comp_method != ZIP_CM_DEFLATE)
        return atomsi_tensor_fail(file, stat->name, ATOMS_E_UNSUPPORTED, "the member is neither stored nor deflated");
    if (stat->comp_size > (zip_uint64_t)file->size)
        return atomsi_tensor_fail(file, stat->name, ATOMS_E_FORMAT, "the member is larger than the file");
    if (stat->comp_method == ZIP_CM_STORE && stat->size != stat->comp_size)
        return atomsi_tensor_fail(file, stat->name, ATOMS_E_FORMAT, "the member is stored, yet its two sizes differ");
    int64_t most;
    if (!base_mul_i64((int64_t)stat->comp_size, RATIO_MAX, &most) || stat->size > (zip_uint64_t)most)
        return atomsi_tensor_fail(file, stat->name, ATOMS_E_LIMIT, "the member claims to be deflated to less than 1/1032");
    return ATOMS_OK;
}

/* Adds the member as a tensor if it is called NAME.npy; others are no tensors and are left alone. */
static atoms_status add_member(atoms_tensorfile *file, zip_uint64_t index)
{
    static const char suffix[] = ".npy";
    zip_stat_t stat;
    npz_source *source = &file->archive->source;
    if (zip_stat_index(file->archive->zip, index, 0, &stat)) return fail_zip(file, NULL, zip_get_error(file->archive->zip));
    atoms_status status = check_stat(file, &stat);
    if (status) return status;
    size_t length = strlen(stat.name), tail = sizeof suffix - 1;
    if (length <= tail || strcmp(stat.name + length - tail, suffix) != 0) return ATOMS_OK;
    tensor_record *tensor = atomsi_tensor_append(file, stat.name, length - tail);
    if (!tensor || !(tensor->member = atomsi_arena_alloc(file->context, &file->arena, sizeof *tensor->member))) return ATOMS_E_MEMORY;
    npz_member *m = tensor->member;
    *m = (npz_member){.index = index, .size = (int64_t)stat.size, .packed = (int64_t)stat.comp_size, .stored = stat.comp_method == ZIP_CM_STORE};
    source->first_seek = -1;
    member_bytes bytes = {file, tensor};
    status = atomsi_npy_read_header(file, tensor, m->size, read_header_bytes, &bytes);
    const char *raw = zip_get_name(file->archive->zip, index, ZIP_FL_ENC_RAW); /* in the file's encoding: its length there */
    m->begin = source->first_seek;
    m->content = source->position - m->position; /* libzip reads a stored member to the byte */
    m->end = m->begin + LOCAL_HEADER + (raw ? (int64_t)strlen(raw) : 0) + m->packed;
    close_stream(m);
    return status;
}

static int compare_places(const void *a, const void *b)
{
    const npz_member *x = (*(tensor_record *const *)a)->member, *y = (*(tensor_record *const *)b)->member;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static atoms_status check_overlap(atoms_tensorfile *file)
{
    tensor_record **order = atomsi_alloc(file->context, file->count, sizeof *order);
    if (!order) return ATOMS_E_MEMORY;
    int64_t n = 0;
    atoms_status status = ATOMS_OK;
    for (tensor_record *t = file->first; t; t = t->next) order[n++] = t;
    if (n) qsort(order, (size_t)n, sizeof *order, compare_places);
    for (int64_t i = 1; i < n && !status; i++)
        if (order[i]->member->begin < order[i - 1]->member->end)
            status = atomsi_tensor_fail(file, order[i]->name, ATOMS_E_FORMAT, "the member overlaps another one");
    atomsi_free(file->context, order);
    return status;
}

static atoms_status open_zip(atoms_tensorfile *file)
{
    npz_archive *archive = file->archive;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_function_create(atomsi_npz_source, &archive->source, &error);
    archive->source.budget = NPZ_DIRECTORY_MAX;
    if (source) archive->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    archive->source.budget = -1;
    atoms_status status = archive->zip ? ATOMS_OK : fail_zip(file, NULL, &error);
    if (source && !archive->zip) zip_source_free(source);
    zip_error_fini(&error);
    return status;
}

atoms_status atomsi_npz_open(atoms_tensorfile *file)
{
    atoms_status status = atomsi_npz_check_tail(file);
    if (status) return status;
    if (!(file->archive = atomsi_alloc_zero(file->context, 1, sizeof *file->archive))) return ATOMS_E_MEMORY;
    file->archive->source.file = file;
    zip_error_init(&file->archive->source.zip_error);
    if ((status = open_zip(file))) return status;
    zip_int64_t entries = zip_get_num_entries(file->archive->zip, 0);
    if (entries > NPZ_ENTRIES_MAX) return atomsi_tensor_fail(file, NULL, ATOMS_E_LIMIT, "the archive has more than 4096 members");
    for (zip_int64_t i = 0; i < entries && !status; i++) status = add_member(file, (zip_uint64_t)i);
    if (status) return status;
    if (entries && !file->count) return atomsi_tensor_fail(file, NULL, ATOMS_E_FORMAT, "it is a zip archive, but none of its members is a .npy");
    return check_overlap(file);
}

void atomsi_npz_close(atoms_tensorfile *file)
{
    if (!file->archive) return;
    close_streams(file);
    if (file->archive->zip) zip_discard(file->archive->zip);
    zip_error_fini(&file->archive->source.zip_error);
    atomsi_free(file->context, file->archive);
}
