#!/bin/sh
# How a model is trained: every option reaches the trainer, over the recipe's own; what contradicts is refused; AIP mode.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 800 12 1 x.npy && "$make_matrix" sparse 300 12 1 held.npy && "$make_matrix" flat 400 12 1 flat.npy || exit 1
train='train x.npy --width 24 --steps 30 --batch 64'

# figure FILE PATH: a number of a JSON file.
figure() {
    "$check_json" -p "$1" "$2"
}

# set_to RECIPE NAME=NUMBER…: settings in train.json.
set_to() {
    recipe=$1
    shift
    for pair; do check "$recipe: $pair" near "$(figure "$recipe/train.json" "settings/${pair%=*}")" "${pair#*=}" 1e-12; done
}

# near A B TOLERANCE
near() {
    awk -v a="$1" -v b="$2" -v e="$3" 'BEGIN { d = a - b; exit !(a != "" && b != "" && d <= e && -d <= e) }'
}

json $train -o default -- steps==30
check "the default recipe" "$check_json" default/train.json settings/preset==target-l0 settings/arch==jumprelu settings/aip==false settings/start==random \
    settings/revive_every==12 settings/decoder==unit settings/input_norm==one settings/warmup==linear
set_to default learning_rate=0.002 sparsity_weight=1 bandwidth=0.01 beta1=0.9 target_l0=3
status 0 $train -o gemma --preset gemma
check "gemma" "$check_json" gemma/train.json settings/preset==gemma settings/arch==jumprelu settings/warmup==cosine settings/sparsity_warmup_most==10000
set_to gemma learning_rate=7e-5 sparsity_weight=0.0006 bandwidth=0.001 beta1=0 start_threshold=0.001
status 0 $train -o anthropic --preset anthropic
check "anthropic" "$check_json" anthropic/train.json settings/preset==anthropic settings/arch==jumprelu settings/decoder==free \
    settings/input_norm==root_dim settings/subtract_b_dec==false settings/input_gradient==true settings/data_bias==true
set_to anthropic learning_rate=0.0002 bandwidth=2 clip_norm=1
status 0 $train -o features --preset features
check "features" "$check_json" features/train.json settings/preset==features settings/arch==relu
set_to features learning_rate=0.001 sparsity_weight=0.03
status 0 $train -o relu --arch relu
check "relu is the recipe features" cmp features/sae_weights.safetensors relu/sae_weights.safetensors
status 0 $train -o relu --arch relu --preset features --threads 1
check "both say the same" cmp features/sae_weights.safetensors relu/sae_weights.safetensors
status 0 train x.npy --width 24 --steps 3 -o large --preset gemma
check "the recipe's batch, cut to the rows" "$check_json" large/train.json settings/batch==800
for recipe in gemma anthropic features; do
    check "$recipe is another model" [ -s $recipe/sae_weights.safetensors ] && check "$recipe is another model" \
        [ "$(cmp -s default/sae_weights.safetensors $recipe/sae_weights.safetensors; echo $?)" -eq 1 ]
done

# What is given stands over the recipe, wherever it is written; and it changes the model.
for recipe in target-l0 gemma anthropic features; do
    window='--bandwidth 0.03125'
    [ $recipe != features ] || window=
    status 0 train x.npy -o given --lr 0.0078125 $window --preset $recipe --sparsity-weight 0.5 --width 20 --steps 7 --batch 50 --start rows --seed 9 --revive-every 5
    check "options over $recipe" "$check_json" given/train.json settings/preset==$recipe settings/learning_rate==0.0078125 settings/sparsity_weight==0.5 \
        settings/width==20 settings/steps==7 settings/batch==50 settings/start==rows settings/seed==9 settings/revive_every==5
    [ $recipe = features ] || check "bandwidth over $recipe" "$check_json" given/train.json settings/bandwidth==0.03125
done
for change in '--lr 0.005' '--bandwidth 0.1' '--sparsity-weight 5' '--l0 2' '--start rows' '--aip' '--seed 1' '--batch 65' '--steps 31' '--preset anthropic'; do
    status 0 $train -o changed $change
    check "$change changes the model" [ "$(cmp -s default/sae_weights.safetensors changed/sae_weights.safetensors; echo $?)" -eq 1 ]
done
status 0 $train -o gemma --preset gemma --l0 2
check "a note: K is no target of gemma's" grep -q '^atoms: note: --l0: gemma has no target' err

# AIP mode: the trainer's figures are those of the saved SAE under the same AIP, and the SAE takes rows as they are.
all='train x.npy -o aip --aip --width 40 --l0 3 --start rows --steps 100 --batch 800'
json $all --eval held.npy -- steps==100 eval/held_out/aip_r2=number
cp out aip.out
check "recorded" "$check_json" aip/train.json settings/aip==true settings/start==rows
last=$(($(grep -c '"mse"' aip/train.json) - 1))
check "R2 of the trainer is the AIP R2 of the SAE" near "$(figure aip/train.json history/$last/r2)" "$(figure aip.out eval/in_sample/aip_r2)" 1e-3
check "L0 of the trainer is that of the SAE" near "$(figure aip/train.json history/$last/l0)" "$(figure aip.out eval/in_sample/l0_mean)" 0.05
check "it learned" near "$(figure aip.out eval/in_sample/aip_r2)" 0.9 0.1
json eval aip held.npy --train x.npy -- metric==aip/metric.safetensors held_out/r2==$(figure aip.out eval/held_out/r2) held_out/q_star==$(figure aip.out eval/held_out/q_star)
json info aip -- unit_decoder==true d_in==12 d_sae==40
status 0 $all --threads 1 -o aip1
check "threads do not change it" cmp aip/sae_weights.safetensors aip1/sae_weights.safetensors
json sweep x.npy --eval held.npy --widths 24,40 --rows 800 -o grid --aip --l0 3 --start rows --steps 100 --batch 800 -- settings/aip==true settings/start==rows cells/1/width==40
for pair in r2_in=in_sample/r2 r2_out=held_out/r2 q_star_in=in_sample/q_star; do
    check "a cell of the sweep is the same: $pair" [ "$(figure out cells/1/${pair%%=*})" = "$(figure aip.out eval/${pair#*=})" ]
done
# An AIP from more rows than the model is trained on: --metric, which a resumed run keeps.
status 0 metric x.npy -o all.safetensors
status 0 metric held.npy -o held.safetensors
json train x.npy -o part --rows 400 --aip --metric all.safetensors --width 40 --l0 3 --steps 20 --batch 100 --eval held.npy -- eval/in_sample/q_star=number
check "recorded" "$check_json" part/train.json metric==all.safetensors settings/aip==true rows==400
check "saved beside the SAE" cmp all.safetensors part/metric.safetensors
status 0 train x.npy -o own --rows 400 --aip --width 40 --l0 3 --steps 20 --batch 100
check "it is not that of the 400 rows" [ "$(cmp -s part/sae_weights.safetensors own/sae_weights.safetensors; echo $?)" -eq 1 ]
status 0 train x.npy -o plain --rows 400 --metric all.safetensors --width 40 --l0 3 --steps 20 --batch 100
status 0 train x.npy -o raw --rows 400 --width 40 --l0 3 --steps 20 --batch 100
check "without --aip it is for the figures alone" cmp plain/sae_weights.safetensors raw/sae_weights.safetensors
cp -r part part.old
for words in '' '--aip --metric all.safetensors'; do
    rm part/metric.safetensors
    status 0 train x.npy -o part --rows 400 --resume $words
    check "the same metric" cmp all.safetensors part/metric.safetensors
    check "the same SAE" cmp part/sae_weights.safetensors part.old/sae_weights.safetensors
done
refused 2 '--metric: differs' train x.npy -o part --rows 400 --resume --metric held.safetensors
refused 2 '--metric: differs' train x.npy -o own --rows 400 --resume --metric all.safetensors
refused 1 'none.safetensors' train x.npy -o no --width 8 --l0 2 --steps 3 --metric none.safetensors
"$make_matrix" sparse 100 6 1 narrow.npy
refused 1 'all.safetensors: a metric of 12' train narrow.npy -o no --width 8 --l0 2 --steps 3 --metric all.safetensors
"$make_matrix" nan 400 12 1 bad.npy
refused 1 'bad.npy: row 200 column 1 is NaN' train bad.npy -o no --width 8 --l0 2 --steps 3 --metric all.safetensors

refused 1 'flat.npy: --aip: ' train flat.npy -o no --width 8 --l0 2 --steps 3 --aip
refused 1 'rank\|span' sweep flat.npy --eval flat.npy --widths 8 --rows 400 -o no --l0 2 --steps 3 --aip

# Resume: the settings are the checkpoint's, and what says something else is refused.
cp -r aip aip.old
for words in '' --aip '--aip --start rows --preset target-l0 --arch jumprelu'; do
    json train x.npy -o aip --resume $words -- steps==100
    check "nothing changes" cmp aip/sae_weights.safetensors aip.old/sae_weights.safetensors
    check "the record neither" "$check_json" aip/train.json settings/aip==true settings/start==rows settings/preset==target-l0
done
status 0 train x.npy -o features --resume
check "the recipe is the checkpoint's" "$check_json" features/train.json settings/preset==features settings/arch==relu settings/aip==false
refused 2 '--aip: differs' train x.npy -o features --resume --aip
refused 2 '--preset: differs' train x.npy -o features --resume --preset gemma
refused 2 '--arch: differs' train x.npy -o default --resume --arch relu
refused 2 '--start: differs' train x.npy -o aip --resume --start random
refused 2 '--revive-every: differs' train x.npy -o aip --resume --revive-every 3
refused 2 '--sparsity-weight: differs' train x.npy -o aip --resume --sparsity-weight 3

new='-o no --width 8 --steps 3'
for command in "train x.npy $new" 'sweep x.npy -o no --eval x.npy --widths 8 --rows 50'; do
    refused 2 "--preset: 'topk' is none; there is: target-l0 gemma anthropic features" $command --preset topk
    refused 2 "--arch: 'topk' is none; there is: jumprelu relu" $command --arch topk
    refused 2 "--arch: 'relu' contradicts --preset gemma, which is a jumprelu" $command --preset gemma --arch relu
    refused 2 "--arch: 'jumprelu' contradicts --preset features, which is a relu" $command --preset features --arch jumprelu
    refused 2 '--bandwidth: a relu has no threshold' $command --arch relu --bandwidth 0.01
    refused 2 "--start: 'ones' is none; there is: random rows" $command --start ones
    refused 2 "--revive-every: '-2' is less than -1" $command --revive-every -2
    refused 2 '--aip: takes no value' $command --aip=1
done
check "nothing was made" [ ! -e no ]

finish 150
