/* Damaged and foreign bytes of models and of states: each truncation, each single bit, another byte order, version or model; and fields that have been changed
 * under a right checksum. Always an error code, nothing held, nothing taken up. */
#include <math.h>

#include "base/checksum.h"
#include "counting_memory.h"
#include "small_run.h"
#include "suite.h"
#include "synres_inputs.h"

enum { HEADER = 64, VERSION_AT = 8, ORDER_AT = 12, CHECKSUM_AT = 56 };

/* The checksum that the bytes would have, put where both formats have it. */
static void sign(unsigned char *bytes, size_t size)
{
    const uint64_t sum = base_checksum(bytes + HEADER, size - HEADER, base_checksum(bytes, CHECKSUM_AT, 0));
    memcpy(bytes + CHECKSUM_AT, &sum, sizeof sum);
}

static void turn_order(unsigned char *bytes)
{
    for (int i = 0; i < 2; i++) {
        const unsigned char swap = bytes[ORDER_AT + i];
        bytes[ORDER_AT + i] = bytes[ORDER_AT + 3 - i], bytes[ORDER_AT + 3 - i] = swap;
    }
}

static synres_status load_model(const unsigned char *bytes, size_t size, char *words)
{
    counting_memory memory = {0};
    synres_host host;
    synres_model *model;
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.memory_user = &memory, host.allocate = counting_allocate, host.release = counting_release;
    host.words = words, host.words_size = words ? 200 : 0;
    synres_status status = synres_model_load_bytes(&host, bytes, size, &model);
    ck_assert_int_eq(model != NULL, status == SYNRES_OK);
    if (status) ck_assert_int_eq(memory.held, 0);
    synres_model_destroy(model);
    ck_assert_int_eq(memory.held, 0);
    return status;
}

/* A copy of a small model's bytes, to free; its layer has everything that a layer can have. */
static unsigned char *model_bytes(size_t *size)
{
    small_model m = make_model(1, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, 1, 1);
    const void *image;
    ck_synres_ok(synres_model_bytes(m.model, &image, size));
    unsigned char *bytes = memcpy(malloc(*size), image, *size);
    free_model(&m);
    return bytes;
}

START_TEST(every_truncated_or_flipped_model_is_refused)
{
    size_t size, refused = 0;
    unsigned char *bytes = model_bytes(&size);
    ck_synres_ok(load_model(bytes, size, NULL));
    for (size_t cut = 0; cut < size; cut++, refused++) {
        unsigned char *part = memcpy(malloc(cut + 1), bytes, cut);
        ck_synres_status(load_model(part, cut, NULL), SYNRES_E_FORMAT);
        free(part);
    }
    for (size_t bit = 0; bit < 8 * size; bit++, refused++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        synres_status status = load_model(bytes, size, NULL);
        ck_assert(status == SYNRES_E_FORMAT || (status == SYNRES_E_UNSUPPORTED && bit / 32 == ORDER_AT / 4));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_eq(refused, 9 * size);
    free(bytes);
}
END_TEST

START_TEST(foreign_models_are_refused_with_words)
{
    size_t size;
    char words[200];
    unsigned char *bytes = model_bytes(&size), *longer = calloc(size + 64, 1);
    turn_order(bytes);
    ck_synres_status(load_model(bytes, size, words), SYNRES_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(words, "byte order"));
    turn_order(bytes);
    bytes[VERSION_AT]++, sign(bytes, size);
    ck_synres_status(load_model(bytes, size, words), SYNRES_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(words, "version 2"));
    bytes[VERSION_AT]--, sign(bytes, size);
    ck_synres_ok(load_model(bytes, size, words));
    memcpy(longer, bytes, size);
    ck_synres_status(load_model(longer, size + 64, words), SYNRES_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(words, "the header says"));
    free(bytes), free(longer);
}
END_TEST

/* Each byte of the header, the layer's and the taps' fields set to what tends to hurt, the checksum made right. What is still a model is one. */
START_TEST(fields_changed_under_a_right_checksum_do_no_harm)
{
    static const unsigned char hurting[] = {0, 1, 0x7f, 0x80, 0xff};
    size_t size, refused = 0, accepted = 0;
    unsigned char *bytes = model_bytes(&size);
    for (size_t at = 0; at < size; at += at < 512 ? 1 : 13)
        for (size_t k = 0; k < sizeof hurting; k++) {
            const unsigned char kept = bytes[at];
            if (at >= CHECKSUM_AT && at < HEADER) continue;
            bytes[at] = hurting[k], sign(bytes, size);
            load_model(bytes, size, NULL) ? refused++ : accepted++;
            bytes[at] = kept;
        }
    ck_assert_uint_gt(refused, 500);
    ck_assert_uint_gt(accepted, 500);
    free(bytes);
}
END_TEST

START_TEST(every_truncated_or_flipped_state_is_refused)
{
    small_model m = make_model(5, kinds[_i], 1, 1);
    float *x = random_x(3, TOKENS), *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 2, &memory), *same = make_state(m.model, 2, &memory2);
    unsigned char *bytes;
    run_all(&m, state, x, 17, 17, y);
    const size_t size = saved(state, &bytes);
    run_all(&m, state, x, 3, 3, y), run_all(&m, same, x, 17, 17, y), run_all(&m, same, x, 3, 3, y);
    for (size_t cut = 0; cut < size; cut++) {
        unsigned char *part = memcpy(malloc(cut + 1), bytes, cut);
        ck_synres_status(synres_state_load(state, part, cut), SYNRES_E_FORMAT);
        free(part);
    }
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        synres_status status = synres_state_load(state, bytes, size);
        ck_assert(status == SYNRES_E_FORMAT || (status == SYNRES_E_UNSUPPORTED && bit / 32 == ORDER_AT / 4));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_same_state(state, same); /* nothing was taken up, not even what it can be rewound by */
    ck_synres_ok(synres_state_rewind(state, 18));
    ck_synres_ok(synres_state_rewind(same, 18));
    assert_same_state(state, same);
    ck_synres_ok(synres_state_load(state, bytes, size));
    free(bytes), free(x), free(y), free(memory), free(memory2);
    free_model(&m);
}
END_TEST

START_TEST(foreign_states_are_refused)
{
    small_model m = make_model(5, kinds[0], 1, 1), other = make_model(6, kinds[0], 1, 1);
    float *x = random_x(3, TOKENS), *y = ones(SMALL_TAPS * TOKENS * SMALL_OUT);
    void *memory, *memory2;
    synres_state *state = make_state(m.model, 2, &memory), *stranger = make_state(other.model, 2, &memory2);
    unsigned char *bytes, *before, *after;
    run_all(&m, state, x, 7, 7, y);
    const size_t size = saved(state, &bytes);
    ck_assert_uint_eq(saved(stranger, &before), size);
    ck_synres_status(synres_state_load(stranger, bytes, size), SYNRES_E_MODEL);
    turn_order(bytes);
    ck_synres_status(synres_state_load(state, bytes, size), SYNRES_E_UNSUPPORTED);
    turn_order(bytes);
    bytes[VERSION_AT]++, sign(bytes, size);
    ck_synres_status(synres_state_load(state, bytes, size), SYNRES_E_UNSUPPORTED);
    bytes[VERSION_AT]--;
#define CHANGED(type, at, value)                                                    \
    do {                                                                            \
        type new_ = (value), kept_;                                                 \
        memcpy(&kept_, bytes + (at), sizeof kept_);                                 \
        memcpy(bytes + (at), &new_, sizeof new_), sign(bytes, size);                \
        ck_synres_status(synres_state_load(state, bytes, size), SYNRES_E_FORMAT);   \
        memcpy(bytes + (at), &kept_, sizeof kept_), sign(bytes, size);              \
        ck_synres_ok(synres_state_load(state, bytes, size));                        \
    } while (0)
    CHANGED(int64_t, HEADER, -1);                 /* position */
    CHANGED(int64_t, HEADER, INT64_MAX);
    CHANGED(double, HEADER + 16, -1);             /* bound */
    CHANGED(double, HEADER + 16, 1e-3);           /* below what S is */
    CHANGED(double, HEADER + 16, NAN);
    CHANGED(double, HEADER + 16, INFINITY);
    CHANGED(float, HEADER + 24, NAN);             /* thresholds */
    CHANGED(float, HEADER + 28, 1e30f);
    CHANGED(float, size - 128, NAN);              /* the state */
    CHANGED(float, size - 128, -INFINITY);
    ck_assert_uint_eq(saved(stranger, &after), size);
    ck_assert_mem_eq(before, after, size);
    ck_synres_status(synres_state_load(NULL, bytes, size), SYNRES_E_ARGUMENT);
    ck_synres_status(synres_state_load(state, NULL, size), SYNRES_E_ARGUMENT);
    free(bytes), free(before), free(after), free(x), free(y), free(memory), free(memory2);
    free_model(&m), free_model(&other);
}
END_TEST

/* Files that are none: empty, a folder, a truncated one. */
START_TEST(files_that_are_no_models_are_refused)
{
    size_t size;
    char words[200];
    unsigned char *bytes = model_bytes(&size);
    synres_host host;
    synres_model *model;
    ck_synres_ok(synres_host_init(&host, sizeof host));
    host.words = words, host.words_size = sizeof words;
    write_bytes(scratch_path("empty"), bytes, 0);
    write_bytes(scratch_path("half"), bytes, size / 2);
    write_bytes(scratch_path("whole"), bytes, size);
    const int before = count_open_files();
    ck_synres_status(synres_model_load(&host, scratch_path("empty"), &model), SYNRES_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(words, "0 bytes"));
    ck_synres_status(synres_model_load(&host, scratch_path("half"), &model), SYNRES_E_FORMAT);
    ck_synres_status(synres_model_load(&host, scratch_folder(), &model), SYNRES_E_IO);
    ck_assert_ptr_null(model);
    ck_synres_ok(synres_model_load(&host, scratch_path("whole"), &model));
    ck_assert_int_eq(count_open_files(), before);
    synres_model_destroy(model);
    free(bytes);
}
END_TEST

static void add_cases(Suite *suite)
{
    add_case(suite, "model", every_truncated_or_flipped_model_is_refused);
    add_case(suite, "foreign model", foreign_models_are_refused_with_words);
    add_case(suite, "fields", fields_changed_under_a_right_checksum_do_no_harm);
    add_loop(suite, "state", every_truncated_or_flipped_state_is_refused, KINDS);
    add_case(suite, "foreign state", foreign_states_are_refused);
    add_case(suite, "files", files_that_are_no_models_are_refused);
}

SUITE_MAIN("synres_damage", add_cases)
