#!/bin/sh
# interface.sh functions|constants|fields LIBRARY INCLUDE: what the public headers of atoms or synres declare, one name a line, sorted ("struct field" for
# fields, in the order of the headers). The preprocessor takes comments and macros away first, so plain patterns are enough.
set -eu
what=$1
library=$2
include=$3
upper=$(printf '%s' "$library" | tr a-z A-Z)
plain() { "${CC:-cc}" -E -P -I"$include" "$include/$library/$library.h" | tr '\n' ' ' | tr -s ' '; }

case $what in
functions)
    plain | sed 's/__attribute__ *((warn_unused_result))//g; s/__attribute__ *((visibility("default")))/\n/g' |
        sed -n '2,$s/^[^(]*[ *]\('"$library"'_[a-z0-9_]*\) *(.*/\1/p' | LC_ALL=C sort
    ;;
constants)
    plain | grep -o 'enum {[^}]*}' | grep -o "${upper}_[A-Z0-9_]* *=" | tr -d ' =' | LC_ALL=C sort
    ;;
fields)
    plain | grep -o 'typedef struct [a-z0-9_]* {[^}]*}' | sed 's/typedef struct //; s/ {/;/; s/}//; s/\[[^]]*\]//g' |
        awk -F ';' '{
            for (i = 2; i <= NF; i++) {
                count = split($i, declared, ",")
                for (k = 1; k <= count; k++) {
                    gsub(/^ +| +$/, "", declared[k])
                    words = split(declared[k], word, /[ *]+/)
                    if (words) print $1, word[words]
                }
            }
        }'
    ;;
esac
