# What the scripts about report share: program_checks.sh, an SAE with data and a sweep, and `page`. Sourced with a script's own arguments.
. "$(dirname "$0")/program_checks.sh"
here=$(dirname "$0") make_sae=$5
"$make_matrix" sparse 600 12 1 x.npy && "$make_matrix" sparse 300 12 2 held.npy && "$make_matrix" nan 400 12 1 bad.npy && "$make_matrix" sparse 100 6 1 narrow.npy || exit 1
json train x.npy -o sae --width 24 --l0 3 --steps 60 --batch 128 -- steps==60
json sweep x.npy --eval held.npy --widths 12,24 --rows 200,600 -o grid --l0 3 --steps 20 --batch 128 -- cells/0/rows==200

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
