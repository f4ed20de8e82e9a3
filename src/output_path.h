/* Outputs that are named on the command line, looked at before the work whose result goes there. */
#ifndef OUTPUT_PATH_H
#define OUTPUT_PATH_H

/* Whether a file, or a directory, could be made or replaced at the path: what it would stand in is there and may be written to. Nothing is
 * made. An exit status; the error is printed. */
int output_file_possible(const char *path);
int output_directory_possible(const char *path);

#endif
