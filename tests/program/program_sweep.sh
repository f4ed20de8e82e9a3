#!/bin/sh
# sweep: the grid, its files, what it agrees with, what it refuses, and what an interrupt leaves.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 800 12 1 x.npy && "$make_matrix" sparse 300 12 1 held.npy && "$make_matrix" sparse 100 12 2 more.npy &&
    "$make_matrix" nan 400 12 1 bad.npy && "$make_matrix" sparse 100 6 1 narrow.npy && "$make_matrix" flat 400 12 1 flat.npy || exit 1

json sweep x.npy --eval held.npy --widths 24,30 --rows 100,400,800 -o grid --l0 3 --steps 60 --batch 128 --seed 5 -- cells/0/rows==100 cells/0/width==24 \
    cells/0/steps==60 cells/1/rows==100 cells/1/width==30 cells/5/rows==800 cells/5/width==30 cells/0/r2_in=number cells/0/r2_out=number \
    cells/0/q_star_in=number cells/0/q_star_out=number cells/0/l0_in=number cells/0/l0_out=number cells/0/memoriser_r2_in=number \
    cells/0/memoriser_q_star_out=number rows==800 held_out_rows==300 settings/batch==128 settings/seed==5 sizes/2==800 widths/1==30 \
    path==grid seconds=number cpu_seconds=number notes=object
check "the same in the file" [ "$(cat out)" = "$(cat grid/sweep.json)" ]
check "six cells" [ "$(grep -c '"r2_in"' out)" -eq 6 ]
check "the script of the picture" [ -s grid/sweep.gp ]
if command -v gnuplot >/dev/null; then
    check "a picture" grep -q '<svg' grid/sweep.svg
    check "both surfaces" [ "$(grep -cE 'in sample|held out' grid/sweep.svg)" -ge 4 ]
fi
check "nothing else" [ "$(ls grid | grep -vcE '^sweep\.(json|gp|svg)$')" -eq 0 ]
cp out grid.out

# A cell is what train and eval make of it.
json train x.npy -o cell --rows 400 --width 30 --l0 3 --steps 60 --batch 128 --seed 5 --eval held.npy -- steps==60
for pair in r2_in=in_sample/r2 r2_out=held_out/r2 q_star_in=in_sample/q_star q_star_out=held_out/q_star l0_in=in_sample/l0_mean l0_out=held_out/l0_mean; do
    check "cell and train agree on $pair" [ "$("$check_json" -p grid.out cells/3/${pair%%=*})" = "$("$check_json" -p out eval/${pair#*=})" ]
done
json sweep x.npy --eval held.npy --widths 24,30 --rows 100,400,800 -o grid1 --l0 3 --steps 60 --batch 128 --seed 5 --threads 1 -- cells/5/rows==800
"$check_json" -p grid.out cells >cells && "$check_json" -p out cells >cells1
check "threads do not change the cells" cmp cells cells1

status 0 sweep x.npy more.npy --eval held.npy more.npy --widths 24 --rows 8,900 -o table --l0 3 --epochs 4 --quiet
check "a line for each cell" [ "$(grep -cE '^ *(8|900) +24 ' out)" -eq 2 ]
check "no AIP of 8 rows, with a note" grep -q '^note: cells.0: 8 rows span too little' out
check "at most 100 columns" awk 'length > 100 && !/^note/ { exit 1 }' out
check "epochs" "$check_json" table/sweep.json cells/0/steps==4 cells/1/steps==4 settings/epochs=number cells/0/q_star_in=null cells/1/q_star_in=number \
    cells/0/q_star_euclidean_in=number held_out_rows==400 files/1==more.npy
status 0 metric x.npy -o m.safetensors
json sweep x.npy --eval held.npy --widths 24 --rows 8 -o ruler --l0 3 --steps 4 --metric m.safetensors -- cells/0/q_star_in=number metric==m.safetensors

program=$atoms
printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$program" >without_path && chmod +x without_path
atoms=./without_path
json sweep x.npy --eval held.npy --widths 24 --rows 50 -o grid1 --l0 3 --steps 4 -- picture=null notes/picture=string
check "a note" grep -q '^atoms: note: gnuplot: .*grid1/sweep.gp' err
check "no older picture" [ ! -e grid1/sweep.svg ]
atoms=$program

grid='--widths 8 --rows 400 -o no --l0 2 --steps 3'
# shellcheck disable=SC2086
{
    refused 1 'bad.npy: row 200 column 1 is NaN' sweep bad.npy --eval held.npy $grid
    refused 1 'bad.npy: row 200 column 1 is NaN' sweep x.npy --eval bad.npy $grid
    refused 1 'none.npy' sweep x.npy --eval none.npy $grid
    refused 1 'narrow.npy: 6 columns, x.npy takes 12' sweep x.npy --eval narrow.npy $grid
    refused 1 'more.npy: 100 rows, --rows asks for 400' sweep more.npy --eval held.npy $grid
    refused 1 'x.npy: it exists and is not a directory' sweep x.npy --eval held.npy $grid -o x.npy
    refused 1 'm.safetensors: a metric of 12' sweep narrow.npy --eval narrow.npy $grid --rows 50 --metric m.safetensors
    refused 1 'target_l0 is 2; it must be above 0 and at most 1' sweep x.npy --eval held.npy $grid --widths 8,1
    refused 2 '--widths: is missing' sweep x.npy --eval held.npy --rows 50 -o no
    refused 2 '--rows: is missing' sweep x.npy --eval held.npy --widths 8 -o no
    refused 2 '--eval: is missing' sweep x.npy --widths 8 --rows 50 -o no
    refused 2 '-o: is missing' sweep x.npy --eval held.npy --widths 8 --rows 50
    refused 2 "--widths: '' is not a whole number" sweep x.npy --eval held.npy $grid --widths 8,,9
    refused 2 "--widths: '' is not a whole number" sweep x.npy --eval held.npy $grid --widths 8,
    refused 2 "--widths: '0' is less than 1" sweep x.npy --eval held.npy $grid --widths 0
    refused 2 "--rows: 'x' is not a whole number" sweep x.npy --eval held.npy $grid --rows 5,x
    refused 2 '--checkpoint-every: unknown option' sweep x.npy --eval held.npy $grid --checkpoint-every 3
}
check "nothing was made" [ ! -e no ]

# An interrupt leaves the cells that were finished, and an older sweep.json as it was.
cp grid/sweep.json older.json
interrupted=0
for attempt in 1 2 3 4 5; do # on a busy machine the run may be over before this script gets to it
    "$atoms" sweep x.npy --eval held.npy --widths 24,48,96 --rows 100,200,400,800 -o grid --l0 3 --steps 3000 --json >out 2>err &
    running=$!
    while [ ! -e grid/sweep.partial.json ] && kill -0 $running 2>/dev/null; do sleep 0.02; done
    kill -INT $running 2>/dev/null
    wait $running
    interrupted=$?
    [ $interrupted -eq 0 ] || break
    cp older.json grid/sweep.json
done
check "exit status, attempt $attempt" [ $interrupted -eq 130 ]
check "it says so" grep -q '^atoms: interrupted; the finished cells ([0-9]*) are in grid/sweep.partial.json$' err
check "nothing on stdout" [ ! -s out ]
check "the cells so far" "$check_json" grid/sweep.partial.json cells/0/rows==100 cells/0/r2_in=number
check "the older one is kept" cmp older.json grid/sweep.json
json sweep x.npy --eval held.npy --widths 24 --rows 100 -o grid --l0 3 --steps 5 -- cells/0/rows==100
check "a whole one takes the partial one away" [ ! -e grid/sweep.partial.json ]

finish 100
