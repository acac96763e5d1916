// SPDX-License-Identifier: GPL-2.0
/*
 * What src/alloc.c and the calls for modules use besides the core. There are no contents
 * here, so nothing is cleared, and addresses lead nowhere: that of a page is its index,
 * counted in pages from CONTENT_BASE. Pages of HIGHMEM have none.
 */
#include "alloc.h"
#include "harness.h"
#include "region/region.h"

#define CONTENT_BASE	BIT(40)

static int content_error;

/**
 * harness_set_content_error - let content that cannot be mapped be what comes next
 * @error: what each try to clear a block ends with from now on, and no page has an
 *         address; 0 for none
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

void *mirror_content_address(const struct mirror *m, const struct mirror_page *page)
{
	if (content_error || mirror_page_zone(m, page)->type == MIRROR_ZONE_HIGHMEM)
		return NULL;
	return (void *)(CONTENT_BASE + ((unsigned long)mirror_page_idx(m, page) << PAGE_SHIFT));
}

struct mirror_page *mirror_content_page(const struct mirror *m, const void *address)
{
	unsigned long idx = ((unsigned long)address - CONTENT_BASE) >> PAGE_SHIFT;

	return idx < m->nr_desc && mirror_content_address(m, &m->pages[idx]) ?
	       &m->pages[idx] : NULL;
}
