/* Records of earlier runs that the page shows. They are files that anybody may have written: only what has the right type is kept. */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include <jansson.h>

/* Puts `training` (train.json beside the SAE; null with a note where there is none) and `sweep` (sweep_directory/sweep.json; null with a
 * note where none was named) into the result. A sweep that was named must be one: else an error. An exit status. */
int report_files(const char *sae_path, const char *sweep_directory, json_t *result);

#endif
