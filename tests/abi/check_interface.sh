#!/bin/sh
# check_interface.sh SOURCE [LIBRARY]: the lists beside the headers of LIBRARY (atoms) say the same as the headers.
#   constants.def is every enum constant; LIBRARY.exports is every function; LIBRARY.layout is every field of every struct;
#   LIBRARY.h includes every header.
set -eu
source=$1
library=${2:-atoms}
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

sh "$here/interface.sh" constants "$library" "$source/include" >"$work/constants"
sed -n 's/^[A-Z]*_CONSTANT(\([A-Z0-9_]*\),.*/\1/p' "$source/include/$library/constants.def" | LC_ALL=C sort >"$work/constants.def"
same "constants.def" "$work/constants" "$work/constants.def"

sh "$here/interface.sh" functions "$library" "$source/include" >"$work/functions"
same "$library.exports" "$work/functions" "$here/$library.exports"

sh "$here/interface.sh" fields "$library" "$source/include" >"$work/fields"
sed -n 's/^FIELD(\([a-z0-9_]*\), *\([A-Za-z0-9_]*\),.*/\1 \2/p' "$here/$library.layout" >"$work/layout"
same "$library.layout" "$work/fields" "$work/layout"

(cd "$source/include/$library" && ls ./*.h) | sed 's,^./,,' | grep -v "^$library\.h\$" | LC_ALL=C sort >"$work/files"
sed -n "s,^#include <$library/\(.*\.h\)>.*,\1,p" "$source/include/$library/$library.h" | LC_ALL=C sort >"$work/included"
same "$library.h" "$work/files" "$work/included"
[ "$status" -eq 0 ] || echo "After a change that is meant: sh tests/abi/update.sh (constants.def is kept by hand)"
exit $status
