#!/bin/sh
# run.sh [all|fast]: installs what is missing, builds, runs the tests, and ends with the line "N passed, N failed".
#   fast   one build, the tests labelled `fast`: under two minutes
#   all    every test on the release build; then, unless that was red, the fast tests and the fault sweeps under
#          AddressSanitizer and UndefinedBehaviorSanitizer, the fast tests under ThreadSanitizer, on the reference BLAS, and
#          without file formats (CMakePresets.json says how each is built)
# Everything is written below build/.
set -u
cd "$(dirname "$0")/.." || exit 1
tier=${1:-all}
case $tier in
all | fast) ;;
*)
    echo "usage: sh tests/run.sh [all|fast]" >&2
    exit 2
    ;;
esac

sh cmake/setup.sh tests || exit 1
if [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null 2>&1; then
    CMAKE_GENERATOR=Ninja
    export CMAKE_GENERATOR
fi
jobs=$(getconf _NPROCESSORS_ONLN)
passed=0
failed=0

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# attribute NAME FILE: a count of the results file's testsuite.
attribute() { grep -o "[[:space:]]$1=\"[0-9]*\"" "$2" | head -n 1 | tr -dc 0-9; }

# stage PRESET [CTEST OPTION…]: builds the preset and runs its tests; a build that fails, or no test at all, is one failure.
stage() {
    preset=$1
    shift
    echo "== $preset"
    begun=$(date +%s)
    log=build/$preset.log
    mkdir -p build
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset" -j "$jobs"; } >"$log" 2>&1; then
        tail -n 60 "$log"
        echo "$preset: the build failed (all of it: $log)"
        failed=$((failed + 1))
        return 1
    fi
    results=$PWD/build/$preset.xml
    : >"$results"
    ctest --preset "$preset" -j "$jobs" --no-tests=error --output-junit "$results" "$@"
    status=$?
    ran=$(attribute tests "$results")
    red=$(attribute failures "$results")
    skipped=$(attribute skipped "$results")
    : "${ran:=0}" "${red:=0}" "${skipped:=0}"
    if [ "$status" -ne 0 ] && [ "$red" -eq 0 ]; then # no tests, or a test whose program is not there
        red=1 ran=$((ran - skipped + 1)) skipped=0
    fi
    passed=$((passed + ran - red - skipped))
    failed=$((failed + red))
    echo "$preset: $((ran - red - skipped)) passed, $red failed, $skipped skipped, $(($(date +%s) - begun)) s"
    [ "$red" -eq 0 ]
}

if [ "$tier" = fast ]; then
    stage release -L fast
    finish
fi
stage release || finish
stage asan-ubsan
stage tsan
stage reference-blas
stage no-files
finish
