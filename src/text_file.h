/* Small files of the program's own (train.json, pictures): complete or not at all, as the library's; and where they go. */
#ifndef TEXT_FILE_H
#define TEXT_FILE_H

#include <stddef.h>

/* Writes PATH.tmp, fsyncs it, renames it, fsyncs the directory; a device is written in place. An exit status; errors are printed. */
int text_file_write(const char *path, const void *bytes, size_t size);

/* Makes a directory unless there is one; *made says whether it was. An exit status. */
int make_directory(const char *path, int *made);

/* DIRECTORY/NAME, to be freed. */
char *join_path(const char *directory, const char *name);

/* Where `train` saves a file of this name: in the SAE's directory, or beside its file. To be freed. */
char *path_beside(const char *sae_path, const char *name);

#endif
