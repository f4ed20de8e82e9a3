/* Many small things that live and die together: names, records, metadata. No single request is larger than a block, or than what
 * is asked for, so a hostile header cannot make it ask for more than the header's own size. */
#ifndef ATOMSI_TENSOR_ARENA_H
#define ATOMSI_TENSOR_ARENA_H

#include <stddef.h>

#include "../context/context_internal.h"

typedef struct tensor_arena {
    struct tensor_arena_block *blocks; /* the newest first */
    size_t used, size;                 /* of the newest */
} tensor_arena;

/* Cleared memory, aligned for any type; NULL with the detail set. */
void *atomsi_arena_alloc(atoms_context *context, tensor_arena *arena, size_t bytes);

/* A terminated copy of `length` bytes. */
char *atomsi_arena_text(atoms_context *context, tensor_arena *arena, const char *text, size_t length);

void atomsi_arena_free(atoms_context *context, tensor_arena *arena);

#endif
