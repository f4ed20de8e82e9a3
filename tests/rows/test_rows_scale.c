/* What a row costs does not depend on how many rows there are: memory as the system counts it, and file operations. A file of a million
 * rows beside one of 65536, streamed in order, then gathered in any order behind hints. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atoms/tensorfile.h>

#include "base/random.h"
#include "context/context_internal.h"
#include "failing_io.h"
#include "files.h"
#include "row_files.h"
#include "row_pattern.h"
#include "rows/rows_internal.h"
#include "suite.h"

enum { WIDTH = 16, FEW = 1 << 16, MANY = 1 << 20, BATCH = 1024, BATCHES = 64 };

typedef struct cost {
    int64_t peak; /* bytes resident */
    int64_t streamed, hints, gathered; /* file operations */
} cost;

/* Rows of the pattern as f16, without the whole of them in memory. */
static int32_t supply_f16(void *user, int64_t first, int64_t count, void *out)
{
    (void)user;
    for (int64_t i = 0; i < count; i++)
        put_value(ATOMS_F16, (char *)out + 2 * i, value_at((first + i) / WIDTH, (first + i) % WIDTH));
    return 0;
}

static void write_rows(const char *path, int32_t format, int64_t rows)
{
    atoms_context *context;
    atoms_tensorwriter *writer;
    const int64_t shape[2] = {rows, WIDTH};
    ck_assert_ok(atoms_context_create(NULL, &context));
    ck_assert_ok(atoms_tensorwriter_create(context, path, format, &writer));
    ck_assert_ok(atoms_tensorwriter_add_stream(writer, format == ATOMS_FILE_NPY ? "" : "acts", ATOMS_F16, 2, shape, supply_f16, NULL));
    ck_assert_ok(atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    atoms_context_destroy(context);
}

static void stream(atoms_rows *rows, const atoms_matrix *out)
{
    for (int64_t first = 0; first < atoms_rows_count(rows); first += BATCH) {
        ck_assert_ok(atoms_rows_read(rows, first, out));
        for (int64_t i = 0; i < BATCH; i += 128) check_row(out, i, first + i);
    }
}

static void measure(const char *path, cost *c)
{
    atoms_context *context;
    ck_assert_ok(atoms_context_create(NULL, &context));
    failing_io io = {0};
    failing_io_use(&io, context);
    atoms_rows *rows = open_rows(context, path, NULL, 0);
    static float space[BATCH * WIDTH];
    static int64_t order[BATCH];
    atoms_matrix out = atoms_matrix_f32(space, BATCH, WIDTH);
    io.operations = 0;
    stream(rows, &out);
    c->streamed = io.operations;
    for (int64_t batch = 0; batch < BATCHES; batch++) {
        for (int64_t i = 0; i < BATCH; i++)
            order[i] = base_random_below(5, BASE_STREAM_TEST, (uint64_t)(batch * BATCH + i), atoms_rows_count(rows));
        int64_t before = io.operations;
        atomsi_rows_prefetch(rows, order, BATCH);
        int64_t between = io.operations;
        ck_assert_ok(atoms_rows_gather(rows, order, &out));
        c->hints += between - before;
        c->gathered += io.operations - between;
        for (int64_t i = 0; i < BATCH; i++) check_row(&out, i, order[i]);
    }
    atoms_rows_destroy(rows);
    atoms_context_destroy(context);
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    c->peak = usage.ru_maxrss * 1024;
}

/* In a process of its own, whose peak is nobody else's. */
static cost measure_in_child(const char *path)
{
    int channel[2], ended;
    cost c = {0};
    ck_assert_int_eq(pipe(channel), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (!child) {
        measure(path, &c);
        _exit(write(channel[1], &c, sizeof c) != (ssize_t)sizeof c);
    }
    close(channel[1]);
    ck_assert_int_eq(read(channel[0], &c, sizeof c), (ssize_t)sizeof c);
    close(channel[0]);
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_int_eq(ended, 0);
    return c;
}

static const struct { int32_t format; const char *name; } formats[] = {
    {ATOMS_FILE_NPY, "npy"}, {ATOMS_FILE_NPZ, "npz"}, {ATOMS_FILE_SAFETENSORS, "safetensors"}};

START_TEST(a_row_costs_the_same_among_a_million)
{
    const char *few_path = scratch_path("few"), *many_path = scratch_path("many");
    write_rows(few_path, formats[_i].format, FEW);
    write_rows(many_path, formats[_i].format, MANY);
    cost few = measure_in_child(few_path), many = measure_in_child(many_path);
    printf("%s: %d and %d rows: peak %.1f and %.1f MiB, operations a row streamed %.4f and %.4f, hinted %.4f and %.4f, gathered %.4f and %.4f\n",
           formats[_i].name, FEW, MANY, (double)few.peak / 0x1p20, (double)many.peak / 0x1p20, (double)few.streamed / FEW,
           (double)many.streamed / MANY, (double)few.hints / (BATCH * BATCHES), (double)many.hints / (BATCH * BATCHES),
           (double)few.gathered / (BATCH * BATCHES), (double)many.gathered / (BATCH * BATCHES));
    ck_assert_int_le(many.peak, few.peak + (1 << 20)); /* the file is 30 MiB larger */
    ck_assert_int_gt(few.streamed, FEW / BATCH - 1);
    ck_assert_int_le(many.streamed, few.streamed * (MANY / FEW));
    ck_assert_int_le(many.hints, BATCH * BATCHES);
    ck_assert_int_gt(many.hints, BATCH * BATCHES / 100 * 99); /* few of a million stand side by side */
    ck_assert_int_le(many.gathered, many.hints + many.hints / 1000); /* one read where there was one hint; an npz opens a member again */
}
END_TEST

static void add_cases(Suite *suite)
{
    add_file_loop(suite, "scale", a_row_costs_the_same_among_a_million, (int)(sizeof formats / sizeof *formats));
}

SUITE_MAIN("rows at scale", add_cases)
