/* The update as its formula says it, in f64, by plain loops and without any cleverness: the oracle of every other kernel. */
#include <math.h>

#include "step_internal.h"

/* The numbers of one token of one head. */
typedef struct token {
    const double *key, *query, *value, *beta, *log_decay, *erase, *erase_beta;
} token;

static token token_at(const synres_shape *shape, const synres_tokens_f64 *in, int64_t at)
{
    int64_t gates = synresi_gate_width(shape);
    return (token){.key = in->key + at * shape->d_key, .query = in->query + at * shape->d_key, .value = in->value + at * shape->d_value,
                   .beta = in->beta + at * gates, .log_decay = in->log_decay ? in->log_decay + at * synresi_decay_width(shape) : NULL,
                   .erase = (in->erase ? in->erase : in->key) + at * shape->d_key,
                   .erase_beta = (in->erase_beta ? in->erase_beta : in->beta) + at * gates};
}

static double product(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++) sum += x[j] * y[j];
    return sum;
}

static void one_row(const synres_shape *shape, const token *t, int64_t row, double *s, double *u)
{
    int64_t n = shape->d_key, gate = shape->flags & SYNRES_RULE_ROW_GATES ? row : 0;
    double erase = shape->flags & SYNRES_RULE_ERASE ? t->erase_beta[gate] : 0, write = t->beta[gate] * t->value[row];
    int forgets = 0;
    if (shape->flags & SYNRES_RULE_READ_PRE) *u = product(n, s, t->query);
    for (int64_t j = 0; j < n && t->log_decay; j++)
        forgets |= t->log_decay[shape->flags & SYNRES_RULE_DECAY_CHANNEL ? j : shape->flags & SYNRES_RULE_DECAY_ROW ? row : 0] != 0;
    if (forgets || erase != 0 || t->beta[gate] != 0) {
        for (int64_t j = 0; j < n && t->log_decay; j++)
            s[j] *= exp(t->log_decay[shape->flags & SYNRES_RULE_DECAY_CHANNEL ? j : shape->flags & SYNRES_RULE_DECAY_ROW ? row : 0]);
        double recalled = product(n, s, t->erase);
        for (int64_t j = 0; j < n; j++) s[j] += write * t->key[j] - erase * recalled * t->erase[j];
    }
    if (!(shape->flags & SYNRES_RULE_READ_PRE)) *u = product(n, s, t->query);
}

synres_status synres_step_f64(const synres_shape *given, const synres_tokens_f64 *given_tokens, double *S, double *u, int32_t ith, int32_t nth)
{
    synres_shape shape;
    synres_tokens_f64 in;
    synres_status status = synresi_shape_read(&shape, given);
    if (!status) status = synresi_tokens_read_f64(&in, given_tokens);
    if (status) return status;
    if (!S || (!u && in.tokens) || nth < 1 || ith < 0 || ith >= nth) return SYNRES_E_ARGUMENT;
    for (int64_t h = ith; h < shape.heads; h += nth)
        for (int64_t t = 0; t < in.tokens; t++) {
            token now = token_at(&shape, &in, t * shape.heads + h);
            for (int64_t i = 0; i < shape.d_value; i++)
                one_row(&shape, &now, i, S + (h * shape.d_value + i) * shape.stride, u + (t * shape.heads + h) * shape.d_value + i);
        }
    return SYNRES_OK;
}
