// SPDX-License-Identifier: GPL-2.0
/*
 * What src/alloc.c calls besides the core. There are no contents here, so nothing
 * is cleared.
 */
#include "alloc.h"
#include "region/region.h"

int mirror_content_zero(struct mirror *m, struct mirror_page *page,
			unsigned int order)
{
	return 0;
}
