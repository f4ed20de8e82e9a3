/* Sizes out of a hostile header. The product is taken over the dimensions that are not 0, so that 0 cannot hide an overflow. */
#include "tensorfile_parts.h"

atoms_status atomsi_tensor_extent(atoms_tensorfile *file, tensor_record *tensor, int64_t bits)
{
    int64_t product = 1, total;
    int empty = 0;
    for (int32_t i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] < 0) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the shape has a negative dimension");
        if (tensor->shape[i] == 0) empty = 1;
        else if (!base_mul_i64(product, tensor->shape[i], &product))
            return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the product of the shape is too large");
    }
    if (!base_mul_i64(product, bits, &total)) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the shape has too many bytes");
    if (empty) product = total = 0;
    if (total % 8) return atomsi_tensor_fail(file, tensor->name, ATOMS_E_FORMAT, "the data do not end at a whole byte");
    tensor->elements = product;
    tensor->bytes = total / 8;
    return ATOMS_OK;
}
