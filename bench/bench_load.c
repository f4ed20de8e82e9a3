/* How fast are the tensors of an npz and of a safetensors file read? The yardstick is read() of the same file into fresh memory. Files are
 * in the page cache; with --inputs they are load_params.npz and load_params.safetensors there, else an SAE's weights are written to a
 * temporary folder first. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/bench_check.h"
#include "support/bench_inputs.h"
#include "support/bench_report.h"

enum { PATH_ROOM = 4096 };

typedef struct loading {
    atoms_context *context;
    char npz[PATH_ROOM], safetensors[PATH_ROOM];
    void *memory; /* of `bytes` bytes, as much as the file */
    int64_t bytes;
    uint32_t sum;
} loading;

/* Fresh memory as NumPy takes it for large arrays: on huge pages where the system has them for those who ask. */
static void *fresh(size_t bytes)
{
    enum { HUGE_PAGE = 2 << 20 };
    void *memory = NULL;
    if (posix_memalign(&memory, bytes < HUGE_PAGE ? 64 : HUGE_PAGE, bytes)) exit(1);
#ifdef MADV_HUGEPAGE
    if (bytes >= HUGE_PAGE) (void)madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

/* A sum that the compiler turns into vectors, so that memory is what it waits for. */
static uint32_t sum_bits(const void *data, int64_t words)
{
    const uint32_t *word = data;
    uint32_t sum = 0;
    for (int64_t i = 0; i < words; i++) sum += word[i];
    return sum;
}

static void read_tensors(atoms_context *context, const char *path)
{
    atoms_tensorfile *file;
    atoms_tensor_info info;
    CHECK(context, atoms_tensorfile_open(context, path, &file));
    CHECK(context, atoms_tensor_info_init(&info, sizeof info));
    int64_t count = atoms_tensorfile_count(file);
    void **tensors = bench_memory((size_t)count, sizeof *tensors);
    for (int64_t i = 0; i < count; i++) {
        CHECK(context, atoms_tensorfile_info(file, i, &info));
        tensors[i] = fresh((size_t)(info.elements * atoms_dtype_size(info.dtype)));
        CHECK(context, atoms_tensorfile_read(file, i, 0, info.elements, info.dtype, tensors[i]));
    }
    for (int64_t i = 0; i < count; i++) free(tensors[i]); /* only now: a caller holds them all at once */
    free(tensors);
    atoms_tensorfile_close(file);
}

/* Looks at every number, as the first pass over the weights would. */
static void sum_mapped(void *arg)
{
    loading *l = arg;
    atoms_tensorfile *file;
    atoms_tensor_info info;
    CHECK(l->context, atoms_tensorfile_open(l->context, l->safetensors, &file));
    CHECK(l->context, atoms_tensor_info_init(&info, sizeof info));
    for (int64_t i = 0; i < atoms_tensorfile_count(file); i++) {
        const void *data;
        CHECK(l->context, atoms_tensorfile_info(file, i, &info));
        CHECK(l->context, atoms_tensorfile_map(file, i, &data));
        l->sum += sum_bits(data, info.elements);
    }
    atoms_tensorfile_close(file);
}

static void sum_memory(void *arg)
{
    loading *l = arg;
    l->sum += sum_bits(l->memory, l->bytes / 4);
}

static void load_npz(void *arg)
{
    const loading *l = arg;
    read_tensors(l->context, l->npz);
}

static void load_safetensors(void *arg)
{
    const loading *l = arg;
    read_tensors(l->context, l->safetensors);
}

static void load_sae(void *arg)
{
    const loading *l = arg;
    atoms_sae *sae;
    CHECK(l->context, atoms_sae_load(l->context, l->npz, &sae));
    atoms_sae_destroy(sae);
}

static void plain_read(void *arg)
{
    const loading *l = arg;
    struct stat about;
    int file = open(l->npz, O_RDONLY);
    if (file < 0 || fstat(file, &about)) exit(1);
    char *all = fresh((size_t)about.st_size);
    for (off_t done = 0; done < about.st_size;) {
        ssize_t n = read(file, all + done, (size_t)(about.st_size - done));
        if (n <= 0) exit(1);
        done += n;
    }
    free(all);
    close(file);
}

static void write_file(atoms_context *context, const bench_sae_inputs *in, int32_t format, const char *path)
{
    int64_t d = in->size.d, m = in->size.m, encoder[] = {d, m}, decoder[] = {m, d};
    float *zeros = bench_memory((size_t)(d > m ? d : m), sizeof *zeros);
    atoms_tensorwriter *writer;
    CHECK(context, atoms_tensorwriter_create(context, path, format, &writer));
    CHECK(context, atoms_tensorwriter_add(writer, "W_enc", ATOMS_F32, 2, encoder, in->w_enc));
    CHECK(context, atoms_tensorwriter_add(writer, "W_dec", ATOMS_F32, 2, decoder, in->w_dec));
    CHECK(context, atoms_tensorwriter_add(writer, "b_enc", ATOMS_F32, 1, &m, zeros));
    CHECK(context, atoms_tensorwriter_add(writer, "b_dec", ATOMS_F32, 1, &d, zeros));
    CHECK(context, atoms_tensorwriter_add(writer, "threshold", ATOMS_F32, 1, &m, in->threshold));
    CHECK(context, atoms_tensorwriter_commit(writer));
    atoms_tensorwriter_destroy(writer);
    free(zeros);
}

static void make_files(loading *l, const bench_options *options, bench_sae_size size, const char *folder)
{
    snprintf(l->npz, sizeof l->npz, "%s/load_params.npz", folder);
    snprintf(l->safetensors, sizeof l->safetensors, "%s/load_params.safetensors", folder);
    if (options->inputs) return;
    bench_sae_inputs in = bench_sae_make(l->context, options, size);
    write_file(l->context, &in, ATOMS_FILE_NPZ, l->npz);
    write_file(l->context, &in, ATOMS_FILE_SAFETENSORS, l->safetensors);
    bench_sae_free(&in);
}

static void run_size(bench_report *report, const bench_options *options, loading *l)
{
    struct stat about;
    char name[64];
    if (stat(l->npz, &about)) exit(1);
    double megabytes = 1e-6 * (double)about.st_size;
    snprintf(name, sizeof name, "%.0f MB", megabytes);
    if (!bench_wants(options, name)) return;
    bench_contestant all[] = {{.name = "npz, all tensors", .run = load_npz, .blas_threads = 1},
                              {.name = "safetensors, all tensors", .run = load_safetensors, .blas_threads = 1},
                              {.name = "safetensors mapped, all summed", .run = sum_mapped, .blas_threads = 1},
                              {.name = "the same amount of memory, summed", .run = sum_memory, .blas_threads = 1},
                              {.name = "atoms_sae_load of the npz", .run = load_sae, .blas_threads = 1},
                              {.name = "read() into fresh memory", .run = plain_read, .blas_threads = 1}};
    l->bytes = about.st_size / 4 * 4;
    l->memory = fresh((size_t)l->bytes);
    memset(l->memory, 1, (size_t)l->bytes);
    bench_race(all, 6, l, options->rounds, options->threads);
    bench_report_size(report, name, all, 6, megabytes, "MB");
    bench_report_figure(report, "read() by npz", bench_ratio(all + 5, all));
    bench_report_figure(report, "read() by safetensors", bench_ratio(all + 5, all + 1));
    bench_report_figure(report, "memory summed by file mapped", bench_ratio(all + 3, all + 2));
    bench_race_end(all, 6);
    free(l->memory);
}

int main(int argc, char **argv)
{
    bench_options options = bench_parse(argc, argv);
    bench_report *report = bench_report_open("load", &options);
    bench_sae_size size = options.quick ? (bench_sae_size){24, 96, 1, 8} : (bench_sae_size){2304, 16384, 1, 100};
    loading l = {.context = bench_context(options.threads)};
    char made[PATH_ROOM / 2];
    const char *temporary = getenv("TMPDIR");
    snprintf(made, sizeof made, "%s/atoms-bench-XXXXXX", temporary ? temporary : "/tmp");
    if (!options.inputs && !mkdtemp(made)) return 1;
    make_files(&l, &options, size, options.inputs ? options.inputs : made);
    run_size(report, &options, &l);
    if (!options.inputs) remove(l.npz), remove(l.safetensors), remove(made);
    atoms_context_destroy(l.context);
    return bench_report_close(report);
}
