/* Options as a caller may get them wrong, and what zeros stand for. */
#include <math.h>

#include "counting_memory.h"
#include "suite.h"
#include "train/train_internal.h"
#include "train_option.h"
#include "training_data.h"

void add_option_cases(Suite *suite);

enum { D = 12 };

START_TEST(options_out_of_range_are_named)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    atoms_trainer *t = (atoms_trainer *)(uintptr_t)1;
    int refused = 0;
#define REFUSE(field, bad)                                                                                  \
    do {                                                                                                    \
        atoms_train_opts o_ = small_opts();                                                                 \
        o_.field = (bad);                                                                                   \
        ck_assert_status(atoms_trainer_create(context, D, &o_, &t), ATOMS_E_ARGUMENT);                      \
        ck_assert_ptr_null(t);                                                                              \
        ck_assert_detail(context, #field);                                                                  \
        refused++;                                                                                          \
    } while (0)
    REFUSE(width, -1);
    REFUSE(steps, 0);
    REFUSE(batch, 0);
    REFUSE(init_rows, 0);
    REFUSE(target_l0, -1);
    REFUSE(target_l0, 25); /* above the width */
    REFUSE(target_l0, NAN);
    REFUSE(sparsity_weight, -1);
    REFUSE(bandwidth, 0);
    REFUSE(learning_rate, INFINITY);
    REFUSE(warmup_fraction, 1.5);
    REFUSE(decay_fraction, -0.1);
    REFUSE(final_rate, 2);
    REFUSE(beta1, 1);
    REFUSE(beta2, 1);
    REFUSE(epsilon, 0);
    REFUSE(checkpoint_every, 5); /* without a path */
#undef REFUSE
    ck_assert_int_eq(refused, 17);
    ck_assert_status(atoms_trainer_create(context, 0, NULL, &t), ATOMS_E_ARGUMENT);
    ck_assert_status(atoms_trainer_create(context, D, NULL, NULL), ATOMS_E_ARGUMENT);
    ck_assert_int_eq(memory.held, 1); /* the context alone */
    ck_assert_ok(atoms_trainer_create(context, D, NULL, &t));
    atoms_train_opts o;
    ck_assert_ok(atoms_train_opts_init(&o, sizeof o));
    ck_assert_ok(atoms_trainer_opts(t, &o));
    ck_assert_int_eq(o.width, 8 * D);
    ck_assert(o.target_l0 == D); /* an eighth of the width, since that is below 64 */
    atoms_trainer_destroy(t);
    atoms_trainer_destroy(NULL);
    atoms_context_destroy(context);
}
END_TEST

/* Whatever it is, an option that is negative, no number or no such switch is refused by name. */
START_TEST(every_option_is_judged)
{
    counting_memory memory = {0};
    atoms_context *context = counting_context(&memory, 1);
    const double bad[] = {-1, 7, NAN, INFINITY};
    int refused = 0;
    for (int i = 0; i < TRAIN_OPTIONS; i++)
        for (int k = 0; k < 4; k++) {
            const train_option *option = &train_options[i];
            if (strcmp(option->name, "seed") == 0 || (k == 1 && option->kind != OPTION_SMALL) || (k > 1 && option->kind != OPTION_REAL)) continue;
            atoms_train_opts o = small_opts();
            atoms_trainer *t;
            option_set(&o, option, k == 0 && strcmp(option->name, "revive_every") == 0 ? -2 : bad[k]); /* −1 is never */
            ck_assert_msg(atoms_trainer_create(context, D, &o, &t) == ATOMS_E_ARGUMENT, "%s may be %g", option->name, bad[k]);
            ck_assert_detail(context, option->name);
            refused++;
        }
    ck_assert_int_eq(refused, 36 + 9 + 2 * 18);
    ck_assert_int_eq(memory.held, 1); /* the context alone */
    atoms_context_destroy(context);
}
END_TEST

START_TEST(the_rate_warms_up_and_decays)
{
    atoms_train_opts o = small_opts();
    o.steps = 100;
    o.learning_rate = 2;
    o.warmup_fraction = 0.1;
    o.decay_fraction = 0.3;
    o.final_rate = 0.02;
    ck_assert_near(atomsi_learning_rate(&o, 1), 0.2, 1e-12);
    ck_assert_near(atomsi_learning_rate(&o, 10), 2, 1e-12);
    ck_assert_near(atomsi_learning_rate(&o, 70), 2, 1e-12);
    ck_assert_near(atomsi_learning_rate(&o, 85), 1, 1e-12);
    ck_assert_near(atomsi_learning_rate(&o, 100), 0.04, 1e-12);
    ck_assert_near(atomsi_learning_rate(&o, 500), 0.04, 1e-12);
    o.warmup_fraction = o.decay_fraction = 0;
    ck_assert_near(atomsi_learning_rate(&o, 1), 2, 0);
    ck_assert_near(atomsi_learning_rate(&o, 100), 2, 0);
}
END_TEST

void add_option_cases(Suite *suite)
{
    add_case(suite, "options", options_out_of_range_are_named);
    add_case(suite, "rate", the_rate_warms_up_and_decays);
    add_case(suite, "judged", every_option_is_judged);
}
