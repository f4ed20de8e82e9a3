#!/bin/sh
# paper_table.sh [PROGRAM DIRECTORY [TRAIN HELD_OUT [ROWS WIDTH STEPS]]]: the table of arXiv 2509.20784 on real activations, faithfulness R² and
# stability q* of neurons, features and atoms at matched capacity, each in sample and held out, beside the controls; docs/paper.md says what it
# shows. TRAIN and HELD_OUT are activation files, a row a token; default: the sample, 2048 rows, 4608 atoms, 600 steps; one to three minutes.
# Without PROGRAM it installs what is missing and builds everything. Writes below DIRECTORY only, default build/paper_table.
set -eu
. "$(dirname "$0")/find_program.sh"
atoms=$(from_here "${1:-}") directory=$(from_here "${2:-}") train=$(from_here "${3:-}") held_out=$(from_here "${4:-}")
rows=${5:-2048} width=${6:-4608} steps=${7:-600}
batch=$((rows < 512 ? rows : 512))
cd "$(dirname "$0")/.."
: "${directory:=build/paper_table}" "${train:=examples/data/sample.train.npy}" "${held_out:=examples/data/sample.eval.npy}"
find_program

run metric "$train" -o "$directory/metric.safetensors"
run train "$train" --rows "$rows" -o "$directory/atoms" --width "$width" --aip --metric "$directory/metric.safetensors" --start rows --l0 1.2 \
    --sparsity-weight 3 --steps "$steps" --batch $batch --revive-every -1
echo
echo "\$ atoms eval $directory/atoms $held_out --train $train --train-rows $rows --baselines --json"
"$atoms" eval "$directory/atoms" "$held_out" --train "$train" --train-rows "$rows" --baselines --json >"$directory/table.json"

echo
echo "$rows rows, $width atoms, $steps steps; the AIP is that of all rows of $train. All figures: $directory/table.json"
echo
# One key a line, a space of indentation a level.
awk -F'"' '
function percent(x) { return x == "" || x == "null" ? "-" : sprintf("%.2f %%", 100 * x) }
function number(x) { return x == "" || x == "null" ? "-" : sprintf("%.1f", x) }
function line(name, at) {
    printf "%-10s %10s %12s %10s %10s %8s %8s\n", name, percent(value[at "in_sample/r2"]), percent(value[at "held_out/r2"]),
        percent(value[at "in_sample/q_star"]), percent(value[at "held_out/q_star"]), number(value[at "in_sample/l0_mean"]),
        number(value[at "held_out/l0_mean"])
}
{
    match($0, /^ */)
    depth = RLENGTH
    key[depth] = $2
    path = key[1]
    for (i = 2; i <= depth; i++) path = path "/" key[i]
    value[path] = $3
    gsub(/[:, ]/, "", value[path])
}
END {
    printf "%-10s %23s %21s %17s\n", "", "R2", "q*", "L0"
    printf "%-10s %10s %12s %10s %10s %8s %8s\n", "unit", "in sample", "held out", "in sample", "held out", "in", "held out"
    line("memoriser", "baselines/memoriser/")
    line("random", "baselines/random/")
    line("shuffled", "baselines/shuffled/")
    line("neurons", "baselines/neurons/")
    line("features", "baselines/features/")
    line("atoms", "")
}' "$directory/table.json"
