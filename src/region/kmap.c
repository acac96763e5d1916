// SPDX-License-Identifier: GPL-2.0
/*
 * Permanent mappings: a window for a page of HIGHMEM, for as long as it takes.
 *
 * There are as many windows as the table has slots. A slot's count says
 *
 *   0     empty
 *   1     no users, but its window is still there
 *   n+1   n users
 *
 * A page is found by hash, so all of its users share one window. Slots are used
 * in turn. Each time the turn comes back to slot 0, all windows without users
 * are taken down together, at the price of one flush of the TLBs; until then a
 * page that is wanted again finds its window. Where no slot is empty even so,
 * the caller waits for mirror_kunmap().
 *
 * The windows are mappings of their own, at addresses that nothing else has:
 * once taken down, an address faults.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/hash.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include "compat.h"
#include "region.h"

/**
 * struct kmap_slot - a place for a window
 * @link: in the hash table, while there is a window
 * @claim: that the page lies in
 * @pfn: the page
 * @address: of the window
 * @count: see above
 */
struct kmap_slot {
	struct hlist_node link;
	const struct mirror_claim *claim;
	unsigned long pfn;
	void *address;
	unsigned int count;
};

/**
 * struct mirror_kmap - the table
 * @lock: covers all of it. The host maps and unmaps under it, which may sleep
 * @wait: for an empty slot
 * @released: times that a slot lost its last user
 * @last: slot whose turn it was
 * @hash_bits: log2 of the length of @hash
 * @hash: windows by page frame
 * @stat: what is counted; its @slots never changes
 * @slot: the slots
 */
struct mirror_kmap {
	struct mutex lock;		/* lock 4 */
	wait_queue_head_t wait;
	unsigned long released;
	unsigned int last;
	unsigned int hash_bits;
	struct hlist_head *hash;
	struct mirror_kmap_stat stat;
	struct kmap_slot slot[];
};

/* windows ----------------------------------------------------------------------- */

static void *open_window(const struct mirror_claim *claim, unsigned long pfn)
{
	struct page *page;

	if (!claim->ops->page)
		return memremap((resource_size_t)pfn << PAGE_SHIFT, PAGE_SIZE,
				MEMREMAP_WB);
	page = claim->ops->page(claim, mirror_claim_offset(claim, pfn));
	return vmap(&page, 1, VM_MAP, PAGE_KERNEL);
}

static void close_window(const struct kmap_slot *slot)
{
	if (slot->claim->ops->page)
		vunmap(slot->address);
	else
		memunmap(slot->address);
}

/* slots ------------------------------------------------------------------------- */

static struct hlist_head *bucket(struct mirror_kmap *k, unsigned long pfn)
{
	return &k->hash[hash_long(pfn, k->hash_bits)];
}

static struct kmap_slot *find(struct mirror_kmap *k, unsigned long pfn)
{
	struct kmap_slot *slot;

	lockdep_assert_held(&k->lock);

	hlist_for_each_entry(slot, bucket(k, pfn), link)
		if (slot->pfn == pfn)
			return slot;
	return NULL;
}

static void empty(struct kmap_slot *slot)
{
	hlist_del(&slot->link);
	close_window(slot);
	slot->count = 0;
}

/* The host takes the page table entries at once, and leaves the TLBs for later. */
static void flush_unused(struct mirror_kmap *k)
{
	bool any = false;
	unsigned int i;

	lockdep_assert_held(&k->lock);

	for (i = 0; i < k->stat.slots; i++)
		if (k->slot[i].count == 1) {
			empty(&k->slot[i]);
			any = true;
		}
	if (!any)
		return;
	vm_unmap_aliases();
	k->stat.flushes++;
}

/* The next empty slot in turn, or NULL where all have users. */
static struct kmap_slot *take_turn(struct mirror_kmap *k)
{
	unsigned int left = k->stat.slots;

	lockdep_assert_held(&k->lock);

	while (left--) {
		k->last = (k->last + 1) % k->stat.slots;
		if (!k->last) {
			flush_unused(k);
			left = k->stat.slots - 1;
		}
		if (!k->slot[k->last].count)
			return &k->slot[k->last];
	}
	return NULL;
}

static void wait_for_slot(struct mirror_kmap *k)
{
	unsigned long seen = k->released;

	lockdep_assert_held(&k->lock);

	k->stat.waits++;
	mutex_unlock(&k->lock);
	wait_event(k->wait, READ_ONCE(k->released) != seen);
	mutex_lock(&k->lock);
}

static bool fill_slot(struct mirror_kmap *k, struct kmap_slot *slot,
		      const struct mirror_claim *claim, unsigned long pfn)
{
	slot->address = open_window(claim, pfn);
	if (!slot->address)
		return false;
	slot->claim = claim;
	slot->pfn = pfn;
	slot->count = 1;
	hlist_add_head(&slot->link, bucket(k, pfn));
	return true;
}

/* The slot that shows a page, made where there is none; NULL if it cannot be. */
static struct kmap_slot *get_slot(struct mirror_kmap *k,
				  const struct mirror_claim *claim,
				  unsigned long pfn)
{
	struct kmap_slot *slot;

	/* Somebody else may map the same page while we wait. */
	while (!(slot = find(k, pfn)) && !(slot = take_turn(k)))
		wait_for_slot(k);
	if (!slot->count && !fill_slot(k, slot, claim, pfn))
		return NULL;
	slot->count++;
	return slot;
}

static bool put_slot(struct mirror_kmap *k, struct kmap_slot *slot)
{
	if (!slot || slot->count < 2)
		return false;
	if (--slot->count == 1) {
		WRITE_ONCE(k->released, k->released + 1);
		wake_up(&k->wait);
	}
	return true;
}

/* the table --------------------------------------------------------------------- */

/**
 * mirror_kmap_create - an empty table
 * @nr_slots: at least 1
 *
 * Context: Process context; may sleep.
 * Return: the table, or NULL.
 */
struct mirror_kmap *mirror_kmap_create(unsigned int nr_slots)
{
	struct mirror_kmap *k = kvzalloc(struct_size(k, slot, nr_slots),
					 GFP_KERNEL);

	if (!k)
		return NULL;
	k->hash_bits = max(order_base_2(nr_slots), 1);
	k->hash = kvcalloc(1ul << k->hash_bits, sizeof(*k->hash), GFP_KERNEL);
	if (!k->hash) {
		kvfree(k);
		return NULL;
	}
	k->stat.slots = nr_slots;
	mutex_init(&k->lock);
	init_waitqueue_head(&k->wait);
	return k;
}

/**
 * mirror_kmap_destroy - take all windows down
 * @k: the table, or NULL; nobody calls into it
 *
 * Context: Process context; may sleep.
 */
void mirror_kmap_destroy(struct mirror_kmap *k)
{
	unsigned int i, left = 0;

	if (!k)
		return;
	for (i = 0; i < k->stat.slots; i++) {
		left += k->slot[i].count > 1;
		if (k->slot[i].count)
			empty(&k->slot[i]);
	}
	vm_unmap_aliases();
	if (left)
		pr_err("%u pages were still mapped by mirror_kmap(); mirror_kunmap() each before mirror_mm_put()\n",
		       left);
	kvfree(k->hash);
	kvfree(k);
}

/**
 * mirror_kmap_stat - look at a table
 * @k: the table; may be NULL
 * @stat: filled in
 *
 * Context: Process context; may sleep.
 */
void mirror_kmap_stat(struct mirror_kmap *k, struct mirror_kmap_stat *stat)
{
	unsigned int i;

	*stat = (struct mirror_kmap_stat){};
	if (!k)
		return;
	mutex_lock(&k->lock);
	*stat = k->stat;
	for (i = 0; i < k->stat.slots; i++) {
		stat->used += k->slot[i].count > 1;
		stat->unused += k->slot[i].count == 1;
	}
	mutex_unlock(&k->lock);
}

/**
 * mirror_kmap_count - the count of a page's slot
 * @k: the table
 * @pfn: the page
 *
 * Context: Process context; may sleep.
 * Return: as above; 0 for a page without a slot.
 */
int mirror_kmap_count(struct mirror_kmap *k, unsigned long pfn)
{
	struct kmap_slot *slot;
	int count;

	mutex_lock(&k->lock);
	slot = find(k, pfn);
	count = slot ? slot->count : 0;
	mutex_unlock(&k->lock);
	return count;
}

/* the interface ----------------------------------------------------------------- */

static void complain(struct mirror *m, const char *what,
		     const struct mirror_page *page, const char *why)
{
	if (!__ratelimit(&m->report_limit))
		return;
	if (mirror_page_is_ours(m, page))
		pr_err("%s of pfn %#lx refused: %s\n", what,
		       mirror_idx_to_pfn(m, mirror_page_idx(m, page)), why);
	else
		pr_err("%s of %p refused: no page of this mirror; pass what mirror_alloc_pages() returned\n",
		       what, page);
	dump_stack();
}

static bool in_use(struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head = mirror_page_head(m, page);

	return head && mirror_page_state(head) == MIRROR_PAGE_USED;
}

static void *map_high(struct mirror *m, struct mirror_page *page)
{
	unsigned long pfn = mirror_idx_to_pfn(m, mirror_page_idx(m, page));
	const struct mirror_claim *claim = mirror_claim_of(m->region, pfn);
	struct mirror_kmap *k = m->region->kmap;
	struct kmap_slot *slot;

	mutex_lock(&k->lock);
	slot = claim ? get_slot(k, claim, pfn) : NULL;
	mutex_unlock(&k->lock);
	if (!slot)
		complain(m, "kmap", page,
			 "the host cannot map it; is there too little vmalloc space?");
	/* It has a user now, so it stays. */
	return slot ? slot->address : NULL;
}

/**
 * mirror_kmap - map a page for as long as it is needed
 * @m: from mirror_mm_get()
 * @page: a page that the caller holds
 *
 * All users of a page get the same address. For a page that has an address of
 * its own, see mirror_page_address(), it is that one. Otherwise it is valid until
 * as many calls of mirror_kunmap(); it begins to fault when the turn of the slots
 * is over next, which is after at most as many other pages as kmap_slots= says.
 *
 * Where all slots are in use the call waits. Who holds some pages while waiting
 * for another must not be who others wait for: as with kmap(), two tasks that each
 * hold half of the slots and want one more wait for ever.
 *
 * Context: Process context; may sleep, for ever if nobody unmaps.
 * Return: the address of the page's first byte, or NULL, with a line in the log:
 * no page of this mirror, nobody holds it, or the host cannot map it. NULL
 * without one where the mirror is out of service, and for a page of region=test:,
 * which has no memory.
 */
void *mirror_kmap(struct mirror *m, struct mirror_page *page)
{
	might_sleep();
	if (!mirror_page_is_ours(m, page)) {
		complain(m, "kmap", page, "");
		return NULL;
	}
	if (mirror_is_broken(m))
		return NULL;
	if (!in_use(m, page)) {
		complain(m, "kmap", page, "nobody holds it; allocate it first");
		return NULL;
	}
	return mirror_page_is_high(m, page) ? map_high(m, page) :
	       mirror_content_address(m, page);
}
EXPORT_SYMBOL_MIRROR(mirror_kmap);

/**
 * mirror_kunmap - undo one mirror_kmap()
 * @m: from mirror_mm_get()
 * @page: the page
 *
 * Nothing has to be undone for a page that has an address of its own, and nothing
 * is. Works also where the mirror is out of service.
 *
 * Context: Process context; may sleep.
 * Return: 0, or with a line in the log -ENXIO no page of this mirror, -EINVAL not
 * mapped, or unmapped already as often as mapped. A refusal changes nothing.
 */
int mirror_kunmap(struct mirror *m, struct mirror_page *page)
{
	struct mirror_kmap *k;
	unsigned long pfn;
	bool ok;

	might_sleep();
	if (!mirror_page_is_ours(m, page)) {
		complain(m, "kunmap", page, "");
		return -ENXIO;
	}
	if (!mirror_page_is_high(m, page))
		return 0;
	k = m->region->kmap;
	pfn = mirror_idx_to_pfn(m, mirror_page_idx(m, page));
	mutex_lock(&k->lock);
	ok = put_slot(k, find(k, pfn));
	mutex_unlock(&k->lock);
	if (ok)
		return 0;
	complain(m, "kunmap", page,
		 "it is not mapped; call it once for each mirror_kmap()");
	return -EINVAL;
}
EXPORT_SYMBOL_MIRROR(mirror_kunmap);
