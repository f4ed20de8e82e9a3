#!/bin/sh
# check_archive.sh ARCHIVE [PREFIX]: what every object of the library keeps to.
#   External names start with PREFIX_ or PREFIXi_ (atoms; visibility does not help in a static link).
#   No writable data: no .data, .bss or thread-local section with bytes in it, no common symbol, no constructor.
#   No import of a function that prints, ends or forks the process, touches signals, environment or locale, or reads numbers
#   by the locale. (Relocated constant tables, .data.rel.ro, are read-only once loaded.)
set -eu
archive=$1
prefix=${2:-atoms}
status=0
bad() { echo "$1:"; printf '%s\n' "$2"; status=1; }

objects=$(ar t "$archive" | wc -l)
[ "$objects" -gt 0 ] || { echo "$archive holds no object"; exit 1; }

foreign=$(nm -A --defined-only --extern-only "$archive" | grep -Ev " ${prefix}i?_[a-z0-9_]+\$" || true)
[ -z "$foreign" ] || bad "external names without our prefix" "$foreign"

writable=$(LC_ALL=C readelf -SW "$archive" | sed -n 's/^File: //p; s/^ *\[ *[0-9]*\] //p' | awk '
    NF == 1 { object = $1; next }
    $7 ~ /W/ && $5 !~ /^0+$/ && $1 !~ /^\.data\.rel\.ro/ { print object ": " $1 ", 0x" $5 " bytes" }')
[ -z "$writable" ] || bad "writable data" "$writable"

common=$(nm -A "$archive" | awk '$(NF - 1) == "C"')
[ -z "$common" ] || bad "common symbols" "$common"

forbidden='_?_?(exit|_exit|_Exit|quick_exit|abort|assert_fail|assert_perror_fail'
forbidden="$forbidden"'|v?f?printf|v?dprintf|v?asprintf|puts|fputs|putchar|fputc|fwrite|perror|stdout|stderr|stdin'
forbidden="$forbidden"'|signal|sigaction|raise|kill|alarm|getenv|secure_getenv|setenv|putenv|unsetenv|clearenv'
forbidden="$forbidden"'|setlocale|newlocale|uselocale|localeconv|nl_langinfo|strto[dfl]|strtold|ato[fil]|atoll|v?f?s?scanf|isoc99_v?f?s?scanf'
forbidden="$forbidden"'|tolower|toupper|is(alpha|alnum|digit|space|upper|lower|print|punct)|ctype_(b|tolower|toupper)_loc'
forbidden="$forbidden"'|s?rand(om)?(_r)?|[delmn]rand48|time|ctime|localtime|gmtime|strtok|strerror|strcoll|strxfrm'
forbidden="$forbidden"'|system|popen|fork|vfork|exec[lv]p?e?|posix_spawnp?|atexit|cxa_atexit|on_exit|pthread_atfork|dlopen|dlsym|alloca)'
imports=$(nm -A --undefined-only "$archive")
[ -n "$imports" ] || { echo "no import found in $archive: cannot be"; exit 1; }
found=$(printf '%s\n' "$imports" | grep -E " U $forbidden(_chk)?\$" || true)
[ -z "$found" ] || bad "imports that a guest may not have" "$found"

[ $status -ne 0 ] || echo "$objects objects: names, data and imports as they should be"
exit $status
