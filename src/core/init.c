// SPDX-License-Identifier: GPL-2.0
/*
 * Making a mirror out of page frame ranges, and taking it apart.
 *
 * The ranges are dealt out to nodes, as they say, and to zones, lowest address
 * to lowest zone. Then everything is freed for the first time: the largest
 * aligned blocks, each to the end of its list, so that lists begin in address
 * order.
 */
#include "internal.h"

/**
 * mirror_broken - take a mirror out of service
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

	if (test_and_set_bit(0, &m->broken))
		return;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	WARN(1, "mirror_mm: %pV; the mirror is out of service\n", &vaf);
	va_end(args);
}

/* zones ------------------------------------------------------------------------ */

static void add_to_zone(struct mirror_zone *zone, unsigned long start,
			unsigned long end)
{
	u32 flags = (u32)zone->id << MIRROR_PF_ZONE_SHIFT | MIRROR_PAGE_TAIL;
	struct mirror *m = zone->m;
	unsigned long pfn;

	if (!zone->present)
		zone->start_pfn = start;
	zone->spanned = end - zone->start_pfn;
	zone->present += end - start;
	zone->managed = zone->present;
	for (pfn = start; pfn < end; pfn++)
		m->pages[mirror_pfn_slot_idx(m, pfn)].flags = flags;
}

static void add_to_node(struct mirror_node *node, unsigned long start,
			unsigned long end)
{
	if (!node->present)
		node->start_pfn = start;
	node->spanned = end - node->start_pfn;
	node->present += end - start;
}

/* How many pages each zone gets in all; the rest goes to one of them. */
static int share_zones(const struct mirror *m, const struct mirror_config *conf,
		       unsigned long *pages)
{
	unsigned long total = m->managed, fixed = 0;
	unsigned int type;

	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++) {
		pages[type] = type == conf->rest_zone ? 0 :
			      conf->zone_pages[type];
		if (pages[type] > total - fixed)
			return -EINVAL;
		fixed += pages[type];
	}
	pages[conf->rest_zone] = total - fixed;
	return 0;
}

/* Deals the ranges out to the zones, lowest address to lowest zone. */
static int init_zone_pages(struct mirror *m, const struct mirror_config *conf)
{
	unsigned long left[MIRROR_MAX_NR_ZONES];
	unsigned int i, type = 0;
	int ret;

	ret = share_zones(m, conf, left);
	if (ret)
		return ret;
	for (i = 0; i < m->nr_ranges; i++) {
		struct mirror_node *node = m->nodes[m->ranges[i].nid];
		unsigned long pfn = m->ranges[i].start_pfn;

		add_to_node(node, pfn, m->ranges[i].end_pfn);
		while (pfn < m->ranges[i].end_pfn) {
			unsigned long end;

			while (!left[type])
				type++;
			end = min(m->ranges[i].end_pfn, pfn + left[type]);
			add_to_zone(&node->zones[type], pfn, end);
			left[type] -= end - pfn;
			pfn = end;
		}
	}
	return 0;
}

static void init_zone(struct mirror_node *node, unsigned int type)
{
	struct mirror_zone *zone = &node->zones[type];

	zone->m = node->m;
	zone->node = node;
	zone->type = type;
	zone->id = node->nid * MIRROR_MAX_NR_ZONES + type;
	zone->max_order = node->m->max_order;
	zone->pb_order = node->m->pb_order;
	spin_lock_init(&zone->lock);
}

static int init_nodes(struct mirror *m)
{
	unsigned int i, type;

	m->nodes = kcalloc(m->nr_nodes, sizeof(*m->nodes), GFP_KERNEL);
	m->check_scratch = kmalloc(mirror_check_scratch_size(m->nr_nodes),
				   GFP_KERNEL);
	if (!m->nodes || !m->check_scratch)
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
	m->metadata_bytes += m->nr_nodes * sizeof(**m->nodes);
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
	unsigned int i;
	int ret;

	m->events = alloc_percpu(struct mirror_vm_events);
	if (!m->events)
		return -ENOMEM;
	m->metadata_bytes += sizeof(struct mirror_vm_events) *
			     num_possible_cpus();
	mirror_for_each_populated_zone(m, zone, i) {
		zone->pages = m->pages;
		ret = mirror_pcp_init_zone(zone) ?:
		      mirror_vmstat_init_zone(zone);
		if (ret)
			return ret;
		m->metadata_bytes += (sizeof(struct mirror_pcp) +
				      sizeof(struct mirror_zonestat)) *
				     num_possible_cpus();
	}
	return 0;
}

/* first freeing ----------------------------------------------------------------- */

static void empty_zone(struct mirror_zone *zone)
{
	unsigned int order, mt;

	for (order = 0; order < MIRROR_NR_ORDERS_MAX; order++) {
		zone->free_area[order].nr_free = 0;
		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
			mirror_list_init(&zone->free_area[order].list[mt]);
	}
	memset(zone->free_mask, 0, sizeof(zone->free_mask));
	zone->nr_reserved_highatomic = 0;
	zone->nr_free_highatomic = 0;
	zone->watermark_boost = 0;
	zone->percpu_drift_mark = 0;
	zone->flags = 0;
}

/* The largest block that is aligned at @idx and ends by @end. */
static unsigned int largest_order(const struct mirror *m, u32 idx, u32 end)
{
	unsigned int order = idx ? min_t(unsigned int, __ffs(idx), m->max_order) :
				   m->max_order;

	while (idx + (1u << order) > end)
		order--;
	return order;
}

/* Runs of frames of one zone, from low to high addresses, each to the tail. */
static void free_run(struct mirror_zone *zone, u32 idx, u32 end)
{
	unsigned long flags;

	while (idx < end) {
		unsigned int order = largest_order(zone->m, idx, end);

		spin_lock_irqsave(&zone->lock, flags);
		mirror_free_large(zone, idx, order, true);
		spin_unlock_irqrestore(&zone->lock, flags);
		idx += 1u << order;
	}
}

static bool same_run(u32 a, u32 b)
{
	return mirror_flags_zone(a) == mirror_flags_zone(b) &&
	       mirror_flags_state(b) != MIRROR_PAGE_HOLE;
}

/**
 * mirror_free_initial - give all memory to the free lists for the first time
 * @m: the mirror, every frame a tail or a hole, all lists empty
 *
 * Context: Any; nobody else uses the mirror.
 */
void mirror_free_initial(struct mirror *m)
{
	u32 idx = 0, end;

	while (idx < m->nr_desc) {
		u32 flags = m->pages[idx].flags;

		if (mirror_flags_state(flags) == MIRROR_PAGE_HOLE) {
			idx++;
			continue;
		}
		for (end = idx + 1; end < m->nr_desc; end++)
			if (!same_run(flags, m->pages[end].flags))
				break;
		free_run(mirror_zone_by_id(m, mirror_flags_zone(flags)), idx, end);
		idx = end;
	}
}

/* Movable even where grouping is off: the reference decides that later on. */
static void init_pageblocks(struct mirror *m)
{
	memset(m->pageblock_type, MIRROR_MIGRATE_MOVABLE,
	       DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order));
}

/* Marks, lists and counters as they are before the first request. */
static void make_pristine(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_zone(m, zone, i)
		empty_zone(zone);
	mirror_vmstat_reset(m);
	init_pageblocks(m);
	mirror_setup_watermarks(m);
	mirror_refresh_thresholds(m);
	mirror_setup_lowmem_reserve(m);
	mirror_free_initial(m);
}

/**
 * mirror_core_reset - back to the state after creation
 * @m: the mirror
 *
 * Settings stay, counters and pageblock types do not.
 *
 * Context: everybody else is kept from running: stop_machine(), or the only
 * user there is.
 * Return: 0; -EIO out of service; -EBUSY while somebody holds a page; -EAGAIN
 * where a change of the settings was interrupted halfway: let it end and try
 * again.
 */
int mirror_core_reset(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, cpu;
	u32 idx;

	if (mirror_is_broken(m))
		return -EIO;
	if (mutex_is_locked(&m->tunables_lock))
		return -EAGAIN;
	if (mirror_nr_free(m) != m->managed)
		return -EBUSY;
	for (idx = 0; idx < m->nr_desc; idx++)
		if (mirror_state_is_head(mirror_page_state(&m->pages[idx])))
			mirror_page_set_tail(&m->pages[idx]);
	mirror_for_each_populated_zone(m, zone, i) {
		for_each_possible_cpu(cpu)
			mirror_pcp_reset(per_cpu_ptr(zone->pcp, cpu));
		zone->pcp_batch = 0;
	}
	make_pristine(m);
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
	unsigned long types;
	int ret;

	m->max_order = conf->max_order;
	m->pb_order = conf->pb_order;
	m->print_zones = conf->print_zones;
	m->print_types = conf->print_types;
	m->metadata_bytes = sizeof(*m);
	ratelimit_state_init(&m->report_limit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	ratelimit_state_init(&m->failure_limit, 10 * HZ, 1);
	init_tunables(m, conf);
	mirror_policy_attach(m, conf->policy);
	ret = copy_ranges(m, conf) ?:
	      init_nodes(m) ?:
	      init_topology(m, conf) ?:
	      mirror_memmap_init(m, conf->section_order) ?:
	      init_zone_pages(m, conf) ?:
	      init_percpu(m) ?:
	      mirror_build_zonelists(m);
	if (ret)
		return ret;
	types = hweight32(m->print_types);
	m->mobility_off = m->managed < types << m->pb_order;
	make_pristine(m);
	return 0;
}

/**
 * mirror_core_create - make a mirror
 * @conf: how; not needed afterwards
 *
 * Context: Process context; may sleep.
 * Return: the mirror, all of its memory free, or ERR_PTR(): -EINVAL where the
 * configuration makes no sense, -ENOMEM.
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
	mirror_for_each_zone(m, zone, i) {
		free_percpu(zone->pcp);
		free_percpu(zone->stat);
	}
	mirror_free_zonelists(m);
	for (i = 0; i < m->nr_nodes; i++)
		kfree(m->nodes[i]);
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
	free_percpu(m->events);
	kvfree(m->pageblock_type);
	vfree(m->pages);
	kvfree(m->section_slot);
	kvfree(m->slot_base);
	kfree(m->distance);
	kfree(m->cpu_node);
	kfree(m->check_scratch);
	kfree(m->ranges);
	mutex_destroy(&m->tunables_lock);
	kfree(m);
}
