#include "train_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blas_runtime.h"
#include "failure.h"
#include "output.h"
#include "text_file.h"

void train_record_begin(train_record *r, const train_settings *s, int64_t rows, int64_t cols)
{
    json_t *files = json_array();
    *r = (train_record){.path = join_path(s->directory, "train.json"), .root = needed(json_object())};
    put_text(r->root, "library", atoms_build_info());
    put_text(r->root, "blas", blas_version());
    put(r->root, "files", files);
    for (int i = 0; i < s->a.words.count; i++) append_text(files, s->a.words.word[i]);
    put_text(r->root, "metric", s->metric_path);
    put_whole(r->root, "rows", rows);
    put_whole(r->root, "cols", cols);
    put(r->root, "settings", training_options_json(&s->training));
    put(r->root, "history", json_array());
}

static int same_whole(const json_t *a, const json_t *b, const char *key)
{
    return json_integer_value(json_object_get(a, key)) == json_integer_value(json_object_get(b, key));
}

int train_record_metric(const char *directory, const char **metric, char **owned)
{
    char *path = join_path(directory, "train.json");
    json_t *old = json_load_file(path, 0, NULL);
    const char *recorded = json_string_value(json_object_get(old, "metric"));
    int code = EXIT_DONE;
    if (*metric && old && (!recorded || strcmp(recorded, *metric))) {
        code = usage_error("--metric", "differs from what %s was made with", directory);
    } else if (recorded) {
        *metric = *owned = needed(strdup(recorded));
    }
    json_decref(old);
    free(path);
    return code;
}

int train_record_resume(train_record *r, int64_t done)
{
    json_t *old = json_load_file(r->path, 0, NULL), *entry;
    const json_t *history = json_object_get(old, "history");
    size_t i;
    int code = EXIT_DONE;
    r->done = done;
    if (!json_is_array(history)) {
        print_note(r->path, "cannot be read; the history before step %lld is lost", (long long)done);
    } else if (!same_whole(old, r->root, "rows") || !same_whole(old, r->root, "cols")) {
        code = run_error(r->path, "the run was started on %lld rows of %lld columns, these are %lld of %lld",
                         (long long)json_integer_value(json_object_get(old, "rows")), (long long)json_integer_value(json_object_get(old, "cols")),
                         (long long)json_integer_value(json_object_get(r->root, "rows")),
                         (long long)json_integer_value(json_object_get(r->root, "cols")));
    } else {
        r->before.wall = json_number_value(json_object_get(old, "seconds"));
        r->before.cpu = json_number_value(json_object_get(old, "cpu_seconds"));
        r->rows = json_integer_value(json_object_get(old, "tokens"));
        json_array_foreach(history, i, entry)
            if (json_integer_value(json_object_get(entry, "step")) <= done) append(json_object_get(r->root, "history"), json_incref(entry));
    }
    json_decref(old);
    return code;
}

void train_record_start(train_record *r)
{
    r->start = stopwatch_start();
}

void train_record_step(train_record *r, const atoms_train_stats *stats)
{
    int64_t every = stats->steps >= 100 ? stats->steps / 100 : 1;
    r->done = stats->step;
    r->rows = stats->rows;
    if (stats->step != 1 && stats->step != stats->steps && stats->step % every) return;
    json_t *entry = json_object();
    append(json_object_get(r->root, "history"), entry);
    put_whole(entry, "step", stats->step);
    put_number(entry, "loss", stats->loss);
    put_number(entry, "mse", stats->mse);
    put_number(entry, "l0", stats->l0);
    put_number(entry, "r2", stats->r2);
    put_number(entry, "lr", stats->learning_rate);
}

stopwatch train_record_seconds(const train_record *r)
{
    stopwatch now = stopwatch_since(r->start);
    return (stopwatch){.wall = r->before.wall + now.wall, .cpu = r->before.cpu + now.cpu};
}

void train_record_totals(const train_record *r, stopwatch spent, json_t *object)
{
    put_whole(object, "steps", r->done);
    put_whole(object, "tokens", r->rows);
    put_number(object, "seconds", spent.wall);
    put_number(object, "cpu_seconds", spent.cpu);
    put_number(object, "tokens_per_s", (double)r->rows / spent.wall);
}

int train_record_write(train_record *r, stopwatch spent)
{
    train_record_totals(r, spent, r->root);
    char *text = json_text(r->root);
    int code = text_file_write(r->path, text, strlen(text));
    free(text);
    return code;
}

void train_record_end(train_record *r)
{
    free(r->path);
    json_decref(r->root);
    *r = (train_record){0};
}
