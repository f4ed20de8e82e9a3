/* The checks that all kernels share: shapes, sizes and what must not be NULL. */
#include <stddef.h>

#include "../../base/checked.h"
#include "../../base/options.h"
#include "step_internal.h"

/* base's outcomes are passed on as they are. */
#define SAME(name) _Static_assert((int)SYNRES_E_##name == (int)BASE_E_##name, #name)
SAME(ARGUMENT);
SAME(UNSUPPORTED);
SAME(NOT_FINITE);
SAME(OVERFLOW);
SAME(MEMORY);
SAME(IO);
SAME(NOT_FOUND);
_Static_assert(sizeof(synres_tokens_f32) == sizeof(synres_tokens_f64), "one layout, two number types");

static const synres_shape DEFAULT_SHAPE = {.flags = SYNRES_RULE_ERASE, .heads = 1};
static const synres_tokens_f32 DEFAULT_F32 = {.tokens = 1};
static const synres_tokens_f64 DEFAULT_F64 = {.tokens = 1};

synres_status synres_shape_init(synres_shape *shape, size_t size) { return base_options_init(shape, size, &DEFAULT_SHAPE, sizeof DEFAULT_SHAPE); }

synres_status synres_tokens_f32_init(synres_tokens_f32 *tokens, size_t size)
{
    return base_options_init(tokens, size, &DEFAULT_F32, sizeof DEFAULT_F32);
}

synres_status synres_tokens_f64_init(synres_tokens_f64 *tokens, size_t size)
{
    return base_options_init(tokens, size, &DEFAULT_F64, sizeof DEFAULT_F64);
}

synres_status synresi_shape_read(synres_shape *known, const synres_shape *shape)
{
    const int32_t all = SYNRES_RULE_ERASE | SYNRES_RULE_READ_PRE | SYNRES_RULE_ROW_GATES | SYNRES_RULE_DECAY_CHANNEL | SYNRES_RULE_DECAY_ROW;
    const int32_t both = SYNRES_RULE_DECAY_CHANNEL | SYNRES_RULE_DECAY_ROW;
    if (!shape) return SYNRES_E_ARGUMENT;
    synres_status status = base_options_read(known, sizeof *known, &DEFAULT_SHAPE, shape);
    if (status) return status;
    if (known->flags & ~all) return SYNRES_E_UNSUPPORTED;
    if ((known->flags & both) == both) return SYNRES_E_ARGUMENT;
    if (known->heads < 1 || known->heads > SYNRES_MAX_HEADS || known->d_key < 1 || known->d_key > SYNRES_MAX_DIMENSION || known->d_value < 1 ||
        known->d_value > SYNRES_MAX_DIMENSION)
        return SYNRES_E_SHAPE;
    if (known->stride == 0) known->stride = known->d_key;
    int64_t elements;
    if (known->stride < known->d_key) return SYNRES_E_SHAPE;
    if (!base_mul_i64(known->heads * known->d_value, known->stride, &elements) || elements > INT64_MAX / 64) return SYNRES_E_OVERFLOW;
    return SYNRES_OK;
}

static synres_status check_tokens(int64_t tokens, const void *key, const void *query, const void *value, const void *beta)
{
    if (tokens < 0 || tokens > INT32_MAX) return SYNRES_E_SHAPE;
    return tokens && (!key || !query || !value || !beta) ? SYNRES_E_ARGUMENT : SYNRES_OK;
}

synres_status synresi_tokens_read_f32(synres_tokens_f32 *known, const synres_tokens_f32 *tokens)
{
    if (!tokens) return SYNRES_E_ARGUMENT;
    synres_status status = base_options_read(known, sizeof *known, &DEFAULT_F32, tokens);
    return status ? status : check_tokens(known->tokens, known->key, known->query, known->value, known->beta);
}

synres_status synresi_tokens_read_f64(synres_tokens_f64 *known, const synres_tokens_f64 *tokens)
{
    if (!tokens) return SYNRES_E_ARGUMENT;
    synres_status status = base_options_read(known, sizeof *known, &DEFAULT_F64, tokens);
    return status ? status : check_tokens(known->tokens, known->key, known->query, known->value, known->beta);
}
