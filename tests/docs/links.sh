#!/bin/sh
# Every relative link of the README and the pages leads to something, and every page is reached from the README or ARCHITECTURE.md.
#   links.sh SOURCE_DIR
set -eu
cd "$1"
links=0 broken=0
for page in README.md docs/*.md docs/synres/*.md examples/data/README.md; do
    for link in $(grep -o '](\([^)]*\))' "$page" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '^[a-z]*:' || true); do
        links=$((links + 1))
        [ -e "$(dirname "$page")/$link" ] || { echo "$page: $link does not exist"; broken=$((broken + 1)); }
    done
done
for page in docs/*.md docs/synres/*.md; do
    grep -q "]($page)" README.md || grep -q "](${page#docs/})" docs/ARCHITECTURE.md || { echo "$page is linked from neither README.md nor ARCHITECTURE.md"; broken=$((broken + 1)); }
done
long=$(wc -l docs/*.md docs/synres/*.md | awk '$2 != "total" && $1 > 120 { print $2 ": " $1 " lines" }')
[ -z "$long" ] || { echo "$long (pages have at most 120)"; broken=$((broken + 1)); }
echo "$links links, $broken faults"
[ "$links" -gt 20 ] && [ "$broken" -eq 0 ]
