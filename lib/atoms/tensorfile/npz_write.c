/* Writing through libzip, which pulls each member: first its npy header, then the data. Members are stored, so that any part can be
 * read without the rest, and their date is fixed, so that the same tensors give the same bytes. */
#include <errno.h>
#include <string.h>

#include "npy_header.h"
#include "npz_target.h"
#include "tensor_writer.h"

enum { DATE_1980_01_01 = 1 << 5 | 1 };

typedef struct npz_member_feed {
    struct npz_job *job;
    tensor_feed feed;
    char header[NPY_HEADER_ROOM];
    size_t header_size;
    const unsigned char *block; /* what is still to be handed out */
    size_t left;
} npz_member_feed;

typedef struct npz_job {
    atoms_tensorwriter *writer;
    npz_target target;
    npz_member_feed *members;
    atoms_status status; /* of a feed that failed */
    zip_error_t zip_error;
} npz_job;

static zip_int64_t member_read(npz_member_feed *m, unsigned char *out, zip_uint64_t length)
{
    if (m->left == 0) {
        const void *block = NULL;
        m->job->status = atomsi_feed_next(&m->feed, &block, &m->left);
        if (m->job->status) {
            zip_error_set(&m->job->zip_error, ZIP_ER_READ, EIO);
            return -1;
        }
        m->block = block;
    }
    size_t n = length < m->left ? (size_t)length : m->left;
    if (n == 0) return 0;
    memcpy(out, m->block, n);
    m->block += n;
    m->left -= n;
    return (zip_int64_t)n;
}

static zip_int64_t member_open(npz_member_feed *m)
{
    m->feed.done = 0;
    m->block = (const unsigned char *)m->header;
    m->left = m->header_size;
    return 0;
}

static zip_int64_t member_stat(npz_member_feed *m, void *data, zip_uint64_t length)
{
    zip_stat_t *stat = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, length, &m->job->zip_error);
    if (!stat) return -1;
    zip_stat_init(stat);
    stat->size = (zip_uint64_t)m->feed.source->bytes + m->header_size;
    stat->valid = ZIP_STAT_SIZE;
    return sizeof *stat;
}

static zip_int64_t member_source(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    npz_member_feed *m = user;
    switch (command) {
    case ZIP_SOURCE_OPEN: return member_open(m);
    case ZIP_SOURCE_READ: return member_read(m, data, length);
    case ZIP_SOURCE_STAT: return member_stat(m, data, length);
    case ZIP_SOURCE_CLOSE: case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&m->job->zip_error, data, length);
    case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_READABLE;
    default: zip_error_set(&m->job->zip_error, ZIP_ER_OPNOTSUPP, 0); return -1;
    }
}

static atoms_status fail_zip(npz_job *job, zip_error_t *error)
{
    atoms_context *context = job->writer->context;
    const char *path = job->writer->path;
    if (job->status) return job->status;
    if (job->target.error == -ESPIPE)
        return atomsi_fail(context, ATOMS_E_UNSUPPORTED, "%s: an npz cannot be written to a pipe or device", path);
    if (job->target.error) return atomsi_fail_file(context, job->target.error, path);
    return atomsi_fail(context, zip_error_code_zip(error) == ZIP_ER_MEMORY ? ATOMS_E_MEMORY : ATOMS_E_IO, "%s: %s", path,
                       zip_error_strerror(error));
}

/* Only a name that is not ASCII is called UTF-8: newer versions of libzip would mark any name that is, and the same tensors shall give the
 * same bytes with each of them. */
static zip_flags_t name_encoding(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name > 127) return ZIP_FL_ENC_UTF_8;
    return ZIP_FL_ENC_GUESS;
}

static atoms_status add_member(npz_job *job, zip_t *zip, const tensor_source *source, npz_member_feed *m)
{
    size_t length = strlen(source->name);
    char *name = atomsi_alloc(job->writer->context, (int64_t)length + 5, 1);
    if (!name) return ATOMS_E_MEMORY;
    memcpy(name, source->name, length);
    memcpy(name + length, ".npy", 5);
    *m = (npz_member_feed){.job = job, .feed = {.writer = job->writer, .source = source}};
    m->header_size = atomsi_npy_format_header(m->header, source->descr, source->rank, source->shape);
    zip_source_t *s = zip_source_function(zip, member_source, m);
    zip_int64_t index = s ? zip_file_add(zip, name, s, name_encoding(name)) : -1;
    if (s && index < 0) zip_source_free(s);
    atomsi_free(job->writer->context, name);
    if (index < 0 || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, 0, DATE_1980_01_01, 0))
        return fail_zip(job, zip_get_error(zip));
    return ATOMS_OK;
}

static atoms_status write_archive(npz_job *job)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *target = zip_source_function_create(atomsi_npz_target, &job->target, &error);
    zip_t *zip = target ? zip_open_from_source(target, ZIP_CREATE, &error) : NULL;
    atoms_status status = zip ? ATOMS_OK : fail_zip(job, &error);
    if (target && !zip) zip_source_free(target);
    zip_error_fini(&error);
    if (!zip) return status;
    npz_member_feed *m = job->members;
    for (const tensor_source *s = job->writer->first; s && !status; s = s->next) status = add_member(job, zip, s, m++);
    if (!status && zip_close(zip) == 0) return ATOMS_OK;
    if (!status) status = fail_zip(job, zip_get_error(zip));
    zip_discard(zip);
    return status;
}

atoms_status atomsi_npz_write(atoms_tensorwriter *writer, base_atomic_file *out)
{
    npz_job job = {.writer = writer, .target = {.file = out}};
    zip_error_init(&job.target.zip_error);
    zip_error_init(&job.zip_error);
    job.members = atomsi_alloc(writer->context, writer->count, sizeof *job.members);
    atoms_status status = job.members ? write_archive(&job) : ATOMS_E_MEMORY;
    atomsi_free(writer->context, job.members);
    zip_error_fini(&job.zip_error);
    zip_error_fini(&job.target.zip_error);
    return status;
}
