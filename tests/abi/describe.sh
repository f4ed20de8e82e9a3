#!/bin/sh
# describe.sh LIBRARY HEADERS: the library's interface as abidw sees it, without what depends on where it was built. The places of
# declarations stay in: by them abidiff knows which types are public.
exec abidw --headers-dir "$2" --no-corpus-path --no-comp-dir-path --no-elf-needed --drop-private-types --exported-interfaces-only "$1"
