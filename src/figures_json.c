#include "figures_json.h"

#include <math.h>
#include <stdio.h>

#include "failure.h"
#include "output.h"

typedef struct figure {
    const char *key;
    size_t offset;
    int in_aip;
    const char *missing; /* when it cannot be computed, a metric given */
} figure;

#define FIGURE(name, in_aip, missing) {#name, offsetof(atoms_figures, name), in_aip, missing}

static const figure figures[] = {
    FIGURE(r2, 0, "the rows do not vary, or their reconstruction overflows"),
    FIGURE(aip_r2, 1, "the rows do not vary, or their reconstruction overflows"),
    FIGURE(mse, 0, "the reconstruction overflows"),
    FIGURE(cosine, 0, "no row where both x and its reconstruction are non-zero, or the reconstruction overflows"),
    FIGURE(norm_ratio, 0, "every row is zero, or the reconstruction overflows"),
    FIGURE(l0_mean, 0, "there are no rows"),
    FIGURE(l0_p50, 0, "there are no rows"),
    FIGURE(l0_p90, 0, "there are no rows"),
    FIGURE(l0_p99, 0, "there are no rows"),
    FIGURE(l0_max, 0, "there are no rows"),
    FIGURE(dead_fraction, 0, "there are no rows"),
    FIGURE(dense_fraction, 0, "there are no rows"),
    FIGURE(q_star, 1, "fewer than two atoms that can be compared fire in sample"),
    FIGURE(q_star_all, 1, "fewer than two atoms that are not zeros"),
    FIGURE(q_star_euclidean, 0, "fewer than two atoms that can be compared fire in sample"),
    FIGURE(mu, 1, "fewer than two atoms that can be compared fire in sample"),
    FIGURE(mu_euclidean, 0, "fewer than two atoms that can be compared fire in sample"),
};

json_t *figures_json(const atoms_figures *f, json_t *result, const char *about, const char *no_metric)
{
    json_t *object = needed(json_object()), *density = json_array();
    put_whole(object, "rows", f->rows);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        const figure *g = &figures[i];
        double value = *(const double *)((const char *)f + g->offset);
        put_number(object, g->key, value);
        if (isfinite(value)) continue;
        char path[128];
        snprintf(path, sizeof path, "%s.%s", about, g->key);
        if (g->in_aip && no_metric) add_note(result, path, "no metric: %s", no_metric);
        else add_note(result, path, "%s", g->missing);
    }
    put(object, "density", density);
    for (int i = 0; i < ATOMS_DENSITY_BINS; i++) append(density, json_integer(f->density[i]));
    return object;
}
