/* The figures of stored angles. Sums run in order. A quantile is found by radix selection, eleven bits at a time: an angle is never
 * negative, so its bits are ordered as its value is; nothing is moved, and no arrangement of the input makes it slow. */
#include <math.h>
#include <string.h>

#include "angles_internal.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, TOP_SHIFT = 55 };

/* The value that has `rank` smaller ones before it. */
static double value_of_rank(const double *values, int64_t n, int64_t rank)
{
    uint64_t prefix = 0, known = 0;
    for (int shift = TOP_SHIFT; shift >= 0; shift -= DIGIT_BITS) {
        int64_t counts[DIGITS] = {0};
        for (int64_t i = 0; i < n; i++) {
            uint64_t bits;
            memcpy(&bits, values + i, sizeof bits);
            if ((bits & known) == prefix) counts[(bits >> shift) & (DIGITS - 1)]++;
        }
        uint64_t digit = 0;
        while (rank >= counts[digit]) rank -= counts[digit++];
        prefix |= digit << shift;
        known |= (uint64_t)(DIGITS - 1) << shift;
    }
    double value;
    memcpy(&value, &prefix, sizeof value);
    return value;
}

enum { QUANTILES = 9 };
static const int64_t percent[QUANTILES] = {0, 1, 5, 25, 50, 75, 95, 99, 100};

typedef struct selection {
    const angles_job *job;
    double found[QUANTILES];
} selection;

/* The ⌈p n / 100⌉-th smallest; the smallest for p = 0. */
static void find_quantile(void *arg, int64_t index, int32_t worker)
{
    (void)worker;
    selection *s = arg;
    int64_t n = s->job->pairs, p = percent[index];
    int64_t count = n / 100 * p + (n % 100 * p + 99) / 100; /* without overflow */
    s->found[index] = value_of_rank(s->job->values, n, count > 0 ? count - 1 : 0);
}

void atomsi_angles_summarise(const angles_job *job, atoms_angles_report *report)
{
    const double *values = job->values;
    double sum = 0, squares = 0, n = (double)job->pairs;
    for (int64_t i = 0; i < job->pairs; i++) {
        int64_t bin = (int64_t)values[i];
        sum += values[i];
        report->histogram[bin < ATOMS_ANGLE_BINS ? bin : ATOMS_ANGLE_BINS - 1]++;
    }
    report->mean_deg = sum / n;
    for (int64_t i = 0; i < job->pairs; i++) squares += (values[i] - report->mean_deg) * (values[i] - report->mean_deg);
    report->sd_deg = sqrt(squares / n);

    selection s = {.job = job};
    atomsi_parallel_for(job->context, QUANTILES, find_quantile, &s);
    double *const out[QUANTILES] = {&report->min_deg, &report->p01_deg, &report->p05_deg, &report->p25_deg, &report->p50_deg,
                                    &report->p75_deg, &report->p95_deg, &report->p99_deg, &report->max_deg};
    for (int q = 0; q < QUANTILES; q++) *out[q] = s.found[q];
}
