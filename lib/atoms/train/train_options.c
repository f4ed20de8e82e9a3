#include <math.h>

#include "train_internal.h"

static const atoms_train_opts default_opts = {
    .struct_size = sizeof(atoms_train_opts),
    .steps = 1000,
    .batch = 1024,
    .init_rows = 65536,
    .sparsity_weight = 1,
    .bandwidth = 0.01,
    .learning_rate = 2e-3,
    .decay_fraction = 0.3,
    .final_rate = 0.02,
    .beta1 = 0.9,
    .beta2 = 0.999,
    .epsilon = 1e-8,
};

/* What a zero stands for. */
static const int64_t WIDTH_PER_COORDINATE = 8, WIDTH_PER_ACTIVE = 8, USUAL_L0 = 64;
static const atoms_train_stats empty_stats = {.struct_size = sizeof(atoms_train_stats)};
static const atoms_train_report empty_report = {.struct_size = sizeof(atoms_train_report)};

atoms_status atoms_train_opts_init(atoms_train_opts *opts, size_t size)
{
    return atomsi_struct_init(opts, size, &default_opts, sizeof default_opts);
}

atoms_status atoms_train_stats_init(atoms_train_stats *stats, size_t size)
{
    return atomsi_struct_init(stats, size, &empty_stats, sizeof empty_stats);
}

atoms_status atoms_train_report_init(atoms_train_report *report, size_t size)
{
    return atomsi_struct_init(report, size, &empty_report, sizeof empty_report);
}

static atoms_status check_integer(atoms_context *context, const char *name, int64_t value, int64_t low, int64_t high)
{
    if (value >= low && value <= high) return ATOMS_OK;
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "train option %s is %lld; it must be from %lld to %lld", name, (long long)value,
                       (long long)low, (long long)high);
}

/* low < value ≤ high, or low ≤ value with `closed`. */
static atoms_status check_real(atoms_context *context, const char *name, double value, double low, double high, int closed)
{
    if (isfinite(value) && value <= high && (value > low || (closed && value == low))) return ATOMS_OK;
    char a[BASE_NUMBER_TEXT_MAX], b[BASE_NUMBER_TEXT_MAX], c[BASE_NUMBER_TEXT_MAX];
    return atomsi_fail(context, ATOMS_E_ARGUMENT, "train option %s is %s; it must be %s %s and at most %s", name, base_number_text(a, value, 9),
                       closed ? "at least" : "above", base_number_text(b, low, 9), base_number_text(c, high, 9));
}

atoms_status atomsi_train_read_opts(atoms_context *context, int64_t d_in, const atoms_train_opts *opts, atoms_train_opts *out)
{
    atoms_train_opts o;
    atoms_status status = atomsi_read_options(context, &o, sizeof o, &default_opts, opts, "atoms_train_opts");
    if (status) return status;
    if (d_in < 1 || d_in > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "d_in is %lld; it must be from 1 to %d", (long long)d_in, INT32_MAX);
    if (o.width == 0) o.width = base_min_i64(WIDTH_PER_COORDINATE * d_in, INT32_MAX);
    if (o.target_l0 == 0) o.target_l0 = (double)base_max_i64(1, base_min_i64(USUAL_L0, o.width / WIDTH_PER_ACTIVE));
    const struct { const char *name; int64_t value, low, high; } integers[] = {
        {"width", o.width, 1, INT32_MAX},        {"steps", o.steps, 1, (int64_t)1 << 40},
        {"batch", o.batch, 1, 1 << 24},          {"init_rows", o.init_rows, 1, (int64_t)1 << 40},
        {"checkpoint_every", o.checkpoint_every, 0, (int64_t)1 << 40},
    };
    const struct { const char *name; double value, low, high; int closed; } reals[] = {
        {"target_l0", o.target_l0, 0, (double)o.width, 0}, {"sparsity_weight", o.sparsity_weight, 0, 1e6, 1},
        {"bandwidth", o.bandwidth, 0, 1e3, 0},             {"learning_rate", o.learning_rate, 0, 1e3, 1},
        {"warmup_fraction", o.warmup_fraction, 0, 1, 1},   {"decay_fraction", o.decay_fraction, 0, 1, 1},
        {"final_rate", o.final_rate, 0, 1, 1},             {"beta1", o.beta1, 0, 1 - 0x1p-24, 1},
        {"beta2", o.beta2, 0, 1 - 0x1p-24, 1},             {"epsilon", o.epsilon, 0, 1, 0},
    };
    for (size_t i = 0; i < sizeof integers / sizeof *integers && !status; i++)
        status = check_integer(context, integers[i].name, integers[i].value, integers[i].low, integers[i].high);
    for (size_t i = 0; i < sizeof reals / sizeof *reals && !status; i++)
        status = check_real(context, reals[i].name, reals[i].value, reals[i].low, reals[i].high, reals[i].closed);
    if (!status && o.checkpoint_every && !o.checkpoint_path)
        status = atomsi_fail(context, ATOMS_E_ARGUMENT, "train option checkpoint_every is set but checkpoint_path is not");
    if (!status) *out = o;
    return status;
}
