#!/bin/sh
# quickstart.sh [PROGRAM DIRECTORY]: installs what is missing, builds everything, measures the sample activations, trains a dictionary on
# them, and judges it on rows from other documents, beside controls. Writes below build/quickstart only; takes a minute or two.
# Given the program `atoms` and a directory, it neither installs nor builds, and writes there.
set -eu
cd "$(dirname "$0")/.."
atoms=${1:-} directory=${2:-build/quickstart}
. examples/find_program.sh

sample=examples/data/sample
run metric $sample.train.npy
run angles $sample.train.npy
run train $sample.train.npy -o "$directory/dictionary" --width 2304 --l0 32 --steps 1000
run eval "$directory/dictionary" $sample.eval.npy --train $sample.train.npy --baselines
echo
echo "The dictionary is in $directory/dictionary, which SAELens opens too. R² and q* say something only held out, and beside the controls:"
echo "docs/evaluate.md. Other commands: docs/program.md."
