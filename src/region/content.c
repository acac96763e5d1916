// SPDX-License-Identifier: GPL-2.0
/*
 * Page content: the module's own way to it.
 *
 * Low pages are reached through the standing mapping of their claim, the others
 * page by page through local mappings.
 */
#include <linux/minmax.h>
#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "region.h"

/**
 * mirror_content_address - where the kernel sees a page
 * @m: the mirror
 * @page: a page of it
 *
 * Context: Any.
 * Return: the address, or NULL for a high page and where there is no memory.
 */
void *mirror_content_address(const struct mirror *m,
			     const struct mirror_page *page)
{
	const struct mirror_claim *claim;
	unsigned long pfn;

	if (!m->region || mirror_page_is_high(m, page))
		return NULL;
	pfn = mirror_idx_to_pfn(m, mirror_page_idx(m, page));
	claim = mirror_claim_of(m->region, pfn);
	if (!mirror_has_standing(claim, pfn))
		return NULL;
	return claim->base + (size_t)mirror_claim_offset(claim, pfn);
}

/* Bytes from @start to @address, or more than there are for one that lies before. */
static u64 bytes_between(const void *start, const void *address)
{
	return (unsigned long)address - (unsigned long)start;
}

/**
 * mirror_content_page - whose content is at an address?
 * @m: the mirror
 * @address: any value
 *
 * Context: Any.
 * Return: the page that mirror_content_address() leads from to the page of @address, or
 * NULL where there is none.
 */
struct mirror_page *mirror_content_page(const struct mirror *m, const void *address)
{
	unsigned int i;

	for (i = 0; m->region && i < m->region->nr; i++) {
		const struct mirror_claim *claim = &m->region->claim[i];
		u64 offset = bytes_between(claim->base, address);
		unsigned long pfn = (claim->span.start + offset) >> PAGE_SHIFT;
		u32 idx;

		if (!claim->base || offset >= claim->span.size ||
		    !mirror_has_standing(claim, pfn))
			continue;
		idx = mirror_pfn_to_idx(m, pfn);
		if (idx != MIRROR_NIL && !mirror_page_is_high(m, &m->pages[idx]))
			return &m->pages[idx];
	}
	return NULL;
}

static int zero_high(struct mirror *m, struct mirror_page *page)
{
	void *address = mirror_kmap_local(m, page);

	if (!address)
		return -EIO;
	clear_page(address);
	return mirror_kunmap_local(m, address);
}

static int zero_high_block(struct mirror *m, struct mirror_page *page,
			   unsigned int order)
{
	unsigned long i;
	int ret = 0;

	for (i = 0; i < 1ul << order && !ret; i++)
		ret = zero_high(m, page + i);
	return ret;
}

static bool exists(const struct mirror *m, const struct mirror_page *page)
{
	return mirror_content_exists(m->region,
				     mirror_idx_to_pfn(m, mirror_page_idx(m, page)));
}

/**
 * mirror_content_zero - clear a block
 * @m: the mirror
 * @page: head of the block
 * @order: of the block
 *
 * Memory that does not exist, of region=test:, shows nothing and counts as cleared.
 *
 * Context: Any.
 * Return: 0, or -EIO where a page could not be mapped for it: the mirror is out of
 * service, or this CPU has too many local mappings. The block still has content of
 * its last holder then and must not be shown.
 */
int mirror_content_zero(struct mirror *m, struct mirror_page *page,
			unsigned int order)
{
	char *at = mirror_content_address(m, page);
	unsigned long i;

	if (mirror_page_is_high(m, page))
		return zero_high_block(m, page, order);
	if (!at)
		return exists(m, page) ? -EIO : 0;
	for (i = 0; i < 1ul << order; i++)
		clear_page(at + (i << PAGE_SHIFT));
	return 0;
}

static void copy_bytes(char *at, void *buf, int len, bool write)
{
	if (write)
		memcpy(at, buf, len);
	else
		memcpy(buf, at, len);
}

static int copy_high(struct mirror *m, struct mirror_page *page,
		     unsigned long offset, void *buf, int len, bool write)
{
	int done, part;
	char *at;

	for (done = 0; done < len; done += part, offset += part) {
		part = min_t(int, len - done, PAGE_SIZE - offset_in_page(offset));
		at = mirror_kmap_local(m, page + (offset >> PAGE_SHIFT));
		if (!at)
			return -EFAULT;
		copy_bytes(at + offset_in_page(offset), buf + done, part, write);
		mirror_kunmap_local(m, at);
	}
	return len;
}

/**
 * mirror_content_copy - read or write a block's content
 * @m: the mirror
 * @page: head of the block
 * @offset: byte in it
 * @buf: kernel memory
 * @len: bytes, not beyond the end of the block
 * @write: into the block
 *
 * Context: Any.
 * Return: @len, or -EFAULT where there is no memory, or a page could not be mapped.
 */
int mirror_content_copy(struct mirror *m, struct mirror_page *page,
			unsigned long offset, void *buf, int len, bool write)
{
	char *at = mirror_content_address(m, page);

	if (mirror_page_is_high(m, page))
		return copy_high(m, page, offset, buf, len, write);
	if (!at)
		return -EFAULT;
	copy_bytes(at + offset, buf, len, write);
	return len;
}
