#include "tensor_arena.h"

#include <stdalign.h>
#include <string.h>

enum { BLOCK = 16384 };

struct tensor_arena_block {
    struct tensor_arena_block *next;
    alignas(max_align_t) unsigned char bytes[];
};

void *atomsi_arena_alloc(atoms_context *context, tensor_arena *arena, size_t bytes)
{
    size_t whole;
    if (!base_align_size(bytes, alignof(max_align_t), &whole)) whole = PTRDIFF_MAX; /* which no allocator gives */
    if (whole > arena->size - arena->used) {
        size_t size = whole > BLOCK ? whole : BLOCK, total;
        if (!base_add_size(size, sizeof(struct tensor_arena_block), &total)) total = PTRDIFF_MAX;
        struct tensor_arena_block *block = atomsi_alloc(context, (int64_t)total, 1);
        if (!block) return NULL;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->used = 0;
        arena->size = size;
    }
    void *memory = arena->blocks->bytes + arena->used;
    arena->used += whole;
    memset(memory, 0, whole);
    return memory;
}

char *atomsi_arena_text(atoms_context *context, tensor_arena *arena, const char *text, size_t length)
{
    char *copy = atomsi_arena_alloc(context, arena, length + 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void atomsi_arena_free(atoms_context *context, tensor_arena *arena)
{
    while (arena->blocks) {
        struct tensor_arena_block *next = arena->blocks->next;
        atomsi_free(context, arena->blocks);
        arena->blocks = next;
    }
    *arena = (tensor_arena){0};
}
