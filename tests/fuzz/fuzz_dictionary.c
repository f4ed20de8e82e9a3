/* What is said of a dictionary, made of the bytes: geometry, coherence, comparison, restricted isometry and identifiability. Each figure is in its
 * range, and where two rooms say the same thing they agree. */
#include <math.h>

#include <atoms/atoms.h>

#include "fuzz_context.h"
#include "fuzz_numbers.h"

enum { DIM = 8, ATOMS = 12 };

typedef struct subject {
    atoms_context *context;
    atoms_matrix atoms, others;
    atoms_metric *metric;
    atoms_dictionary *dictionary;
} subject;

static int ordered(const double *x, int n)
{
    for (int k = 1; k < n; k++)
        if (!(x[k - 1] <= x[k])) return 0;
    return 1;
}

static void look(const subject *s, fuzz_bytes *b)
{
    atoms_geometry *g;
    atoms_geometry_opts o;
    atoms_geometry_report r;
    atoms_coherence_report c;
    uint8_t keep[ATOMS];
    int64_t kept;
    require(atoms_geometry_opts_init(&o, sizeof o) == ATOMS_OK && atoms_geometry_report_init(&r, sizeof r) == ATOMS_OK);
    require(atoms_coherence_report_init(&c, sizeof c) == ATOMS_OK);
    o.babel = 1 + fuzz_choice(b, 2 * ATOMS);
    o.duplicate = (1 + fuzz_choice(b, 64)) / 64.;
    require(atoms_geometry_create(s->context, &s->atoms, s->metric, &o, &g) == ATOMS_OK && atoms_geometry_describe(g, &r) == ATOMS_OK);
    require(atoms_dictionary_coherence(s->dictionary, NULL, &c) == ATOMS_OK);
    const double quantiles[] = {0, r.p50, r.p90, r.p99, r.p999, r.mu, 1};
    require(ordered(quantiles, 7) && r.mu_positive <= r.mu && fabs(r.mu - c.mu) < 1e-12 && fabs(r.mu_positive - c.mu_positive) < 1e-12);
    require(r.babel >= 1 && r.babel < s->atoms.rows && fabs(atoms_geometry_babel(g)[0] - r.mu) == 0 && ordered(atoms_geometry_babel(g), (int)r.babel));
    require(r.above[0] >= r.above[1] && r.above[1] >= r.above[2] && r.above[2] >= r.above[3] && r.above[3] >= 0);
    require(r.frame_low >= 0 && r.frame_low <= r.frame_high && r.frame_high <= (double)s->atoms.rows * (1 + 1e-12) && r.effective_rank >= 1 - 1e-12);
    require(atoms_geometry_thin(s->context, &s->atoms, s->metric, o.duplicate, keep, &kept) == ATOMS_OK && kept >= 1 && kept <= s->atoms.rows);
    atoms_geometry_destroy(g);
}

static void compare(const subject *s, fuzz_bytes *b)
{
    atoms_compare_opts o;
    atoms_compare_report r;
    int64_t match[ATOMS], matched = 0, taken = 0;
    require(atoms_compare_opts_init(&o, sizeof o) == ATOMS_OK && atoms_compare_report_init(&r, sizeof r) == ATOMS_OK);
    o.exact_limit = fuzz_choice(b, ATOMS + 1);
    atoms_status status = atoms_compare(s->context, &s->atoms, &s->others, s->metric, &o, match, &r);
    require(status == ATOMS_OK || status == ATOMS_E_ARGUMENT || status == ATOMS_E_NOT_FINITE || status == ATOMS_E_OVERFLOW);
    if (status) return;
    for (int64_t i = 0; i < s->atoms.rows; i++) {
        require(match[i] >= -1 && match[i] < s->others.rows);
        if (match[i] < 0) continue;
        require(!(taken >> match[i] & 1));
        taken |= (int64_t)1 << match[i];
        matched++;
    }
    require(matched == r.matched && r.matched == (r.atoms_a < r.atoms_b ? r.atoms_a : r.atoms_b));
    require(r.matched_mean <= r.matched_bound + 1e-12 && r.mmcs <= 1 && r.mmcs_reverse <= 1 && r.matched_bound <= 1 + 1e-12);
}

static void bound(const subject *s, fuzz_bytes *b)
{
    atoms_rip_opts o;
    atoms_rip_report r;
    require(atoms_rip_opts_init(&o, sizeof o) == ATOMS_OK && atoms_rip_report_init(&r, sizeof r) == ATOMS_OK);
    int64_t order = 1 + fuzz_choice(b, (int)s->atoms.rows);
    o.seconds = 0;
    o.nodes = fuzz_choice(b, 2) * 20;
    o.beam = 1 + fuzz_choice(b, 5);
    o.each_sign = fuzz_choice(b, 2);
    require(atoms_rip_estimate(s->dictionary, order, &o, &r) == ATOMS_OK);
    require(r.lower <= r.upper && r.plus_lower <= r.plus_upper && r.minus_lower <= r.minus_upper && r.lower >= 0 && r.minus_upper <= 1);
    for (int64_t i = 0; i < order; i++) require(r.plus_witness[i] >= 0 && r.plus_witness[i] < s->atoms.rows && r.minus_witness[i] >= 0);
}

/* Samples of the theorem's model; what is drawn is what identify reads. */
static void identify(const subject *s, fuzz_bytes *b)
{
    enum { SAMPLES = 5 };
    float rows[SAMPLES * DIM];
    atoms_matrix x = atoms_matrix_f32(rows, SAMPLES, s->atoms.cols);
    atoms_codes *codes;
    atoms_identify_model model;
    atoms_identify_report r;
    atoms_counterexample_report c;
    require(atoms_identify_model_init(&model, sizeof model) == ATOMS_OK && atoms_identify_report_init(&r, sizeof r) == ATOMS_OK);
    require(atoms_counterexample_report_init(&c, sizeof c) == ATOMS_OK && atoms_codes_create(s->context, s->atoms.rows, &codes) == ATOMS_OK);
    model.seed = (uint64_t)fuzz_choice(b, 256);
    model.k = 1 + fuzz_choice(b, (int)s->atoms.rows);
    model.delta_max = 1 + fuzz_choice(b, 8);
    atoms_status status = atoms_identify_samples(s->dictionary, &model, &x, codes);
    require(status == ATOMS_OK || status == ATOMS_E_OVERFLOW || status == ATOMS_E_NOT_FINITE); /* values beyond f32 */
    if (!status) {
        require(atoms_identify(s->dictionary, codes, NULL, NULL, &r) == ATOMS_OK);
        require(r.k == model.k && r.epsilon >= 0 && r.epsilon <= r.epsilon_all && r.epsilon_all <= 1);
        require(r.delta_min >= 1 - 1e-6 && r.delta_max <= model.delta_max * (1 + 1e-6) && r.feasible == (r.low < r.high));
        require(isnan(r.q_star) || (r.q_star >= 0 && r.q_star <= 1));
        require(atoms_identify_counterexample(s->dictionary, &model, NULL, &c) == ATOMS_OK);
        double least = 1 - r.epsilon_all * (double)(2 * model.k - 1) * model.delta_max;
        require(!c.exists || least <= 1e-9); /* inside the theorem's condition there is none */
    }
    atoms_codes_destroy(codes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const questions[])(const subject *, fuzz_bytes *) = {look, compare, bound, identify};
    fuzz_bytes b = {.data = data, .size = size};
    subject s = {.context = fuzz_context()};
    float d[ATOMS * DIM], e[ATOMS * DIM];
    int question = fuzz_choice(&b, 4), dim = 1 + fuzz_choice(&b, DIM), atoms = 2 + fuzz_choice(&b, ATOMS - 1), others = 1 + fuzz_choice(&b, ATOMS);
    int in_metric = fuzz_choice(&b, 4) == 0;
    fuzz_fill(&b, d, (int64_t)atoms * dim);
    fuzz_fill(&b, e, (int64_t)others * dim);
    s.atoms = atoms_matrix_f32(d, atoms, dim);
    s.others = atoms_matrix_f32(e, others, dim);
    atoms_status status = in_metric ? atoms_metric_from_dictionary(s.context, &s.atoms, NULL, &s.metric) : ATOMS_OK;
    if (!status) status = atoms_dictionary_create(s.context, &s.atoms, s.metric, &s.dictionary);
    if (!status) questions[question](&s, &b);
    require(status == ATOMS_OK || status == ATOMS_E_ARGUMENT || status == ATOMS_E_NOT_FINITE || status == ATOMS_E_OVERFLOW || status == ATOMS_E_RANK ||
            status == ATOMS_E_NUMERIC);
    atoms_dictionary_destroy(s.dictionary);
    atoms_metric_destroy(s.metric);
    atoms_context_destroy(s.context);
    return 0;
}
