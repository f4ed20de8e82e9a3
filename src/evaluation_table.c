/* An evaluation for people: the SAE's figures in two columns; then a line for each subject, "held out/in sample" in each cell, which
 * keeps six subjects within 100 characters. */
#include <math.h>
#include <stdio.h>

#include "evaluation.h"
#include "text_table.h"

static const char *const compared[] = {"r2", "aip_r2", "l0_mean", "dead_fraction", "q_star", "mu"};
enum { COMPARED = sizeof compared / sizeof compared[0] };

/* At most six characters for anything a figure is likely to be. */
static void cell_text(const json_t *subject, const char *set, const char *key, char *buffer, size_t size)
{
    const json_t *value = json_object_get(json_object_get(subject, set), key);
    double number = json_number_value(value);
    if (json_is_number(value)) snprintf(buffer, size, fabs(number) < 10 ? "%.3f" : fabs(number) < 1000 ? "%.1f" : "%.3g", number);
    else snprintf(buffer, size, "-");
}

static void print_subject(const char *name, const json_t *subject)
{
    printf("%-10s", name);
    for (int i = 0; i < COMPARED; i++) {
        char out[24], in[24], both[64];
        cell_text(subject, "held_out", compared[i], out, sizeof out);
        cell_text(subject, "in_sample", compared[i], in, sizeof in);
        snprintf(both, sizeof both, "%s/%s", out, in);
        printf(" %14s", both);
    }
    printf("\n");
}

static void print_baselines(const json_t *result, const json_t *baselines)
{
    const char *name;
    json_t *subject;
    printf("\n%-10s", "out/in");
    for (int i = 0; i < COMPARED; i++) printf(" %14s", compared[i]);
    printf("\n");
    print_subject("this SAE", result);
    json_object_foreach((json_t *)baselines, name, subject) print_subject(name, subject);
}

void print_evaluation(const json_t *result)
{
    static const char *const titles[] = {"held out", "in sample"};
    const json_t *sets[] = {json_object_get(result, "held_out"), json_object_get(result, "in_sample")};
    const json_t *dictionary = json_object_get(result, "dictionary"), *baselines = json_object_get(result, "baselines");
    print_columns(titles, sets, 2);
    printf("\ndictionary\n");
    print_columns(NULL, &dictionary, 1);
    if (json_is_object(baselines)) print_baselines(result, baselines);
}
