#!/bin/sh
# report: what the page is made of, that it is the same twice, what strangers' words do to it, and what a failure leaves. What is odd is in program_report_odd.sh.
. "$(dirname "$0")/report_checks.sh"

# Without gnuplot there is no page, and an older one stays.
program=$atoms
printf '#!/bin/sh\nPATH=/nowhere exec "%s" "$@"\n' "$program" >without_path && chmod +x without_path
echo older >page.html
atoms=./without_path
refused 1 'gnuplot: is not installed; a picture needs it' report sae held.npy -o page.html
atoms=$program
check "the older page is kept" [ "$(cat page.html)" = older ]

refused 2 '-o: is missing' report sae held.npy
refused 2 'report: needs SAE X' report sae -o page.html
command -v gnuplot >/dev/null || finish 15

json report sae held.npy --train x.npy --sweep grid --baselines -o page.html -- path==page.html notes=object
page 14 page.html 'held out' 'in sample' memoriser 'Coherence against the limit of uniqueness' '300 rows' '600 rows'
check "nothing but the page on the disk" [ "$(ls | grep -c page)" -eq 1 ]

# The numbers are those of eval.
json eval sae held.npy --train x.npy -- held_out/r2=number
for figure in held_out/r2 in_sample/r2 held_out/q_star in_sample/q_star; do
    value=$(printf '%.4f' "$("$check_json" -p out $figure)")
    check "$figure, $value" grep -q "<td>$value</td>" page.html
done

# And those of identify, of either set.
for rows in held.npy x.npy; do
    json identify sae $rows -- epsilon=number
    for figure in epsilon delta_min counterexample/silent_score counterexample/active_score; do
        value=$("$check_json" -p out $figure | awk '{ printf $1 * $1 < 100 ? "%.4f" : "%.5g", $1 }' | sed 's/-/−/')
        check "$figure of $rows, $value" grep -q "[> ]$value[ ,<]" page.html
    done
done

cp page.html first.html
status 0 report sae held.npy --train x.npy --sweep grid --baselines -o page.html --threads 1 --quiet
check "the same bytes again, on one thread" cmp first.html page.html

status 0 report sae held.npy -o alone.html --quiet
page 10 alone.html 'In sample' 'not given (--train)' 'not asked for' 'No sweep was given'

# Words of strangers: a directory's name, metadata, records.
hostile='<b>&"x'\''y<img src=q onerror=z>'
cp -r sae "$hostile"
sed 's/"metadata": {/"model_name": "<\/td><script>alert(1)<\/script>\\u202e", "metadata": {/' sae/cfg.json >"$hostile/cfg.json"
printf '{"history": [{"step": 1, "loss": "<script>", "r2": 0.5}, {"step": 2, "loss": null, "r2": 0.5}, 7, {"step": 1, "r2": 3}], "settings": "no"}' >"$hostile/train.json"
mkdir "sweep"
sed 's/"r2_in": [^,]*,/"r2_in": "<script>",/; s/"path": "grid"/"path": "<script>"/' grid/sweep.json >sweep/sweep.json
"$atoms" report "$hostile" held.npy --train x.npy --sweep sweep -o hostile.html --json >out 2>err
check "a hostile name" [ $? -eq 0 ]
check "json of it" "$check_json" out path==hostile.html
page 12 hostile.html "$hostile" '</td><script>alert(1)</script>' 'There is no picture: the record has no values that can be drawn'
check "gnuplot had nothing to say" [ ! -s err ]

refused 1 'bad.npy: row 200 column 1 is NaN' report sae bad.npy -o page.html
refused 1 'narrow.npy: 6 columns' report sae narrow.npy -o page.html
refused 1 'none/sweep.json: cannot be opened' report sae held.npy --sweep none -o page.html
refused 1 'none.npy' report sae none.npy -o page.html
refused 1 'page.html/x: Not a directory' report sae held.npy -o page.html/x
mkdir broken && echo '{"sizes": [1], "widths": [2, 3], "cells": [{}]}' >broken/sweep.json
refused 1 'broken/sweep.json: is not the record of a sweep' report sae held.npy --sweep broken -o page.html
echo '{"sizes": [1' >broken/sweep.json
refused 1 'broken/sweep.json: line' report sae held.npy --sweep broken -o page.html
check "the page is as it was" cmp first.html page.html

finish 110
