#!/bin/sh
# check_interface.sh SOURCE: the lists beside the headers say the same as the headers.
#   constants.def is every enum constant; atoms.exports is every function; atoms.layout is every field of every struct;
#   atoms.h includes every header.
set -eu
source=$1
here=$source/tests/abi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

same() { # WHAT LEFT RIGHT
    if [ ! -s "$2" ] || ! diff "$2" "$3" >"$work/difference"; then
        echo "$1 (< headers, > list):"
        cat "$work/difference"
        status=1
    else
        echo "$1: $(wc -l <"$2") names"
    fi
}

sh "$here/interface.sh" constants "$source/include" >"$work/constants"
sed -n 's/^ATOMS_CONSTANT(\([A-Z0-9_]*\),.*/\1/p' "$source/include/atoms/constants.def" | LC_ALL=C sort >"$work/constants.def"
same "constants.def" "$work/constants" "$work/constants.def"

sh "$here/interface.sh" functions "$source/include" >"$work/functions"
same "atoms.exports" "$work/functions" "$here/atoms.exports"

sh "$here/interface.sh" fields "$source/include" >"$work/fields"
sed -n 's/^FIELD(\([a-z0-9_]*\), *\([a-z0-9_]*\),.*/\1 \2/p' "$here/atoms.layout" >"$work/layout"
same "atoms.layout" "$work/fields" "$work/layout"

(cd "$source/include/atoms" && ls ./*.h) | sed 's,^./,,' | grep -v '^atoms\.h$' | LC_ALL=C sort >"$work/files"
sed -n 's,^#include <atoms/\(.*\.h\)>.*,\1,p' "$source/include/atoms/atoms.h" | LC_ALL=C sort >"$work/included"
same "atoms.h" "$work/files" "$work/included"
[ "$status" -eq 0 ] || echo "After a change that is meant: sh tests/abi/update.sh (constants.def is kept by hand)"
exit $status
