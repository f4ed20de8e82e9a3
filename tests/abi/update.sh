#!/bin/sh
# update.sh: writes the committed record of the binary interface anew: atoms.exports (functions), atoms.layout (fields) and
# atoms.abi (types, for abidiff). Run it when the interface has changed on purpose; the change of these files is then what a
# reviewer reads. See docs/ABI.md.
set -eu
cd "$(dirname "$0")/../.."
here=tests/abi

sh $here/interface.sh functions include >$here/atoms.exports

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    printf '#include <atoms/atoms.h>\n#include <stdio.h>\nint main(void)\n{\n'
    sh $here/interface.sh fields include | awk '
        $1 != last { printf "printf(\"STRUCT(%s, %%zu)\\n\", sizeof(%s));\n", $1, $1; last = $1 }
        { printf "printf(\"FIELD(%s, %s, %%zu, %%zu)\\n\", offsetof(%s, %s), sizeof(((%s *)0)->%s));\n", $1, $2, $1, $2, $1, $2 }'
    printf 'return 0;\n}\n'
} >"$work/layout.c"
"${CC:-cc}" -Iinclude -o "$work/layout" "$work/layout.c"
"$work/layout" >$here/atoms.layout

cmake --preset release -DATOMS_PROGRAM=OFF -DATOMS_EXAMPLES=OFF -DBUILD_TESTING=OFF -B "$work/build" >"$work/log" &&
    cmake --build "$work/build" --target atoms >>"$work/log" || {
    tail -n 40 "$work/log"
    exit 1
}
sh $here/describe.sh "$work/build/lib/libatoms.so" include >$here/atoms.abi
wc -l $here/atoms.exports $here/atoms.layout $here/atoms.abi
