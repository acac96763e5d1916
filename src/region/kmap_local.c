// SPDX-License-Identifier: GPL-2.0
/*
 * Local mappings: a page for a moment, where nothing may wait.
 *
 * Each CPU has a stack of them. Preemption is off while there is one, so what
 * is on a CPU's stack belongs to the task that runs there and to the interrupts
 * on top of it, each of which leaves the stack as it found it:
 *
 *   depth  0        1        2                       3
 *          task: A  task: B  hard interrupt: C       -
 *
 * So no lock is needed: an interrupt between any two steps here changes nothing
 * that can be seen afterwards.
 *
 * A kernel with highmem of its own has windows that each CPU can point anywhere
 * at once, and we use those. On a 64-bit kernel, as kmap_local_page() does there,
 * we lend out the place that the page has in the standing mapping of its claim;
 * the order is kept on any kernel.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/highmem.h>
#include <linux/mirror_mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include "compat.h"
#include "region.h"

/**
 * struct local_map - one mapping
 * @address: where
 * @pfn: of what
 * @level: of interrupts, where it was made
 */
struct local_map {
	void *address;
	unsigned long pfn;
	unsigned char level;
};

/**
 * struct mirror_local_maps - a CPU's stack; that CPU's alone
 * @depth: mappings there are
 * @map: the mappings, the last one made at @depth - 1
 */
struct mirror_local_maps {
	unsigned int depth;
	struct local_map map[MIRROR_KMAP_LOCAL_DEPTH];
};

/**
 * mirror_local_maps_create - empty stacks for all CPUs
 *
 * Context: Process context; may sleep.
 * Return: the stacks, for free_percpu(), or NULL.
 */
struct mirror_local_maps __percpu *mirror_local_maps_create(void)
{
	return alloc_percpu(struct mirror_local_maps);
}

/* one frame ------------------------------------------------------------------- */

#ifdef CONFIG_HIGHMEM
static void *show_high(const struct mirror_claim *claim, unsigned long pfn)
{
	if (claim->ops->page)
		return kmap_local_page(claim->ops->page(claim,
						mirror_claim_offset(claim, pfn)));
	return kmap_local_pfn(pfn);
}

static void hide_high(void *address)
{
	kunmap_local(address);
}
#else
static void *show_high(const struct mirror_claim *claim, unsigned long pfn)
{
	return mirror_has_standing(claim, pfn) ?
	       claim->base + mirror_claim_offset(claim, pfn) : NULL;
}

static void hide_high(void *address)
{
}
#endif

static void *show(struct mirror *m, const struct mirror_page *page,
		  unsigned long pfn)
{
	const struct mirror_claim *claim;

	if (!mirror_page_is_high(m, page))
		return mirror_content_address(m, page);
	claim = mirror_claim_of(m->region, pfn);
	return claim ? show_high(claim, pfn) : NULL;
}

static void hide(struct mirror *m, const struct local_map *map)
{
	u32 idx = mirror_pfn_to_idx(m, map->pfn);

	if (mirror_page_is_high(m, &m->pages[idx]))
		hide_high(map->address);
}

/* the stack --------------------------------------------------------------------- */

__printf(2, 3)
static void complain(struct mirror *m, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (!__ratelimit(&m->report_limit))
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("%pV\n", &vaf);
	dump_stack();
	va_end(args);
}

static void *push(struct mirror *m, struct mirror_page *page)
{
	struct mirror_local_maps *maps = this_cpu_ptr(m->region->local);
	unsigned long pfn = mirror_idx_to_pfn(m, mirror_page_idx(m, page));
	unsigned int depth = READ_ONCE(maps->depth);
	struct local_map *map = &maps->map[depth];

	if (depth == MIRROR_KMAP_LOCAL_DEPTH) {
		complain(m,
			 "kmap_local of pfn %#lx refused: this CPU has %u local mappings already; undo one with mirror_kunmap_local() first",
			 pfn, depth);
		return NULL;
	}
	/* From here on an interrupt's own go on top. */
	WRITE_ONCE(maps->depth, depth + 1);
	barrier();
	map->pfn = pfn;
	map->level = interrupt_context_level();
	map->address = show(m, page, pfn);
	if (!map->address)
		WRITE_ONCE(maps->depth, depth);
	return map->address;
}

static int refuse_pop(struct mirror *m, const struct local_map *last,
		      const void *address)
{
	if (!last)
		complain(m, "kunmap_local of %p refused: this CPU has no local mapping",
			 address);
	else
		complain(m,
			 "kunmap_local of %p refused: undo the last mapping first, which is %p of pfn %#lx, made %s",
			 address, last->address, last->pfn,
			 last->level == interrupt_context_level() ? "here" :
			 "by what this interrupt interrupted");
	return -EINVAL;
}

static int pop(struct mirror *m, const void *address)
{
	struct mirror_local_maps *maps = this_cpu_ptr(m->region->local);
	unsigned int depth = READ_ONCE(maps->depth);
	struct local_map *last = depth ? &maps->map[depth - 1] : NULL;

	if (!last || last->level != interrupt_context_level() ||
	    last->address != (void *)((unsigned long)address & PAGE_MASK))
		return refuse_pop(m, last, address);
	hide(m, last);
	barrier();
	WRITE_ONCE(maps->depth, depth - 1);
	return 0;
}

/**
 * mirror_kmap_local - map a page for a moment
 * @m: from mirror_mm_get()
 * @page: a page that the caller holds
 *
 * Works for pages of every zone. Up to MIRROR_KMAP_LOCAL_DEPTH may be held on a
 * CPU at a time, those of interrupts included, and they are undone in the
 * opposite order. Preemption is off until then, so the caller must not sleep;
 * what may take long is for mirror_kmap(). With PREEMPT_RT a spinlock_t sleeps as
 * well: only a raw_spinlock_t may be taken between the two calls there.
 *
 * On a 64-bit kernel the address is that of the page in a mapping that stays,
 * as with kmap_local_page() there: using it afterwards is a mistake that does
 * not fault. On a 32-bit kernel with highmem it is a window of this CPU.
 *
 * Context: Any but NMI.
 * Return: the address of the page's first byte, or NULL, with a line in the log:
 * no page of this mirror, or too many are mapped. NULL without one where the
 * mirror is out of service, and for a page of region=test:, which has no memory.
 */
void *mirror_kmap_local(struct mirror *m, struct mirror_page *page)
{
	void *address;

	if (!mirror_page_is_ours(m, page)) {
		complain(m,
			 "kmap_local of %p refused: no page of this mirror; pass what mirror_alloc_pages() returned",
			 page);
		return NULL;
	}
	if (mirror_is_broken(m) || !m->region)
		return NULL;
	preempt_disable();
	address = push(m, page);
	if (!address)
		preempt_enable();
	return address;
}
EXPORT_SYMBOL_MIRROR(mirror_kmap_local);

/**
 * mirror_kunmap_local - undo the last mirror_kmap_local() of this CPU
 * @m: from mirror_mm_get()
 * @address: what it returned, or any address in that page
 *
 * Context: That of mirror_kmap_local().
 * Return: 0, or -EINVAL, with a line in the log: it is not the last one that was
 * made here. A refusal changes nothing.
 */
int mirror_kunmap_local(struct mirror *m, const void *address)
{
	int ret = -EINVAL;

	if (!m->region)
		return ret;
	preempt_disable();
	ret = pop(m, address);
	preempt_enable();
	/* The one of mirror_kmap_local(). */
	if (!ret)
		preempt_enable();
	return ret;
}
EXPORT_SYMBOL_MIRROR(mirror_kunmap_local);
