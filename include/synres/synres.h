/* All of libsynres. */
#ifndef SYNRES_SYNRES_H
#define SYNRES_SYNRES_H

#include <synres/api.h>
#include <synres/apply.h>
#include <synres/backward.h>
#include <synres/chunk.h>
#include <synres/constants.h>
#include <synres/gates.h>
#include <synres/model.h>
#include <synres/state.h>
#include <synres/status.h>
#include <synres/step.h>
#include <synres/train.h>
#include <synres/version.h>

#endif
