#!/bin/sh
# check_reference_blas.sh LIBRARY: no optimised BLAS is loaded. Debian's alternatives put another library under the name libblas.so.3
# unless LD_LIBRARY_PATH says otherwise, as the test preset does.
loaded=$(ldd "$1")
printf '%s\n' "$loaded"
printf '%s\n' "$loaded" | grep -q libblas && ! printf '%s\n' "$loaded" | grep -Eiq 'openblas|blis|mkl|atlas'
