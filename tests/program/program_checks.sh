# What the program's test scripts share; sourced with the script's own arguments: PROGRAM MAKE_MATRIX CHECK_JSON.
set -u
atoms=$1 make_matrix=$2 check_json=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
checks=0 failures=0

# check NAME COMMAND…: the command succeeds.
check() {
    name=$1
    shift
    checks=$((checks + 1))
    "$@" && return 0
    failures=$((failures + 1))
    echo "FAILED: $name: $*"
    [ ! -s err ] || sed 's/^/  stderr: /' err
    [ ! -s out ] || head -n 5 out | sed 's/^/  stdout: /'
    return 1
}

# status WANTED ARGUMENTS…: the program's exit status; its output is in `out` and `err`. On failure nothing may stand in `out`.
status() {
    wanted=$1
    shift
    "$atoms" "$@" >out 2>err
    got=$?
    check "exit status $wanted" [ "$got" -eq "$wanted" ]
    [ "$wanted" -eq 0 ] || check "nothing on stdout" [ ! -s out ]
}

# refused WANTED TEXT ARGUMENTS…: fails with one line "atoms: …TEXT…".
refused() {
    wanted=$1 text=$2
    shift 2
    status "$wanted" "$@"
    check "one line" [ "$(wc -l <err)" -eq 1 ]
    check "the line says '$text'" grep -q "^atoms: .*$text" err
}

# json ARGUMENTS… -- WISHES…: runs with --json; the output is one object that meets the wishes of check_json.
json() {
    arguments=
    while [ "$1" != -- ]; do
        arguments="$arguments $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # the tests' own words hold no spaces
    status 0 $arguments --json
    check "json of $arguments" "$check_json" out "$@"
}

finish() {
    check "no temporary file is left" [ -z "$(find . -name '*.tmp')" ]
    echo "$checks checks, $failures failures"
    [ "$failures" -eq 0 ] && [ "$checks" -ge "$1" ]
    exit
}
