#!/bin/sh
# An interrupt during training: exit status 130, a checkpoint, and the command that goes on to the same bits.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 4000 24 1 'x y.npy' || exit 1
for case in 'INT' 'TERM --aip --start rows'; do
    signal=${case%% *} settings="--width 96 --l0 4 --steps 2000 --batch 256 --seed 7 --quiet${case#"${case%% *}"}"
    # shellcheck disable=SC2086
    status 0 train 'x y.npy' -o whole.$signal $settings
    interrupted=0
    for attempt in 1 2 3 4 5; do # on a busy machine the run may be over before this script gets to it
        rm -rf $signal
        # shellcheck disable=SC2086
        "$atoms" train 'x y.npy' -o $signal $settings --checkpoint-every 200 --json >out 2>err &
        running=$!
        while [ ! -e $signal/checkpoint.safetensors ] && kill -0 $running 2>/dev/null; do sleep 0.02; done
        kill -$signal $running 2>/dev/null
        wait $running
        interrupted=$?
        [ $interrupted -eq 0 ] || break
    done
    check "exit status after $signal, attempt $attempt" [ $interrupted -eq 130 ]
    check "nothing on stdout" [ ! -s out ]
    check "it says so" grep -q '^atoms: interrupted' err
    check "a checkpoint" [ -s $signal/checkpoint.safetensors ]
    check "the history so far" "$check_json" $signal/train.json history/0/step==1 settings/steps==2000
    check "no SAE yet" [ ! -e $signal/sae_weights.safetensors ]
    command=$(tail -n 1 err)
    check "the command" [ -n "$(printf '%s' "$command" | grep -e "train --resume 'x y.npy' -o $signal ")" ]
    eval "$command" >out 2>err
    check "it goes on" "$check_json" out steps==2000 tokens==512000 r2=number
    for file in sae_weights.safetensors cfg.json metric.safetensors; do
        check "$file after $signal is the same" cmp whole.$signal/$file $signal/$file
    done
    "$check_json" -p whole.$signal/train.json history >whole.history
    "$check_json" -p $signal/train.json history >history
    check "the history is the same" cmp whole.history history
    "$check_json" -p whole.$signal/train.json settings >whole.settings
    "$check_json" -p $signal/train.json settings >settings
    check "the settings are the same" cmp whole.settings settings
done

# Going on from the end changes nothing.
status 0 train 'x y.npy' -o INT --resume
check "still the same" cmp whole.INT/sae_weights.safetensors INT/sae_weights.safetensors

# The other commands end at once. A pipe that nobody reads holds them until the signal comes.
for signal in INT TERM; do
    mkfifo pipe
    "$atoms" encode whole.INT 'x y.npy' -o pipe >out 2>err &
    running=$!
    waited=0
    # Before exec it is still a shell, with a shell's handlers; SIGTERM is the second one that the program takes over.
    while ! { cmp -s "/proc/$running/exe" "$atoms" && grep -q '^SigCgt:.*[4567c-f]...$' /proc/$running/status; } && [ $waited -lt 600 ]; do
        sleep 0.05
        waited=$((waited + 1))
    done
    kill -$signal $running
    wait $running
    check "exit status after $signal" [ $? -eq 130 ]
    check "it says so" grep -q '^atoms: interrupted$' err
    check "nothing on stdout" [ ! -s out ]
    rm pipe
done

finish 30
