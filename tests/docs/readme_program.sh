#!/bin/sh
# The program printed in the README, taken from it exactly as it stands, compiled and run.
#   readme_program.sh SOURCE_DIR WORK_DIR LIBRARY_DIR COMPILER [FLAGS…]
set -eu
source=$1 work=$2 library=$3
shift 3
mkdir -p "$work"
cd "$work"
rm -rf first.c first dictionary
awk '/^```c$/ && !seen { inside = seen = 1; next } /^```$/ { inside = 0 } inside' "$source/README.md" >first.c
grep -q 'int main' first.c || { echo "README.md has no program"; exit 1; }
"$@" -std=c11 -Wall -Wextra -Werror -I"$source/include" first.c -o first -L"$library" -Wl,-rpath,"$library" -latoms

./first "$source/tests/docs/small_rows.npy" dictionary
for file in cfg.json sae_weights.safetensors; do
    [ -s "dictionary/$file" ] || { echo "the README's program did not write $file"; exit 1; }
done

# It also fails as it should: with a status, words, and nothing written.
if ./first no-such-file.npy nothing 2>words; then echo "a file that is not there was accepted"; exit 1; fi
grep -q 'no-such-file.npy' words || { echo "the words do not name the file:"; cat words; exit 1; }
if ./first 2>words; then echo "no arguments were accepted"; exit 1; fi
grep -q '^usage' words || { echo "no usage:"; cat words; exit 1; }
[ ! -e nothing ] || { echo "a failed run left something"; exit 1; }
echo "$(grep -c . first.c) lines: compiled, ran, failed with words"
