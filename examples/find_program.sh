# What the scripts beside it share. Sourced before they change to the top of the tree: words of the command line are paths from here.

from_here() {
    case $1 in
    '' | /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
    esac
}

# Given $atoms (the program, or nothing) and $directory, from the top of the tree. Without a program it installs what is missing and builds
# everything into the directory.
find_program() {
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
}

# Shows a command and runs it.
run() {
    echo
    echo "\$ atoms $*"
    "$atoms" "$@"
}
