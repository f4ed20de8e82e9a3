#!/bin/sh
# identify: figures known by hand inside the theorem's condition, outside it with a counter-example and without one; dead atoms; which metric; errors.
. "$(dirname "$0")/program_checks.sh"
make_sae=$5

# near PATH VALUE: the number of the last JSON, within 1e-6 (weights are f32).
near() {
    check "$1 is $2" awk -v a="$("$check_json" -p out "$1")" -v b="$2" 'BEGIN { exit !(a != "" && a - b < 1e-6 && b - a < 1e-6) }'
}

# Six atoms, 0, 4 and 5 of them dead; K = 2, δ in [0.8, 1], ε = |cosine| of 1 and 2: see make_sae.c. The metric is Euclid's.
"$make_matrix" basis 8 4 0 basis.npy || exit 1
status 0 metric basis.npy -o euclid.safetensors
for c in 0.2 0.26 0.27 0.5 0.79 0.81 0.9 -0.5 -0.9; do "$make_sae" $c 0.5 sae$c x$c.npy || exit 1; done
figures() {
    c=$1 epsilon=${1#-}
    shift
    json identify sae$c x$c.npy --metric euclid.safetensors "$@"
    near epsilon $epsilon
    near epsilon_all 1
    near delta_min 0.8
    near delta_max 1
    near interval/low "$(awk -v e=$epsilon 'BEGIN { print 2 * e }')"
    near interval/high "$(awk -v e=$epsilon 'BEGIN { print 0.8 - e }')"
    near supports/lambda_min "$(awk -v e=$epsilon 'BEGIN { print 1 - e }')"
    near supports/lambda_max "$(awk -v e=$epsilon 'BEGIN { print 1 + e }')"
    near supports/delta $epsilon
    near supports/lambda_max_mean "$(awk -v e=$epsilon 'BEGIN { print 1 + e / 4 }')"
    check "of 1 and 2, in row 0" "$check_json" out supports/rows==8 supports/most==2 supports/dependent==0 supports/delta_row==0 supports/lambda_min_row==0 \
        supports/lambda_max_row==0
}

# Inside: (2 K − 1) ε δ_max < δ_min. The thresholds are 0.5, 0.5 and 0.3, the interval is (0.4, 0.6), then (0.52, 0.54).
figures 0.2 -- feasible==true K==2 atoms==3 atoms_inside==2 counterexample=null notes/counterexample=string metric==euclid.safetensors
figures 0.26 -- feasible==true K==2 atoms==3 atoms_inside==0 counterexample=null
"$make_sae" 0.26 0.53 aimed x.npy || exit 1
json identify aimed x.npy --metric euclid.safetensors -- feasible==true atoms_inside==2

# Supports, by which rows there are: no other than the first and the fourth have both 1 and 2.
json identify aimed x.npy --metric euclid.safetensors --rows 1 -- supports/rows==1 supports/delta_row==0
json identify aimed x.npy --metric euclid.safetensors --supports 2 -- supports/most==2
json identify aimed x.npy --metric euclid.safetensors --supports 1 -- supports=null notes/supports=string
check "why" grep -q '"a row has 2 atoms, more than 1 (--supports)"' out
json identify aimed x.npy --metric euclid.safetensors --supports 0 -- supports=null
check "why" grep -q '"not asked for (--supports)"' out

# Outside, and no sample that misleads: the condition is sufficient, not necessary. Atom 0 is atom 1 over again; were it counted, there would be one.
for c in 0.27 0.5 0.79; do
    figures $c -- feasible==false atoms_inside==0 counterexample/exists==false counterexample/silent==1 counterexample/active==1 \
        counterexample/silent_support==[2] counterexample/active_support==[1] counterexample/atoms_without==0
    near counterexample/silent_score $c
    near counterexample/active_score 0.8
done
figures -0.5 -- feasible==false counterexample/exists==false counterexample/silent_support==[] counterexample/active_support==[1,2]
near counterexample/silent_score 0
near counterexample/active_score 0.3

# Outside, with one: what 2 alone lends to the silent 1, or takes from the active 1, is too much.
for c in 0.81 0.9; do
    figures $c -- feasible==false atoms_inside==0 counterexample/exists==true counterexample/silent==1 counterexample/active==1 \
        counterexample/silent_support==[2] counterexample/active_support==[1] counterexample/atoms_without==2
    near counterexample/silent_score $c
    near counterexample/active_score 0.8
done
figures -0.9 -- feasible==false counterexample/exists==true counterexample/silent_support==[] counterexample/active==1 counterexample/active_support==[1,2]
near counterexample/silent_score 0
near counterexample/active_score -0.1
status 0 identify sae0.9 x0.9.npy --metric euclid.safetensors
check "the supports, for people" grep -q "^silent's sample  *2$" out
check "the supports, for people" grep -q "^active's sample  *1$" out
status 0 identify sae-0.9 x-0.9.npy --metric euclid.safetensors
check "none, and two" [ "$(grep -cE "^(silent's sample  *none|active's sample  *1 2)\$" out)" -eq 2 ]

# An atom of length 0 that never fires is left out, and the others keep their numbers; one that fires cannot be.
"$make_sae" 0.9 0.5 hollow x.npy 0 && "$make_sae" 0.9 0.5 empty x.npy 3 || exit 1
json identify hollow x.npy --metric euclid.safetensors -- feasible==false K==2 atoms==3 counterexample/silent==1 counterexample/silent_support==[2] \
    counterexample/active==1 counterexample/active_support==[1] counterexample/atoms_without==2
near epsilon 0.9
near epsilon_all 1
near delta_min 0.8
near supports/delta 0.9
check "how many are left out" [ "$("$check_json" -p out notes/epsilon_all)" = '"1 atom of length 0 is left out: it has no direction"' ]
q=$("$check_json" -p out q_star) all=$("$check_json" -p out q_star_all)
json eval hollow x.npy --metric euclid.safetensors -- dictionary/atoms==6 dictionary/mu=real dictionary/mu_euclidean=real notes/dictionary=string
check "q* is eval's" [ "$q" = "$("$check_json" -p out held_out/q_star)" ] && check "of all too" [ "$all" = "$("$check_json" -p out held_out/q_star_all)" ]
near dictionary/mu 1
"$make_sae" 0.2 0.5 hollow x.npy 0 || exit 1
json identify hollow x.npy --metric euclid.safetensors -- feasible==true atoms==3 atoms_inside==2
refused 1 'empty: atom 3 has length 0 and fires' identify empty x.npy --metric euclid.safetensors

# The metric: --metric, else the one beside the SAE, as in eval; else of X.
"$make_matrix" sparse 40 4 2 other.npy || exit 1
status 0 metric other.npy -o other.safetensors
json identify sae0.5 x0.5.npy -- metric==X notes/metric=string
check "and it is said" grep -q 'atoms: note: sae0.5: no metric beside it: the AIP is computed from X itself' err
of_x=$("$check_json" -p out epsilon)
cp euclid.safetensors sae0.5/metric.safetensors
json identify sae0.5 x0.5.npy -- metric==sae0.5/metric.safetensors feasible==false counterexample/exists==false
near epsilon 0.5
check "nothing to say" [ ! -s err ]
q=$("$check_json" -p out q_star)
check "another metric, another epsilon" [ "$of_x" != "$("$check_json" -p out epsilon)" ]
json eval sae0.5 x0.5.npy -- metric==sae0.5/metric.safetensors
check "q* is eval's" [ "$q" = "$("$check_json" -p out held_out/q_star)" ]
json identify sae0.5 x0.5.npy --metric other.safetensors -- metric==other.safetensors
other=$("$check_json" -p out epsilon) q=$("$check_json" -p out q_star)
check "what is asked for comes first" [ "$other" != 0.5 ] && check "it is not X's either" [ "$other" != "$of_x" ]
json eval sae0.5 x0.5.npy --metric other.safetensors -- metric==other.safetensors
check "q* is eval's" [ "$q" = "$("$check_json" -p out held_out/q_star)" ]
echo junk >sae0.5/metric.safetensors
refused 1 'sae0.5/metric.safetensors' identify sae0.5 x0.5.npy
"$make_matrix" sparse 40 6 2 narrow.npy || exit 1
status 0 metric narrow.npy -o sae0.5/metric.safetensors
refused 1 'sae0.5/metric.safetensors: a metric of 6 coordinates, the data have 4' identify sae0.5 x0.5.npy

# A trained SAE.
"$make_matrix" sparse 800 12 1 x.npy && "$make_matrix" sparse 300 12 1 held.npy && "$make_matrix" flat 100 12 1 flat.npy || exit 1
status 0 train x.npy -o sae --width 24 --l0 3 --steps 150 --batch 64 --seed 5
json identify sae held.npy -- epsilon=number K=integer delta_min=number delta_max=number interval/low=number interval/high=number feasible==false \
    atoms_inside==0 q_star=number metric==sae/metric.safetensors counterexample/silent_support/0=integer supports/rows=integer supports/lambda_max=real
mv out first
json identify sae held.npy --metric sae/metric.safetensors --threads 1 -- metric==sae/metric.safetensors
check "the same, on one thread" cmp first out
json identify sae held.npy --rows 20 -- K=integer
rm sae/metric.safetensors
json identify sae flat.npy -- metric=null notes/metric=string
status 0 identify sae held.npy
check "a table" grep -q '^epsilon  *[0-9]' out
refused 1 'narrow.npy: 6 columns, sae takes 12' identify sae narrow.npy
"$make_sae" 0.5 1e6 dead dead.npy || exit 1
refused 1 'dead: codes have no non-zero' identify dead dead.npy --metric euclid.safetensors

finish 205
