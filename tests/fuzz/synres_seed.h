/* A small model of libsynres, the same for seeds and fuzzers; and right checksums for any of its bytes, so that what is behind them is reached. */
#ifndef SYNRES_SEED_H
#define SYNRES_SEED_H

#include <stddef.h>
#include <stdint.h>

#include <synres/synres.h>

/* Two layers, one of each kind of relevance and decay, with capped and gated taps. number: 0 … SYNRES_SEEDS − 1; NULL host: malloc. */
enum { SYNRES_SEEDS = 3, SYNRES_SEED_REWIND = 2 };
synres_model *synres_seed_model(int number);

/* Puts the checksum of models and of states, which have theirs at the same place, into the bytes. 0 where there is no place for it. */
int synres_sign(uint8_t *bytes, size_t size);

/* Some tokens through all layers and taps of a model, in one state (NULL: a new one): nothing may become infinite or pass its bound. Does nothing
 * where that would take more than some megabytes. */
void synres_use(const synres_model *model, synres_state *state);

#endif
