/* What the evaluation does with a failure: says which call and why, and ends. */
#ifndef SYNRES_EVALUATION_CHECK_H
#define SYNRES_EVALUATION_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <synres/status.h>

static inline void evaluation_check(synres_status status, const char *call)
{
    if (!status) return;
    fprintf(stderr, "%s\n  %s: %s\n", call, synres_status_name(status), synres_status_text(status));
    exit(1);
}

#define MUST(call) evaluation_check(call, #call)

#endif
