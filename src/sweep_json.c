#include "sweep_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blas_runtime.h"
#include "failure.h"
#include "output.h"
#include "text_file.h"

typedef struct figure {
    const char *key;
    size_t offset;
    int in_aip;
    const char *missing; /* why there is none, an AIP given */
} figure;

#define FIGURE(name, in_aip, missing) {#name, offsetof(atoms_sweep_cell, name), in_aip, missing}
#define NO_R2 "the rows do not vary, or their reconstruction overflows"
#define NO_PAIRS "fewer than two atoms that can be compared"
#define NOT_MEMORISED "the rows to memorise are zeros, do not vary, or are fewer than two"

static const figure figures[] = {
    FIGURE(r2_in, 0, NO_R2),
    FIGURE(r2_out, 0, NO_R2),
    FIGURE(q_star_in, 1, NO_PAIRS),
    FIGURE(q_star_out, 1, NO_PAIRS),
    FIGURE(l0_in, 0, ""),
    FIGURE(l0_out, 0, ""),
    FIGURE(aip_r2_in, 1, NO_R2),
    FIGURE(aip_r2_out, 1, NO_R2),
    FIGURE(q_star_all_in, 1, NO_PAIRS),
    FIGURE(q_star_all_out, 1, NO_PAIRS),
    FIGURE(q_star_euclidean_in, 0, NO_PAIRS),
    FIGURE(q_star_euclidean_out, 0, NO_PAIRS),
    FIGURE(dead_in, 0, ""),
    FIGURE(dead_out, 0, ""),
    FIGURE(memoriser_r2_in, 1, NOT_MEMORISED),
    FIGURE(memoriser_r2_out, 1, NOT_MEMORISED),
    FIGURE(memoriser_q_star_in, 1, NOT_MEMORISED),
    FIGURE(memoriser_q_star_out, 1, NOT_MEMORISED),
};

static json_t *list_json(const whole_list *list)
{
    json_t *array = needed(json_array());
    for (int64_t i = 0; i < list->count; i++) append(array, json_integer(list->value[i]));
    return array;
}

static json_t *files_json(word_list files)
{
    json_t *array = needed(json_array());
    for (int i = 0; i < files.count; i++) append_text(array, files.word[i]);
    return array;
}

/* The options of the trainer that the grid takes the place of are left out. */
static json_t *settings_json(const sweep_settings *s, json_t *result)
{
    json_t *settings = training_options_json(&s->training);
    json_object_del(settings, "width");
    if (s->training.epochs > 0) {
        json_object_del(settings, "steps");
        put_number(settings, "epochs", s->training.epochs);
    }
    if (s->training.opts.target_l0 == 0) {
        put(settings, "target_l0", json_null());
        add_note(result, "settings.target_l0", "64, or an eighth of the width where that is less");
    }
    return settings;
}

json_t *sweep_json_begin(const sweep_settings *s, int64_t rows, int64_t cols, int64_t held_out_rows)
{
    json_t *result = result_new();
    put(result, "cells", json_array());
    put_text(result, "path", s->directory);
    put_text(result, "library", atoms_build_info());
    put_text(result, "blas", blas_version());
    put(result, "files", files_json(s->a.words));
    put(result, "held_out_files", files_json(s->held_out_files));
    put_whole(result, "rows", rows);
    put_whole(result, "cols", cols);
    put_whole(result, "held_out_rows", held_out_rows);
    put(result, "sizes", list_json(&s->rows));
    put(result, "widths", list_json(&s->widths));
    put_text(result, "metric", s->metric_path ? s->metric_path : "of each cell's own rows");
    put(result, "settings", settings_json(s, result));
    return result;
}

void sweep_json_cell(json_t *result, const atoms_sweep_cell *cell)
{
    json_t *cells = json_object_get(result, "cells"), *object = json_object();
    size_t number = json_array_size(cells);
    char about[64];
    append(cells, object);
    put_whole(object, "rows", cell->rows);
    put_whole(object, "width", cell->width);
    put_whole(object, "steps", cell->steps);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        const figure *f = &figures[i];
        double value = *(const double *)(const void *)((const char *)cell + f->offset);
        put_number(object, f->key, value);
        if (isfinite(value) || (f->in_aip && !cell->has_metric)) continue;
        snprintf(about, sizeof about, "cells.%zu.%s", number, f->key);
        add_note(result, about, "%s", f->missing);
    }
    if (cell->has_metric) return;
    snprintf(about, sizeof about, "cells.%zu", number);
    add_note(result, about, "%lld rows span too little to have an AIP: no figures in it, no memoriser (--metric gives one)", (long long)cell->rows);
}

void sweep_json_end(json_t *result, stopwatch spent)
{
    put_number(result, "seconds", spent.wall);
    put_number(result, "cpu_seconds", spent.cpu);
}

int sweep_json_write(const json_t *result, const char *path)
{
    char *text = json_text(result);
    int code = text_file_write(path, text, strlen(text));
    free(text);
    return code;
}

static void print_pair(const json_t *cell, const char *in, const char *out, const char *format)
{
    const json_t *values[] = {json_object_get(cell, in), json_object_get(cell, out)};
    for (int i = 0; i < 2; i++) {
        char text[32] = "-";
        if (json_is_number(values[i])) snprintf(text, sizeof text, format, json_number_value(values[i]));
        printf(" %8s", text);
    }
}

void print_sweep(const json_t *result)
{
    size_t i;
    json_t *cell;
    printf("%9s %9s %17s %17s %17s %17s\n", "", "", "L0", "R2", "q*", "R2 of memoriser");
    printf("%9s %9s", "rows", "width");
    for (i = 0; i < 4; i++) printf(" %8s %8s", "in", "out");
    printf("\n");
    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        printf("%9" JSON_INTEGER_FORMAT " %9" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(cell, "rows")),
               json_integer_value(json_object_get(cell, "width")));
        print_pair(cell, "l0_in", "l0_out", "%.1f");
        print_pair(cell, "r2_in", "r2_out", "%.4f");
        print_pair(cell, "q_star_in", "q_star_out", "%.4f");
        print_pair(cell, "memoriser_r2_in", "memoriser_r2_out", "%.4f");
        printf("\n");
    }
}
