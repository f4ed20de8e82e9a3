#!/bin/sh
# The table of constants in docs/training.md says what tests/golden/recipes.csv says, which a test compares with the library. A dash is the value
# of the first recipe; options that are the same in all recipes may be left out.
#   recipes.sh SOURCE_DIR
set -eu
cd "$1"
awk '
    FNR == NR {
        split($0, cell, ",")
        for (i = 2; i <= 5; i++) want[cell[1], i] = cell[i]
        if (FNR > 1) { known[cell[1]] = 1; differs[cell[1]] = cell[2] != cell[3] || cell[2] != cell[4] || cell[2] != cell[5] }
        next
    }
    /^\|/ {
        split($0, cell, "|")
        for (i in cell) gsub(/^[ `]+|[ `]+$/, "", cell[i])
        if (cell[2] == "option") { in_table = 1; for (i = 2; i <= 5; i++) if (cell[i + 1] != want["option", i]) { print "columns are not the recipes"; faults++ } }
        if (!in_table || cell[2] == "option" || cell[2] ~ /^-+$/) next
        if (!(cell[2] in known)) { print cell[2] ": no such option"; faults++; next }
        seen[cell[2]] = 1
        for (i = 2; i <= 5; i++) {
            value = cell[i + 1] == "-" ? cell[3] : cell[i + 1]
            if (value !~ /^[0-9.e-]+$/ || value + 0 != want[cell[2], i] + 0) { print cell[2] ": " cell[i + 1] " is not " want[cell[2], i]; faults++ }
            compared++
        }
        next
    }
    { in_table = 0 }
    END {
        for (name in differs) if (differs[name] && !(name in seen)) { print name ": not in the table"; faults++ }
        print compared + 0 " constants, " faults + 0 " faults"
        exit !(compared > 100 && faults + 0 == 0)
    }' tests/golden/recipes.csv docs/training.md
