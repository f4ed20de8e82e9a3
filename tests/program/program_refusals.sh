#!/bin/sh
# Bad input is exit status 1, one line with the file and the place, nothing on stdout and no output file.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 400 8 1 x.npy && "$make_matrix" nan 400 8 1 bad.npy && "$make_matrix" sparse 100 6 1 narrow.npy &&
    "$make_matrix" sparse 100 8 1 two.npz && "$make_matrix" flat 100 8 1 flat.npy && "$make_matrix" zero 100 8 1 zero.npy || exit 1
status 0 train x.npy -o sae --width 12 --l0 2 --steps 20 --batch 50
status 0 encode sae x.npy -o codes.npz
status 0 train narrow.npy -o thin --width 10 --l0 2 --steps 5
status 0 encode thin narrow.npy -o thin.npz
status 0 metric narrow.npy -o narrow.safetensors
head -c 700 x.npy >short.npy
printf 'no tensor at all' >words.npy
: >empty.npy

for command in 'metric FILE -o no.safetensors' 'angles FILE' 'train FILE -o no --width 8 --l0 2 --steps 3' 'eval sae FILE' 'eval sae x.npy --train FILE' \
    'encode sae FILE -o no.npz' 'train x.npy -o no --width 8 --l0 2 --steps 3 --eval FILE'; do
    for json in '' --json; do
        for pair in 'none.npy=none.npy' 'short.npy=short.npy' 'words.npy=words.npy' 'empty.npy=empty.npy' 'bad.npy=bad.npy: row 200 column 1 is NaN' \
            'two.npz:other=other' 'two.npz=two.npz'; do
            # shellcheck disable=SC2086
            refused 1 "${pair#*=}" $(echo "$command" | sed "s,FILE,${pair%%=*},") $json
        done
    done
done
check "nothing was written" [ ! -e no ] && check "nothing was written" [ ! -e no.npz ] && check "nothing was written" [ ! -e no.safetensors ]

refused 1 'none: ' info none
refused 1 'words.npy: ' info words.npy
refused 1 'short.npy: ' info short.npy
refused 1 'none: ' eval none x.npy
refused 1 'narrow.npy: 6 columns, sae takes 8' eval sae narrow.npy
refused 1 'narrow.npy: 6 columns, sae takes 8' eval sae x.npy --train narrow.npy
refused 1 'narrow.npy: 6 columns, sae takes 8' encode sae narrow.npy -o no.npz
refused 1 'narrow.npy: 6 columns, x.npy takes 8' train x.npy -o no --width 8 --eval narrow.npy
refused 1 'narrow.npy: 6 columns, x.npy has 8' metric x.npy narrow.npy
refused 1 'x.npy: 8 columns, thin takes 8\|thin' eval sae x.npy --features thin
refused 1 'thin.npz: codes over 10 atoms, sae has 12' decode sae thin.npz -o no.npy
refused 1 'narrow.safetensors: a metric of 6 coordinates' eval sae x.npy --metric narrow.safetensors
refused 1 'narrow.safetensors: a metric of 6 coordinates' angles x.npy --metric narrow.safetensors
refused 1 'x.npy' eval sae x.npy --metric x.npy
refused 1 'x.npy' decode sae x.npy -o no.npy
refused 1 'rank' metric flat.npy
check "the file is named" grep -q 'flat.npy' err
refused 1 '50' angles zero.npy
refused 1 'batch' train x.npy -o no --width 8 --l0 2 --batch 500
refused 1 'no/checkpoint.safetensors' train x.npy -o no --width 8 --resume
refused 1 'x.npy: it exists and is not a directory' train x.npy -o x.npy --width 8 --l0 2 --steps 2
refused 1 'none/sae' train x.npy -o none/sae --width 8 --l0 2 --steps 2
refused 2 '--width: differs' train x.npy -o sae --width 13 --resume
refused 2 '--epochs: differs' train x.npy -o sae --epochs 3 --resume
refused 2 '--lr: differs' train x.npy -o sae --lr 0.5 --resume
refused 1 'started on 400 rows of 8 columns' train x.npy -o sae --rows 300 --resume
head -c 3000 sae/checkpoint.safetensors >half && cp -r sae torn && cp half torn/checkpoint.safetensors
refused 1 'torn/checkpoint.safetensors' train x.npy -o torn --resume
cp sae/train.json torn/sae_weights.safetensors
refused 1 'torn' eval torn x.npy
refused 1 'torn' info torn
mv half "$(printf 'a\033[1m\nb')"
refused 1 'a?\[1m?b: ' info "$(printf 'a\033[1m\nb')"

finish 500
