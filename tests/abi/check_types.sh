#!/bin/sh
# check_types.sh LIBRARY HEADERS BASELINE: abidiff finds nothing removed and nothing changed since the baseline. Its exit status
# alone does not say so: a field put into the middle of a struct counts there as little as a function added.
set -eu
report=$(abidiff --headers-dir1 "$2" --headers-dir2 "$2" "$3" "$1" || true)
summaries=$(printf '%s\n' "$report" | grep 'changes summary:' || true)
if [ -z "$summaries" ]; then # abidiff is silent where it finds no difference; then it must also have succeeded
    abidiff --headers-dir1 "$2" --headers-dir2 "$2" "$3" "$1" || exit 1
    echo "no difference"
    exit 0
fi
printf '%s\n' "$report"
if printf '%s\n' "$summaries" | grep -Evq 'summary: 0 Removed, 0 Changed'; then
    echo "The binary interface has changed. If it is meant: docs/ABI.md, then sh tests/abi/update.sh"
    exit 1
fi
