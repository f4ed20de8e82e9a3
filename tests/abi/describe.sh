#!/bin/sh
# describe.sh LIBRARY INCLUDE: the library's interface as abidw sees it, without what depends on where it was built.
exec abidw --headers-dir "$2/atoms" --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --drop-private-types "$1"
