/* Right checksums for any checkpoint: a change inside it would else be seen before what is behind the checksums is reached. */
#ifndef CHECKPOINT_SIGNATURE_H
#define CHECKPOINT_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

/* Puts the checksums of what the file holds into its header. 0 where it is no checkpoint or has no place for them. */
int checkpoint_sign(uint8_t *file, size_t size);

#endif
