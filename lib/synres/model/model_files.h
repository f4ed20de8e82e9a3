/* Where a model's bytes come from: a copy of them in memory to be freed. */
#ifndef MODEL_FILES_H
#define MODEL_FILES_H

#include "model_internal.h"

typedef synres_status (*synresi_source)(base_memory *memory, const void *from, unsigned char **image, size_t *size, const synresi_words *words);

synres_status synresi_model_from(const synres_host *host, synresi_source source, const void *from, synres_model **out);

#endif
