/* A run that was stopped and resumed gives the bits of one that was not; any field left out of a checkpoint would show. */
#include "base/checksum.h"
#include "files.h"
#include "sae/sae_internal.h"
#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_resume_cases(Suite *suite);

enum { N = 1300, D = 10 };

/* Every recipe, AIP mode, and dead latents revived on the way. */
enum { AIP = 4, REVIVAL, MODES };

static atoms_train_opts options(int mode)
{
    static const char *const recipes[MODES] = {"target-l0", "gemma", "anthropic", "features", "target-l0", "target-l0"};
    atoms_train_opts o, small = small_opts();
    ck_assert_ok(atoms_train_opts_recipe(&o, sizeof o, recipes[mode]));
    o.width = small.width;
    o.steps = small.steps;
    o.batch = small.batch;
    o.target_l0 = small.target_l0;
    o.bandwidth *= 10;
    o.seed = small.seed;
    o.warmup_fraction = 0.2;
    if (mode == REVIVAL) o.revive_every = 2, o.dead_steps = 1, o.target_l0 = 1, o.start_l0 = 0.2;
    return o;
}

static atoms_trainer *new_trainer_as(setting *s, int mode, atoms_train_opts o)
{
    atoms_trainer *t;
    atoms_moments *moments = NULL;
    atoms_metric *metric = NULL;
    if (mode == AIP) {
        ck_assert_ok(atoms_moments_create(s->context, D, &moments));
        ck_assert_ok(atoms_moments_add_rows(moments, s->rows));
        ck_assert_ok(atoms_metric_from_moments(s->context, moments, NULL, &metric));
        o.metric = metric;
    }
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    atoms_metric_destroy(metric);
    atoms_moments_destroy(moments);
    return t;
}

static atoms_trainer *new_trainer(setting *s, int mode)
{
    return new_trainer_as(s, mode, options(mode));
}

static int32_t stop_at(void *user, const atoms_train_stats *stats)
{
    return stats->step >= *(int64_t *)user;
}

static void run_to(setting *s, atoms_trainer *t, int64_t step)
{
    atoms_train_report r;
    ck_assert_ok(atoms_train_report_init(&r, sizeof r));
    ck_assert_ok(atoms_trainer_run(t, s->rows, stop_at, &step, &r));
    ck_assert_int_eq(r.step, step);
}

/* The final checkpoint of a run of 12 steps: everything there is to compare. */
static unsigned char *final_bytes(setting *s, atoms_trainer *t, size_t *size)
{
    const char *path = scratch_path("final.safetensors");
    run_to(s, t, 12);
    ck_assert_ok(atoms_trainer_save(t, path));
    return read_bytes(path, size);
}

static unsigned char *reference(int mode, size_t *size)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s, mode);
    unsigned char *bytes = final_bytes(s, t, size);
    if (mode == REVIVAL) ck_assert_int_gt(t->revived, 0);
    atoms_trainer_destroy(t);
    end(s);
    return bytes;
}

/* The same of a run in which every pass has several pieces: 2 × 3 tiles, 19 pieces of rows, 38 of latents. */
static unsigned char *bytes_of_many_pieces(setting *s, int mode, size_t *size)
{
    atoms_train_opts o = options(mode);
    o.width = 1200;
    o.batch = 600;
    if (mode != REVIVAL) o.target_l0 = 20;
    atoms_trainer *t = new_trainer_as(s, mode, o);
    unsigned char *bytes = final_bytes(s, t, size);
    if (mode == REVIVAL) ck_assert_int_gt(t->revived, 0);
    atoms_trainer_destroy(t);
    return bytes;
}

/* _i: mode. Among them sums by GEMM (gemma starts with much firing) and a stored, clipped gradient (anthropic). */
START_TEST(same_bits_for_any_number_of_threads)
{
    size_t size = 0, size2;
    unsigned char *want = NULL;
    for (int32_t threads = 1; threads <= 4; threads++) {
        setting *s = begin(N, D, threads);
        unsigned char *got = bytes_of_many_pieces(s, _i, &size2);
        if (!want) {
            want = got;
            size = size2;
        } else {
            ck_assert(size == size2 && memcmp(want, got, size) == 0);
            free(got);
        }
        end(s);
    }
    free(want);
}
END_TEST

/* A host's loop may take pieces in any order and number its workers as it likes. */
static void backwards(void *user, int64_t count, atoms_body_fn body, void *arg)
{
    for (int64_t i = count; i-- > 0;) body(arg, i, (int32_t)(i % 3));
    ++*(int64_t *)user;
}

START_TEST(same_bits_in_the_hosts_own_loop)
{
    size_t size, size2;
    int64_t loops = 0;
    setting *s = begin(N, D, 1);
    unsigned char *want = bytes_of_many_pieces(s, 0, &size);
    atoms_context_opts o;
    atoms_context *plain = s->context;
    ck_assert_ok(atoms_context_opts_init(&o, sizeof o));
    o.threads = 3;
    o.parallel_user = &loops;
    o.parallel_for = backwards;
    ck_assert_ok(atoms_context_create(&o, &s->context));
    unsigned char *got = bytes_of_many_pieces(s, 0, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    ck_assert_int_ge(loops, 12 * 5); /* five loops a step */
    free(got);
    free(want);
    atoms_context_destroy(s->context);
    s->context = plain;
    end(s);
}
END_TEST

/* _i: mode, and stopped before the first step or at three points. */
START_TEST(a_resumed_run_goes_on_bit_for_bit)
{
    static const int64_t splits[] = {0, 1, 5, 11};
    int64_t split = splits[_i % 4];
    size_t size, size2;
    unsigned char *want = reference(_i / 4, &size);
    setting *s = begin(N, D, 2);
    atoms_trainer *t = new_trainer(s, _i / 4), *resumed;
    if (split) run_to(s, t, split);
    ck_assert_ok(atoms_trainer_save(t, scratch_path("half.safetensors")));
    atoms_trainer_destroy(t);
    ck_assert_ok(atoms_trainer_load(s->context, scratch_path("half.safetensors"), &resumed));
    ck_assert_int_eq(atoms_trainer_steps_done(resumed), split);
    unsigned char *got = final_bytes(s, resumed, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    free(got);
    free(want);
    atoms_trainer_destroy(resumed);
    end(s);
}
END_TEST

START_TEST(pushed_steps_are_pulled_steps)
{
    size_t size, size2;
    unsigned char *want = reference(0, &size);
    setting *s = begin(N, D, 1);
    atoms_trainer *t = new_trainer(s, 0);
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    float batch[64 * D];
    int64_t order[64];
    for (int64_t step = 0; step < 12; step++) {
        atoms_matrix m = atoms_matrix_f32(batch, 64, D);
        atomsi_batch_order(&t->opts, N, step, order);
        ck_assert_ok(atoms_rows_gather(s->rows, order, &m));
        ck_assert_ok(atoms_trainer_step(t, &m, NULL));
    }
    const char *path = scratch_path("pushed.safetensors");
    ck_assert_ok(atoms_trainer_save(t, path));
    unsigned char *got = read_bytes(path, &size2);
    ck_assert(size == size2 && memcmp(want, got, size) == 0);
    free(got);
    free(want);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

/* What the rest of a run shows: figures of every step, the model, and the model as it is handed out. */
static int32_t follow(void *user, const atoms_train_stats *s)
{
    const double seen[] = {s->loss, s->mse, s->l0, s->r2, s->learning_rate, (double)s->dead, (double)s->revived, (double)s->rows, (double)s->step};
    *(uint64_t *)user = base_checksum(seen, sizeof seen, *(uint64_t *)user);
    return 0;
}

static uint64_t outcome(setting *s, atoms_trainer *t)
{
    uint64_t sum = 0;
    atoms_sae *sae;
    ck_assert_ok(atoms_trainer_run(t, s->rows, follow, &sum, NULL));
    for (int p = 0; p < PART_COUNT; p++) sum = base_checksum(t->parts[p].value, (size_t)(t->parts[p].rows * t->parts[p].cols) * sizeof(float), sum);
    ck_assert_ok(atoms_trainer_snapshot(t, &sae));
    size_t vector = (size_t)t->width * sizeof(float), matrix = vector * D;
    sum = base_checksum(sae->encoder, matrix, base_checksum(sae->decoder, matrix, sum));
    sum = base_checksum(sae->b_enc, vector, base_checksum(sae->threshold, vector, base_checksum(sae->b_dec, D * sizeof(float), sum)));
    atoms_sae_destroy(sae);
    return sum;
}

enum { FIELD_STEP = 3 * PART_COUNT, FIELD_ROWS, FIELD_REVIVED, FIELD_SCALE, FIELD_INITIALISED, FIELD_FIRED, FIELD_FORTH, FIELD_BACK, FIELD_WHITENED, FIELDS };

static void change(atoms_trainer *t, int field)
{
    if (field < 3 * PART_COUNT) {
        train_part *p = &t->parts[field / 3];
        float *x = (float *[]){p->value, p->first, p->second}[field % 3] + p->rows * p->cols / 2;
        *x = 1.1f * *x + 1e-4f;
    }
    switch (field) {
    case FIELD_STEP: t->step++; break;
    case FIELD_ROWS: t->rows_seen++; break;
    case FIELD_REVIVED: t->revived++; break;
    case FIELD_SCALE: t->input_scale *= 1.0001; break;
    case FIELD_INITIALISED: t->initialised = 0; break;
    case FIELD_FIRED: t->last_fired[0] = 1; break;
    case FIELD_FORTH: t->whitening.forth[D + 1] *= 1.0001; break;
    case FIELD_BACK: t->whitening.back[D + 1] *= 1.0001; break;
    case FIELD_WHITENED: t->whitening.forth = NULL; break;
    default: break;
    }
}

/* The outcome of a run whose checkpoint after five steps has one field changed (FIELDS: none); 0 where it is refused. Latent 0 is silent from
 * there on, so that the step it last fired in shows. */
static uint64_t outcome_with(int mode, int field)
{
    setting *s = begin(N, D, 1);
    atoms_train_opts o = options(mode);
    o.dead_steps = 9;
    atoms_trainer *t = new_trainer_as(s, mode, o), *resumed;
    run_to(s, t, 5);
    t->parts[PART_THRESHOLD].value[0] = 100;
    double *forth = t->whitening.forth;
    change(t, field);
    ck_assert_ok(atoms_trainer_save(t, scratch_path("changed.safetensors")));
    t->whitening.forth = forth;
    atoms_trainer_destroy(t);
    atoms_status status = atoms_trainer_load(s->context, scratch_path("changed.safetensors"), &resumed);
    if (status) ck_assert_status(status, ATOMS_E_FORMAT);
    uint64_t seen = status ? 0 : outcome(s, resumed);
    atoms_trainer_destroy(resumed);
    end(s);
    return seen;
}

/* The test of the test: with any one field of the state changed, the resumed run must differ. _i: AIP mode, a free decoder. */
START_TEST(every_field_of_the_state_matters)
{
    int mode = _i ? 2 : AIP, fields = 0, refused = 0;
    uint64_t want = outcome_with(mode, FIELDS);
    ck_assert(want != 0 && outcome_with(mode, FIELDS) == want);
    for (int field = 0; field < FIELDS; field++) {
        if (mode != AIP && field >= FIELD_FORTH) break;
        uint64_t got = outcome_with(mode, field);
        ck_assert_msg(got != want, "field %d changed, and nobody noticed", field);
        refused += got == 0;
        fields++;
    }
    ck_assert_int_eq(refused, 1); /* initialised */
    ck_assert_int_eq(fields, mode == AIP ? FIELDS : FIELD_FORTH);
}
END_TEST

void add_resume_cases(Suite *suite)
{
    add_file_loop(suite, "threads", same_bits_for_any_number_of_threads, MODES);
    add_file_case(suite, "host's loop", same_bits_in_the_hosts_own_loop);
    add_file_loop(suite, "resume", a_resumed_run_goes_on_bit_for_bit, 4 * MODES);
    add_file_case(suite, "push and pull", pushed_steps_are_pulled_steps);
    add_file_loop(suite, "fields", every_field_of_the_state_matters, 2);
}
