#!/bin/sh
# Every public function is named in a page, or stands under a comment in its header; a page names no function that does not exist.
#   functions.sh SOURCE_DIR
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "name documented": a comment ends directly above the declaration, or the group of declarations it stands in, or on its line.
awk '
    FNR == 1                          { commented = 0 }
    /^[ \t]*$/                        { commented = 0 }
    /\*\/[ \t]*$/                     { commented = 1 }
    /^((ATOMS|SYNRES)_API|static inline)/      {
        if (match($0, /(atoms|synres)_[a-z0-9_]+\(/)) print substr($0, RSTART, RLENGTH - 1), commented
    }' include/atoms/*.h include/synres/*.h | sort -u >"$work/functions"
awk -F'[ ,()]+' '/^(ATOMS|SYNRES)_CONSTANT/ { print $3 }' include/atoms/constants.def include/synres/constants.def >"$work/twins"
cut -d' ' -f1 "$work/functions" | cat - "$work/twins" | sort -u >"$work/names"

# A page may write atoms_trainer_save and `_load`: each _x that follows a full name in a line stands for its last part.
cat README.md docs/*.md docs/synres/*.md | tr -c 'A-Za-z0-9_\n' ' ' | awk '{
    for (i = 1; i <= NF; i++)
        if ($i ~ /^(atoms|synres)_[a-z0-9_]+$/) { print $i; full = $i }
        else if ($i ~ /^_[a-z][a-z0-9_]*$/ && full != "") { stem = full; sub(/_[a-z0-9]+$/, "", stem); print stem $i }
    full = ""
}' | sort -u >"$work/mentioned"

missing=$(awk -v mentioned="$work/mentioned" 'BEGIN { while ((getline line < mentioned) > 0) page[line] = 1 } !$2 && !($1 in page) { print $1 }' "$work/functions")
[ -z "$missing" ] || { echo "documented neither in a page nor in the header:"; echo "$missing"; exit 1; }

# In code font with an opening parenthesis or between backquotes, a name must exist; types and handles are known from the headers, atoms_test from the tests.
grep -ohE '(atoms|synres)_[a-z0-9_]*' include/atoms/*.h include/synres/*.h tests/CMakeLists.txt tests/synres/CMakeLists.txt | sort -u | cat - "$work/twins" | sort -u >"$work/known"
invented=$(grep -ohE '`(atoms|synres)_[a-z0-9_]*[(`]' README.md docs/*.md docs/synres/*.md | tr -d '`(' | grep -v '_$' | sort -u | comm -23 - "$work/known")
[ -z "$invented" ] || { echo "named in a page, but not in a header:"; echo "$invented"; exit 1; }

count=$(wc -l <"$work/functions")
echo "$count functions and $(wc -l <"$work/twins") constants' twins, $(comm -12 "$work/names" "$work/mentioned" | wc -l) of them named in pages"
[ "$count" -gt 80 ]
