#include "tensor_writer.h"

atoms_status atomsi_feed_next(tensor_feed *feed, const void **block, size_t *bytes)
{
    const tensor_source *s = feed->source;
    int64_t left = s->elements - feed->done;
    *bytes = 0;
    if (left == 0) return ATOMS_OK;
    int64_t n = s->read ? base_min_i64(left, TENSOR_STAGING / s->item) : left;
    *block = s->read ? (const void *)feed->writer->staging : s->data;
    if (s->read && s->read(s->user, feed->done, n, feed->writer->staging))
        return atomsi_fail(feed->writer->context, ATOMS_E_CANCELLED, "%s: the source of tensor \"%s\" failed at element %lld", feed->writer->path,
                           s->name, (long long)feed->done);
    feed->done += n;
    *bytes = (size_t)(n * s->item);
    return ATOMS_OK;
}

atoms_status atomsi_writer_put(atoms_tensorwriter *writer, base_atomic_file *out, const void *bytes, size_t count)
{
    int error = base_atomic_write(out, bytes, count);
    return error ? atomsi_fail_file(writer->context, error, writer->path) : ATOMS_OK;
}

atoms_status atomsi_feed_write(atoms_tensorwriter *writer, const tensor_source *source, base_atomic_file *out)
{
    tensor_feed feed = {.writer = writer, .source = source};
    for (;;) {
        const void *block;
        size_t bytes;
        atoms_status status = atomsi_feed_next(&feed, &block, &bytes);
        if (status || bytes == 0) return status;
        if ((status = atomsi_writer_put(writer, out, block, bytes))) return status;
    }
}
