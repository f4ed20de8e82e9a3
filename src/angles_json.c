#include "angles_json.h"

#include "failure.h"
#include "output.h"

static json_t *distribution(const atoms_angles_report *r)
{
    json_t *object = needed(json_object()), *quantiles = json_object(), *histogram = json_array();
    put_number(object, "mean_deg", r->mean_deg);
    put_number(object, "sd_deg", r->sd_deg);
    put(object, "quantiles", quantiles);
    put_number(quantiles, "0", r->min_deg);
    put_number(quantiles, "0.01", r->p01_deg);
    put_number(quantiles, "0.05", r->p05_deg);
    put_number(quantiles, "0.25", r->p25_deg);
    put_number(quantiles, "0.5", r->p50_deg);
    put_number(quantiles, "0.75", r->p75_deg);
    put_number(quantiles, "0.95", r->p95_deg);
    put_number(quantiles, "0.99", r->p99_deg);
    put_number(quantiles, "1", r->max_deg);
    put(object, "histogram", histogram);
    for (int i = 0; i < ATOMS_ANGLE_BINS; i++) append(histogram, json_integer(r->histogram[i]));
    return object;
}

void put_angles(json_t *object, json_t *result, const char *about, const atoms_angles_report *euclidean, const atoms_angles_report *aip,
                const char *reason)
{
    put_whole(object, "rows", euclidean->rows);
    put_whole(object, "pairs", euclidean->pairs);
    put_flag(object, "exhaustive", euclidean->exhaustive);
    put(object, "euclidean", distribution(euclidean));
    put(object, "aip", aip ? distribution(aip) : json_null());
    if (!aip) add_note(result, about, "X has no metric of its own: %s (give one with --metric)", reason);
}
