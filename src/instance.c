// SPDX-License-Identifier: GPL-2.0
/*
 * One mirror, put together: claims, allocator, blocks, threads, device. It comes
 * apart in the opposite order.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/mirror_mm.h>
#include "compat.h"
#include "core/policy.h"
#include "instance.h"
#include "interface/device.h"
#include "pm.h"
#include "region/region.h"
#include "threads/kswapd.h"
#include "threads/tick.h"
#include "topology.h"

struct mirror_instance {
	struct mirror_region *region;
	struct mirror *m;
	struct mirror_blocks *blocks;
	struct mirror_tick tick;
	struct mirror_kswapd kswapd;
	struct mirror_pm pm;
	struct mirror_device device;
};

/* The one that mirror_mm_get() gives to other modules. */
static struct mirror *shared;
static DEFINE_MUTEX(shared_lock);

/* the allocator ---------------------------------------------------------------------- */

static int apply_params(const struct mirror_params *p,
			struct mirror_config *conf)
{
	unsigned int type;

	conf->min_free_kbytes = p->min_free_kbytes;
	if (p->watermark_scale_factor > 3000) {
		pr_err("watermark_scale_factor=%u: give 1 to 3000\n",
		       p->watermark_scale_factor);
		return -EINVAL;
	}
	conf->watermark_scale_factor = p->watermark_scale_factor;
	conf->thp = IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
		    !IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE_NEVER);
	if (p->zones && mirror_parse_zones(p->zones, conf))
		return -EINVAL;
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		if (conf->zone_pages[type])
			conf->print_zones |= BIT(type);
	conf->print_zones |= BIT(conf->rest_zone);
	if (!p->policy)
		return 0;
	conf->policy = mirror_policy_find(p->policy);
	if (conf->policy)
		return 0;
	pr_err("policy=%s: no such policy; there are linux-6.12 and lifo\n",
	       p->policy);
	return -EINVAL;
}

static int check_sizes(const struct mirror_params *p,
		       const struct mirror_config *conf)
{
	/* What several zones want need not fit into a long. */
	u64 total = 0, fixed = 0;
	unsigned int i;

	for (i = 0; i < conf->nr_ranges; i++)
		total += conf->ranges[i].end_pfn - conf->ranges[i].start_pfn;
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		fixed += conf->zone_pages[i];
	if (fixed > total) {
		pr_err("zones=%s: %llu MiB in all, but the region has only %llu MiB\n",
		       p->zones, fixed >> (20 - PAGE_SHIFT),
		       total >> (20 - PAGE_SHIFT));
		return -EINVAL;
	}
	if (conf->min_free_kbytes >> (PAGE_SHIFT - 10) > total) {
		pr_err("min_free_kbytes=%lu: more than the region has\n",
		       conf->min_free_kbytes);
		return -EINVAL;
	}
	return 0;
}

static struct mirror *create_nodes(const struct mirror_params *p,
				   struct mirror_config *conf)
{
	const struct mirror_topology_params params = {
		.nodes = p->nodes,
		.distance = p->distance,
		.cpus = p->cpus,
	};
	struct mirror_topology *topology;
	struct mirror *m;

	topology = mirror_topology_create(&params, conf);
	if (IS_ERR(topology))
		return ERR_CAST(topology);
	m = mirror_core_create(conf);
	mirror_topology_free(topology);
	return m;
}

static struct mirror *create_core(const struct mirror_params *p,
				  struct mirror_config *conf,
				  struct mirror_region *region)
{
	struct mirror_range *ranges;
	struct mirror *m;
	int ret;

	ranges = kcalloc(MIRROR_MAX_CLAIMS, sizeof(*ranges), GFP_KERNEL);
	if (!ranges)
		return ERR_PTR(-ENOMEM);
	conf->ranges = ranges;
	conf->nr_ranges = mirror_region_ranges(region, ranges);
	ret = check_sizes(p, conf);
	m = ret ? ERR_PTR(ret) : create_nodes(p, conf);
	kfree(ranges);
	if (IS_ERR(m))
		return m;
	ret = mirror_region_attach(region, m, p->kmap_slots);
	if (!ret)
		return m;
	mirror_core_destroy(m);
	return ERR_PTR(ret);
}

/* all of it --------------------------------------------------------------------------- */

static void announce(const struct mirror *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_ranges; i++)
		pr_info("claimed [mem %#018llx-%#018llx] for node %d\n",
			(u64)m->ranges[i].start_pfn << PAGE_SHIFT,
			((u64)m->ranges[i].end_pfn << PAGE_SHIFT) - 1,
			m->ranges[i].nid);
	pr_info("%lu MiB in %lu pages, described by %zu KiB\n",
		m->managed >> (20 - PAGE_SHIFT), m->managed,
		m->metadata_bytes >> 10);
}

static void share(struct mirror *m)
{
	mutex_lock(&shared_lock);
	shared = m;
	mutex_unlock(&shared_lock);
}

static int assemble(struct mirror_instance *in, const struct mirror_params *p,
		    struct mirror_config *conf)
{
	int ret;

	in->region = mirror_region_open(&p->from, conf->max_order);
	if (IS_ERR(in->region))
		return PTR_ERR(in->region);
	in->m = create_core(p, conf, in->region);
	if (IS_ERR(in->m)) {
		ret = PTR_ERR(in->m);
		goto release;
	}
	in->blocks = mirror_blocks_create(in->m);
	if (IS_ERR(in->blocks)) {
		ret = PTR_ERR(in->blocks);
		goto destroy;
	}
	ret = mirror_tick_start(&in->tick, in->m);
	if (ret)
		goto blocks;
	mirror_kswapd_start(&in->kswapd, in->m);
	ret = mirror_pm_start(&in->pm, in->m);
	if (ret)
		goto tick;
	in->device.m = in->m;
	in->device.blocks = in->blocks;
	in->device.page_limit = p->page_limit;
	ret = mirror_device_register(&in->device);
	if (!ret)
		return 0;
	mirror_pm_stop(&in->pm);
tick:
	mirror_kswapd_stop(&in->kswapd);
	mirror_tick_stop(&in->tick);
blocks:
	mirror_blocks_destroy(in->blocks);
destroy:
	mirror_core_destroy(in->m);
release:
	mirror_region_release(in->region);
	return ret;
}

/**
 * mirror_instance_create - make a mirror and its device
 * @p: what was asked for
 *
 * Context: Process context; may sleep.
 * Return: the instance, or ERR_PTR() with a line in the log and nothing left
 * behind; see mirror_region_open() for the errors of the claims, -EINVAL for any
 * other parameter.
 */
struct mirror_instance *mirror_instance_create(const struct mirror_params *p)
{
	struct mirror_instance *in;
	struct mirror_config conf;
	int ret;

	mirror_config_default(&conf);
	ret = apply_params(p, &conf);
	if (ret)
		return ERR_PTR(ret);
	in = kzalloc(sizeof(*in), GFP_KERNEL);
	if (!in)
		return ERR_PTR(-ENOMEM);
	ret = assemble(in, p, &conf);
	if (ret) {
		kfree(in);
		return ERR_PTR(ret);
	}
	announce(in->m);
	share(in->m);
	return in;
}

/**
 * mirror_instance_destroy - take it apart
 * @in: the instance; no file is open, no module uses it
 *
 * Context: Process context; may sleep.
 */
void mirror_instance_destroy(struct mirror_instance *in)
{
	share(NULL);
	mirror_device_unregister(&in->device);
	mirror_pm_stop(&in->pm);
	mirror_kswapd_stop(&in->kswapd);
	mirror_tick_stop(&in->tick);
	mirror_blocks_destroy(in->blocks);
	mirror_core_destroy(in->m);
	mirror_region_release(in->region);
	kfree(in);
}

/* for other modules ---------------------------------------------------------------------- */

/**
 * mirror_mm_get - the mirror that is loaded
 *
 * Context: Process context; may sleep.
 * Return: the mirror, which stays until mirror_mm_put(), or NULL where there is
 * none.
 */
struct mirror *mirror_mm_get(void)
{
	struct mirror *m;

	mutex_lock(&shared_lock);
	m = shared && try_module_get(THIS_MODULE) ? shared : NULL;
	mutex_unlock(&shared_lock);
	return m;
}
EXPORT_SYMBOL_MIRROR(mirror_mm_get);

/**
 * mirror_mm_put - let go of it; all pages must have been freed
 * @m: from mirror_mm_get()
 *
 * Context: Any.
 */
void mirror_mm_put(struct mirror *m)
{
	if (m)
		module_put(THIS_MODULE);
}
EXPORT_SYMBOL_MIRROR(mirror_mm_put);
