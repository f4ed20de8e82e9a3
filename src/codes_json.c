#include "codes_json.h"

#include <math.h>

#include "failure.h"
#include "output.h"
#include "text_table.h"

int output_codes(const arguments *a, atoms_context *context, const atoms_codes *codes, const char *path)
{
    atoms_codes_view view;
    int code = checked(context, atoms_codes_look(codes, &view), path);
    if (code) return code;
    json_t *result = result_new();
    put_whole(result, "rows", view.rows);
    put_whole(result, "width", view.width);
    put_whole(result, "nnz", view.nnz);
    put_number(result, "l0_mean", view.rows ? (double)view.nnz / (double)view.rows : NAN);
    if (!view.rows) add_note(result, "l0_mean", "there are no rows");
    put_text(result, "path", path);
    return output_result(a, result, print_result);
}
