/* A hint reaches the bytes that the gather reads afterwards, and nothing else depends on it. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdlib.h>

#include <atoms/tensorfile.h>

#include "base/random.h"
#include "context/context_internal.h"
#include "counting_memory.h"
#include "files.h"
#include "row_files.h"
#include "row_pattern.h"
#include "rows/rows_internal.h"
#include "suite.h"

enum { N = 700, W = 33, RANGES = 512, COUNT = 260 };

typedef struct ranges {
    int64_t n, offset[RANGES], bytes[RANGES];
    int file[RANGES];
} ranges;

/* The system's operations, with every hint and every read written down. */
typedef struct watching_io {
    base_io real;
    ranges hints, reads;
    int refuse; /* every hint fails */
} watching_io;

static void note(ranges *r, int file, int64_t offset, int64_t bytes)
{
    ck_assert_int_lt(r->n, RANGES);
    r->file[r->n] = file;
    r->offset[r->n] = offset;
    r->bytes[r->n++] = bytes;
}

static int w_advise(void *user, int file, int64_t offset, int64_t bytes)
{
    watching_io *io = user;
    note(&io->hints, file, offset, bytes);
    return io->refuse ? -EIO : io->real.advise(io->real.user, file, offset, bytes);
}

static int64_t w_read_at(void *user, int file, void *buffer, size_t bytes, int64_t offset)
{
    watching_io *io = user;
    note(&io->reads, file, offset, (int64_t)bytes);
    return io->real.read_at(io->real.user, file, buffer, bytes, offset);
}

static void watch(watching_io *io, atoms_context *context)
{
    io->real = context->io;
    context->io.user = io;
    context->io.advise = w_advise;
    context->io.read_at = w_read_at;
}

/* The pattern in a file of this library's, as its only matrix. */
static void write_pattern(atoms_context *context, const char *path, int32_t format, int32_t dtype)
{
    int64_t one = 1, shape[2] = {N, W};
    float bias = 0;
    void *data = filled(dtype, N, W, W, 0);
    atoms_tensorwriter *writer;
    ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
    if (format != ATOMS_FILE_NPY) ck_assert_ok(atoms_tensorwriter_add(writer, "bias", ATOMS_F32, 1, &one, &bias));
    ck_assert_ok(atoms_tensorwriter_add(writer, format == ATOMS_FILE_NPY ? "" : "acts", dtype, 2, shape, data));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    free(data);
}

/* Single rows, some twice, and runs of up to nine, below `count`; the last row is among them. */
static void make_order(int64_t count, int64_t order[COUNT])
{
    for (int64_t i = 0, run; i < COUNT; i += run) {
        run = base_min_i64(i % 2 ? 9 : 1, COUNT - i);
        int64_t first = base_random_below(7, BASE_STREAM_TEST, (uint64_t)i, count - run + 1);
        for (int64_t k = 0; k < run; k++) order[i + k] = first + k;
    }
    order[COUNT / 2] = count - 1;
}

/* Every hint is one of the reads, in their order, and together they are `rows` rows of `row_bytes`. */
static void check_hints_are_the_reads(const watching_io *io, int64_t rows, int64_t row_bytes)
{
    int64_t total = 0, r = 0;
    for (int64_t h = 0; h < io->hints.n; h++, r++) {
        while (r < io->reads.n && (io->reads.file[r] != io->hints.file[h] || io->reads.offset[r] != io->hints.offset[h])) r++;
        ck_assert_msg(r < io->reads.n, "hint %lld, %lld bytes at %lld, is not read", (long long)h, (long long)io->hints.bytes[h],
                      (long long)io->hints.offset[h]);
        ck_assert_int_eq(io->hints.bytes[h], io->reads.bytes[r]);
        total += io->hints.bytes[h];
    }
    ck_assert_int_eq(total, rows * row_bytes);
}

static const struct { int32_t format, dtype; } stored_as[] = {
    {ATOMS_FILE_NPY, ATOMS_F16},         {ATOMS_FILE_NPY, ATOMS_F32},          {ATOMS_FILE_NPZ, ATOMS_F16},
    {ATOMS_FILE_NPZ, ATOMS_F64},         {ATOMS_FILE_SAFETENSORS, ATOMS_BF16}, {ATOMS_FILE_SAFETENSORS, ATOMS_F32},
};

START_TEST(a_hint_reaches_what_will_be_read)
{
    static watching_io io;
    io = (watching_io){0};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("hinted");
    write_pattern(context, path, stored_as[_i].format, stored_as[_i].dtype);
    atoms_rows *rows = open_rows(context, path, NULL, 0);
    int64_t order[COUNT], row_bytes = W * atoms_dtype_size(stored_as[_i].dtype);
    make_order(N, order);
    float space[COUNT * W];
    atoms_matrix out = atoms_matrix_f32(space, COUNT, W);
    watch(&io, context);
    for (int round = 0; round < 3; round++) { /* again: an npz keeps a position; and where every hint fails */
        io.refuse = round == 2;
        io.hints.n = io.reads.n = 0;
        int64_t requests = memory.requests;
        atomsi_rows_prefetch(rows, order, COUNT);
        ck_assert_int_eq(memory.requests, requests);
        ck_assert_int_eq(io.reads.n, 0);
        ck_assert_int_gt(io.hints.n, COUNT / 9);
        ck_assert_int_lt(io.hints.n, COUNT / 4); /* a run is one hint */
        ck_assert_ok(atoms_rows_gather(rows, order, &out));
        check_hints_are_the_reads(&io, COUNT, row_bytes);
        for (int64_t i = 0; i < COUNT; i++) check_row(&out, i, order[i]);
    }
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
}
END_TEST

START_TEST(each_part_gets_its_own_rows)
{
    static watching_io io;
    io = (watching_io){0};
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const char *path = scratch_path("part.npy"), *other = scratch_path("part.safetensors");
    write_pattern(context, path, ATOMS_FILE_NPY, ATOMS_F32);
    write_pattern(context, other, ATOMS_FILE_SAFETENSORS, ATOMS_F32);
    float *data = filled(ATOMS_F32, N, W, W, 0);
    atoms_matrix m = atoms_matrix_f32(data, N, W);
    supplier s = {.width = W};
    atoms_rows *a = open_rows(context, path, NULL, 0), *b = open_rows(context, other, NULL, 0), *some, *matrix, *callback, *all;
    ck_assert_ok(atoms_rows_first(context, b, 10, &some)); /* within a part, so runs cross from kind to kind */
    ck_assert_ok(atoms_rows_from_matrix(context, &m, &matrix));
    ck_assert_ok(atoms_rows_from_callback(context, 5, W, supply, &s, &callback));
    ck_assert_ok(atoms_rows_concat(context, (atoms_rows *[]){some, a, matrix, some, callback, b}, 6, &all));
    const int64_t start[] = {0, 10, 10 + N, 10 + 2 * N, 20 + 2 * N, 25 + 2 * N}, end = 25 + 3 * N;
    int64_t order[COUNT], in_files = 0;
    make_order(end, order);
    for (int i = 0; i < 40; i++) order[i] = start[2 + i / 20] - 8 + i % 20; /* a to matrix; matrix to some */
    float space[COUNT * W];
    atoms_matrix out = atoms_matrix_f32(space, COUNT, W);
    watch(&io, context);
    atomsi_rows_prefetch(all, order, COUNT);
    ck_assert_int_eq(s.calls, 0);
    ck_assert_ok(atoms_rows_gather(all, order, &out));
    for (int64_t i = 0; i < COUNT; i++) {
        int part = 5;
        while (order[i] < start[part]) part--;
        in_files += part != 2 && part != 4;
        check_row(&out, i, order[i] - start[part]);
    }
    ck_assert_int_gt(in_files, COUNT / 2);
    ck_assert_int_lt(in_files, COUNT);
    ck_assert_int_eq(io.hints.n, io.reads.n);
    check_hints_are_the_reads(&io, in_files, W * 4);
    int64_t calls = s.calls;
    io.hints.n = 0;
    atomsi_rows_prefetch(matrix, order, 0);
    atomsi_rows_prefetch(matrix, (int64_t[]){1, 2}, 2);
    atomsi_rows_prefetch(callback, (int64_t[]){1, 2}, 2);
    atomsi_rows_prefetch(a, order, 0);
    ck_assert_int_eq(io.hints.n, 0);
    ck_assert_int_eq(s.calls, calls);
    atoms_rows *made[] = {all, callback, matrix, some, b, a};
    for (int i = 0; i < 6; i++) atoms_rows_destroy(made[i]);
    atoms_context_destroy(context);
    ck_assert_int_eq(memory.held, 0);
    free(data);
}
END_TEST

void add_prefetch_cases(Suite *suite)
{
    add_file_loop(suite, "prefetch", a_hint_reaches_what_will_be_read, (int)(sizeof stored_as / sizeof *stored_as));
    add_file_case(suite, "prefetch of parts", each_part_gets_its_own_rows);
}
