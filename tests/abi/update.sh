#!/bin/sh
# update.sh: writes the committed record of the binary interfaces anew, for each library LIBRARY.exports (functions), LIBRARY.layout (fields) and
# LIBRARY.abi (types, for abidiff). Run it when an interface has changed on purpose; the change of these files is then what a
# reviewer reads. See docs/ABI.md.
set -eu
cd "$(dirname "$0")/../.."
here=tests/abi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --preset release -DATOMS_PROGRAM=OFF -DATOMS_EXAMPLES=OFF -DBUILD_TESTING=OFF -B "$work/build" >"$work/log" &&
    cmake --build "$work/build" --target atoms synres >>"$work/log" || {
    tail -n 40 "$work/log"
    exit 1
}
for library in atoms synres; do
    sh $here/interface.sh functions $library include >$here/$library.exports
    {
        printf '#include <%s/%s.h>\n#include <stdio.h>\nint main(void)\n{\n' $library $library
        sh $here/interface.sh fields $library include | awk '
            $1 != last { printf "printf(\"STRUCT(%s, %%zu)\\n\", sizeof(%s));\n", $1, $1; last = $1 }
            { printf "printf(\"FIELD(%s, %s, %%zu, %%zu)\\n\", offsetof(%s, %s), sizeof(((%s *)0)->%s));\n", $1, $2, $1, $2, $1, $2 }'
        printf 'return 0;\n}\n'
    } >"$work/layout.c"
    "${CC:-cc}" -Iinclude -o "$work/layout" "$work/layout.c"
    "$work/layout" >$here/$library.layout
    sh $here/describe.sh "$work/build/lib/lib$library.so" include/$library >$here/$library.abi
    wc -l $here/$library.exports $here/$library.layout $here/$library.abi
done
