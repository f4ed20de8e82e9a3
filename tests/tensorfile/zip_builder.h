/* Zip archives made byte by byte, so that any field can be wrong. Field offsets are those of the format (PKWARE's APPNOTE). */
#ifndef TENSORFILE_ZIP_BUILDER_H
#define TENSORFILE_ZIP_BUILDER_H

#include "corrupt.h"

enum { ZIP_MEMBERS_MAX = 8 };

typedef struct zip_member {
    const char *name;
    const unsigned char *content; /* as it lies in the archive */
    uint32_t packed, size, crc;
    int method; /* 0 stored, 8 deflated */
    size_t local, central; /* where its headers are */
} zip_member;

typedef struct zip_builder {
    bytes file;
    zip_member members[ZIP_MEMBERS_MAX];
    int count;
    size_t directory, end;
} zip_builder;

uint32_t zip_crc(const unsigned char *data, size_t size);

/* Starts over. */
void zip_start(zip_builder *z);

/* Adds local header and content; the member may be changed until zip_finish writes the directory. */
zip_member *zip_add(zip_builder *z, const char *name, int method, const unsigned char *content, size_t packed, size_t size, uint32_t crc);

/* Stored, with the right sizes and checksum; content must outlive z. */
zip_member *zip_store(zip_builder *z, const char *name, const bytes *content);

void zip_finish(zip_builder *z);

/* An npy of this header text and so many zeros. */
void make_npy(bytes *out, const char *header, size_t zeros);

/* `content` as a deflate stream of one stored block. */
void deflate_stored(bytes *out, const bytes *content);

#endif
