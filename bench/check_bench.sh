#!/bin/sh
# check_bench.sh PROGRAM DIR: a benchmark at its tiny size, on one thread and on two: it ends well, its table has a line for each time and its JSON
# the same; a wrong option and a size that is not there are refused.
set -eu
program=$1 work=$2
mkdir -p "$work"
cd "$work"
unset OPENBLAS_CORETYPE || true
for threads in 1 2; do
    "$program" --quick --threads $threads --json figures.json >table
    times=$(grep -c '"ms": [0-9.]*' figures.json)
    [ "$times" -ge 2 ] || { echo "only $times times in the JSON"; exit 1; }
    [ "$(grep -c ' ms .*/s   spread' table)" -eq "$times" ] || { echo "the table is another than the JSON:"; cat table; exit 1; }
    grep -q '"cblas": "[^"]' figures.json && grep -q '^CBLAS: .*, core' table || { echo "the CBLAS is not named"; exit 1; }
done
"$program" --quick --json - 2>table | grep -q '"sizes": \[' || { echo "no JSON on stdout"; exit 1; }
if "$program" --quick --only none >table 2>&1; then echo "a size that is not there was run"; exit 1; fi
if "$program" --threads 0 >table 2>&1; then echo "no threads were accepted"; exit 1; fi
grep -q '^usage' table || { echo "no usage"; exit 1; }
echo "$times times a run"
