#!/bin/sh
# report: what curves that no picture holds, a gnuplot that fails, SAEs known by hand, and too few rows make of the page.
. "$(dirname "$0")/report_checks.sh"
command -v gnuplot >/dev/null || finish 2

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
    'All with δmax: 2' 'The active atom with δmin, the others with δmax: 1' 'found by ℓ₁3up to so many atoms, by null space' 'found by OMP1up to so many atoms, by coherence'

# An atom of length 0 that never fires is left out, with a note; of one that fires the theorem says nothing.
"$make_sae" 0.9 0.5 hollow x.npy 0 && "$make_sae" 0.9 0.5 empty x.npy 3 || exit 1
json report hollow x.npy --metric euclid.safetensors -o hollow.html -- notes/dictionary=string notes/identify.held_out.epsilon_all=string
page 7 hollow.html 'A counter-example: the silent atom 1 scores 0.9000' '1 atom of length 0 is left out: it has no direction'
json report empty x.npy --metric euclid.safetensors -o empty.html -- notes/dictionary=string notes/identify.held_out=string
page 6 empty.html 'atom 3 has length 0 and fires' 'There is nothing to identify'

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

finish 290
