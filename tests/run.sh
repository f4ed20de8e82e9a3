#!/bin/sh
# Builds everything and runs the tests.
set -eu
cd "$(dirname "$0")/.."
cmake -G Ninja -B build -DATOMS_TEST_BUILD=ON -DATOMS_WERROR=ON
cmake --build build
ctest --test-dir build --output-on-failure
