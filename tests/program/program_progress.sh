#!/bin/sh
# Progress of the long commands: a line on a terminal, gone at the end; none with --quiet, none where stderr is no terminal.
on_terminal=$4
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 40000 48 1 x.npy && "$make_matrix" sparse 2000 48 1 small.npy && "$make_matrix" nan 40000 48 1 nan.npy || exit 1
status 0 train x.npy -o sae --width 256 --l0 4 --steps 20 --batch 256
erase=$(printf '\r\033[K')

# on_screen WORDS COMMAND…: runs it on a terminal. @X in it stands for x.npy $times times, @N for $times. A bar is drawn ten times a second, so a command that is
# over too soon for one gets more to do. $command becomes what was run.
on_screen() {
    words=$1
    shift
    for times in 4 8 16 32 64 128; do
        files=$(yes x.npy | head -n $times | tr '\n' ' ')
        command=$(echo "$*" | sed "s/@X/$files/; s/@N/$times/")
        "$on_terminal" "$atoms" $command >out 2>err
        ended=$?
        ! grep -q "\[[#.]*\] *[0-9]*%  [0-9.]* $words" err || break
    done
}

# shown WORDS COMMAND…: on a terminal the command shows a bar with these words, and at last takes the line away.
shown() {
    on_screen "$@"
    check "exit status on a terminal" [ $ended -eq 0 ]
    check "a bar" grep -q "\[[#.]*\] *[0-9]*%  [0-9.]* $words" err
    check "the line is gone" [ "$(tail -c 4 err)" = "$erase" ]
    cp out shown
    "$on_terminal" "$atoms" $command --quiet >out 2>err
    check "exit status with --quiet" [ $? -eq 0 ]
    check "--quiet is quiet" [ ! -s err ]
    check "the same result" cmp shown out
    status 0 $command
    check "no bar in a file" [ ! -s err ]
    check "the same result again" cmp shown out
}

# shellcheck disable=SC2086
{
    shown 'rows/s' metric @X
    shown 'rows/s' encode sae @X -o codes.npz
    shown 'rows/s' eval sae @X
    shown 'rows/s.*random' eval sae @X --baselines --features sae
    shown 'steps/s.*training on 2000 rows' sweep x.npy --eval small.npy --widths 16,32 --rows 2000 --l0 4 --steps @N000 --batch 64 -o grid
    shown 'pair blocks/s' angles x.npy --pairs @N000000

    # An error begins on a line of its own.
    on_screen rows/s metric @X nan.npy
    check "exit status of the error" [ $ended -eq 1 ]
    check "a bar before the error" grep -q 'rows/s' err
    check "the error's own line" grep -qF "${erase}atoms: nan.npy: row 20000 column 1 is NaN" err
}

finish 40
