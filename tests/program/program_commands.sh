#!/bin/sh
# Every command in both modes on small data: keys, and figures that must agree with each other.
. "$(dirname "$0")/program_checks.sh"

"$make_matrix" sparse 800 12 1 x.npy && "$make_matrix" sparse 300 12 1 held.npy && "$make_matrix" sparse 200 12 2 more.npy &&
    "$make_matrix" sparse 400 12 1 two.npz && "$make_matrix" sparse 400 12 1 two.safetensors && "$make_matrix" flat 100 12 1 flat.npy || exit 1

json metric x.npy -o m.safetensors -- rows==800 cols==12 rank==12 condition=number effective_rank=number gamma=number centred==false notes=object
condition=$("$check_json" -p out condition)
check "the metric is there" [ -s m.safetensors ]
json metric x.npy --threads 1 -- rows==800
check "threads do not change the metric" [ "$condition" = "$("$check_json" -p out condition)" ]
json metric x.npy --centred --gamma lw -- centred==true gamma=real
json metric flat.npy --gamma 0.5 -- rank==2 gamma=real
json metric x.npy more.npy --rows 900 -- rows==900
json metric x.npy --rows 100000 -- rows==800
json metric two.npz:half -- rows==200
json metric two.safetensors:acts --gamma=0.25 -- rows==400 gamma==0.25
status 0 metric x.npy
check "a table" grep -q '^condition  *[0-9]' out

json angles x.npy --pairs 2000 --seed 3 -- pairs==2000 euclidean/mean_deg=number euclidean/sd_deg=number euclidean/quantiles/0.5=number \
    aip/mean_deg=number aip/sd_deg=number aip/quantiles/0.99=number aip/histogram/179=integer
mean=$("$check_json" -p out aip/mean_deg)
json angles x.npy --pairs 2000 --seed 3 --metric m.safetensors --threads 2 -- pairs==2000
check "its own metric is the saved one" [ "$mean" = "$("$check_json" -p out aip/mean_deg)" ]
json angles x.npy --pairs 2000 --seed 4 -- pairs==2000
check "another seed, other pairs" [ "$mean" != "$("$check_json" -p out aip/mean_deg)" ]
json angles held.npy -- pairs==44850 exhaustive==true
json angles flat.npy -- aip=null notes/aip=string euclidean/mean_deg=number
status 0 angles x.npy
check "a table" grep -q '^mean_deg .*[0-9] .*[0-9]$' out
if command -v gnuplot >/dev/null; then
    status 0 angles x.npy --plot angles.svg
    check "a picture" grep -q '<svg' angles.svg
fi
program=$atoms
printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$program" >without_path && chmod +x without_path
atoms=./without_path
refused 1 'gnuplot: is not installed' angles none.npy --plot none.svg
atoms=$program
check "no picture" [ ! -e none.svg ]

json train x.npy -o sae --width 24 --l0 3 --steps 150 --batch 64 --eval held.npy --seed 5 -- steps==150 tokens==9600 seconds=number \
    cpu_seconds=number tokens_per_s=number l0=number r2=number dead_fraction=number eval/held_out/r2=number eval/in_sample/q_star eval/dictionary/atoms==24
for file in cfg.json sae_weights.safetensors metric.safetensors checkpoint.safetensors train.json; do
    check "$file" [ -s sae/$file ]
done
check "train.json" "$check_json" sae/train.json settings/width==24 settings/target_l0=number library=string blas=string history/10/loss=number \
    history/10/lr=number steps==150 rows==800 files/0==x.npy r2=number
cp out train.out
json eval sae held.npy --train x.npy -- held_out/r2=number in_sample/r2=number
for key in r2 l0_mean dead_fraction q_star; do
    check "eval agrees with train on $key" [ "$("$check_json" -p out held_out/$key)" = "$("$check_json" -p train.out eval/held_out/$key)" ]
done
status 0 train x.npy -o other --width 30 --epochs 2 --batch 100 --lr 0.001 --bandwidth 0.02 --sparsity-weight 2 --checkpoint-every 4 --preset target-l0 --arch jumprelu
check "a table" grep -q '^steps  *16$' out
status 0 train x.npy -o sae2 --width 24 --l0 3 --steps 150 --batch 64 --seed 5 --threads 1 --quiet
check "threads do not change the SAE" cmp sae/sae_weights.safetensors sae2/sae_weights.safetensors
status 0 train x.npy -o sae3 --width 24 --l0 3 --steps 150 --batch 64 --seed 6
check "the seed does" [ -n "$(cmp sae/sae_weights.safetensors sae3/sae_weights.safetensors)" ]
status 0 train flat.npy -o flat --width 8 --l0 2 --steps 5
check "no metric of flat data, with a note" [ ! -e flat/metric.safetensors ]
check "the note" grep -q '^atoms: note: flat.npy' err

json eval sae held.npy more.npy --train x.npy two.npz:acts --baselines --features other --train-rows 900 --seed 2 -- held_out/rows==500 in_sample/rows==900 \
    held_out/aip_r2=number held_out/mse=number held_out/cosine=number held_out/norm_ratio=number held_out/l0_p50=number held_out/l0_p90=number \
    held_out/l0_p99=number held_out/l0_max=number held_out/dead_fraction=number held_out/dense_fraction=number held_out/q_star \
    held_out/q_star_all=number held_out/q_star_euclidean held_out/mu dictionary/atoms==24 dictionary/dim==12 dictionary/mu=number \
    baselines/neurons/held_out/r2=number baselines/random/in_sample/r2=number baselines/shuffled/held_out/r2=number \
    baselines/memoriser/held_out/r2 baselines/features/held_out/r2=number metric==sae/metric.safetensors
json eval sae held.npy --metric m.safetensors -- in_sample=null notes/in_sample=string baselines=null metric==m.safetensors
rm other/metric.safetensors
json eval other held.npy --train x.npy -- metric==--train
json eval other held.npy -- metric==X notes/metric=string
json eval flat flat.npy --baselines -- metric=null held_out/aip_r2=null held_out/r2=number notes/held_out.aip_r2=string baselines/random=null \
    notes/baselines.random=string baselines/features/steps==5 baselines/features/held_out/r2=number baselines/neurons/held_out/r2=number dictionary/mu_positive=null \
    notes/dictionary.mu_positive=string baselines/neurons/in_sample=null notes/baselines.neurons.in_sample=string
json eval sae held.npy --train x.npy --baselines --seed 2 -- baselines/features/steps==150 baselines/features/batch==64 baselines/features/in_sample/r2=number \
    baselines/features/held_out/l0_mean=number
check "the budget is known, no note" [ -z "$(grep baselines.features out)" ]
mv sae/train.json train.json
json eval sae held.npy --train x.npy --baselines --seed 2 -- baselines/features/steps==1000 baselines/features/batch==800 notes/baselines.features=string
mv train.json sae/train.json
"$make_matrix" zero 1 12 1 zeros.npy
json eval sae zeros.npy --baselines -- held_out/l0_mean=number baselines/neurons/held_out/l0_mean=number baselines/memoriser=null baselines/features=null
check "why there is no memoriser" grep -q '"baselines.memoriser": ".*nothing to memorise"' out
check "why there are no features" grep -q '"baselines.features": "all rows are zero' out
status 0 eval sae held.npy --train x.npy --baselines
check "a table of at most 100 columns" awk 'length > 100 && !/^note/ { exit 1 }' out
check "a line for each subject" [ "$(grep -cE '^(this SAE|neurons|random|shuffled|memoriser|features) ' out)" -eq 6 ]

json encode sae held.npy -o codes.npz -- rows==300 nnz=integer l0_mean=number width==24
cp out encode.out
json decode sae codes.npz -o xhat.npy -- rows==300 l0_mean=number nnz==$("$check_json" -p encode.out nnz)
json info xhat.npy -- kind==npy tensors/0/shape/0==300 tensors/0/shape/1==12 tensors/0/dtype==f32 path==xhat.npy
json eval sae held.npy -- held_out/l0_mean==$("$check_json" -p encode.out l0_mean)
status 0 encode sae held.npy more.npy --rows 350 -o codes2.npz
check "a table" grep -q '^rows  *350$' out
status 0 decode sae codes2.npz -o xhat2.npy
check "a table" grep -q '^rows  *350$' out

json info codes.npz -- kind==npz tensors=array
json info two.safetensors -- kind==safetensors tensors/0/name==acts
json info sae -- kind==sae architecture==jumprelu d_in==12 d_sae==24 format==SAELens unit_decoder==true metadata=object
json info sae x.npy -- files/0/kind==sae files/1/kind==npy
status 0 info sae two.npz x.npy
check "a table" grep -q 'half *f32 *200 x 12' out
cp -r sae gated && sed -i 's/"jumprelu"/"gated"/' gated/cfg.json
json info gated -- kind==sae refused=string

finish 95
