// SPDX-License-Identifier: GPL-2.0
/*
 * What src/alloc.c calls besides the core. There are neither contents nor files
 * here, so nothing is cleared, and no block of a file's can be had.
 */
#include "alloc.h"
#include "region/region.h"

void mirror_content_zero(struct mirror *m, struct mirror_page *page,
			 unsigned int order)
{
}

struct mirror_block *mirror_block_reserve(struct mirror_blocks *blocks,
					  struct mirror_owner *owner,
					  unsigned int order)
{
	return ERR_PTR(-ENODEV);
}

void mirror_block_unreserve(struct mirror_blocks *blocks,
			    struct mirror_block *block)
{
	harness_die("a block is given back that nobody can have\n");
}

void mirror_block_publish(struct mirror_blocks *blocks,
			  struct mirror_block *block, struct mirror_page *page,
			  bool zeroed)
{
	harness_die("a block is published that nobody can have\n");
}
