#!/bin/sh
# dict and compare on small data: keys, closed forms, agreement with each other and with eval, errors.
. "$(dirname "$0")/program_checks.sh"
make_sae=$5

"$make_matrix" sparse 800 12 1 x.npy && "$make_matrix" sparse 300 12 1 held.npy &&
    "$make_matrix" sparse 60 12 3 d.npy && "$make_matrix" sparse 60 6 3 narrow.npy &&
    "$make_matrix" zero 60 12 3 zero.npy && "$make_matrix" nan 60 12 3 nan.npy && "$make_matrix" long 60 12 3 long.npy || exit 1
status 0 metric x.npy -o m.safetensors
status 0 train x.npy -o sae --width 24 --l0 3 --steps 150 --batch 64 --seed 5

json dict d.npy -- atoms==60 dim==12 pairs==1770 mu=number mu_positive=number quantiles/0.5=number quantiles/0.9=number quantiles/0.99=number \
    quantiles/0.999=number quantiles/1=number babel/0=number babel/31=number welch=number welch_bound=number frame_bounds/low=number \
    frame_bounds/high=number effective_rank=number mean_square=number duplicates=integer above/0.9=integer seconds=number cpu_seconds=number
mu=$("$check_json" -p out mu)
check "the quantile 1 is mu" [ "$mu" = "$("$check_json" -p out quantiles/1)" ]
check "the profile begins with mu" [ "$mu" = "$("$check_json" -p out babel/0)" ]
p99=$("$check_json" -p out quantiles/0.99)
json dict d.npy --threads 1 --babel 3 --duplicate 0.999 -- duplicate_cosine=number babel/2=number
check "no fourth" [ -z "$("$check_json" -p out babel/3 2>/dev/null)" ]
json dict d.npy --babel 2147483647 -- babel/58=number
check "no longer than there are other atoms" [ -z "$("$check_json" -p out babel/59 2>/dev/null)" ]
check "threads do not change it" [ "$p99" = "$("$check_json" -p out quantiles/0.99)" ]
json dict d.npy --metric m.safetensors -- atoms==60
check "a metric does" [ "$mu" != "$("$check_json" -p out mu)" ]
json dict d.npy --below 0.5 -- below/limit==0.5 below/kept=integer below/atoms/0=integer notes/below=string
"$make_matrix" basis 4 4 0 basis.npy || exit 1
json dict basis.npy --below 1 -- below/kept==4 below/atoms/3==3
check "nothing is left out, nothing to note" [ -z "$("$check_json" -p out notes/below 2>/dev/null)" ]
json dict sae -- atoms==24 dim==12
mu=$("$check_json" -p out mu)
json eval sae held.npy --train x.npy -- dictionary/mu_euclidean=number
check "eval agrees" [ "$(printf %.9f "$mu")" = "$(printf %.9f "$("$check_json" -p out dictionary/mu_euclidean)")" ]
status 0 dict d.npy
check "a table" grep -q '^mu  *[0-9]' out
refused 1 'nothing.npy' dict nothing.npy
refused 1 'zero.npy: atom 30 has length 0: leave row 30 out' dict zero.npy

# An SAE's atoms of length 0 are left out, and the others keep their numbers: of make_sae's six, 3 and 5 are one, and 0 and 1.
"$make_sae" 0.9 0.5 whole known.npy && "$make_sae" 0.9 0.5 hollow known.npy 0 || exit 1
json dict whole -- atoms==6 clusters/0==[0,1] clusters/1==[3,5]
json dict hollow --below 0.95 -- atoms==5 pair==[3,5] clusters==[[3,5]] below/kept==4 below/atoms/3==4 mu==1.0
check "how many are left out" grep -q '"atoms": "1 atom of length 0 is left out' out
json compare hollow whole -- atoms_1==5 atoms_2==6 mmcs=real notes/atoms_1=string
check "none of the other" [ -z "$("$check_json" -p out notes/atoms_2 2>/dev/null)" ]
json rip hollow -K 2 -- atoms==5 witness==[3,5] notes/atoms=string
json code hollow known.npy -o codes.npz --solver omp --sparsity 2 -- width==6 notes/width=string
json decode hollow codes.npz -o xhat.npy -- width==6
refused 1 'm.safetensors: a metric of 12 coordinates, the data have 6' dict narrow.npy --metric m.safetensors

json compare d.npy d.npy -- mmcs==1.0 mmcs_reverse==1.0 matched_mean==1.0 matched_over/0.7==1.0 matched_over/0.9==1.0 matched_over/0.99==1.0 matched==60 exact==true
json compare d.npy sae -- atoms_1==60 atoms_2==24 dim==12 matched==24 mmcs=number mmcs_reverse=number matched_mean=number matched_bound=number
reverse=$("$check_json" -p out mmcs_reverse)
json compare sae d.npy --exact 0 --threads 1 -- exact==false notes/matched_mean=string
check "the other way round" [ "$reverse" = "$("$check_json" -p out mmcs)" ]
json compare d.npy sae --metric m.safetensors -- exact==true
status 0 compare d.npy sae
check "a table" grep -q '^mmcs  *[0-9]' out
refused 1 'narrow.npy: 6 columns, d.npy has 12' compare d.npy narrow.npy
refused 1 'zero.npy: atom 30 has length 0: leave' compare d.npy zero.npy
refused 1 'zero.npy: atom 30 has length 0: leave' compare zero.npy d.npy --metric m.safetensors
refused 1 'nan.npy: row 30 column' compare d.npy nan.npy

# Words name the file and the atom, and no argument of a C function.
json dict long.npy -- atoms==60
for words in 'dict long.npy' 'dict long.npy --below 0.5' 'rip long.npy -K 2' 'compare long.npy d.npy' 'compare d.npy long.npy' 'compare sae long.npy'; do
    # shellcheck disable=SC2086
    refused 1 'atom 30 is too long' $words --metric m.safetensors
    check "the file, and nothing between" grep -q '^atoms: long.npy: atom 30 is too long to be measured in this metric$' err
done

finish 100
