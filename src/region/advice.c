// SPDX-License-Identifier: GPL-2.0
/*
 * What to do instead, for messages about ranges that cannot be claimed.
 *
 * Who follows such a line must be able to boot. So a memmap= is advised only for RAM
 * above 4 GiB, where neither boot loader nor firmware needs any, and only where the
 * kernel keeps at least as much. In all other cases a person has to look.
 */
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include "boot.h"

#define NO_ADVICE "Documentation/claims.rst tells how to choose a range"

/**
 * struct spare - RAM that could be reserved
 * @size: bytes that are wanted
 * @block: bytes of the largest block
 * @total: bytes of RAM that the kernel has
 * @start: where the last range with room begins that is above 4 GiB, 0 for none
 */
struct spare {
	u64 size;
	u64 block;
	u64 total;
	u64 start;
};

static int look_at_ram(struct resource *r, void *data)
{
	struct spare *spare = data;
	u64 start = round_up(max_t(u64, r->start, SZ_4G), spare->block);

	spare->total += resource_size(r);
	if (start <= r->end && r->end - start >= spare->size - 1)
		spare->start = start;
	return 0;
}

static bool find_spare(struct spare *spare)
{
	if (!spare->size || spare->size & (spare->block - 1))
		return false;
	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM, 0, U64_MAX,
			    spare, look_at_ram);
	return spare->start && spare->size <= spare->total / 2;
}

static void list_reserved(const struct mirror_boot_set *set, char *text,
			  size_t size)
{
	const unsigned int shown = min(set->nr, 3u);
	unsigned int i;
	size_t len;

	len = scnprintf(text, size, "reserved is ");
	for (i = 0; i < shown; i++)
		len += scnprintf(text + len, size - len, "%s%s", i ? ", " : "",
				 mirror_span_text(&set->span[i], '@').s);
	scnprintf(text + len, size - len,
		  "%s; load with region=auto, or with a part of that",
		  shown < set->nr ? " and more" : "");
}

/* Start and size in each other's place, where that would have been right. */
static bool is_swapped(const struct mirror_boot *boot,
		       const struct mirror_span *s, struct mirror_span *right)
{
	*right = (struct mirror_span){ s->size, s->start, s->nid };
	return right->size && right->size <= U64_MAX - right->start &&
	       mirror_boot_covers(boot, right);
}

/**
 * mirror_advise - what can be loaded, or booted with
 * @boot: the boot line, or NULL where it does not matter
 * @s: the range that cannot be had, or NULL for region=auto
 * @size: bytes that somebody wanted
 * @block: bytes of the largest block
 *
 * Context: Process context.
 * Return: the text.
 */
struct mirror_boot_text mirror_advise(const struct mirror_boot *boot,
				      const struct mirror_span *s, u64 size,
				      u64 block)
{
	struct spare spare = { .size = size, .block = block };
	struct mirror_boot_text text = { .s = NO_ADVICE };
	struct mirror_span there;

	if (!IS_ENABLED(CONFIG_X86)) {
		strscpy(text.s,
			"this architecture reserves in its device tree: a no-map node there, which memory-region of a linux,mirror-mm node names, is taken without region=",
			sizeof(text.s));
		return text;
	}
	if (boot && s && is_swapped(boot, s, &there)) {
		snprintf(text.s, sizeof(text.s),
			 "the size comes first: what is reserved is %s",
			 mirror_span_text(&there, '@').s);
		return text;
	}
	if (boot && s && boot->reserved.nr) {
		list_reserved(&boot->reserved, text.s, sizeof(text.s));
		return text;
	}
	if (boot && mirror_boot_explain(boot, s, text.s, sizeof(text.s)))
		return text;
	if (find_spare(&spare)) {
		there = (struct mirror_span){ spare.start, size, NUMA_NO_NODE };
		snprintf(text.s, sizeof(text.s),
			 "boot with memmap=%s (escape the $ in GRUB), then load with region=auto",
			 mirror_span_text(&there, '$').s);
	}
	return text;
}
