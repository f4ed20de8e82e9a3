#!/bin/sh
# check_headers.sh INCLUDE: each public header alone, twice over, in every standard of C and C++ a host may use, without a warning;
# and what the headers reach is theirs, stddef.h, stdint.h and what those need.
#   CC, CXX and clang are taken as they are there; C is never left out.
set -eu
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
status=0
warnings='-pedantic-errors -Wall -Wextra -Wconversion -Wundef -Wshadow -Werror -fsyntax-only'

compile() { # LANGUAGE STANDARD COMPILER
    "$3" -x c -std="$2" -fsyntax-only /dev/null 2>/dev/null || "$3" -x c++ -std="$2" -fsyntax-only /dev/null 2>/dev/null || return 0
    [ "$1" = c ] && more=-Wstrict-prototypes || more=
    for header in "$include"/atoms/*.h "$include"/synres/*.h; do
        name=${header#"$include"/}
        printf '#include <%s>\n#include <%s>\nint main(%s) { return 0; }\n' "$name" "$name" "$([ "$1" = c ] && echo void)" >"$work/alone.$1"
        count=$((count + 1))
        # shellcheck disable=SC2086
        "$3" -x "$1" -std="$2" $warnings $more -I"$include" "$work/alone.$1" >"$work/said" 2>&1 || {
            echo "$name, $3 -std=$2:"
            cat "$work/said"
            status=1
        }
    done
}

first() { # the first of the commands that is there
    for command; do
        if command -v "$command" >/dev/null 2>&1; then
            echo "$command"
            return
        fi
    done
}

for cc in "${CC:-cc}" $(first clang clang-14 clang-18); do
    if command -v "$cc" >/dev/null 2>&1; then
        for standard in c99 c11 c17 c2x; do compile c "$standard" "$cc"; done
    fi
done
for cxx in "${CXX:-c++}" $(first clang++ clang++-14 clang++-18); do
    if command -v "$cxx" >/dev/null 2>&1; then
        for standard in c++11 c++17 c++20; do compile c++ "$standard" "$cxx"; done
    fi
done

"${CC:-cc}" -M -I"$include" "$include/atoms/atoms.h" "$include/synres/synres.h" | tr ' ' '\n' | grep -E '/(cblas|lapacke|complex|stdio|stdlib|jansson|zip|pthread)[a-z0-9_]*\.h$' && {
    echo "reachable from the public headers"
    status=1
}
[ "$count" -gt 0 ] || status=1
echo "$count compilations"
exit $status
