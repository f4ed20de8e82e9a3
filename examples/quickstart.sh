#!/bin/sh
# quickstart.sh [PROGRAM DIRECTORY [STEPS]]: installs what is missing, builds everything, measures the sample activations, trains a dictionary on
# them, and judges it on rows from other documents, beside controls. Writes below build/quickstart only; takes a few minutes.
# Given the program `atoms` and a directory, it neither installs nor builds, and writes there. STEPS: of the training; default 1000.
set -eu
. "$(dirname "$0")/find_program.sh"
atoms=$(from_here "${1:-}") directory=$(from_here "${2:-}")
cd "$(dirname "$0")/.."
: "${directory:=build/quickstart}"
find_program

sample=examples/data/sample
run metric $sample.train.npy
run angles $sample.train.npy
run train $sample.train.npy -o "$directory/dictionary" --width 2304 --l0 32 --steps "${3:-1000}"
run eval "$directory/dictionary" $sample.eval.npy --train $sample.train.npy --baselines
echo
echo "The dictionary is in $directory/dictionary, which SAELens opens too. R² and q* say something only held out, and beside the controls:"
echo "docs/evaluate.md. Other commands: docs/program.md."
