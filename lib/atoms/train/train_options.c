/* Options judged, and what zeros stand for. */
#include <math.h>

#include "train_internal.h"

/* MOST_STEPS aside, what a zero stands for. */
static const int64_t MOST_STEPS = (int64_t)1 << 40, WIDTH_PER_COORDINATE = 8, WIDTH_PER_ACTIVE = 8, USUAL_L0 = 64;
static const int64_t LEAST_DEAD_STEPS = 25, USUAL_DEAD_STEPS = 1000, STEPS_PER_DEAD_STEP = 8;
static const atoms_train_stats empty_stats = {.struct_size = sizeof(atoms_train_stats)};
static const atoms_train_report empty_report = {.struct_size = sizeof(atoms_train_report)};

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
    atoms_status status = atomsi_read_options(context, &o, sizeof o, atomsi_train_defaults(), opts, "atoms_train_opts");
    if (status) return status;
    if (d_in < 1 || d_in > INT32_MAX)
        return atomsi_fail(context, ATOMS_E_ARGUMENT, "d_in is %lld; it must be from 1 to %d", (long long)d_in, INT32_MAX);
    if (o.width == 0) o.width = base_min_i64(WIDTH_PER_COORDINATE * d_in, INT32_MAX);
    if (o.target_l0 == 0) o.target_l0 = (double)base_max_i64(1, base_min_i64(USUAL_L0, o.width / WIDTH_PER_ACTIVE));
    if (o.dead_steps == 0) o.dead_steps = base_max_i64(LEAST_DEAD_STEPS, base_min_i64(USUAL_DEAD_STEPS, o.steps / STEPS_PER_DEAD_STEP));
    if (o.revive_every == 0) o.revive_every = base_max_i64(1, o.dead_steps / 2);
    const struct { const char *name; int64_t value, low, high; } integers[] = {
        {"activation", o.activation, 0, ATOMS_ACTIVATION_RELU},
        {"sparsity", o.sparsity, 0, ATOMS_SPARSITY_L1},
        {"decoder", o.decoder, 0, ATOMS_DECODER_FREE},
        {"input_norm", o.input_norm, 0, ATOMS_INPUT_NORM_ROOT_DIM},
        {"start", o.start, 0, ATOMS_START_ROWS},
        {"warmup", o.warmup, 0, ATOMS_WARMUP_COSINE},
        {"subtract_b_dec", o.subtract_b_dec, 0, 1},
        {"input_gradient", o.input_gradient, 0, 1},
        {"data_bias", o.data_bias, 0, 1},
        {"width", o.width, 1, INT32_MAX},
        {"steps", o.steps, 1, MOST_STEPS},
        {"batch", o.batch, 1, 1 << 24},
        {"init_rows", o.init_rows, 1, MOST_STEPS},
        {"sparsity_warmup_most", o.sparsity_warmup_most, 0, MOST_STEPS},
        {"warmup_most", o.warmup_most, 0, MOST_STEPS},
        {"dead_steps", o.dead_steps, 1, MOST_STEPS},
        {"revive_every", o.revive_every, -1, MOST_STEPS},
        {"checkpoint_every", o.checkpoint_every, 0, MOST_STEPS},
    };
    const struct { const char *name; double value, low, high; int closed; } reals[] = {
        {"target_l0", o.target_l0, 0, (double)o.width, 0},
        {"start_l0", o.start_l0, 0, (double)o.width, 1},
        {"start_threshold", o.start_threshold, 0, 1e3, 1},
        {"sparsity_weight", o.sparsity_weight, 0, 1e6, 1},
        {"sparsity_warmup", o.sparsity_warmup, 0, 1, 1},
        {"tanh_scale", o.tanh_scale, 0, 1e6, 0},
        {"preactivation_weight", o.preactivation_weight, 0, 1e6, 1},
        {"bandwidth", o.bandwidth, 0, 1e3, 0},
        {"learning_rate", o.learning_rate, 0, 1e3, 1},
        {"threshold_rate", o.threshold_rate, 0, 1e3, 1},
        {"warmup_fraction", o.warmup_fraction, 0, 1, 1},
        {"warmup_start", o.warmup_start, 0, 1, 1},
        {"decay_fraction", o.decay_fraction, 0, 1, 1},
        {"final_rate", o.final_rate, 0, 1, 1},
        {"beta1", o.beta1, 0, 1 - 0x1p-24, 1},
        {"beta2", o.beta2, 0, 1 - 0x1p-24, 1},
        {"epsilon", o.epsilon, 0, 1, 0},
        {"clip_norm", o.clip_norm, 0, 1e6, 1},
    };
    for (size_t i = 0; i < sizeof integers / sizeof *integers && !status; i++)
        status = check_integer(context, integers[i].name, integers[i].value, integers[i].low, integers[i].high);
    for (size_t i = 0; i < sizeof reals / sizeof *reals && !status; i++)
        status = check_real(context, reals[i].name, reals[i].value, reals[i].low, reals[i].high, reals[i].closed);
    if (!status && o.checkpoint_every && !o.checkpoint_path)
        status = atomsi_fail(context, ATOMS_E_ARGUMENT, "train option checkpoint_every is set but checkpoint_path is not");
    if (!status && o.metric && atoms_metric_dim(o.metric) != d_in)
        status = atomsi_fail(context, ATOMS_E_SHAPE, "the metric has %lld coordinates, the trainer %lld", (long long)atoms_metric_dim(o.metric),
                             (long long)d_in);
    if (!status) *out = o;
    return status;
}
