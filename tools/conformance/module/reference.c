// SPDX-License-Identifier: GPL-2.0
/*
 * The reference: the running kernel's own allocator, on the memory of node 1, and
 * of node 2 where it has some.
 *
 * The nodes must have been made for this: no CPUs, memory put online by hand and
 * used by nobody else. Their kswapd and kcompactd are stopped through the kernel's
 * own functions, so that a wake-up is noted and nothing comes of it. From the
 * zonelists of these nodes all others are taken out, as urgent requests do not
 * care for a nodemask; and these from those of the others.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/memory_hotplug.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/percpu.h>
#include <linux/tracepoint.h>
#include <linux/vmstat.h>
#include <uapi/linux/mirror_mm.h>
#include "reference.h"

static int cpu_node;
module_param(cpu_node, int, 0);
MODULE_PARM_DESC(cpu_node, "node that the CPUs belong to while lists run (default: 0)");

static void (*drain_all_pages_fn)(struct zone *zone);
static void (*drain_local_pages_fn)(struct zone *zone);
static int (*refresh_cpu_vm_stats_fn)(bool do_pagesets);
static void (*kswapd_stop_fn)(int nid);
static void (*kcompactd_stop_fn)(int nid);

static const struct {
	u32 ours;
	gfp_t theirs;
} gfp_bits[] = {
	{ __MIRROR_GFP_DMA,		__GFP_DMA },
	{ __MIRROR_GFP_HIGHMEM,		__GFP_HIGHMEM },
	{ __MIRROR_GFP_DMA32,		__GFP_DMA32 },
	{ __MIRROR_GFP_MOVABLE,		__GFP_MOVABLE },
	{ __MIRROR_GFP_RECLAIMABLE,	__GFP_RECLAIMABLE },
	{ __MIRROR_GFP_HIGH,		__GFP_HIGH },
	{ __MIRROR_GFP_IO,		__GFP_IO },
	{ __MIRROR_GFP_FS,		__GFP_FS },
	{ __MIRROR_GFP_ZERO,		__GFP_ZERO },
	{ __MIRROR_GFP_DIRECT_RECLAIM,	__GFP_DIRECT_RECLAIM },
	{ __MIRROR_GFP_KSWAPD_RECLAIM,	__GFP_KSWAPD_RECLAIM },
	{ __MIRROR_GFP_WRITE,		__GFP_WRITE },
	{ __MIRROR_GFP_NOWARN,		__GFP_NOWARN },
	{ __MIRROR_GFP_RETRY_MAYFAIL,	__GFP_RETRY_MAYFAIL },
	{ __MIRROR_GFP_NOFAIL,		__GFP_NOFAIL },
	{ __MIRROR_GFP_NORETRY,		__GFP_NORETRY },
	{ __MIRROR_GFP_MEMALLOC,	__GFP_MEMALLOC },
	{ __MIRROR_GFP_COMP,		__GFP_COMP },
	{ __MIRROR_GFP_NOMEMALLOC,	__GFP_NOMEMALLOC },
	{ __MIRROR_GFP_HARDWALL,	__GFP_HARDWALL },
	{ __MIRROR_GFP_THISNODE,	__GFP_THISNODE },
};

static_assert(ARRAY_SIZE(gfp_bits) == HWEIGHT32(__MIRROR_GFP_ALL));

static gfp_t translate(u32 gfp)
{
	gfp_t theirs = __GFP_NOWARN;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfp_bits); i++)
		if (gfp & gfp_bits[i].ours)
			theirs |= gfp_bits[i].theirs;
	return theirs;
}

/* NULL for all: no zonelist has more than it should, see confine(). */
static nodemask_t *nodemask(u32 nodes, nodemask_t *mask)
{
	unsigned int i;

	if (!CONF_ALLOWED(nodes))
		return NULL;
	nodes_clear(*mask);
	for (i = 0; i < CONF_MAX_NODES; i++)
		if (CONF_ALLOWED(nodes) & BIT(i))
			node_set(CONF_FIRST_NODE + i, *mask);
	return mask;
}

static void *reference_alloc(u32 gfp, unsigned int order, u32 nodes)
{
	nodemask_t mask;

	return __alloc_pages(translate(gfp), order,
			     CONF_FIRST_NODE + CONF_PREFERRED(nodes),
			     nodemask(nodes, &mask));
}

static bool never_isolated(struct page *page, isolate_mode_t mode)
{
	return false;
}

static int never_migrated(struct page *dst, struct page *src, enum migrate_mode mode)
{
	return -EBUSY;
}

static void never_put_back(struct page *page)
{
}

/* Nobody compacts the node; that the kernel believes the pages to be movable is enough. */
static const struct movable_operations movable_ops = {
	.isolate_page = never_isolated,
	.migrate_page = never_migrated,
	.putback_page = never_put_back,
};

/* The mark of pages of a driver that can move them. Freeing the page takes it away. */
static void reference_can_move(void *page)
{
	((struct page *)page)->mapping =
		(void *)((unsigned long)&movable_ops | PAGE_MAPPING_MOVABLE);
}

static void reference_free(void *page, unsigned int order)
{
	__free_pages(page, order);
}

static void reference_get(void *page)
{
	get_page(page);
}

static void reference_put(void *page)
{
	put_page(page);
}

static int reference_count(void *page)
{
	return page_count(page);
}

static void reference_split(void *page, unsigned int order)
{
	split_page(page, order);
}

static void *reference_part(void *page, unsigned int i)
{
	return (struct page *)page + i;
}

static unsigned int reference_bulk(u32 gfp, unsigned int nr, void **pages,
				   u32 nodes)
{
	nodemask_t mask;

	return __alloc_pages_bulk(translate(gfp),
				  CONF_FIRST_NODE + CONF_PREFERRED(nodes),
				  nodemask(nodes, &mask), nr, NULL,
				  (struct page **)pages);
}

/* The kernel's call for an array. It does up to PAGEVEC_SIZE pages at a time. */
static void reference_free_bulk(void **pages, unsigned int nr)
{
	release_pages((struct page **)pages, nr);
}

static void *reference_address(const void *page)
{
	return page_address((struct page *)page);
}

/* counters --------------------------------------------------------------------- */

static u64 claims, steals;

/*
 * Called with zone->lock held. The kernel says by the pageblock's type whether
 * the request took the block over.
 */
static void extfrag(void *unused, struct page *page, int alloc_order,
		    int fallback_order, int alloc_migratetype,
		    int fallback_migratetype)
{
	if (!conf_node_is_ours(page_to_nid(page)))
		return;
	if (conf_pageblock_type(page_to_pfn(page)) == alloc_migratetype)
		claims++;
	else
		steals++;
}

static struct tracepoint *extfrag_point;

static void find_point(struct tracepoint *point, void *name)
{
	if (!strcmp(point->name, name))
		extfrag_point = point;
}

static void add_counters(u64 *nr, const struct vm_event_state *state)
{
	nr[CONF_EVENT_PGALLOC] += state->event[PGALLOC_DMA32] +
				  state->event[PGALLOC_NORMAL] +
				  state->event[PGALLOC_MOVABLE];
	nr[CONF_EVENT_PGFREE] += state->event[PGFREE];
	nr[CONF_EVENT_ALLOCSTALL] += state->event[ALLOCSTALL_DMA32] +
				     state->event[ALLOCSTALL_NORMAL] +
				     state->event[ALLOCSTALL_MOVABLE];
}

static void reference_counters(u64 *nr)
{
	unsigned int cpu;

	nr[CONF_EVENT_CLAIM] = claims;
	nr[CONF_EVENT_STEAL] = steals;
	for_each_online_cpu(cpu)
		add_counters(nr, &per_cpu(vm_event_states, cpu));
}

/* between segments ------------------------------------------------------------- */

static void reference_drain(void)
{
	unsigned int i;

	for (i = 0; i < conf_nr_zones(); i++)
		if (populated_zone(conf_nth_zone(i)))
			drain_all_pages_fn(conf_nth_zone(i));
}

static void reference_drain_own(void)
{
	unsigned int i;

	for (i = 0; i < conf_nr_zones(); i++) {
		if (!populated_zone(conf_nth_zone(i)))
			continue;
		preempt_disable();
		drain_local_pages_fn(conf_nth_zone(i));
		preempt_enable();
	}
}

static void forget_kswapd(void)
{
	unsigned int i;

	for (i = 0; i < conf_nr_nodes; i++) {
		WRITE_ONCE(NODE_DATA(CONF_FIRST_NODE + i)->kswapd_highest_zoneidx,
			   MAX_NR_ZONES);
		WRITE_ONCE(NODE_DATA(CONF_FIRST_NODE + i)->kswapd_order, 0);
	}
}

static DEFINE_PER_CPU(int, own_node);

/* Nobody else may run on this CPU meanwhile: he would allocate from there. */
static void reference_as_local(bool begins)
{
	if (begins)
		__this_cpu_write(own_node, numa_node_id());
	set_numa_node(begins ? cpu_node : __this_cpu_read(own_node));
}

static void reference_tick(void)
{
	unsigned long flags;

	preempt_disable();
	local_irq_save(flags);
	reference_as_local(true);
	refresh_cpu_vm_stats_fn(true);
	reference_as_local(false);
	local_irq_restore(flags);
	preempt_enable();
	forget_kswapd();
}

/* Takes out of a node's zonelist all nodes that are not as it is, ours or not. */
static void confine(int nid)
{
	struct zoneref *from, *to;
	unsigned long flags;

	local_irq_save(flags);
	to = NODE_DATA(nid)->node_zonelists[ZONELIST_FALLBACK]._zonerefs;
	for (from = to; from->zone; from++)
		if (conf_node_is_ours(zone_to_nid(from->zone)) == conf_node_is_ours(nid))
			*to++ = *from;
	to->zone = NULL;
	to->zone_idx = 0;
	local_irq_restore(flags);
}

static void reset_zone(struct zone *zone, unsigned int i)
{
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	zone->watermark_boost = 0;
	zone->nr_reserved_highatomic = 0;
	spin_unlock_irqrestore(&zone->lock, flags);
	clear_bit(ZONE_BOOSTED_WATERMARK, &zone->flags);
	clear_bit(ZONE_BELOW_HIGH, &zone->flags);
	reference_forget_numa(i);
}

/* Rounds without progress after which the kernel takes a node for hopeless. */
#define HOPELESS	16

/*
 * Direct reclaim would wait for the kswapd that was stopped, but for a node that
 * kswapd has given up. One without a single page to reclaim soon is one.
 */
static void reference_may_wait(bool begins)
{
	unsigned int i;

	for (i = 0; i < conf_nr_nodes; i++)
		NODE_DATA(CONF_FIRST_NODE + i)->kswapd_failures =
			begins ? HOPELESS : 0;
}

/*
 * Putting memory online starts the node's threads again, and builds all zonelists
 * anew, so each time.
 */
static void reference_reset(void)
{
	unsigned int i;
	int nid;

	for (i = 0; i < conf_nr_nodes; i++) {
		kswapd_stop_fn(CONF_FIRST_NODE + i);
		kcompactd_stop_fn(CONF_FIRST_NODE + i);
	}
	for_each_online_node(nid)
		confine(nid);
	forget_kswapd();
	for (i = 0; i < conf_nr_zones(); i++)
		if (populated_zone(conf_nth_zone(i)))
			reset_zone(conf_nth_zone(i), i);
}

static const struct conf_allocator reference = {
	.name = "conf_reference",
	.alloc = reference_alloc,
	.can_move = reference_can_move,
	.free = reference_free,
	.get = reference_get,
	.put = reference_put,
	.count = reference_count,
	.split = reference_split,
	.part = reference_part,
	.bulk = reference_bulk,
	.free_bulk = reference_free_bulk,
	.offset = reference_offset,
	.address = reference_address,
	.view = reference_view,
	.state = reference_state,
	.counters = reference_counters,
	.drain = reference_drain,
	.drain_own = reference_drain_own,
	.tick = reference_tick,
	.reset = reference_reset,
	.may_wait = reference_may_wait,
	.as_local = reference_as_local,
};

static const struct file_operations fops = {
	.owner		= THIS_MODULE,
	.open		= nonseekable_open,
	.unlocked_ioctl	= conf_ioctl,
};

static struct conf_device *device;

static bool find_symbols(void)
{
	drain_all_pages_fn = conf_symbol("drain_all_pages");
	drain_local_pages_fn = conf_symbol("drain_local_pages");
	refresh_cpu_vm_stats_fn = conf_symbol("refresh_cpu_vm_stats");
	kswapd_stop_fn = conf_symbol("kswapd_stop");
	kcompactd_stop_fn = conf_symbol("kcompactd_stop");
	for_each_kernel_tracepoint(find_point, "mm_page_alloc_extfrag");
	return drain_all_pages_fn && drain_local_pages_fn && refresh_cpu_vm_stats_fn &&
	       kswapd_stop_fn && kcompactd_stop_fn && extfrag_point;
}

static void count_nodes(void)
{
	int nid = CONF_FIRST_NODE;

	while (conf_nr_nodes < CONF_MAX_NODES && node_online(nid) &&
	       node_present_pages(nid)) {
		conf_nr_nodes++;
		nid++;
	}
}

static int __init reference_init(void)
{
	int ret;

	count_nodes();
	if (!conf_nr_nodes) {
		pr_err("node %d has no memory online; put its memory blocks online first\n",
		       CONF_FIRST_NODE);
		return -ENODEV;
	}
	if (cpu_node < 0 || cpu_node >= nr_node_ids || !node_online(cpu_node)) {
		pr_err("cpu_node=%d is no node that is online\n", cpu_node);
		return -EINVAL;
	}
	if (!find_symbols())
		return -ENOENT;
	ret = tracepoint_probe_register(extfrag_point, extfrag, NULL);
	if (ret)
		return ret;
	device = conf_driver_register(&reference, &fops);
	if (IS_ERR(device)) {
		tracepoint_probe_unregister(extfrag_point, extfrag, NULL);
		tracepoint_synchronize_unregister();
	}
	return PTR_ERR_OR_ZERO(device);
}
module_init(reference_init);

static void __exit reference_exit(void)
{
	conf_driver_unregister(device);
	tracepoint_probe_unregister(extfrag_point, extfrag, NULL);
	tracepoint_synchronize_unregister();
}
module_exit(reference_exit);

MODULE_DESCRIPTION("The kernel's allocator as the reference of mirror_mm");
MODULE_LICENSE("GPL");
