#!/bin/sh
# check_exports.sh LIBRARY LIST: the shared library exports what the list says, no symbol more or less.
set -eu
work=$(mktemp)
trap 'rm -f "$work"' EXIT
nm -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort >"$work"
[ -s "$work" ] || { echo "no exported symbol found in $1"; exit 1; }
diff "$2" "$work" || { echo "< listed in $2, > exported. After a change that is meant: sh tests/abi/update.sh"; exit 1; }
echo "$(wc -l <"$work") exported symbols, as listed"
