// SPDX-License-Identifier: GPL-2.0
/*
 * The other side: mirror_mm, through the calls it offers to modules. What those
 * do not show, the lists in order and the counters, is read from its structures
 * by mirror_state.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mirror_mm.h>
#include <linux/module.h>
#include "core/policy.h"
#include "mirror.h"

MIRROR_MM_IMPORT_NS();

static int cpu_node;
module_param(cpu_node, int, 0);
MODULE_PARM_DESC(cpu_node, "node that the CPUs belong to, as the reference is told (default: 0)");

static struct mirror *m;
static void (*drain_all_fn)(struct mirror *m);
static void (*drain_cpu_fn)(struct mirror *m, unsigned int cpu);
static void (*fold_cpu_fn)(struct mirror *m, unsigned int cpu);
static void (*pcp_tick_fn)(struct mirror *m, unsigned int cpu);

static u64 nodemask(u32 nodes)
{
	return (u64)CONF_ALLOWED(nodes) << CONF_FIRST_NODE;
}

static void *mirror_alloc(u32 gfp, unsigned int order, u32 nodes)
{
	return mirror_alloc_pages_nodemask(m, gfp, order,
					   CONF_FIRST_NODE + CONF_PREFERRED(nodes),
					   nodemask(nodes));
}

static void mirror_can_move(void *page)
{
	WARN_ON(mirror_set_page_movable(m, page, true));
}

static void mirror_free(void *page, unsigned int order)
{
	mirror_free_pages(m, page, order);
}

static void mirror_get(void *page)
{
	mirror_get_page(m, page);
}

static void mirror_put(void *page)
{
	mirror_put_page(m, page);
}

static int mirror_count(void *page)
{
	return mirror_page_count(m, page);
}

static void mirror_split(void *page, unsigned int order)
{
	mirror_split_page(m, page, order);
}

static void *mirror_part(void *page, unsigned int i)
{
	return (struct mirror_page *)page + i;
}

static unsigned int mirror_bulk(u32 gfp, unsigned int nr, void **pages, u32 nodes)
{
	return mirror_alloc_pages_bulk_nodemask(m, gfp,
						CONF_FIRST_NODE + CONF_PREFERRED(nodes),
						nodemask(nodes), nr,
						(struct mirror_page **)pages);
}

static void mirror_free_bulk(void **pages, unsigned int nr)
{
	mirror_free_pages_bulk(m, nr, (struct mirror_page **)pages);
}

static void *mirror_address(const void *page)
{
	return mirror_page_address(m, page);
}

/* counters --------------------------------------------------------------------- */

static void add_counters(u64 *nr, const struct mirror_zone *zone)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		const unsigned long *events = per_cpu_ptr(zone->stat, cpu)->events;

		nr[CONF_EVENT_PGALLOC] += events[MIRROR_ZONE_PGALLOC];
		nr[CONF_EVENT_PGFREE] += events[MIRROR_ZONE_PGFREE];
	}
}

static void mirror_counters(u64 *nr)
{
	struct mirror_zone *zone;
	unsigned int i;

	nr[CONF_EVENT_CLAIM] = CONF_UNSEEN;
	nr[CONF_EVENT_STEAL] = CONF_UNSEEN;
	mirror_for_each_populated_zone(m, zone, i)
		add_counters(nr, zone);
}

/* between segments ------------------------------------------------------------- */

static void mirror_drain(void)
{
	drain_all_fn(m);
}

/* Faults that are the driver's: see tools/conformance/faults/cpus. */
static bool has_fault(const char *name)
{
	return !strcmp(m->policy->name, name);
}

static void mirror_drain_own(void)
{
	if (has_fault("fault-cpus-drain"))
		drain_all_fn(m);
	else
		drain_cpu_fn(m, raw_smp_processor_id());
}

static bool mirror_frees_at_home(void)
{
	return has_fault("fault-cpus-free");
}

/* As forget_kswapd() of the reference. */
static void forget_kswapd(struct mirror_node *node)
{
	unsigned int type;

	node->kswapd_highest_zoneidx = MIRROR_KSWAPD_NO_ZONE;
	node->kswapd_order = 0;
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		clear_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
}

/* The part of kswapd is left out, but for that what it was asked is over. */
static void mirror_tick(void)
{
	unsigned int i, cpu = get_cpu();

	fold_cpu_fn(m, cpu);
	pcp_tick_fn(m, cpu);
	put_cpu();
	for (i = 0; i < conf_nr_mirror_zones(); i++)
		forget_kswapd(conf_mirror_zone(i)->node);
}

/* Writing to the mirror's "reset" does the rest. */
static void mirror_reset(void)
{
}

static const struct conf_allocator mirror = {
	.name = "conf_mirror",
	.alloc = mirror_alloc,
	.can_move = mirror_can_move,
	.free = mirror_free,
	.get = mirror_get,
	.put = mirror_put,
	.count = mirror_count,
	.split = mirror_split,
	.part = mirror_part,
	.bulk = mirror_bulk,
	.free_bulk = mirror_free_bulk,
	.offset = mirror_offset,
	.address = mirror_address,
	.view = mirror_view,
	.state = mirror_state,
	.counters = mirror_counters,
	.drain = mirror_drain,
	.drain_own = mirror_drain_own,
	.frees_at_home = mirror_frees_at_home,
	.tick = mirror_tick,
	.reset = mirror_reset,
};

static const struct file_operations fops = {
	.owner		= THIS_MODULE,
	.open		= nonseekable_open,
	.unlocked_ioctl	= conf_ioctl,
};

static struct conf_device *device;

static bool find_symbols(void)
{
	drain_all_fn = conf_symbol("mirror_drain_all");
	drain_cpu_fn = conf_symbol("mirror_drain_cpu");
	fold_cpu_fn = conf_symbol("mirror_fold_cpu");
	pcp_tick_fn = conf_symbol("mirror_pcp_tick");
	return drain_all_fn && drain_cpu_fn && fold_cpu_fn && pcp_tick_fn;
}

static bool nodes_ok(void)
{
	if (m->nr_nodes <= CONF_FIRST_NODE ||
	    m->nr_nodes > CONF_FIRST_NODE + CONF_MAX_NODES) {
		pr_err("the mirror has %u nodes; load it with region=SIZE@START:%d, and at most %d nodes from there on\n",
		       m->nr_nodes, CONF_FIRST_NODE, CONF_MAX_NODES);
		return false;
	}
	if (!mirror_nid_valid(m, cpu_node)) {
		pr_err("cpu_node=%d is no node of the mirror; it has %u\n",
		       cpu_node, m->nr_nodes);
		return false;
	}
	return true;
}

static void name_cpu_nodes(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		m->cpu_node[cpu] = cpu_node;
}

static int __init mirror_init(void)
{
	int ret = -ENOENT;

	m = mirror_mm_get();
	if (!m)
		return -ENODEV;
	if (!nodes_ok()) {
		ret = -ENODEV;
	} else if (find_symbols()) {
		conf_look_at(m);
		name_cpu_nodes();
		device = conf_driver_register(&mirror, &fops);
		ret = PTR_ERR_OR_ZERO(device);
	}
	if (ret)
		mirror_mm_put(m);
	return ret;
}
module_init(mirror_init);

static void __exit mirror_exit(void)
{
	conf_driver_unregister(device);
	mirror_mm_put(m);
}
module_exit(mirror_exit);

MODULE_DESCRIPTION("mirror_mm driven by operation lists, for comparison");
MODULE_LICENSE("GPL");
