/* The largest of what an atom meets in a pass, a few for each, with the place of the least kept at hand. */
#include "geometry_internal.h"

atoms_status atomsi_neighbours_make(atoms_context *context, int64_t atoms, int64_t length, neighbours *out)
{
    int64_t elements;
    *out = (neighbours){.length = length};
    if (!base_mul_i64(atoms, out->length, &elements)) return atomsi_fail(context, ATOMS_E_OVERFLOW, "too many atoms and neighbours");
    out->value = atomsi_alloc(context, elements, sizeof *out->value);
    out->index = atomsi_alloc(context, elements, sizeof *out->index);
    out->place = atomsi_alloc_zero(context, atoms, sizeof *out->place);
    out->least = atomsi_alloc(context, atoms, sizeof *out->least);
    if (!out->value || !out->index || !out->place || !out->least) return ATOMS_E_MEMORY;
    for (int64_t i = 0; i < atoms; i++) out->least[i] = -2;
    return ATOMS_OK;
}

void atomsi_neighbours_free(atoms_context *context, neighbours *near)
{
    atomsi_free(context, near->value);
    atomsi_free(context, near->index);
    atomsi_free(context, near->place);
    atomsi_free(context, near->least);
}

/* Two sweeps, the first in lanes that a compiler may hold in a vector. */
static int32_t place_of_least(const float *value, int64_t n)
{
    float least[8] = {2, 2, 2, 2, 2, 2, 2, 2};
    int64_t k = 0;
    int32_t place = 0;
    for (; k + 8 <= n; k += 8)
        for (int lane = 0; lane < 8; lane++) least[lane] = value[k + lane] < least[lane] ? value[k + lane] : least[lane];
    for (; k < n; k++) least[0] = value[k] < least[0] ? value[k] : least[0];
    for (int lane = 1; lane < 8; lane++) least[0] = least[lane] < least[0] ? least[lane] : least[0];
    while (value[place] != least[0]) place++;
    return place;
}

void atomsi_neighbours_offer(neighbours *near, int64_t atom, float value, int64_t other)
{
    if (!(value > near->least[atom])) return;
    float *list = near->value + atom * near->length;
    int32_t *place = &near->place[atom];
    list[*place] = value;
    near->index[atom * near->length + *place] = (int32_t)other;
    bool full = near->least[atom] > -2;
    if (!full && ++*place < near->length) return;
    *place = place_of_least(list, near->length);
    near->least[atom] = list[*place];
}
