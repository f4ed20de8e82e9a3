#!/bin/sh
# report: what the page is made of, that it is the same twice, what strangers' words do to it, and what a failure leaves.
. "$(dirname "$0")/program_checks.sh"
here=$(dirname "$0") make_sae=$5
"$make_matrix" sparse 600 12 1 x.npy && "$make_matrix" sparse 300 12 2 held.npy && "$make_matrix" nan 400 12 1 bad.npy && "$make_matrix" sparse 100 6 1 narrow.npy || exit 1
json train x.npy -o sae --width 24 --l0 3 --steps 60 --batch 128 -- steps==60
json sweep x.npy --eval held.npy --widths 12,24 --rows 200,600 -o grid --l0 3 --steps 20 --batch 128 -- cells/0/rows==200

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

# page PICTURES FILE TEXT…: parsed where there is Python; the rest is looked for in the bytes.
page() {
    pictures=$1 file=$2
    shift 2
    check "pictures in $file" [ "$(grep -c '<svg role="img" viewBox="' "$file")" -eq "$pictures" ]
    check "$file is whole" [ "$(tail -n 1 "$file")" = '</html>' ]
    check "nothing to load or to run in $file" [ "$(grep -ciE '<script|https?:|<img|<link|<iframe|@import|url\(' "$file")" -eq 0 ]
    check "no stand-in colour is left in $file" [ "$(grep -cE 'rgb\(254, *0,' "$file")" -eq 0 ]
    for id in figures controls sparsity stability identify atoms angles training sweep terms; do
        check "section $id of $file" [ "$(grep -c "<section id=\"$id\"" "$file")" -eq 1 ]
    done
    ! python3 -c '' 2>/dev/null || check "structure of $file" python3 "$here/check_page.py" "$file" "$@"
}

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

# Curves that are all but constant, and values that no picture holds.
cp sae/train.json kept.json
for history in '0.99999999991 0.99999999992' '1e-320 0' '1e99 -1e99' '1e-90 1e90' '1e308 7'; do
    printf '{"history": [{"step": 1, "loss": %s, "r2": %s, "l0": %s}, {"step": 2, "loss": %s, "r2": %s, "l0": %s}]}' \
        ${history% *} ${history% *} ${history% *} ${history#* } ${history#* } ${history#* } >sae/train.json
    "$atoms" report sae held.npy -o flat.html --json >out 2>err
    check "a page of $history" [ $? -eq 0 ]
    check "gnuplot had nothing to say of $history" [ ! -s err ]
    page 10 flat.html
done
page 10 flat.html 'Left out: 1 values beyond'
printf '{"history": [{"step": 1, "loss": 1e308, "l0": -1e308}, {"step": 2, "loss": 1e200, "l0": 1}]}' >sae/train.json
json report sae held.npy -o flat.html -- notes/pictures.loss-curve=string notes/pictures.r2-curve=string
page 8 flat.html
printf '{"history": [{"step": 1, "loss": NaN}]}' >sae/train.json
json report sae held.npy -o flat.html -- notes/training=string
page 7 flat.html 'train.json beside the SAE is no JSON from line 1 on'
cp kept.json sae/train.json
mkdir extreme
printf '{"sizes": [1, 1], "widths": [-5, 9223372036854775807], "cells": [{"r2_in": 1e308, "r2_out": -1e308}, {"q_star_in": 5, "q_star_out": -3}, {}, {}]}' \
    >extreme/sweep.json
status 0 report sae held.npy --sweep extreme -o flat.html --quiet
page 14 flat.html '1e+308'

# A picture that gnuplot cannot draw is left out, and nothing else.
mkdir bin
cat >bin/gnuplot <<END
#!/bin/sh
script=\$(cat)
case \$script in *'active atoms a row'*) echo 'line 3: <b>no such luck' >&2; exit 1 ;; *'share of atoms'*) exit 0 ;; esac
echo "\$script" | PATH="$PATH" exec gnuplot "\$@"
END
chmod +x bin/gnuplot
path=$PATH PATH=$work/bin:$PATH
json report sae held.npy -o flat.html -- notes/pictures.l0-curve=string notes/pictures.firing-rates=string
PATH=$path
page 8 flat.html 'gnuplot failed to draw the picture: line 3: <b>no such luck.' 'gnuplot drew nothing.'

# The theorem's three answers: see make_sae.c.
"$make_matrix" basis 8 4 0 basis.npy || exit 1
status 0 metric basis.npy -o euclid.safetensors
for c in 0.2 0.5 0.9; do
    "$make_sae" $c 0.5 known$c known$c.npy || exit 1
    json report known$c known$c.npy --metric euclid.safetensors -o $c.html -- path==$c.html
done
page 7 0.2.html 'Held out: feasible. Every threshold between 0.4000 and 0.6000 reads every support exactly; those of 2 of the 3 atoms that fire lie there.' 'L0, median2–active atoms' \
    'Dead atoms50.00 %'
page 7 0.5.html 'Held out: infeasible. δmin/δmax would have to be above 1.5000 and is 0.8000: there is no such interval.' 'Yet no two samples mislead.'
page 7 0.9.html 'A counter-example: the silent atom 1 scores 0.9000 in a sample of 1 atom, the active atom 1 scores 0.8000 in a sample of 1 atom, so that' \
    'All with δmax: 2' 'The active atom with δmin, the others with δmax: 1'

# An SAE that never fires.
"$make_sae" 0.5 1e6 dead dead.npy || exit 1
for rows in '' '--train dead.npy'; do
    # shellcheck disable=SC2086
    json report dead dead.npy $rows -o dead.html -- path==dead.html notes/pairs=string notes/geometry=string
    page 3 dead.html 'fewer than two atoms that fire have a direction' 'There are too few atoms' 'There are no pairs to compare' 'There is nothing to identify' \
        'What can be said of every code at once, in the AIP'
done

mv sae/train.json kept.json
status 0 report sae held.npy -o alone.html --quiet
page 7 alone.html 'no train.json beside the SAE'
echo '{"history": []}' >sae/train.json
status 0 report sae held.npy -o alone.html --quiet
page 7 alone.html 'holds no history of a training'
mv kept.json sae/train.json

# Four rows have no metric; one row has no angles either.
"$make_matrix" sparse 4 12 3 four.npy && "$make_matrix" sparse 1 12 3 one.npy && mv sae/metric.safetensors kept || exit 1
status 0 report sae four.npy -o few.html --quiet
page 9 few.html 'There are no pairs to compare' 'X has no metric of its own'
status 0 report sae one.npy -o few.html --quiet
page 8 few.html 'These rows have no angles'

mv kept sae/metric.safetensors
cp page.html first.html
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

finish 290
