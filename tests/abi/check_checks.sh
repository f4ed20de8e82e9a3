#!/bin/sh
# check_checks.sh: each check finds what is planted for it. A check that cannot fail would be worth nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cc=${CC:-cc}
count=0
status=0

refused() { # WORDS COMMAND…: fails, and says why
    words=$1
    shift
    count=$((count + 1))
    if "$@" >said 2>&1 || ! grep -q "$words" said; then
        echo "not noticed: $words"
        cat said
        status=1
    fi
}
archive() { # CODE: the code as an archive of one object
    rm -f planted.a
    printf '%s\n' "$1" | $cc -fPIC -x c -c - -o planted.o
    ar rc planted.a planted.o
}

for code in 'int other_name(void) { return 1; }' 'int atoms; int (*atomsi_p)(void);'; do
    archive "$code"
    refused 'without our prefix\|writable data' sh "$here/check_archive.sh" planted.a
done
archive 'int atoms_f(void) { return 1; }'
refused 'without our prefix' sh "$here/check_archive.sh" planted.a synres
archive 'int atoms_f(void) { static int calls; return ++calls; }'
refused 'writable data' sh "$here/check_archive.sh" planted.a
archive 'int atoms_f(void) { static _Thread_local int calls; return ++calls; }'
refused 'writable data' sh "$here/check_archive.sh" planted.a
archive '__attribute__((constructor)) static void start(void) {} int atoms_f(void) { return 1; }'
refused 'writable data' sh "$here/check_archive.sh" planted.a
for call in 'printf("x")' 'abort()' 'getenv("x")' 'strtod("1", 0)' 'setlocale(0, "")' 'rand()' 'fork()' 'signal(1, 0)' 'strerror(1)'; do
    archive "#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
void atoms_f(void); void atoms_f(void) { (void)$call; }"
    refused 'may not have' sh "$here/check_archive.sh" planted.a
done

quiet() { # CALL: an archive of objects with the names of hot ones, each of which makes the call
    rm -f planted.a
    for name in run tap step gates relevance state layout options finite state_write state_layout backward_f32; do
        printf '#include <math.h>\n#include <pthread.h>\n#include <stdlib.h>\nfloat synres_%s(void *x); float synres_%s(void *x) { (void)x; %s; return expf(*(float *)x); }' \
            $name $name "$1" | $cc -fPIC -x c -c - -o $name.c.o
        ar rc planted.a $name.c.o
    done
}
quiet ''
sh "$here/check_quiet.sh" planted.a >said || { cat said; status=1; }
for call in 'free(x)' 'pthread_mutex_lock(x)' 'extern void *synresi_base_alloc(void); synresi_base_alloc()'; do
    quiet "$call"
    refused 'may not have' sh "$here/check_quiet.sh" planted.a
done

printf 'int atoms_a(void) { return 1; } int atoms_c(void) { return 1; }' | $cc -shared -fPIC -x c - -Wl,-soname,libatoms.so.9 -o planted.so
printf 'atoms_a\natoms_b\n' >list
refused 'atoms_b' sh "$here/check_exports.sh" planted.so list
refused 'libatoms.so.9' sh "$here/check_shared.sh" planted.so libatoms.so.0
refused 'BIND_NOW' sh "$here/check_shared.sh" planted.so libatoms.so.9 hardened

plant() { # FILE TEXT: a copy of the tree with the text added to the file
    rm -rf tree
    mkdir tree
    (cd "$here/../.." && tar -cf - --exclude='./build*' --exclude=./.git --exclude='*.npy' .) | tar -xf - -C tree
    mkdir -p "tree/$(dirname "$1")"
    printf '%s\n' "$2" >>"tree/$1"
}
for planted in 'lib/base/memory.c #include "../linalg/finite.h"' 'lib/linalg/finite.c #include <atoms/matrix.h>' \
    'lib/atoms/context/context.c #include "matrix.h"' 'lib/atoms/context/context.c #include <cblas.h>' \
    'include/atoms/matrix.h #include <stdio.h>' 'src/planted.c #include "matrix_internal.h"' 'bench/bench_load.c #include <cblas.h>' \
    'lib/base/matrix.c int x;' \
    'lib/synres/step/step.c #include <atoms/matrix.h>' 'lib/synres/step/step.c #include "matrix_internal.h"' 'include/synres/matrix.h int x;'; do
    plant "${planted%% *}" "${planted#* }"
    refused 'memory.c\|finite.c\|step.c\|context.c\|matrix.h\|planted.c\|bench_load.c\|matrix.c' sh "$here/check_tree.sh" tree
done

record() { sh "$here/check_interface.sh" tree "${library:-atoms}"; }
library=synres
plant include/synres/step.h 'SYNRES_API int32_t synres_planted(void);'
refused 'synres_planted' record
plant include/synres/step.h 'enum { SYNRES_PLANTED = 1 };'
refused 'SYNRES_PLANTED' record
library=atoms
plant include/atoms/codes.h 'ATOMS_API int32_t atoms_planted(void);'
refused 'atoms_planted' record
plant include/atoms/codes.h 'enum { ATOMS_PLANTED = 1 };'
refused 'ATOMS_PLANTED' record
plant include/atoms/codes.h 'typedef struct atoms_planted { int32_t a; } atoms_planted;'
refused 'atoms_planted a' record
plant include/atoms/planted.h '#include <atoms/api.h>'
refused 'planted.h' record

if command -v abidiff >/dev/null 2>&1; then
    mkdir -p include/atoms
    types() { # FIELDS [MORE PARAMETERS]: the library whose struct has these fields, and whose function takes it
        printf 'struct atoms_s { %s };\nint atoms_f(const struct atoms_s *s%s);\n' "$1" "${2:-}" >include/atoms/s.h
        printf '#include <atoms/s.h>\nint atoms_f(const struct atoms_s *s%s) { return s->a; }' "${2:-}" | $cc -g -Iinclude -shared -fPIC -x c - -o types.so
    }
    types 'int a; int b;'
    sh "$here/describe.sh" types.so include/atoms >types.abi
    sh "$here/check_types.sh" types.so include/atoms types.abi >said || { cat said; status=1; }
    for change in 'int a; int c; int b;' 'int a; int b; int c;' 'int a; long b;' 'int a; int b;:, int more'; do
        types "${change%:*}" "$(printf '%s' "$change" | sed -n 's/.*://p')"
        refused 'interface has changed' sh "$here/check_types.sh" types.so include/atoms types.abi
    done
fi

echo "$count planted faults"
exit $status
