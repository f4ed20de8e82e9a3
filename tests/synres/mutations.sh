#!/bin/sh
# mutations.sh SOURCE LIBRARY.a FOLDER [WORDS]: the tests notice what they are there for. One change at a time is made to a copy of libsynres's sources: the decay is
# dropped, the erase, the unit length of keys, a mask moved, reads before and after exchanged, and so on; what it touches is compiled again, and the tests are
# run against it until one of them fails. A change that no test notices, or that no longer applies, is an error.
#   WORDS: only the changes whose names have these words.
#   FOLDER holds a response file for the compiler, `compile`, and one for each test's linking, NAME.link, made by CMake; CC is the compiler.
set -eu
source=$1
library=$2
folder=$3
only=${4:-}
work=$folder/work
cc=${CC:-cc}
tests='rules published symmetries definition untouched certificate run model damage hard backward backward_lanes bits stability rewind train_gradient train train_refusals chunk step'
rm -rf "$work"
mkdir -p "$work"
cp -R "$source/lib" "$source/include" "$work"
members=$(ar t "$library")

units() { # FILE: the sources that are compiled because of it: itself, or all of its room
    case $1 in
    *.c) echo "$1" ;;
    *) (cd "$work/lib/synres" && ls "${1%/*}"/*.c) ;;
    esac
}

build() { # FILE: mutated.a, with what the file touches compiled again
    cp "$library" "$work/mutated.a"
    for unit in $(units "$1"); do
        object=${unit##*/}.o
        echo "$members" | grep -qx "$object" || continue # another processor's
        case $unit in *_avx2.c) set_of='-mavx2 -mfma' ;; *_avx512.c) set_of='-mavx512f -mfma -mprefer-vector-width=512' ;; *) set_of= ;; esac
        # shellcheck disable=SC2086
        "$cc" @"$folder/compile" $set_of -w -I"$work/include" -c "$work/lib/synres/$unit" -o "$work/$object" || return 1
        ar r "$work/mutated.a" "$work/$object"
    done
}

failing() { # says which test fails, if one does
    for test in $tests; do
        [ -f "$folder/$test.link" ] || continue
        "$cc" -o "$work/test" @"$folder/$test.link" || return 1
        if ! CK_VERBOSITY=silent CK_DEFAULT_TIMEOUT=60 OPENBLAS_NUM_THREADS=1 "$work/test" >"$work/said" 2>&1; then
            echo "$test"
            return 0
        fi
    done
    echo none
}

caught=0
status=0
mutation() { # WORDS FILE SED
    case $1 in *"$only"*) ;; *) return ;; esac
    file=$work/lib/synres/$2
    cp "$file" "$work/kept"
    sed "$3" "$work/kept" >"$file"
    if cmp -s "$file" "$work/kept"; then
        echo "$1: does not apply to $2 any more"
        status=1
        return
    fi
    build "$2" >"$work/built" 2>&1 || { cat "$work/built"; echo "$1: does not compile"; status=1; cp "$work/kept" "$file"; return; }
    by=$(failing)
    cp "$work/kept" "$file"
    if [ "$by" = none ]; then
        echo "$1: no test notices"
        status=1
    else
        echo "$1: $by"
        caught=$((caught + 1))
    fi
}

# Without a change, what is compiled here passes.
build step/lanes_body.inc >/dev/null
[ "$(failing)" = none ] || { echo "the tests fail without any change"; cat "$work/said"; exit 1; }

# The step and its reference.
mutation 'no decay' step/lanes_body.inc 's/x = channel ? times(x, a) : scaled(x, g->decay);/(void)a;/'
mutation 'no erase along the key' step/lanes_body.inc 's/if (along \&\& t->erase_beta) g\[c\].write -= g\[c\].erase;//'
mutation 'no erase along another direction' step/lanes_body.inc 's/if (!along) x = minus(x, scaled(e, g->erase));//'
mutation 'reads of what has not faded' step/lanes_body.inc 's/float read = channel ? r\[c\] : g\[c\].decay \* r\[c\];/float read = r[c];/'
mutation 'erases what has not faded' step/lanes_body.inc 's/g\[c\].erase \*= channel ? p\[c\] : g\[c\].decay \* p\[c\];/g[c].erase *= p[c];/'
mutation 'reads before and after exchanged' step/lanes_body.inc 's/t->u\[first + c\] = t->read_pre ||/t->u[first + c] = !t->read_pre ||/'
mutation 'idle rows are stored' step/lanes_body.inc 's/live\[c\] = channel ||/live[c] = true ||/'
mutation 'the reference does not decay' step/step_reference.c 's/s\[j\] \*= exp(/s[j] += 0 * exp(/'
mutation 'the reference does not erase' step/step_reference.c 's/ - erase \* recalled \* t->erase\[j\]//'
mutation 'the reference exchanges reads' step/step_reference.c 's/if (shape->flags \& SYNRES_RULE_READ_PRE)/if (!(shape->flags \& SYNRES_RULE_READ_PRE))/'

# The chunk.
mutation 'a token reads all but itself' chunk/chunk_body.inc 's/before = t + 1 - back;/before = t - back;/'
mutation 'a token reads the one after it' chunk/chunk_body.inc 's/before = t + 1 - back;/before = t + 2 - back;/'
mutation 'substitution leaves out the last token' chunk/chunk_body.inc 's/for (int64_t i = begun; i < t; i++)/for (int64_t i = begun; i < t - 1; i++)/'
mutation 'chunks do not erase' chunk/chunk_body.inc 's/row\[r\] \*= -beta\[/row[r] *= 0 * beta[/'
mutation 'the state does not fade over a chunk' chunk/chunk_body.inc 's/b->T\[j \* v + i\] \*= decay;/(void)decay;/'
mutation 'reads in chunks before and after exchanged' chunk/chunk_call.inc 's/\.pre = shape.flags/.pre = !shape.flags/'

# The gradient.
mutation 'the erase has no gradient' backward/backward_plain.inc 's/g\[j\] -= erase \* h \* t->erase\[j\];//'
mutation 'the gradient does not fade' backward/backward_plain.inc 's/g\[j\] \*= decay_of(shape, b->decay, i, j);//'
mutation 'the erase has no gradient on the lanes' step/lanes_back.inc 's/g = minus(g, scaled(e, r->erase \* r->h));//'
mutation 'the gradient does not fade on the lanes' step/lanes_back.inc 's/g = channel ? times(g, a) : scaled(g, r->decay);//'
mutation 'reads have no gradient before the write' step/lanes_back.inc 's/store(r->g + j, pre ? plus(g, scaled(q, r->du)) : g);/store(r->g + j, g);/'

# The trainer.
mutation 'traces have no gradient' trainer/net_backward.inc 's/b->d_trace\[j\] \*= mu;/b->d_trace[j] = 0;/'
mutation 'agreement has no gradient' trainer/net_backward.inc 's/d_key\[j\] += d_rho \* net->by_key\[i \* K + j\];//'
mutation 'thresholds have no gradient' gates/relevance_body.inc 's/\*d_threshold = nu \* \*d_threshold - d_r;/*d_threshold = 0;/'
mutation 'lengths have no gradient' gates/gates_body.inc 's/(d_unit\[i\] - unit\[i\] \* along)/(d_unit[i] - 0 * along)/'
mutation 'gradients pass the largest decay' gates/gates_body.inc 's/const bool free = g->has_rate \&\& .*;/const bool free = g->has_rate;/'
mutation 'tied gates have half a gradient' gates/gates_body.inc 's/if (tied) d_pre_beta\[i\] += /if (0) d_pre_beta[i] += /'
mutation 'the erase outside has no gradient' gates/gates_body.inc 's/d_beta\[i\] += d_erase_beta\[i\] \//d_beta[i] += 0 \//'
mutation 'frozen arrays are trained' trainer/trainer_plan.c 's/range->present \&\& !frozen(plan->options.flags, which)/range->present/'
mutation 'moments are not corrected' trainer/trainer_adam.c 's/(m \/ correct1)/m/'
mutation 'gradients of any length' trainer/trainer_adam.c 's/clip > 0 \&\& length > clip ?/0 ?/'
mutation 'NaN is trained on' trainer/trainer_calls.c 's/if (!good) return SYNRES_E_NOT_FINITE;//'

# Gates and relevance.
mutation 'keys of any length' gates/gates_body.inc 's/z\[i\] \*= scale;/(void)scale;/'
mutation 'no activation' gates/gates_body.inc 's/ z\[i\] = activated(activation, z\[i\]);/ ;/'
mutation 'resonance forgets' gates/gates_body.inc 's/softplus(pre_decay\[i\] - hold)/softplus(pre_decay[i] + hold)/'
mutation 'tied gates are not' gates/gates_body.inc 's/decay\[i\] = 1 - beta\[i\];/decay[i] = 1;/'
mutation 'decays without a largest' gates/gates_body.inc 's/wanted < g->max_log_decay ? wanted : g->max_log_decay/wanted/'
mutation 'no threshold' gates/relevance_body.inc 's/const REAL r = rho - \*threshold;/const REAL r = rho;/'
mutation 'S_b is the running state' gates/block.c 's/if (head->memory->block == block) return;//'
mutation 'no radius' gates/block.c 's/head->S\[i\] \*= scale;/(void)scale;/'

# Run, taps and states.
mutation 'bad tokens are written' apply/run.c 's/\*t.written = finite;/finite = *t.written = 1;/'
mutation 'values of any size' apply/run.c 's/ <= SYNRESI_MOST;/ <= INFINITY;/'
mutation 'no cap' apply/tap.c 's/added <= allowed ? 1 :/1 ? 1 :/'
mutation 'closed taps are executed' step/lanes_products.inc 's/if (gate\[h\] == 0) continue;//'
mutation 'a certificate for half the values' state/state_write.c 's/? beta \/ (2 - beta \* kappa)/? 0.5 * beta \/ (2 - beta * kappa)/'
mutation 'rewinding replays one token too few' state/state.c 's/while (head.memory->position < mark)/while (head.memory->position < mark - 1)/'
mutation 'the log is overwritten too early' state/state_write.c 's/(position - 1) % (2 \* state->rewind)/(position - 1) % state->rewind/'
mutation 'damaged states are taken up' state/state_save.c 's/ || header.checksum != checksum_of(bytes, size)//'
mutation 'damaged models are taken up' model/model_image.c 's/if (header.checksum != checksum_of(image, size)) return/if (0) return/'
mutation 'rules without a bound pass' model/model_layer.c 's/if (f \& SYNRES_LAYER_UNCERTIFIED || w->radius > 0) return SYNRES_OK;/return SYNRES_OK;/'

echo "$caught changes noticed"
[ "$caught" -gt 0 ] || status=1
exit $status
