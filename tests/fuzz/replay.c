/* A plain main for a fuzz target: runs it on every file of the folders CORPUS, and fails if there are none in one of them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_context.h"

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

static int replay_folder(const char *name)
{
    int replayed = 0, good = 1;
    DIR *folder = opendir(name);
    if (!folder) return 0;
    for (struct dirent *entry; good && (entry = readdir(folder));) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        good = replay_file(path);
        replayed++;
    }
    closedir(folder);
    printf("%d files replayed\n", replayed);
    return good && replayed;
}

int main(void)
{
    static const char *const folders[] = {CORPUS};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!replay_folder(folders[i])) return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
