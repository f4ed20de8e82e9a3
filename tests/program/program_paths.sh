#!/bin/sh
# An output that cannot be made is refused at the start, before an input is looked at, by every command that has one; and nothing is made.
. "$(dirname "$0")/program_checks.sh"
"$make_matrix" sparse 60 6 1 x.npy && mkdir full closed blind && : >full/old || exit 1

# Each command with OUT in the place of its output. Inputs that are not there would be refused second.
files='metric none.npy -o OUT
angles none.npy --plot OUT
encode none none.npy -o OUT
decode none none.npz -o OUT
code none none.npy --solver omp --sparsity 2 -o OUT
code none none.npy --solver omp --sparsity 2 -o /dev/null --records OUT
report none none.npy -o OUT'
directories='train none.npy --width 8 --l0 2 --steps 3 -o OUT
sweep none.npy --eval none.npy --widths 8 --rows 50 --steps 3 -o OUT'

# refused_by COMMANDS OUT TEXT
refused_by() {
    out=$2 why=$3
    echo "$1" >commands
    while read -r line; do
        # shellcheck disable=SC2046 # the words hold no spaces
        refused 1 "$why" $(echo "$line" | sed "s,OUT,$out,") </dev/null
    done <commands
}
ls -lR >before 2>&1
refused_by "$files" nowhere/out 'nowhere/out: No such file or directory'
refused_by "$files" x.npy/out 'x.npy/out: Not a directory'
refused_by "$files" full 'full: Is a directory'
refused_by "$files" fresh/ 'fresh/: Is a directory'
refused_by "$directories" nowhere/out 'nowhere/out: No such file or directory'
refused_by "$directories" nowhere/out/ 'nowhere/out/: No such file or directory'
refused_by "$directories" x.npy/out 'x.npy/out: Not a directory'
refused_by "$directories" x.npy 'x.npy: it exists and is not a directory'
ls -lR >after 2>&1
check "nothing was made" [ "$(grep -vE ' (before|after|commands|out|err)$|^total' before)" = "$(grep -vE ' (before|after|commands|out|err)$|^total' after)" ]

# Whoever may write everywhere sees no such refusal: then somebody else runs it, where that can be had.
: >closed/file && chmod 555 closed && chmod 333 blind && chmod 755 . full
program=$atoms
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --clear-groups "$atoms" --version >/dev/null 2>&1; then
    printf '#!/bin/sh\nexec setpriv --reuid=65534 --clear-groups "%s" "$@"\n' "$program" >somebody && chmod 755 somebody
    atoms=./somebody
fi
if [ "$(id -u)" -ne 0 ] || [ "$atoms" != "$program" ]; then
    refused_by "$files" closed/out 'closed/out: Permission denied'
    refused_by "$files" closed/file 'closed/file: Permission denied'
    refused_by "$directories" closed/out 'closed/out: Permission denied'
    refused_by "$files" blind/out 'blind/out: Permission denied'
    refused_by "$directories" closed 'closed: Permission denied'
fi
atoms=$program
chmod 755 closed blind

# What is fine is found to be: a new name, an old file, a link to one, a link to nothing, a device, a directory with a slash.
ln -s full/old link && ln -s new loose
for name in new ./full/old link loose /dev/null; do
    refused 1 'none.npy' metric none.npy -o "$name"
    status 0 metric x.npy -o "$name"
done
for name in made made/ full ./made/more; do status 0 train x.npy -o "$name" --width 8 --l0 2 --steps 2 --batch 16; done
# Wrong usage comes first.
refused 2 '--width: is missing' train none.npy -o made
refused 2 'encode: needs' encode none -o nowhere/out

finish 100
