/* A row's eigenvalues cost as much as the cube of its atoms: codes too dense are not begun. */
#include "supports_json.h"

#include <stdio.h>

#include "failure.h"
#include "output.h"
#include "session.h"

static void put_report(const atoms_supports_report *r, json_t *object)
{
    json_t *supports = json_object();
    int by_plus = r->plus >= r->minus;
    put(object, "supports", supports);
    put_whole(supports, "rows", r->rows);
    put_whole(supports, "most", r->most);
    put_whole(supports, "dependent", r->dependent);
    put_number(supports, "lambda_min", 1 - r->minus);
    put_whole(supports, "lambda_min_row", r->minus_row);
    put_number(supports, "lambda_min_mean", 1 - r->minus_mean);
    put_number(supports, "lambda_max", 1 + r->plus);
    put_whole(supports, "lambda_max_row", r->plus_row);
    put_number(supports, "lambda_max_mean", 1 + r->plus_mean);
    put_number(supports, "delta", by_plus ? r->plus : r->minus);
    put_whole(supports, "delta_row", by_plus ? r->plus_row : r->minus_row);
}

int put_supports(atoms_context *context, const atoms_dictionary *dictionary, const atoms_codes *codes, int64_t most, int64_t limit, json_t *object,
                 json_t *result, const char *about, const char *what)
{
    if (most > limit) {
        char path[96];
        snprintf(path, sizeof path, "%ssupports", about);
        put(object, "supports", json_null());
        if (limit) add_note(result, path, "a row has %lld atoms, more than %lld (--supports)", (long long)most, (long long)limit);
        else add_note(result, path, "not asked for (--supports)");
        return EXIT_DONE;
    }
    atoms_supports_report report;
    int code = checked(NULL, atoms_supports_report_init(&report, sizeof report), what);
    if (code) return code;
    session_doing("supports");
    code = checked(context, atoms_rip_supports(dictionary, codes, &report), what);
    session_doing("");
    if (!code) put_report(&report, object);
    return code;
}
