// SPDX-License-Identifier: GPL-2.0
/*
 * What src/alloc.c calls besides the core. There are no contents here, so nothing
 * is cleared.
 */
#include "alloc.h"
#include "harness.h"
#include "region/region.h"

static int content_error;

/**
 * harness_set_content_error - let content that cannot be mapped be what comes next
 * @error: what each try to clear a block ends with from now on; 0 for none
 */
void harness_set_content_error(int error)
{
	content_error = error;
}

int mirror_content_zero(struct mirror *m, struct mirror_page *page,
			unsigned int order)
{
	return content_error;
}
