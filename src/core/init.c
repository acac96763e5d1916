// SPDX-License-Identifier: GPL-2.0
/*
 * Making a mirror out of page frame ranges, and taking it apart.
 *
 * Sizes and switches first, then what holds no page yet: nodes, zones, per-CPU
 * data. How the pages get in is in populate.c.
 */
#include "internal.h"

/**
 * mirror_take_out - take a mirror out of service, without a word
 * @m: the mirror
 *
 * What the hot paths look at says so too, so that they need not ask.
 *
 * Context: Any.
 * Return: false where it was out of service already.
 */
bool mirror_take_out(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	if (test_and_set_bit(0, &m->broken))
		return false;
	WRITE_ONCE(m->nr_freeable, 0);
	mirror_for_each_zone(m, zone, i)
		set_bit(MIRROR_ZONE_BROKEN, &zone->flags);
	return true;
}

/**
 * mirror_broken - take a mirror out of service and tell why
 * @m: the mirror
 * @fmt: what was found, with the numbers that show it
 *
 * Warns the first time only. Nothing is allocated or freed afterwards.
 *
 * Context: Any.
 */
void mirror_broken(struct mirror *m, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (!mirror_take_out(m))
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	WARN(1, "mirror_mm: %pV; the mirror is out of service\n", &vaf);
	va_end(args);
}

/* parts ------------------------------------------------------------------------ */

static void init_zone(struct mirror_node *node, unsigned int type)
{
	struct mirror_zone *zone = &node->zones[type];

	zone->m = node->m;
	zone->node = node;
	zone->type = type;
	zone->id = node->nid * MIRROR_MAX_NR_ZONES + type;
	zone->page_flags = (u32)zone->id << MIRROR_PF_ZONE_SHIFT;
	node->m->zones[zone->id] = zone;
	zone->max_order = node->m->max_order;
	zone->pb_order = node->m->pb_order;
	raw_spin_lock_init(&zone->lock);
}

static int init_nodes(struct mirror *m)
{
	unsigned int i, type;

	m->nodes = kcalloc(m->nr_nodes, sizeof(*m->nodes), GFP_KERNEL);
	m->nr_zones = m->nr_nodes * MIRROR_MAX_NR_ZONES;
	m->zones = kcalloc(m->nr_zones, sizeof(*m->zones), GFP_KERNEL);
	m->check_scratch = kmalloc(mirror_check_scratch_size(m->nr_nodes),
				   GFP_KERNEL);
	if (!m->nodes || !m->zones || !m->check_scratch)
		return -ENOMEM;
	for (i = 0; i < m->nr_nodes; i++) {
		m->nodes[i] = kzalloc(sizeof(*m->nodes[i]), GFP_KERNEL);
		if (!m->nodes[i])
			return -ENOMEM;
		m->nodes[i]->m = m;
		m->nodes[i]->nid = i;
		for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
			init_zone(m->nodes[i], type);
	}
	mirror_charge(m, MIRROR_COST_NODES,
		      m->nr_nodes * (sizeof(*m->nodes) + sizeof(**m->nodes)) +
		      m->nr_zones * sizeof(*m->zones) +
		      mirror_check_scratch_size(m->nr_nodes));
	return 0;
}

/* The host's own map where it fits, else CPUs in turn. */
static int default_node(const struct mirror *m, unsigned int cpu)
{
	int nid = cpu_to_node(cpu);

	return mirror_nid_valid(m, nid) && nr_node_ids >= m->nr_nodes ?
	       nid : (int)(cpu % m->nr_nodes);
}

static int init_topology(struct mirror *m, const struct mirror_config *conf)
{
	unsigned int i, j, cpu;

	m->cpu_node = kcalloc(nr_cpu_ids, sizeof(*m->cpu_node), GFP_KERNEL);
	m->distance = kmalloc_array(m->nr_nodes, m->nr_nodes, GFP_KERNEL);
	if (!m->cpu_node || !m->distance)
		return -ENOMEM;
	mirror_charge(m, MIRROR_COST_NODES,
		      nr_cpu_ids * sizeof(*m->cpu_node) +
		      m->nr_nodes * m->nr_nodes);
	for_each_possible_cpu(cpu) {
		int nid = conf->cpu_node ? conf->cpu_node[cpu] : NUMA_NO_NODE;

		m->cpu_node[cpu] = nid == NUMA_NO_NODE ? default_node(m, cpu) : nid;
		if (!mirror_nid_valid(m, m->cpu_node[cpu]))
			return -EINVAL;
		if (cpu_online(cpu) && !conf->cpus_late)
			m->nodes[m->cpu_node[cpu]]->has_cpus = true;
	}
	for (i = 0; i < m->nr_nodes; i++)
		for (j = 0; j < m->nr_nodes; j++)
			m->distance[i * m->nr_nodes + j] = conf->distance ?
				conf->distance[i * m->nr_nodes + j] :
				i == j ? MIRROR_DISTANCE_LOCAL :
					 MIRROR_DISTANCE_REMOTE;
	return 0;
}

static int init_percpu(struct mirror *m)
{
	struct mirror_zone *zone;
	struct mirror_node *node;
	unsigned int i;
	int ret;

	mirror_for_each_node(m, node, i) {
		ret = mirror_vmstat_init_node(node);
		if (ret)
			return ret;
		mirror_charge(m, MIRROR_COST_PERCPU,
			      sizeof(struct mirror_nodestat) * num_possible_cpus());
	}
	mirror_for_each_populated_zone(m, zone, i) {
		zone->pages = m->pages;
		zone->nr_desc = m->nr_desc;
		ret = mirror_pcp_init_zone(zone) ?:
		      mirror_vmstat_init_zone(zone);
		if (ret)
			return ret;
		mirror_charge(m, MIRROR_COST_PERCPU,
			      (sizeof(struct mirror_pcp) +
			       sizeof(struct mirror_zonestat)) *
			      num_possible_cpus());
	}
	return 0;
}

/* creation ------------------------------------------------------------------------ */

/**
 * mirror_config_default - what a plain mirror looks like
 * @conf: filled in; the caller adds the ranges
 *
 * One NORMAL zone, orders 0 to 10, pageblocks of order 9, sections of 128 MiB,
 * and the rows that an amd64 kernel without CMA prints.
 *
 * Context: Any.
 */
void mirror_config_default(struct mirror_config *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->max_order = 10;
	conf->pb_order = 9;
	conf->section_order = 27 - PAGE_SHIFT;
	conf->rest_zone = MIRROR_ZONE_NORMAL;
	conf->watermark_scale_factor = 10;
	conf->print_zones = BIT(MIRROR_ZONE_DMA) | BIT(MIRROR_ZONE_DMA32) |
			    BIT(MIRROR_ZONE_NORMAL) | BIT(MIRROR_ZONE_MOVABLE) |
			    MIRROR_PRINT_ZONE_DEVICE;
	conf->print_types = BIT(MIRROR_MIGRATE_UNMOVABLE) |
			    BIT(MIRROR_MIGRATE_MOVABLE) |
			    BIT(MIRROR_MIGRATE_RECLAIMABLE) |
			    BIT(MIRROR_MIGRATE_HIGHATOMIC) |
			    BIT(MIRROR_MIGRATE_ISOLATE);
}

/*
 * A pageblock that two nodes share keeps the type it has, as it lies in the span
 * of neither. Where a node goes on beyond the other one it would lie in its span.
 */
static bool nodes_mix(const struct mirror_config *conf, unsigned int i)
{
	const struct mirror_range *b = &conf->ranges[i], *a = b - 1;
	unsigned int j;

	if (a->nid == b->nid || (a->end_pfn - 1) >> conf->pb_order !=
				b->start_pfn >> conf->pb_order)
		return false;
	for (j = 0; j < conf->nr_ranges; j++)
		if (conf->ranges[j].nid == (j < i ? b->nid : a->nid))
			return true;
	return false;
}

static int check_ranges(const struct mirror_config *conf)
{
	unsigned long long total = 0;
	unsigned int i;

	if (!conf->nr_ranges)
		return -EINVAL;
	for (i = 0; i < conf->nr_ranges; i++) {
		const struct mirror_range *r = &conf->ranges[i];

		if (r->start_pfn >= r->end_pfn || r->nid < 0 ||
		    r->nid >= MIRROR_MAX_NODES ||
		    (conf->nr_nodes && r->nid >= (int)conf->nr_nodes) ||
		    (i && (r->start_pfn < r[-1].end_pfn || nodes_mix(conf, i))))
			return -EINVAL;
		total += r->end_pfn - r->start_pfn;
	}
	return total >= MIRROR_NIL ? -EINVAL : 0;
}

static int check_config(const struct mirror_config *conf)
{
	if (conf->max_order >= MIRROR_NR_ORDERS_MAX || !conf->pb_order ||
	    conf->pb_order > conf->max_order ||
	    conf->section_order >= 32 ||
	    conf->nr_nodes > MIRROR_MAX_NODES ||
	    conf->rest_zone < 0 || conf->rest_zone >= MIRROR_MAX_NR_ZONES)
		return -EINVAL;
	return check_ranges(conf);
}

static int copy_ranges(struct mirror *m, const struct mirror_config *conf)
{
	unsigned int i;

	m->nr_nodes = conf->nr_nodes;
	m->nr_ranges = conf->nr_ranges;
	m->ranges = kmemdup(conf->ranges,
			    array_size(conf->nr_ranges, sizeof(*m->ranges)),
			    GFP_KERNEL);
	if (!m->ranges)
		return -ENOMEM;
	mirror_charge(m, MIRROR_COST_NODES,
		      conf->nr_ranges * sizeof(*m->ranges));
	for (i = 0; i < m->nr_ranges; i++) {
		m->managed += m->ranges[i].end_pfn - m->ranges[i].start_pfn;
		m->nr_nodes = max_t(unsigned int, m->nr_nodes,
				    m->ranges[i].nid + 1);
	}
	return 0;
}

static void init_tunables(struct mirror *m, const struct mirror_config *conf)
{
	struct mirror_tunables *t = &m->tunables;

	mutex_init(&m->tunables_lock);
	t->min_free_kbytes = conf->min_free_kbytes;
	t->user_min_free_kbytes = conf->min_free_kbytes ?
				  (long)conf->min_free_kbytes : -1;
	t->watermark_scale_factor = conf->watermark_scale_factor ?: 10;
	t->watermark_boost_factor = 15000;
	t->lowmem_reserve_ratio[MIRROR_ZONE_DMA] = 256;
	t->lowmem_reserve_ratio[MIRROR_ZONE_DMA32] = 256;
	t->lowmem_reserve_ratio[MIRROR_ZONE_NORMAL] = 32;
	t->stat_interval = 1;
}

static int build(struct mirror *m, const struct mirror_config *conf)
{
	int ret;

	m->max_order = conf->max_order;
	m->pb_order = conf->pb_order;
	m->print_zones = conf->print_zones;
	m->print_types = conf->print_types;
	m->thp = conf->thp;
	mirror_charge(m, MIRROR_COST_NODES, sizeof(*m));
	ratelimit_state_init(&m->report_limit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	ratelimit_state_init(&m->failure_limit, 10 * HZ, 1);
	init_tunables(m, conf);
	mutex_init(&m->bad.lock);
	m->bad.moving = MIRROR_NIL;
	mirror_policy_attach(m, conf->policy);
	ret = copy_ranges(m, conf) ?:
	      init_nodes(m) ?:
	      init_topology(m, conf) ?:
	      mirror_memmap_init(m, conf->section_order) ?:
	      mirror_deal_ranges(m, conf) ?:
	      mirror_fill_descriptors(m) ?:
	      init_percpu(m) ?:
	      mirror_build_zonelists(m);
	if (ret)
		return ret;
	mirror_build_routes(m);
	m->nr_freeable = m->nr_desc;
	mirror_make_pristine(m, true);
	return 0;
}

/**
 * mirror_core_create - make a mirror
 * @conf: how; not needed afterwards
 *
 * Context: Process context; may sleep.
 * Return: the mirror, all of its memory free, or ERR_PTR(): -EINVAL where the
 * configuration makes no sense, -ENOMEM, -EINTR for a fatal signal that came in
 * the midst of a large one.
 */
struct mirror *mirror_core_create(const struct mirror_config *conf)
{
	struct mirror *m;
	int ret;

	ret = check_config(conf);
	if (ret)
		return ERR_PTR(ret);
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return ERR_PTR(-ENOMEM);
	ret = build(m, conf);
	if (ret) {
		mirror_core_destroy(m);
		return ERR_PTR(ret);
	}
	return m;
}

static void destroy_nodes(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	if (!m->nodes)
		return;
	for (i = 0; i < m->nr_nodes; i++)
		if (!m->nodes[i])
			m->nr_nodes = i;
	m->nr_zones = m->nr_nodes * MIRROR_MAX_NR_ZONES;
	mirror_for_each_zone(m, zone, i) {
		free_percpu(zone->pcp);
		free_percpu(zone->stat);
	}
	mirror_free_zonelists(m);
	for (i = 0; i < m->nr_nodes; i++) {
		free_percpu(m->nodes[i]->stat);
		kfree(m->nodes[i]);
	}
	kfree(m->nodes);
}

/**
 * mirror_core_destroy - free everything, whoever still holds pages
 * @m: the mirror, also one that was not built to the end
 *
 * Context: Process context; may sleep. Nobody uses the mirror any more.
 */
void mirror_core_destroy(struct mirror *m)
{
	mirror_policy_detach(m);
	destroy_nodes(m);
	kvfree(m->pageblock_type);
	mirror_host_free_large(m->pages);
	kvfree(m->section_slot);
	kvfree(m->group_table);
	kfree(m->runs);
	kvfree(m->slot_base);
	kfree(m->distance);
	kfree(m->cpu_node);
	kfree(m->zones);
	kfree(m->check_scratch);
	kfree(m->ranges);
	kvfree(m->bad.idx);
	mutex_destroy(&m->bad.lock);
	mutex_destroy(&m->tunables_lock);
	kfree(m);
}
