/* safetensors: u64 length, a JSON header, data without holes. Format: github.com/huggingface/safetensors. */
#ifndef ATOMSI_SAFETENSORS_HEADER_H
#define ATOMSI_SAFETENSORS_HEADER_H

#include "tensor_writer.h"
#include "tensorfile_parts.h"

enum { SAFETENSORS_HEADER_LIMIT = 16777216 };

typedef struct safetensors_type {
    const char *text;
    int32_t dtype; /* 0: can only be named */
    int32_t bits;
} safetensors_type;

/* NULL for a name that is none. */
const safetensors_type *atomsi_safetensors_type(const char *text);

/* The type of a dtype. Types later in the table lie earlier in a file. */
const safetensors_type *atomsi_safetensors_type_of(int32_t dtype);

atoms_status atomsi_safetensors_open(atoms_tensorfile *file);

/* Writes length, header and data as the reference writer orders them. */
atoms_status atomsi_safetensors_write(atoms_tensorwriter *writer, base_atomic_file *out);

#endif
