/* Means with intervals, as a table for people and as one JSON object. */
#include "synres_evaluation.h"

#include <math.h>

#include "support/bench_check.h"
#include "support/bench_json.h"

struct evaluation_report {
    const char *json;
    FILE *table;
    json_t *all, *tables, *rows, *values; /* rows: of the last table; values: of the last row */
};

/* The 97.5 % quantile of Student's t; from 31 degrees on, its expansion's first term. */
static double quantile(int degrees)
{
    static const double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
                               2.120,  2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    return degrees <= 30 ? t[degrees - 1] : 1.960 + 2.372 / degrees;
}

estimate evaluation_estimate(int n, const double *x)
{
    double mean = 0, squares = 0;
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return (estimate){mean, quantile(n - 1) * sqrt(squares / (n - 1) / n)};
}

estimate evaluation_difference(int n, const double *x, const double *y)
{
    double difference[EVALUATION_SEEDS];
    for (int i = 0; i < n; i++) difference[i] = x[i] - y[i];
    return evaluation_estimate(n, difference);
}

/* `text` in `columns` columns: letters, not bytes, are counted. */
static void pad(FILE *out, const char *text, int columns)
{
    int letters = 0;
    for (const char *c = text; *c; c++) letters += ((unsigned char)*c & 0xC0) != 0x80;
    fprintf(out, "%s%*s", text, letters < columns ? columns - letters : 0, "");
}

evaluation_report *evaluation_report_open(const evaluation_options *options)
{
    evaluation_report *r = bench_memory(1, sizeof *r);
    r->json = options->json;
    r->table = bench_json_table(options->json);
    r->all = bench_json(json_object());
    bench_json_put(r->all, "evaluation", json_string("synres"));
    bench_json_put(r->all, "seeds", json_integer(options->seeds));
    bench_json_put(r->all, "tables", r->tables = json_array());
    fprintf(r->table, "synres_evaluation: means of %d seeds ± half of the 95 %% confidence interval; settings were chosen on other seeds\n",
            options->seeds);
    return r;
}

void evaluation_report_table(evaluation_report *r, const char *name, int columns, const char *const *column)
{
    json_t *table = bench_json(json_object()), *names = bench_json(json_array());
    bench_json_append(r->tables, table);
    bench_json_put(table, "name", json_string(name));
    bench_json_put(table, "columns", names);
    bench_json_put(table, "rows", r->rows = json_array());
    fprintf(r->table, "%s\n%s\n  %-26s", json_array_size(r->tables) > 1 ? "\n" : "", name, "");
    for (int i = 0; i < columns; i++) {
        bench_json_append(names, json_string(column[i]));
        fprintf(r->table, " | ");
        pad(r->table, column[i], 32);
    }
}

void evaluation_report_row(evaluation_report *r, const char *name)
{
    json_t *row = bench_json(json_object());
    bench_json_append(r->rows, row);
    bench_json_put(row, "name", json_string(name));
    bench_json_put(row, "values", r->values = json_array());
    fprintf(r->table, "\n  ");
    pad(r->table, name, 26);
}

static json_t *add(evaluation_report *r, estimate value, const char *setting)
{
    json_t *cell = bench_json(json_object());
    bench_json_append(r->values, cell);
    bench_json_put(cell, "mean", json_real(value.mean));
    bench_json_put(cell, "half", json_real(value.half));
    if (setting) bench_json_put(cell, "setting", json_string(setting));
    fprintf(r->table, " | %6.3f ± %.3f", value.mean, value.half);
    return cell;
}

void evaluation_report_cell(evaluation_report *r, estimate value, const char *setting)
{
    add(r, value, setting);
    fprintf(r->table, " %17s", "");
}

void evaluation_report_against(evaluation_report *r, estimate value, estimate difference, const char *setting)
{
    json_t *cell = add(r, value, setting);
    bench_json_put(cell, "difference", json_real(difference.mean));
    bench_json_put(cell, "difference_half", json_real(difference.half));
    fprintf(r->table, " (%+.3f ± %.3f)", difference.mean, difference.half);
}

int evaluation_report_close(evaluation_report *r)
{
    fprintf(r->table, "\n");
    const int wrong = bench_json_close(r->all, r->json);
    free(r);
    return wrong;
}
