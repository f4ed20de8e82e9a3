#include "report_files.h"

#include <stdlib.h>

#include "failure.h"
#include "output.h"
#include "text_file.h"

enum { TICS_MAX = 64 }; /* sizes or widths of a sweep that can be told apart in a picture */

static int copy_numbers(const json_t *from, const char *const *keys, int n, json_t *to)
{
    int found = 0;
    for (int i = 0; i < n; i++) {
        json_t *value = json_object_get(from, keys[i]);
        found += json_is_number(value);
        put(to, keys[i], json_is_number(value) ? json_incref(value) : json_null());
    }
    return found;
}

/* The history of train.json: steps that rise, with what is a number beside them. */
static json_t *history_of(const json_t *record)
{
    static const char *const keys[] = {"loss", "mse", "l0", "r2"};
    json_t *history = needed(json_array()), *entry;
    json_int_t last = 0;
    size_t i;
    json_array_foreach(json_object_get(record, "history"), i, entry)
    {
        json_int_t step = json_integer_value(json_object_get(entry, "step"));
        json_t *point = json_object();
        if (step > last && copy_numbers(entry, keys, 4, point)) {
            put_whole(point, "step", step);
            append(history, json_incref(point));
            last = step;
        }
        json_decref(point);
    }
    return history;
}

static void put_training(const char *sae_path, json_t *result)
{
    char *path = path_beside(sae_path, "train.json");
    json_error_t error;
    json_t *record = json_load_file(path, 0, &error), *training = json_object(), *history = history_of(record);
    static const char *const totals[] = {"rows", "steps", "tokens"};
    if (json_array_size(history) < 2) {
        if (record) add_note(result, "training", "train.json beside the SAE holds no history of a training");
        else if (error.line < 0) add_note(result, "training", "no train.json beside the SAE");
        else add_note(result, "training", "train.json beside the SAE is no JSON from line %d on", error.line);
        json_decref(history);
        json_decref(training);
        training = json_null();
    } else {
        copy_numbers(record, totals, 3, training);
        put(training, "history", history);
        json_t *settings = json_object_get(record, "settings");
        put(training, "settings", json_is_object(settings) ? json_incref(settings) : json_object());
    }
    put(result, "training", training);
    json_decref(record);
    free(path);
}

static int are_wholes(const json_t *list)
{
    size_t i, n = json_array_size(list);
    json_t *value;
    json_array_foreach((json_t *)(uintptr_t)list, i, value)
        if (!json_is_integer(value)) return 0;
    return n > 0 && n <= TICS_MAX;
}

static int put_sweep(const char *directory, json_t *result)
{
    if (!directory) {
        put(result, "sweep", json_null());
        add_note(result, "sweep", "no sweep was given (--sweep DIR)");
        return EXIT_DONE;
    }
    json_error_t error;
    char *path = join_path(directory, "sweep.json");
    json_t *sweep = json_load_file(path, 0, &error);
    const json_t *sizes = json_object_get(sweep, "sizes"), *widths = json_object_get(sweep, "widths"), *cells = json_object_get(sweep, "cells");
    int code = EXIT_DONE;
    if (!sweep) code = error.line < 0 ? run_error(path, "cannot be opened") : run_error(path, "line %d: %s", error.line, error.text);
    else if (!are_wholes(sizes) || !are_wholes(widths) || json_array_size(cells) != json_array_size(sizes) * json_array_size(widths))
        code = run_error(path, "is not the record of a sweep: sizes, widths, and a cell for each pair of them");
    if (code) json_decref(sweep);
    else put(result, "sweep", sweep);
    free(path);
    return code;
}

int report_files(const char *sae_path, const char *sweep_directory, json_t *result)
{
    put_training(sae_path, result);
    return put_sweep(sweep_directory, result);
}
