# Sourced by the scripts beside it, from the top of the tree, with $atoms (the program, or nothing) and $directory set. Without a program it
# installs what is missing and builds everything into the directory. `run` shows a command and runs it.
mkdir -p "$directory"
if [ -z "$atoms" ]; then
    sh cmake/setup.sh
    echo "Building into $directory (log: $directory/build.log)"
    { cmake -B "$directory" -DBUILD_TESTING=OFF && cmake --build "$directory" -j "$(getconf _NPROCESSORS_ONLN)"; } >"$directory/build.log" 2>&1 || {
        tail -n 40 "$directory/build.log"
        exit 1
    }
    atoms=$directory/src/atoms
fi

run() {
    echo
    echo "\$ atoms $*"
    "$atoms" "$@"
}
