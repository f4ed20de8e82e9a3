/* Adam (Kingma and Ba 2014, 1412.6980) with decoupled weight decay (Loshchilov and Hutter 2017, 1711.05101) and the gradient clipped by its norm over
 * everything that is trained. Each thread takes the norm of the whole gradient itself: it is small beside the batch, and all come to the same number.
 * Arithmetic in f64, parameters and moments in f32. Pieces of parameters count their own steps. */
#include <math.h>
#include <stdatomic.h>

#include "../../base/checked.h"
#include "trainer_internal.h"

static double norm(const synres_trainer *trainer)
{
    double sum = 0;
    for (int i = 0; i < SYNRESI_ARRAYS; i++) {
        const synresi_range *range = &trainer->plan.range[i];
        const float *g = trainer->net.gradient + range->offset;
        for (int64_t j = 0; j < range->size && range->trained; j++) sum += (double)g[j] * g[j];
    }
    return sqrt(sum);
}

/* What one step multiplies gradients and parameters by. */
typedef struct rates {
    double gradient, rate, keep;
} rates;

static void update(synres_trainer *trainer, int64_t at, int64_t n, int64_t step, const rates *r)
{
    const synres_train_options *o = &trainer->plan.options;
    const double correct1 = 1 - pow(o->beta1, (double)step), correct2 = 1 - pow(o->beta2, (double)step);
    for (int64_t i = at; i < at + n; i++) {
        const double g = r->gradient * trainer->net.gradient[i], m = o->beta1 * trainer->first[i] + (1 - o->beta1) * g;
        const double v = o->beta2 * trainer->second[i] + (1 - o->beta2) * g * g;
        trainer->first[i] = (float)m;
        trainer->second[i] = (float)v;
        trainer->net.parameter[i] = (float)(r->keep * trainer->net.parameter[i] - r->rate * (m / correct1) / (sqrt(v / correct2) + o->epsilon));
    }
}

synres_status synres_trainer_step(synres_trainer *trainer, double learning_rate_scale, int32_t ith, int32_t nth)
{
    if (!trainer || nth < 1 || ith < 0 || ith >= nth || !(learning_rate_scale >= 0) || !isfinite(learning_rate_scale)) return SYNRES_E_ARGUMENT;
    if (atomic_load(&trainer->stage) < SYNRESI_GRADIENTS) return SYNRES_E_STATE;
    const synresi_plan *plan = &trainer->plan;
    const double length = norm(trainer), clip = plan->options.clip, rate = plan->options.learning_rate * learning_rate_scale;
    if (!isfinite(length)) return SYNRES_E_NOT_FINITE;
    int64_t share = 0;
    for (int i = 0; i < SYNRESI_ARRAYS; i++) {
        const synresi_range *range = &plan->range[i];
        if (!range->trained) continue;
        const rates r = {.gradient = clip > 0 && length > clip ? clip / length : 1, .rate = rate,
                         .keep = range->offset < plan->vectors ? 1 - rate * plan->options.weight_decay : 1};
        for (int64_t done = 0; done < range->size; done += SYNRESI_TRAIN_PIECE, share++) {
            if (share % nth != ith) continue;
            const int64_t n = base_min_i64(range->size - done, SYNRESI_TRAIN_PIECE);
            update(trainer, range->offset + done, n, ++trainer->steps[share], &r);
            for (int64_t j = range->offset; j < range->offset + n && i == SYNRES_PARAMETER_RATE; j++)
                if (trainer->net.parameter[j + done] < 0) trainer->net.parameter[j + done] = 0;
        }
    }
    return SYNRES_OK;
}
