#!/bin/sh
# An output appears whole or not at all, and an existing one is replaced only by a whole one.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 4000 16 1 x.npy && "$make_matrix" nan 4000 16 1 bad.npy || exit 1
status 0 train x.npy -o sae --width 24 --l0 3 --steps 20 --batch 64
status 0 metric x.npy -o m.safetensors
status 0 encode sae x.npy -o codes.npz
status 0 decode sae codes.npz -o xhat.npy
cp -r sae sae.old && cp m.safetensors m.old && cp codes.npz codes.old && cp xhat.npy xhat.old

# A file size limit stands for a full disk: the write fails in the middle.
limited() {
    (
        trap '' XFSZ
        ulimit -f 2
        "$atoms" "$@" >out 2>err
    )
    check "exit status 1 of $*" [ $? -eq 1 ]
    check "nothing on stdout" [ ! -s out ]
    check "one line" [ "$(wc -l <err)" -eq 1 ]
}
limited encode sae x.npy -o codes.npz
limited decode sae codes.npz -o xhat.npy
limited train x.npy -o sae --width 24 --l0 3 --steps 5 --batch 64 --quiet
limited train x.npy -o fresh --width 24 --l0 3 --steps 5 --batch 64 --quiet
check "a directory that was made for nothing is gone" [ ! -e fresh ]
refused 1 'bad.npy: row 2000 column 1 is NaN' metric bad.npy -o m.safetensors
refused 1 'bad.npy: row 2000 column 1 is NaN' encode sae bad.npy -o codes.npz
refused 1 'bad.npy: row 2000 column 1 is NaN' train bad.npy -o sae --width 24 --l0 3 --steps 5
check "metric kept" cmp m.safetensors m.old
check "codes kept" cmp codes.npz codes.old
check "reconstruction kept" cmp xhat.npy xhat.old
check "SAE kept" diff -r sae sae.old

refused 1 '/dev/full: ' metric x.npy -o /dev/full
refused 1 '/dev/full: ' encode sae x.npy -o /dev/full
refused 1 '/dev/full: ' decode sae codes.npz -o /dev/full
if command -v gnuplot >/dev/null; then refused 1 '/dev/full: ' angles x.npy --pairs 1000 --plot /dev/full; fi
refused 1 'none/codes.npz' encode sae x.npy -o none/codes.npz
refused 1 'sae' encode sae x.npy -o sae
for command in 'info x.npy' 'metric x.npy --json' 'encode sae x.npy -o codes.npz' '--help' 'train --help' '--version'; do
    # shellcheck disable=SC2086
    "$atoms" $command >/dev/full 2>err
    check "a full stdout: $command" [ $? -eq 1 ]
    check "the words" grep -q '^atoms: stdout: ' err
    # shellcheck disable=SC2086
    "$atoms" $command >&- 2>err
    check "a closed stdout: $command" [ $? -eq 1 ]
done
check "codes are the same each time" cmp codes.npz codes.old

status 0 encode sae x.npy --threads 1 -o one.npz
check "threads do not change the codes" cmp codes.npz one.npz
mkfifo pipe && { cat pipe >through.npy & }
status 0 decode sae codes.npz -o pipe
wait
check "through a pipe" cmp through.npy xhat.npy
status 0 train x.npy -o sae --width 24 --l0 3 --steps 20 --batch 64
check "trained again, the same" cmp sae/sae_weights.safetensors sae.old/sae_weights.safetensors

mv sae/train.json record.json && : >record.json && ln -s ../record.json sae/train.json
status 0 train x.npy -o sae --width 24 --l0 3 --steps 20 --batch 64
check "a link stays" [ -L sae/train.json ]
check "what it leads to is replaced" "$check_json" record.json settings/steps==20

finish 78
