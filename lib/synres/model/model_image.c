/* The image of a model: a header, then for each layer its fields, its taps' fields and its arrays, each array on a cache line of its own, so that
 * a model works inside its image. Little-endian. One walk serves measuring, writing and reading, so that they cannot differ. */
#include <string.h>

#include "../../base/checked.h"
#include "../../base/checksum.h"
#include "model_internal.h"

typedef struct image_header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t size, layers, reserved[3];
    uint64_t checksum; /* of all other bytes */
} image_header;

typedef struct image_layer {
    int32_t flags, activation, threshold, reserved;
    int64_t d_in, heads, d_key, d_value, taps, block;
    double beta_max, max_decay, mu, nu, epsilon;
    uint64_t present;
    double radius;
} image_layer;

typedef struct image_tap {
    int64_t d_out;
    double scale, cap;
    uint64_t present;
} image_tap;

_Static_assert(sizeof(image_header) == 64 && sizeof(image_layer) == 120 && sizeof(image_tap) == 32, "the format has no holes");

static const char MAGIC[8] = "SYNRESM";
enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304 };

typedef struct walk {
    enum { MEASURE, WRITE, READ } mode;
    unsigned char *image;
    size_t size, at;
    bool fits;
} walk;

/* The next `bytes` bytes on a cache line of their own, or NULL when measuring or beyond the end. */
static unsigned char *take(walk *w, size_t bytes)
{
    size_t start, end;
    if (!w->fits || !base_align_size(w->at, BASE_ALIGNMENT, &start) || !base_add_size(start, bytes, &end) || (w->mode != MEASURE && end > w->size)) {
        w->fits = false;
        return NULL;
    }
    w->at = end;
    return w->mode == MEASURE ? NULL : w->image + start;
}

static void record(walk *w, void *fields, size_t bytes)
{
    unsigned char *place = take(w, bytes);
    if (!place) return;
    if (w->mode == WRITE) memcpy(place, fields, bytes);
    else memcpy(fields, place, bytes);
}

/* An array of rows × cols, where bit `bit` of *present says that there is one. */
static void array(walk *w, uint64_t *present, int bit, const float **x, int64_t rows, int64_t cols)
{
    int64_t count;
    size_t bytes = 0;
    if (w->mode != READ && *x) *present |= 1u << bit;
    if (!(*present >> bit & 1)) return;
    w->fits = w->fits && base_mul_i64(rows, cols, &count) && base_bytes(count, sizeof(float), &bytes);
    unsigned char *place = take(w, bytes);
    if (!place) return;
    if (w->mode == WRITE) memcpy(place, *x, bytes);
    else *x = (const float *)(const void *)place;
}

/* Sizes that later products rely on; the rest is synresi_layer_check's. */
static bool sizes_are_sane(const image_layer *f)
{
    return f->d_in >= 1 && f->d_in <= INT32_MAX && f->heads >= 1 && f->heads <= SYNRES_MAX_HEADS && f->d_key >= 1 && f->d_key <= SYNRES_MAX_DIMENSION &&
           f->d_value >= 1 && f->d_value <= SYNRES_MAX_DIMENSION && f->taps >= 0 && f->taps <= SYNRESI_MAX_TAPS;
}

static void walk_arrays(walk *w, synres_layer_weights *l, uint64_t *present)
{
    synres_shape shape = {.flags = l->flags, .d_key = l->d_key, .d_value = l->d_value};
    int64_t keys = l->heads * l->d_key, values = l->heads * l->d_value, h = l->heads;
    int64_t gates = h * synresi_gate_width(&shape), decays = h * synresi_decay_width(&shape), x = l->d_in;
    const float **arrays[] = {&l->A_key,   &l->A_query, &l->A_value,    &l->w_beta,      &l->b_beta,         &l->w_decay,
                              &l->b_decay, &l->rate,    &l->kappa_beta, &l->kappa_decay, &l->kappa_agreement};
    const int64_t rows[] = {keys, keys, values, gates, gates, decays, decays, h, h, h, h}, cols[] = {x, x, x, x, 1, x, 1, 1, 1, 1, 1};
    for (int i = 0; i < 11; i++) array(w, present, i, arrays[i], rows[i], cols[i]);
}

static void walk_layer(walk *w, synresi_layer *layer)
{
    synres_layer_weights *l = &layer->w;
    image_layer f = {.flags = l->flags, .activation = l->activation, .threshold = l->threshold, .d_in = l->d_in, .heads = l->heads, .d_key = l->d_key,
                     .d_value = l->d_value, .taps = l->taps, .block = l->block, .beta_max = l->beta_max, .max_decay = l->max_decay, .mu = l->mu,
                     .nu = l->nu, .epsilon = l->epsilon, .radius = l->radius};
    walk measure = {.mode = MEASURE, .fits = true};
    if (w->mode != READ) walk_arrays(&measure, l, &f.present);
    record(w, &f, sizeof f);
    if (w->mode == READ) {
        if (!w->fits || !sizes_are_sane(&f) || f.reserved || f.present >> 11) {
            w->fits = false;
            return;
        }
        *l = (synres_layer_weights){.struct_size = sizeof *l, .flags = f.flags, .activation = f.activation, .threshold = f.threshold, .d_in = f.d_in,
                                    .heads = f.heads, .d_key = f.d_key, .d_value = f.d_value, .taps = f.taps, .block = f.block, .beta_max = f.beta_max,
                                    .max_decay = f.max_decay, .mu = f.mu, .nu = f.nu, .epsilon = f.epsilon, .radius = f.radius,
                                    .tap = layer->tap_weights};
    }
    walk_arrays(w, l, &f.present);
    for (int64_t i = 0; i < l->taps; i++) {
        synres_tap_weights *t = &layer->tap_weights[i];
        image_tap g = {.d_out = t->d_out, .scale = t->scale, .cap = t->cap,
                       .present = (t->B != NULL) | (t->gain != NULL) << 1 | (t->gate != NULL) << 2 | (t->gate_bias != NULL) << 3};
        record(w, &g, sizeof g);
        if (w->mode == READ) *t = (synres_tap_weights){.struct_size = sizeof *t, .d_out = g.d_out, .scale = g.scale, .cap = g.cap};
        if (t->d_out < 1 || t->d_out > INT32_MAX || g.present >> 4) w->fits = false;
        array(w, &g.present, 0, &t->B, t->d_out, l->heads * l->d_value);
        array(w, &g.present, 1, &t->gain, l->heads, l->d_value);
        array(w, &g.present, 2, &t->gate, l->heads, l->d_in);
        array(w, &g.present, 3, &t->gate_bias, l->heads, 1);
    }
}

static bool walk_all(walk *w, synresi_layer *layer, int64_t layers)
{
    (void)take(w, sizeof(image_header));
    for (int64_t i = 0; i < layers && w->fits; i++) walk_layer(w, &layer[i]);
    return w->fits;
}

synres_status synresi_image_size(const synresi_layer *layer, int64_t layers, size_t *size)
{
    walk w = {.mode = MEASURE, .fits = true};
    if (!walk_all(&w, (synresi_layer *)(uintptr_t)layer, layers)) return SYNRES_E_OVERFLOW;
    return base_align_size(w.at, BASE_ALIGNMENT, size) ? SYNRES_OK : SYNRES_E_OVERFLOW;
}

static uint64_t checksum_of(const unsigned char *image, size_t size)
{
    const size_t kept = offsetof(image_header, checksum);
    return base_checksum(image + sizeof(image_header), size - sizeof(image_header), base_checksum(image, kept, 0));
}

void synresi_image_write(synresi_layer *layer, int64_t layers, unsigned char *image, size_t size)
{
    memset(image, 0, size);
    walk w = {.mode = WRITE, .image = image, .size = size, .fits = true};
    (void)walk_all(&w, layer, layers);
    image_header header = {.version = VERSION, .byte_order = BYTE_ORDER_MARK, .size = size, .layers = (uint64_t)layers};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    memcpy(image, &header, sizeof header);
    header.checksum = checksum_of(image, size);
    memcpy(image, &header, sizeof header);
}

synres_status synresi_image_check(const unsigned char *image, size_t size, const synresi_words *words, int64_t *layers, uint64_t *hash)
{
    image_header header;
    if (size < sizeof header) return synresi_fail(words, SYNRES_E_FORMAT, "%zu bytes are no model: its header has %zu", size, sizeof header);
    memcpy(&header, image, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0) return synresi_fail(words, SYNRES_E_FORMAT, "not a model: it does not begin with SYNRESM");
    if (header.byte_order != BYTE_ORDER_MARK) return synresi_fail(words, SYNRES_E_UNSUPPORTED, "a model of the other byte order");
    if (header.size != size) return synresi_fail(words, SYNRES_E_FORMAT, "the header says %llu bytes, there are %zu", (unsigned long long)header.size, size);
    if (header.checksum != checksum_of(image, size)) return synresi_fail(words, SYNRES_E_FORMAT, "the checksum does not fit the bytes");
    if (header.version != VERSION) return synresi_fail(words, SYNRES_E_UNSUPPORTED, "version %u of the format", header.version);
    if (header.layers < 1 || header.layers > SYNRESI_MAX_LAYERS)
        return synresi_fail(words, SYNRES_E_FORMAT, "%llu layers", (unsigned long long)header.layers);
    *layers = (int64_t)header.layers;
    *hash = header.checksum;
    return SYNRES_OK;
}

synres_status synresi_image_read(const unsigned char *image, size_t size, synresi_layer *layer, int64_t layers, const synresi_words *words)
{
    walk w = {.mode = READ, .image = (unsigned char *)(uintptr_t)image, .size = size, .fits = true};
    if (!walk_all(&w, layer, layers)) return synresi_fail(words, SYNRES_E_FORMAT, "the layers' sizes do not fit the bytes");
    return SYNRES_OK;
}
