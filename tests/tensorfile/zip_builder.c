#include "zip_builder.h"

#include <string.h>

uint32_t zip_crc(const unsigned char *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

void zip_start(zip_builder *z)
{
    z->file.size = 0;
    z->count = 0;
}

/* What local and central headers have in common. */
static void put_fields(bytes *b, const zip_member *m)
{
    put_little(b, 20, 2); /* version needed */
    put_little(b, 0, 2);  /* flags */
    put_little(b, (uint64_t)m->method, 2);
    put_little(b, 0, 2);    /* time */
    put_little(b, 0x21, 2); /* date */
    put_little(b, m->crc, 4);
    put_little(b, m->packed, 4);
    put_little(b, m->size, 4);
    put_little(b, strlen(m->name), 2);
    put_little(b, 0, 2); /* length of the extra field */
}

zip_member *zip_add(zip_builder *z, const char *name, int method, const unsigned char *content, size_t packed, size_t size, uint32_t crc)
{
    zip_member *m = &z->members[z->count++];
    *m = (zip_member){.name = name, .content = content, .packed = (uint32_t)packed, .size = (uint32_t)size, .crc = crc, .method = method};
    m->local = z->file.size;
    put(&z->file, "PK\3\4", 4);
    put_fields(&z->file, m);
    put_text(&z->file, name);
    put(&z->file, content, packed);
    return m;
}

zip_member *zip_store(zip_builder *z, const char *name, const bytes *content)
{
    return zip_add(z, name, 0, content->data, content->size, content->size, zip_crc(content->data, content->size));
}

void zip_finish(zip_builder *z)
{
    z->directory = z->file.size;
    for (int i = 0; i < z->count; i++) {
        zip_member *m = &z->members[i];
        m->central = z->file.size;
        put(&z->file, "PK\1\2\24\3", 6);
        put_fields(&z->file, m);
        put_zeros(&z->file, 10); /* comment length, disk, attributes */
        put_little(&z->file, m->local, 4);
        put_text(&z->file, m->name);
    }
    z->end = z->file.size;
    put(&z->file, "PK\5\6\0\0\0\0", 8);
    put_little(&z->file, (uint64_t)z->count, 2);
    put_little(&z->file, (uint64_t)z->count, 2);
    put_little(&z->file, z->end - z->directory, 4);
    put_little(&z->file, z->directory, 4);
    put_little(&z->file, 0, 2);
}

void make_npy(bytes *out, const char *header, size_t zeros)
{
    out->size = 0;
    put(out, "\x93NUMPY\1\0", 8);
    put_little(out, strlen(header), 2);
    put_text(out, header);
    put_zeros(out, zeros);
}

void deflate_stored(bytes *out, const bytes *content)
{
    out->size = 0;
    put(out, "\1", 1); /* the last block, stored */
    put_little(out, content->size, 2);
    put_little(out, ~content->size, 2);
    put(out, content->data, content->size);
}
