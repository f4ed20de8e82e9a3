#!/bin/sh
# check_evaluation.sh PROGRAM DIR: the evaluation at its tiny size, on one thread and on two: the same figures, a κ = 0 row in each table, JSON and text
# alike; a wrong option is refused.
set -eu
program=$1 work=$2
mkdir -p "$work"
cd "$work"
for threads in 1 2; do
    "$program" --quick --threads $threads --json figures.$threads >table.$threads
done
cmp figures.1 figures.2 && cmp table.1 table.2 || { echo "the figures depend on the number of threads"; exit 1; }
tables=$(grep -c '"columns"' figures.1)
[ "$tables" -ge 2 ] || { echo "only $tables tables"; exit 1; }
[ "$(grep -c 'κ = 0' table.1)" -ge "$tables" ] || { echo "a table without κ = 0:"; cat table.1; exit 1; }
[ "$(grep -o ' ± ' table.1 | wc -l)" -gt "$(grep -c '"mean": ' figures.1)" ] || { echo "the table is another than the JSON"; exit 1; }
"$program" --quick --level L0 --json - 2>table | grep -q '"difference_half": ' || { echo "no JSON on stdout"; exit 1; }
for wrong in '--seeds 1' '--threads 0' '--level L2' '--seeds'; do
    if "$program" $wrong >table 2>&1; then echo "$wrong was accepted"; exit 1; fi
    grep -q '^usage' table || { echo "no usage for $wrong"; exit 1; }
done
echo "$tables tables"
