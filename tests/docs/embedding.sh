#!/bin/sh
# Every line of the programs printed in docs/synres/embedding.md stands, in this order, in an example, which is compiled and tested.
#   embedding.sh SOURCE_DIR
set -eu
cd "$1"
awk '
    FNR == 1 { file++ }
    { line = $0; gsub(/^[ \t]+|[ \t]+$/, "", line) }
    file <= 2 { if (line != "") have[++count] = line; next }
    /^```c$/ { inside = 1; at = 0; next }
    /^```$/ { inside = 0 }
    inside && line != "" {
        for (i = at + 1; i <= count && have[i] != line; i++) {}
        if (i > count) { print "not in the examples, or in another order: " line; faults++ } else at = i
        compared++
    }
    END { print compared + 0 " lines, " faults + 0 " faults"; exit !(compared > 20 && faults + 0 == 0) }' examples/graph_hooks.c examples/llama_slot.c docs/synres/embedding.md
