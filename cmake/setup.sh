#!/bin/sh
# setup.sh [tests]: makes sure that what the build needs is there, and with `tests` what the tests need too.
# Looks at what can be used, not at who installed it; installs only what is missing, and nothing when all is there.
set -u

mode=${1:-build}
missing=

have() { command -v "$1" >/dev/null 2>&1; }
header() { echo "#include <$1>" | "${CC:-cc}" -E - >/dev/null 2>&1; }
links() { echo "int main(void) { return 0; }" | "${CC:-cc}" -x c - -o /dev/null "$@" >/dev/null 2>&1; }
recent_cmake() {
    have cmake || return 1
    set -- $(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    [ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 22 ]; }
}
need() { # PACKAGE TEST…: the package is wanted unless the test succeeds
    package=$1
    shift
    "$@" || missing="$missing $package"
}

have "${CC:-cc}" && echo "int main(void) { return 0; }" | "${CC:-cc}" -x c - -o /dev/null 2>/dev/null || missing=" gcc libc6-dev"
need cmake recent_cmake
need make have make # what CMake takes unless told otherwise
if [ -n "$missing" ] && ! have "${CC:-cc}"; then # nothing can be probed without a compiler
    missing="$missing libopenblas-dev liblapacke-dev libjansson-dev libzip-dev"
else
    need libopenblas-dev header cblas.h
    need liblapacke-dev header lapacke.h
    need libjansson-dev header jansson.h
    need libzip-dev header zip.h
fi
if [ "$mode" = tests ]; then
    need g++ have "${CXX:-c++}"
    need pkg-config have pkg-config
    need check header check.h
    need abigail-tools have abidiff
    need locales test -f /usr/share/i18n/locales/de_DE
    # The reference BLAS and LAPACK, for one of the runs.
    need libblas-dev links -lblas
    need liblapack-dev links -llapack
fi
[ -n "$missing" ] || exit 0

if ! have apt-get; then
    echo "Please install (names as on Debian):$missing" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=env
elif have sudo && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    echo "Something is missing and only root may install it. Please run this, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing:$missing" >&2
apt="$as_root DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300" # a lock held by another apt is waited for
# shellcheck disable=SC2086
$apt update >&2 && $apt install -y --no-install-recommends $missing >&2 || {
    echo "apt-get could not install:$missing" >&2
    exit 1
}
