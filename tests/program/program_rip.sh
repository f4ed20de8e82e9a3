#!/bin/sh
# rip: intervals of a small dictionary, their witnesses, and bad input.
. "$(dirname "$0")/program_checks.sh"

"$make_matrix" sparse 40 12 7 d.npy && "$make_matrix" zero 40 12 7 zero.npy && "$make_matrix" sparse 200 12 1 x.npy || exit 1
json rip d.npy -K 3 -- K==3 atoms==40 lower=real upper=real exact==true witness/2=integer upper_bound_by==search search==done exact_order==3 \
    signs/plus_lower=real signs/minus_upper=real recovery/spark=integer recovery/unique/K=integer recovery/l1/by=string recovery/omp/K=integer recovery/mu=real
lower=$("$check_json" -p out lower)
json rip d.npy -K 3 --each-sign --threads 1 -- exact==true
check "threads do not change the interval" [ "$lower" = "$("$check_json" -p out lower)" ]
json rip d.npy -K 40 --seconds 0.2 -- K==40
json rip d.npy -K 1 -- K==1 exact==true
check "all iterations, nothing to note" [ -z "$("$check_json" -p out notes/recovery.l1 2>/dev/null)" ]
json rip d.npy -K 2 --seconds 0.0000001 -- recovery/l1/K=integer notes/recovery.l1=string
check "time is said to have cut the proof short" grep -q 'time cut the null-space bound short, at 0 of 100 iterations' out
status 0 metric x.npy -o m.safetensors
json rip d.npy -K 2 --metric m.safetensors -- exact==true
status 0 rip d.npy -K 2
check "a table" grep -q '^upper  *' out
refused 2 'is missing: of how many atoms' rip d.npy
refused 2 "'65'" rip d.npy -K 65
refused 2 "'0'" rip d.npy -K 0
refused 1 'd.npy: -K is 41, of 40 atoms' rip d.npy -K 41
refused 1 'atom 20 has length 0' rip zero.npy -K 2
refused 1 'none.npy' rip none.npy -K 2

# An interrupt: what is known by then, and exit status 130. Before the search begins there is nothing, and on a busy machine it may not have begun.
"$make_matrix" sparse 600 24 3 large.npy || exit 1
for signal in INT TERM; do
    for wait in 0.5 1 2 4 8; do
        "$atoms" rip large.npy -K 16 --seconds 600 --json >out 2>err &
        running=$!
        sleep $wait
        kill -$signal $running
        wait $running
        interrupted=$?
        [ ! -s out ] || break
    done
    check "exit status after $signal" [ $interrupted -eq 130 ]
    check "the interval" "$check_json" out K==16 lower=real upper=real exact==false search==interrupted witness/15=integer recovery/unique/K=integer recovery/alpha_1=null notes/recovery.alpha_1=string
    check "it says so" grep -q '^atoms: interrupted' err
done
finish 40
