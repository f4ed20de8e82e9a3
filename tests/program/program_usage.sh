#!/bin/sh
# Wrong usage is exit status 2 and one line that says what; help says what there is.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 50 4 1 x.npy || exit 1

status 0 --version
check "the version" grep -q '^atoms [0-9]*\.[0-9]*\.[0-9]*$' out
status 0 --help
check "the commands" [ "$(grep -cE '^  (info|metric|angles|train|eval|sweep|encode|decode) ' out)" -eq 8 ]
for command in info metric angles train eval sweep encode decode code rip report dict compare identify; do
    status 0 $command --help
    check "usage of $command" grep -q "^usage: atoms $command " out
    check "an example of $command" grep -q "^  atoms $command .*#" out
    check "the common options of $command" grep -q -- '--threads N .*\[the cores it may run on\]' out
    refused 2 "$command: needs" $command
    refused 2 '--nonsense: unknown option' $command x.npy --nonsense
    refused 2 "--threads: 'x' is not a whole number" $command x.npy --threads x
    refused 2 "--threads: '0' is less than 1" $command x.npy --threads 0
    refused 2 '--json: takes no value' $command x.npy --json=yes
done
status 0 train --help
check "defaults from the library, by recipe" grep -q -- '--lr R .*\[0\.002; gemma 7e-05, anthropic 0\.0002, features 0\.001\]' out

refused 2 'no command: one of: info metric angles train eval sweep encode decode code rip report'
refused 2 'nonsense: unknown command; there is: info metric angles train eval sweep encode decode code rip report' nonsense
refused 2 '--nonsense: unknown option' --nonsense
for later in convert; do
    refused 2 "$later: unknown command" $later x.npy
done

refused 2 "--steps: 'x' is not a whole number" train x.npy -o d --width 8 --steps x
refused 2 "--steps: '1.5' is not a whole number" train x.npy -o d --width 8 --steps 1.5
refused 2 "--steps: '' is not a whole number" train x.npy -o d --width 8 --steps ''
refused 2 "--steps: ' 5' is not a whole number" train x.npy -o d --width 8 --steps ' 5'
refused 2 "--steps: '5x' is not a whole number" train x.npy -o d --width 8 --steps 5x
refused 2 "--steps: '-1' is less than 1" train x.npy -o d --width 8 --steps -1
refused 2 "--steps: '99999999999999999999' is too large" train x.npy -o d --width 8 --steps 99999999999999999999
refused 2 "--width: '3000000000' is more than 2147483647" train x.npy -o d --width 3000000000
refused 2 "--lr: 'fast' is not a number" train x.npy -o d --width 8 --lr fast
refused 2 "--lr: '0' is not greater than 0" train x.npy -o d --width 8 --lr 0
refused 2 "--lr: 'nan' is not a finite number" train x.npy -o d --width 8 --lr nan
refused 2 "--l0: 'inf' is not a finite number" train x.npy -o d --width 8 --l0 inf
refused 2 "--lr: '1e999' is not a finite number" train x.npy -o d --width 8 --lr 1e999
refused 2 '--steps: needs a value N' train x.npy -o d --width 8 --steps
refused 2 '--width: is missing' train x.npy -o d
refused 2 '-o: is missing' train x.npy --width 8
refused 2 '--epochs: give either' train x.npy -o d --width 8 --epochs 1 --steps 5
refused 2 "--babel: '0' is less than 1" dict x.npy --babel 0
refused 2 '--duplicate: is a cosine' dict x.npy --duplicate 1.5
refused 2 "--below: '0' is not greater than 0" dict x.npy --below 0
refused 2 '--below: is a cosine' dict x.npy --below 2
refused 2 "dict: 'y.npy' is one argument too many" dict x.npy y.npy
refused 2 "--exact: '-1' is less than 0" compare x.npy x.npy --exact -1
refused 2 'compare: needs' compare x.npy
refused 2 'identify: needs' identify x.npy
refused 2 "--gamma: 'big' is not a number" metric x.npy --gamma big
refused 2 "--gamma: '-1' is less than 0" metric x.npy --gamma -1
refused 2 "--pairs: '0' is less than 1" angles x.npy --pairs 0
refused 2 "--rows: '0' is less than 1" metric x.npy --rows 0
refused 2 '--train: needs at least one' eval d x.npy --train --baselines
refused 2 '-o: is missing' encode d x.npy
refused 2 '-o: is missing' decode d codes.npz
refused 2 "decode: 'c' is one argument too many" decode a b c -o out.npy
check "nothing was made" [ "$(ls)" = "$(printf 'err\nout\nx.npy')" ]

finish 330
