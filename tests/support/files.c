#define _XOPEN_SOURCE 700
#include "files.h"

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[4096];
static pid_t owner, registered; /* processes: whose folder it is, who removes it at exit */

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *where)
{
    (void)s;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_folder(void)
{
    if (owner == getpid()) nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_folder(void)
{
    if (owner != getpid()) { /* Check may fork: each child has its own */
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/atoms-test-XXXXXX", base && *base ? base : "/tmp");
        ck_assert_msg(mkdtemp(folder) != NULL, "no scratch folder %s", folder);
        owner = getpid();
        if (registered != getpid()) atexit(remove_folder);
        registered = getpid();
    }
    return folder;
}

void scratch_renew(void)
{
    remove_folder();
    owner = 0;
}

static const char *join(const char *a, const char *b)
{
    static char buffers[8][8192];
    static int next;
    char *out = buffers[next++ % 8];
    snprintf(out, sizeof buffers[0], "%s/%s", a, b);
    return out;
}

const char *scratch_path(const char *name) { return join(scratch_folder(), name); }
const char *golden_path(const char *name) { return join(TEST_GOLDEN, name); }
const char *sample_path(const char *name) { return join(TEST_SAMPLE, name); }

unsigned char *read_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "cannot open %s", path);
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    unsigned char *bytes = malloc((size_t)n + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)n, f), (size_t)n);
    bytes[n] = 0;
    fclose(f);
    if (size) *size = (size_t)n;
    return bytes;
}

void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
}

int file_exists(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0;
}

int count_entries(const char *path)
{
    DIR *d = opendir(path);
    ck_assert_msg(d != NULL, "cannot list %s", path);
    int n = 0;
    for (struct dirent *e; (e = readdir(d));) n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

int count_open_files(void)
{
    return count_entries("/proc/self/fd");
}
