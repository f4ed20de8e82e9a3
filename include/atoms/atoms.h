/* Everything of libatoms. Each header stands alone too; read the one whose name is what you want. */
#ifndef ATOMS_ATOMS_H
#define ATOMS_ATOMS_H

#include <atoms/angles.h>
#include <atoms/api.h>
#include <atoms/basis_pursuit.h>
#include <atoms/codes.h>
#include <atoms/coding.h>
#include <atoms/compare.h>
#include <atoms/constants.h>
#include <atoms/context.h>
#include <atoms/dictionary.h>
#include <atoms/evaluate.h>
#include <atoms/geometry.h>
#include <atoms/identify.h>
#include <atoms/lasso.h>
#include <atoms/matrix.h>
#include <atoms/metric.h>
#include <atoms/pursuit.h>
#include <atoms/rip.h>
#include <atoms/rows.h>
#include <atoms/sae.h>
#include <atoms/status.h>
#include <atoms/sweep.h>
#include <atoms/tensorfile.h>
#include <atoms/train.h>
#include <atoms/version.h>

#endif
