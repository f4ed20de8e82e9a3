/* A plain main for a fuzz target: runs it on every file of the folder CORPUS, and fails if there are none. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_tensorfile.h"

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *bytes = size < 0 ? NULL : malloc((size_t)size + 1);
    int good = bytes && fread(bytes, 1, (size_t)size, f) == (size_t)size;
    fclose(f);
    if (good) LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    return good;
}

int main(void)
{
    int replayed = 0;
    DIR *folder = opendir(CORPUS);
    if (!folder) return EXIT_FAILURE;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", CORPUS, entry->d_name);
        if (!replay_file(path)) return EXIT_FAILURE;
        replayed++;
    }
    closedir(folder);
    printf("%d files replayed\n", replayed);
    return replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
