#!/bin/sh
# check_quiet.sh ARCHIVE: the objects that hot calls of libsynres run through import arithmetic, memory's movers and each other, and nothing that could
# allocate, lock or call the system: no allocator, no thread function, no BLAS.
set -eu
hot='(run|tap|step|step_input|lanes_pick|lanes_[a-z0-9]+|chunk[a-z0-9_]*|backward[a-z0-9_]*|gates|gates_f32|relevance|block|state|state_write|state_layout|finite|options|layout)'
allowed='(mem(cpy|move|set|cmp)(_chk)?|__mem(cpy|move|set)_chk|strcmp|__stack_chk_fail|__cpu_(model|indicator_init)|_GLOBAL_OFFSET_TABLE_'
allowed="$allowed"'|(exp|exp2|expm1|log|log1p|tanh|sqrt|fmax|fmin)f?'
allowed="$allowed"'|synres_[a-z0-9_]+|synresi_(base_options_(init|read)|base_layout_take|linalg_first_not_finite_f(32|64))'
allowed="$allowed"'|synresi_(against|agreement|chunk|contextual|enter_block|erase_outside|gates|lanes|layer|live|logged|norm|normalise|relevance|remember|shape|sigmoid|signal|state|step|tap|token|tokens|trace|write)[a-z0-9_]*)'
nm -A --undefined-only "$1" >/dev/null || exit 1
imports=$(nm -A --undefined-only "$1" | grep -E ":$hot\.c\.o(bj)?: ")
objects=$(printf '%s\n' "$imports" | sed 's/\.c\.o.*//' | sort -u | wc -l)
[ "$objects" -ge 12 ] || { echo "only $objects objects found"; exit 1; }
printf '%s\n' "$imports" | grep -q ' U expf$' || { echo "no expf: the imports are not what they should be"; exit 1; }
found=$(printf '%s\n' "$imports" | grep -Ev " U $allowed\$" || true)
[ -z "$found" ] || { echo "imports that a hot call may not have:"; printf '%s\n' "$found"; exit 1; }
echo "$objects objects: arithmetic alone"
