// SPDX-License-Identifier: GPL-2.0
/*
 * All that a request passes through, as one compilation unit: the compiler sees
 * through the calls from file to file, which is most of what the common case
 * would cost otherwise.
 *
 * Each file stands on its own all the same. What one uses of another is declared
 * in a header, and the layers are those of Documentation/design.rst.
 */
#include "core/vmstat.c"
#include "core/watermark.c"
#include "core/pageblock.c"
#include "core/buddy.c"
#include "core/fallback.c"
#include "core/pcp_tune.c"
#include "core/pcp_move.c"
#include "core/pcp.c"
#include "core/freelist.c"
#include "core/free.c"
#include "alloc.c"
