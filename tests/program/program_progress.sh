#!/bin/sh
# Progress of the long commands: a line on a terminal, gone at the end; none with --quiet, none where stderr is no terminal.
on_terminal=$4
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 40000 48 1 x.npy || exit 1
"$make_matrix" nan 40000 48 1 nan.npy || exit 1
status 0 train x.npy -o sae --width 256 --l0 4 --steps 20 --batch 256
twenty='x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy x.npy'
erase=$(printf '\r\033[K')

# shown WORDS COMMAND…: on a terminal the command shows a bar with these words, and at last takes the line away.
shown() {
    words=$1
    shift
    "$on_terminal" "$atoms" "$@" >out 2>err
    check "exit status on a terminal" [ $? -eq 0 ]
    check "a bar" grep -q "\[[#.]*\] *[0-9]*%  [0-9.]* $words" err
    check "the line is gone" [ "$(tail -c 4 err)" = "$erase" ]
    cp out shown
    "$on_terminal" "$atoms" "$@" --quiet >out 2>err
    check "exit status with --quiet" [ $? -eq 0 ]
    check "--quiet is quiet" [ ! -s err ]
    check "the same result" cmp shown out
    status 0 "$@"
    check "no bar in a file" [ ! -s err ]
    check "the same result again" cmp shown out
}

# shellcheck disable=SC2086
{
    shown 'rows/s' metric $twenty
    shown 'rows/s' encode sae $twenty -o codes.npz
    shown 'rows/s' eval sae x.npy x.npy
    shown 'rows/s.*random' eval sae x.npy x.npy --baselines
    shown 'steps/s.*training on 20000 rows' sweep x.npy --eval x.npy --widths 128,256 --rows 20000 --l0 4 --steps 60 --batch 1024 -o grid
    shown 'pair blocks/s' angles x.npy --pairs 4000000

    # An error, and an interrupt, begin on a line of their own.
    "$on_terminal" "$atoms" metric $twenty nan.npy >out 2>err
    check "exit status of the error" [ $? -eq 1 ]
    check "a bar before the error" grep -q 'rows/s' err
    check "the error's own line" grep -qF "${erase}atoms: nan.npy: row 20000 column 1 is NaN" err
}

finish 40
