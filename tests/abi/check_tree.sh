#!/bin/sh
# check_tree.sh SOURCE: the dependency law of docs/ARCHITECTURE.md, from the #include lines.
#   base -> nothing; linalg -> base; a library's room -> base, linalg, and sibling rooms through <room>_internal.h;
#   src, examples, bench -> public headers; public headers -> each other, stddef.h and stdint.h.
#   cblas.h and lapacke.h are included by one file of the library each, cblas.h also by the benchmarks' yardstick. File names are
#   unique in the tree (but for corpora: there the name is a hash of what is inside; and what each library has a public header of its own for).
set -eu
cd "$1"
status=0
bad() { echo "$1:"; printf '%s\n' "$2"; status=1; }

files=$(find . -type f ! -path './build*' ! -path '*/.*/*' ! -path './tests/fuzz/corpus/*' | sed 's,^./,,' | grep -v '^\.')
double=$(printf '%s\n' "$files" | sed 's,.*/,,' | sort | uniq -d | grep -Ev '^(CMakeLists\.txt|README\.md)$' || true)
twins='^(api|constants|status|train|version)\.(h|def)$'
double=$(printf '%s\n' "$double" | grep -Ev "$twins" || true)
[ -z "$double" ] || bad "file names that occur twice" "$double"

sources=$(printf '%s\n' "$files" | grep -E '^(include|lib|src|examples|bench)/.*\.(c|h|inc|def|cpp)$')
# shellcheck disable=SC2086
includes=$(grep -EH '^[[:space:]]*#[[:space:]]*include' $sources)

# only HEADER FILE…: these files include the header, and no other.
only() {
    header=$1
    shift
    who=$(printf '%s\n' "$includes" | grep -E "[<\"/]$header[>\"]" | cut -d : -f 1 | sort)
    [ "$who" = "$(printf '%s\n' "$@" | sort)" ] || bad "$header is the gate's alone" "$who"
}
only cblas.h lib/linalg/cblas_gate.c bench/support/yardstick.c
only lapacke.h lib/linalg/lapacke_gate.c

printf '%s\n' "$files" "--" "$includes" | awk '
function place(path,   part, n) { # base, linalg, library/room, or the top folder
    n = split(path, part, "/")
    if (part[1] != "lib") return part[1]
    return part[2] == "base" || part[2] == "linalg" ? part[2] : part[2] "/" part[3]
}
function refuse(why) { print "  " path ": " $0 " (" why ")"; wrong = 1 }
$0 == "--" { listed = 1; next }
!listed { name = $0; sub(/.*\//, "", name); home[name] = $0; next }
{
    path = $0; sub(/:.*/, "", path)
    sub(/^[^:]*:/, "")
    count++
    from = place(path)
    if (match($0, /<[^>]*>/)) {
        header = substr($0, RSTART + 1, RLENGTH - 2)
        if (from == "include" && header !~ /^((atoms|synres)\/[a-z_]+\.(h|def)|stddef\.h|stdint\.h)$/) refuse("not for a public header")
        if ((from == "base" || from == "linalg") && header ~ /^(atoms|synres)\//) refuse("below the public headers")
        if (from ~ /^(atoms|synres)\// && header ~ /^(atoms|synres)\// && substr(header, 1, 3) != substr(from, 1, 3)) refuse("another library")
        next
    }
    if (!match($0, /"[^"]*"/)) { if ($0 !~ /KERNELS|[A-Z_]+$/) refuse("neither form"); next }
    header = substr($0, RSTART + 1, RLENGTH - 2)
    sub(/.*\//, "", header)
    if (!(header in home)) { refuse("no such file in the tree"); next }
    to = place(home[header])
    if (from == to) next
    if (from == "base") refuse("base stands on nothing")
    else if (from == "linalg") { if (to != "base") refuse("linalg stands on base alone") }
    else if (from ~ /\//) {
        if (to == "base" || to == "linalg") next
        split(from, mine, "/"); split(to, theirs, "/")
        if (mine[1] != theirs[1]) refuse("not this library")
        else if (header != theirs[2] "_internal.h") refuse("a sibling room is used through " theirs[2] "_internal.h")
    }
    else if (from == "bench" && to == "examples") next # what an example shows, a benchmark may measure
    else refuse("only public headers")
}
END { if (count < 50) { print "only " count " includes found"; wrong = 1 } else print count " includes looked at"; exit wrong }' || status=1
exit $status
