/* Dead latents started anew: which, where they point, and what stays as it is. */
#include <math.h>

#include "suite.h"
#include "train/train_internal.h"
#include "training_data.h"

void add_revive_cases(Suite *suite);

enum { N = 600, D = 10, BATCH = 64 };

enum { UNIT_ROWS, FREE_ROWS, RELU, KINDS };

/* As of step 3 of 6; four latents that cannot fire. */
static atoms_trainer *with_dead_latents(setting *s, int kind, int64_t every)
{
    atoms_train_opts o = small_opts();
    o.decoder = kind == FREE_ROWS ? ATOMS_DECODER_FREE : ATOMS_DECODER_UNIT;
    o.activation = kind == RELU ? ATOMS_ACTIVATION_RELU : ATOMS_ACTIVATION_JUMPRELU;
    o.revive_every = every;
    o.dead_steps = 3;
    atoms_trainer *t;
    ck_assert_ok(atoms_trainer_create(s->context, D, &o, &t));
    ck_assert_ok(atoms_trainer_initialize(t, s->rows));
    for (int i = 3; i < 7; i++) t->parts[PART_B_ENC].value[i] = -100;
    for (int64_t step = 0; step < 3; step++) {
        atoms_matrix m = atoms_matrix_f32(s->x + step * BATCH * D, BATCH, D);
        ck_assert_ok(atoms_trainer_step(t, &m, NULL));
    }
    return t;
}

static double product(const float *a, const float *b)
{
    double sum = 0;
    for (int64_t j = 0; j < D; j++) sum += (double)a[j] * b[j];
    return sum;
}

START_TEST(dead_latents_take_the_direction_of_an_error)
{
    setting *s = begin(N, D, 2);
    atoms_trainer *t = with_dead_latents(s, _i, 3), *plain = with_dead_latents(s, _i, -1);
    ck_assert_int_eq(t->revived, 4);
    ck_assert_int_eq(plain->revived, 0);
    ck_assert_int_eq(atomsi_train_dead(plain), 4);
    ck_assert_int_eq(atomsi_train_dead(t), 0);
    int64_t rows[4], same = 0;
    for (int64_t i = 0; i < t->width; i++) {
        const float *atom = t->parts[PART_DECODER].value + i * D, *encoder = t->parts[PART_ENCODER].value + i * D;
        if (i < 3 || i >= 7) { /* the living learn as if nothing had happened */
            for (int p = 0; p < PART_B_DEC; p++) {
                int64_t each = t->parts[p].rows * t->parts[p].cols / t->width;
                ck_assert(memcmp(t->parts[p].value + i * each, plain->parts[p].value + i * each, (size_t)each * sizeof(float)) == 0);
                ck_assert(memcmp(t->parts[p].second + i * each, plain->parts[p].second + i * each, (size_t)each * sizeof(float)) == 0);
            }
            same++;
            continue;
        }
        int64_t found = -1;
        for (int64_t r = 0; r < BATCH; r++) {
            const float *error = t->error + r * D; /* û − u, before the update */
            if (product(atom, error) < -(1 - 1e-5) * sqrt(product(atom, atom) * product(error, error))) found = r;
        }
        ck_assert_msg(found >= 0, "atom %lld is no row's error", (long long)i);
        rows[i - 3] = found;
        ck_assert_near(product(atom, encoder), sqrt(product(atom, atom) * product(encoder, encoder)), 1e-5);
        ck_assert_near(sqrt(product(atom, atom)), _i == FREE_ROWS ? sqrt(1.0 / 3) : 1, 1e-2);
        float threshold = t->parts[PART_THRESHOLD].value[i], bias = t->parts[PART_B_ENC].value[i];
        ck_assert(threshold - bias < 1 && (_i == RELU ? threshold == 0 && bias < 0 : threshold > 0));
        ck_assert(product(encoder, t->input + found * D) + bias > threshold); /* it would fire there */
        for (int64_t j = 0; j < D; j++) ck_assert(t->parts[PART_ENCODER].first[i * D + j] == 0 && t->parts[PART_DECODER].first[i * D + j] == 0);
    }
    ck_assert_int_eq(same, 20);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++) ck_assert(rows[i] != rows[k]);
    atoms_trainer_destroy(plain);
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

START_TEST(nothing_is_revived_off_its_step_or_while_the_rate_decays)
{
    setting *s = begin(N, D, 1);
    atoms_trainer *t = with_dead_latents(s, 0, 2);
    ck_assert_int_eq(t->revived, 0); /* at step 2 nobody had been silent for 3 */
    for (int64_t step = 4; step <= 12; step++) {
        atoms_matrix m = atoms_matrix_f32(s->x, BATCH, D);
        for (int i = 3; i < 7; i++) t->parts[PART_B_ENC].value[i] = -100;
        int64_t before = t->revived;
        ck_assert_ok(atoms_trainer_step(t, &m, NULL));
        ck_assert_int_eq(t->revived - before, step == 4 || step == 8 ? 4 : 0); /* revived at 4 they count as living until 7; decay from 9 on */
    }
    atoms_trainer_destroy(t);
    end(s);
}
END_TEST

void add_revive_cases(Suite *suite)
{
    add_loop(suite, "revival", dead_latents_take_the_direction_of_an_error, KINDS);
    add_case(suite, "no revival", nothing_is_revived_off_its_step_or_while_the_rate_decays);
}
