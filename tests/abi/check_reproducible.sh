#!/bin/sh
# check_reproducible.sh SOURCE: two copies in folders of other names, built in another locale, under another umask and with another number
# of jobs, give the same libraries to the byte.
set -eu
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # FOLDER JOBS
    mkdir -p "$work/$1"
    (cd "$source" && tar -cf - CMakeLists.txt cmake include lib pkgconfig) | tar -xf - -C "$work/$1"
    { "${CMAKE:-cmake}" -S "$work/$1" -B "$work/$1/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-g -DBUILD_TESTING=OFF -DATOMS_PROGRAM=OFF \
        -DATOMS_EXAMPLES=OFF -DATOMS_INSTALL=OFF && "${CMAKE:-cmake}" --build "$work/$1/build" -j "$2"; } >"$work/log" 2>&1 || {
        tail -n 40 "$work/log"
        exit 1
    }
    (cd "$work/$1/build/lib" && cksum libatoms.a libatoms.so libsynres.a libsynres.so)
}

first=$(umask 022 && LC_ALL=C build one 1)
second=$(umask 077 && LC_ALL=C.UTF-8 build "another place" 2)
printf '%s\n' "$first"
[ -n "$first" ] && [ "$first" = "$second" ] || {
    echo "the second build differs:"
    printf '%s\n' "$second"
    exit 1
}
