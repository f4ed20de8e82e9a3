#!/bin/sh
# check_shared.sh LIBRARY SONAME [hardened]: the soname, and what a host may expect of a library that it loads: no executable
# stack, no text relocation, no search path; with `hardened` full RELRO and stack protection as well.
set -eu
dynamic=$(LC_ALL=C readelf -dW "$1")
segments=$(LC_ALL=C readelf -lW "$1")
status=0
bad() { echo "$1"; status=1; }

soname=$(printf '%s\n' "$dynamic" | sed -n 's/.*(SONAME).*\[\(.*\)\].*/\1/p')
[ "$soname" = "$2" ] || bad "the soname is \"$soname\", cmake/version.cmake says \"$2\""
printf '%s\n' "$segments" | grep 'GNU_STACK' | grep -q ' RW ' || bad "the stack is executable"
! printf '%s\n' "$dynamic" | grep -Eq 'TEXTREL' || bad "text relocations"
! printf '%s\n' "$dynamic" | grep -Eq '\((RPATH|RUNPATH)\)' || [ "${3:-}" = "" ] || bad "a search path"
if [ "${3:-}" = hardened ]; then
    printf '%s\n' "$segments" | grep -q 'GNU_RELRO' || bad "no RELRO"
    printf '%s\n' "$dynamic" | grep -Eq 'BIND_NOW|FLAGS.* NOW' || bad "no BIND_NOW"
    nm -D "$1" | grep -q '__stack_chk_fail' || bad "no stack protection"
fi
[ $status -ne 0 ] || echo "soname $soname; stack, relocations and search path as they should be"
exit $status
