#!/bin/sh
# check_consumers.sh install|find_package|pkg_config|subproject|no_files SOURCE BUILD WORK
# `install` puts the library into a folder with a space in its name and moves it; the others build and run what a user would.
set -eu
what=$1
source=$2
build=$3
work=$4
here=$source/tests/consumers
prefix="$work/moved here/a prefix"
cmake=${CMAKE:-cmake}

fail() { echo "$1"; exit 1; }
needs() { LC_ALL=C readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'; }
run() { # NAME PROGRAM shared|static
    "$2" || fail "$1 does not run, or is wrong"
    case $(needs "$2" | grep -c '^lib\(atoms\|synres\)\.so\.') in 2) linked=shared ;; 0) linked=static ;; *) linked=half ;; esac
    [ "$linked" = "$3" ] || fail "$1 is linked $linked"
    [ "$3" = static ] || ! needs "$2" | grep -Eq 'blas|lapack|jansson|libzip' || fail "$1 links what only the library needs: $(needs "$2")"
    echo "$1: runs"
}
project() { # NAME OPTION…: configures and builds a project in a folder of its own, quietly
    name=$1
    shift
    rm -rf "$work/$name"
    { "$cmake" -B "$work/$name" -DCMAKE_BUILD_TYPE=Release "$@" && "$cmake" --build "$work/$name"; } >"$work/$name.log" 2>&1 || {
        tail -n 40 "$work/$name.log"
        fail "$name does not build"
    }
}

case $what in
install)
    rm -rf "$work"
    mkdir -p "$work/moved here"
    "$cmake" --install "$build" --prefix "$work/first place" >"$work/install.log"
    mv "$work/first place" "$prefix"
    ! grep -rlF -e "$work" -e "$build" -e "$source/lib" -e "$source/src" "$prefix" || fail "these files know where they were built"
    ;;

find_package)
    for language in C CXX; do
        for kind in shared static; do
            name=found-$language-$kind
            project "$name" -S "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" -DLANGUAGE=$language -DKIND=$kind
            run "$name" "$work/$name/consumer" $kind
        done
    done
    # Without a BLAS to be found, the shared library serves and the static one says that it cannot.
    blind="-DCMAKE_DISABLE_FIND_PACKAGE_AtomsCBLAS=ON"
    project found-blind -S "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" -DLANGUAGE=C -DKIND=shared $blind
    run found-blind "$work/found-blind/consumer" shared
    rm -rf "$work/blind"
    ! "$cmake" -B "$work/blind" -S "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" -DLANGUAGE=C -DKIND=static $blind >"$work/blind.log" 2>&1 ||
        fail "a static library without its BLAS was found"
    grep -q AtomsCBLAS "$work/blind.log" || fail "the missing BLAS is not named"
    ;;

pkg_config)
    PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    export PKG_CONFIG_PATH
    flags=$(pkg-config --cflags --libs atoms synres)
    case $flags in *blas* | *jansson*) fail "Libs holds more than the library: $flags" ;; esac
    eval "${CC:-cc} '$here/consumer.c' -o '$work/by-pc' $flags -lm '-Wl,-rpath,$prefix/lib'"
    run by-pc "$work/by-pc" shared
    eval "${CXX:-c++} -std=c++17 '$here/consumer.cpp' -o '$work/by-pc-cpp' $flags '-Wl,-rpath,$prefix/lib'"
    run by-pc-cpp "$work/by-pc-cpp" shared
    flags=$(pkg-config --static --cflags --libs atoms synres | sed 's/-latoms/-l:libatoms.a/; s/-lsynres/-l:libsynres.a/')
    eval "${CC:-cc} '$here/consumer.c' -o '$work/by-pc-static' $flags"
    run by-pc-static "$work/by-pc-static" static
    # The folder of the libraries may lie deeper, or be absolute.
    for libdir in lib/deep/er /opt/atoms/lib; do
        rm -rf "$work/pc"
        "$cmake" -S "$source" -B "$work/pc" -DCMAKE_INSTALL_LIBDIR=$libdir -DCMAKE_INSTALL_PREFIX=/usr/local -DBUILD_TESTING=OFF >"$work/pc.log" 2>&1 ||
            fail "LIBDIR=$libdir does not configure"
        mkdir -p "$work/pc/root/$libdir/pkgconfig"
        for library in atoms synres; do
            cp "$work/pc/$library.pc" "$work/pc/root/$libdir/pkgconfig"
            said=$(PKG_CONFIG_PATH="$work/pc/root/$libdir/pkgconfig" pkg-config --variable=libdir $library | sed 's/\\//g')
            case $libdir in
            /*) expected=$libdir ;;
            *) expected=$(cd "$work/pc/root/$libdir" && pwd) said=$(cd "$said" && pwd) ;;
            esac
            [ "$said" = "$expected" ] || fail "LIBDIR=$libdir: $library.pc says $said"
        done
    done
    ;;

subproject)
    project sub -S "$here/subproject" "-DATOMS=$source"
    run sub/consumer_in_c "$work/sub/consumer_in_c" shared
    run sub/consumer_in_cpp "$work/sub/consumer_in_cpp" static
    DESTDIR="$work/nothing" "$cmake" --install "$work/sub" >/dev/null
    [ ! -e "$work/nothing" ] || fail "the host's install installs us"
    ;;

no_files) # links CBLAS and LAPACKE alone, and is the static library where the host wants no shared ones
    project bare -S "$here/subproject" "-DATOMS=$source" -DATOMS_FILES=OFF -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_DISABLE_FIND_PACKAGE_AtomsJansson=ON -DCMAKE_DISABLE_FIND_PACKAGE_AtomsLibzip=ON
    run bare/consumer_in_c "$work/bare/consumer_in_c" static
    ! needs "$work/bare/consumer_in_c" | grep -Eq 'jansson|libzip' || fail "a library without files links a file library"
    [ ! -e "$work/bare/atoms/lib/libatoms.so" ] && [ ! -e "$work/bare/atoms/lib/libsynres.so" ] || fail "a shared library was made"
    ;;
esac
