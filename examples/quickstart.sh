#!/bin/sh
# quickstart.sh [PROGRAM]: builds everything (unless it is given the program `atoms`), trains a dictionary on the sample activations,
# and judges it on rows from other documents, beside controls. Writes below build/ only; takes a minute or two.
set -eu
cd "$(dirname "$0")/.."
build=build/quickstart
sample=examples/data/sample
if [ $# -gt 0 ]; then
    atoms=$1
else
    sh cmake/setup.sh
    mkdir -p $build
    echo "Building into $build (log: $build/build.log)"
    { cmake -B $build -DBUILD_TESTING=OFF && cmake --build $build -j "$(getconf _NPROCESSORS_ONLN)"; } >$build/build.log 2>&1 || {
        tail -n 40 $build/build.log
        exit 1
    }
    atoms=$build/src/atoms
fi

run() {
    echo
    echo "\$ atoms $*"
    "$atoms" "$@"
}
dictionary=build/quickstart-dictionary
run angles $sample.train.npy
run train $sample.train.npy -o $dictionary --width 2304 --l0 32 --steps 300
run eval $dictionary $sample.eval.npy --train $sample.train.npy --baselines
echo
echo "The dictionary is in $dictionary, a directory that SAELens opens too."
