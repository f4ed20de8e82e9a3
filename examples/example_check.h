/* What every example does with a status: where it is an error, say which call it was and what the library says about it, and end. */
#ifndef EXAMPLE_CHECK_H
#define EXAMPLE_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include <atoms/context.h>

/* Where the sample is, unless the build says it: as seen from the top of the repository. */
#ifndef EXAMPLE_DATA
#define EXAMPLE_DATA "examples/data"
#endif

/* `context` may be NULL before there is one. */
static inline void example_check(const atoms_context *context, atoms_status status, const char *call)
{
    if (!status) return;
    char detail[512];
    atoms_context_detail(context, detail, sizeof detail);
    fprintf(stderr, "%s\n  %s: %s\n  %s\n", call, atoms_status_name(status), atoms_status_text(status), detail);
    exit(1);
}

#define CHECK(context, call) example_check(context, call, #call)

#endif
