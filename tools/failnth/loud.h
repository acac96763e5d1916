/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included in front of each file of the module that scripts/failnth.sh builds. A
 * kernel that lets an allocation with __GFP_NOWARN fail says nothing of it, so the log
 * would not tell which it was. Nothing else is different in that module.
 */
#include <linux/gfp_types.h>

#undef __GFP_NOWARN
#define __GFP_NOWARN	((__force gfp_t)0)
