// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of an allocation that failed: the request, who made it, and
 * the free memory of the zones it could have gone to, in the words of the kernel's
 * own report, so that those who read that one can read this one.
 *
 * This runs wherever somebody may allocate, also in an interrupt: nothing here
 * sleeps, and lines are printed without a lock held. Their number is bounded.
 */
#include "internal.h"

#define LINE_LEN	(MIRROR_GFP_TEXT_LEN + 192)
/* A mirror has up to 320 zones, and the log is everybody's. */
#define ZONES_SHOWN	16

/**
 * struct line - one line while it is made
 * @len: characters so far
 * @text: the line; cut where it does not fit
 */
struct line {
	size_t len;
	char text[LINE_LEN];
};

static __printf(2, 3) void add(struct line *line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line->len += vscnprintf(line->text + line->len, LINE_LEN - line->len, fmt,
				args);
	va_end(args);
}

static void end(struct line *line, const struct mirror_lines *out)
{
	out->emit(out->arg, line->text);
	line->len = 0;
	line->text[0] = '\0';
}

static unsigned long long kib(unsigned long pages)
{
	return (unsigned long long)pages << (PAGE_SHIFT - 10);
}

/* the request ------------------------------------------------------------------ */

/* Nodes as ranges: "0-2,5". */
static void add_nodes(struct line *line, u64 mask)
{
	unsigned int nid, first;
	const char *before = "";

	for (nid = 0; nid < MIRROR_MAX_NODES; nid++) {
		if (!(mask & BIT_ULL(nid)))
			continue;
		first = nid;
		while (nid + 1 < MIRROR_MAX_NODES && mask & BIT_ULL(nid + 1))
			nid++;
		add(line, "%s%u", before, first);
		if (nid > first)
			add(line, "-%u", nid);
		before = ",";
	}
}

/* A task gives itself its name, and a newline in it would begin a line of log. */
static void add_comm(struct line *line)
{
	char name[sizeof(current->comm)];
	size_t i;

	/* Another task may be renaming it. */
	data_race(memcpy(name, current->comm, sizeof(name)));
	name[sizeof(name) - 1] = '\0';
	for (i = 0; name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
	add(line, "%s", name);
}

/**
 * mirror_show_request - the line about a request that failed
 * @m: the mirror
 * @gfp: of the request
 * @order: of the request
 * @nid: preferred node
 * @nodemask: allowed nodes, bit by node; 0 for all
 * @out: gets one line
 *
 * Context: Any.
 */
void mirror_show_request(const struct mirror *m, u32 gfp, unsigned int order,
			 int nid, u64 nodemask, const struct mirror_lines *out)
{
	struct line line = { .len = 0 };

	add_comm(&line);
	add(&line, ": page allocation failure: order:%u, mode:0x%x(", order, gfp);
	mirror_gfp_text(gfp, line.text + line.len, LINE_LEN - line.len);
	line.len += strlen(line.text + line.len);
	add(&line, "), node:%d, nodemask=", nid);
	if (nodemask)
		add_nodes(&line, nodemask);
	else
		add(&line, "(null)");
	end(&line, out);
}

/* the picture ------------------------------------------------------------------- */

static unsigned long on_pcp_lists(const struct mirror_zone *zone)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += mirror_glance(per_cpu_ptr(zone->pcp, cpu)->count);
	return sum;
}

static unsigned long on_this_cpu(const struct mirror_zone *zone)
{
	return mirror_glance(per_cpu_ptr(zone->pcp, raw_smp_processor_id())->count);
}

static void show_marks(const struct mirror_zone *zone, struct line *line,
		       const struct mirror_lines *out)
{
	const struct {
		const char *name;
		unsigned long pages;
	} rows[] = {
		{ "free", mirror_zone_state(zone, MIRROR_NR_FREE_PAGES) },
		{ "boost", READ_ONCE(zone->watermark_boost) },
		{ "min", mirror_zone_wmark(zone, MIRROR_WMARK_MIN) },
		{ "low", mirror_zone_wmark(zone, MIRROR_WMARK_LOW) },
		{ "high", mirror_zone_wmark(zone, MIRROR_WMARK_HIGH) },
		{ "reserved_highatomic", READ_ONCE(zone->nr_reserved_highatomic) },
		{ "free_highatomic", READ_ONCE(zone->nr_free_highatomic) },
		{ "present", zone->present },
		{ "managed", zone->managed },
		{ "free_pcp", on_pcp_lists(zone) },
		{ "local_pcp", on_this_cpu(zone) },
		{ "free_cma", mirror_zone_state(zone, MIRROR_NR_FREE_CMA) },
	};
	unsigned int i;

	add(line, "Node %d %s", zone->node->nid, mirror_zone_names[zone->type]);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		add(line, " %s:%llukB", rows[i].name, kib(rows[i].pages));
	end(line, out);
	add(line, "lowmem_reserve[]:");
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		add(line, " %ld", READ_ONCE(zone->lowmem_reserve[i]));
	end(line, out);
}

/**
 * struct free_counts - a zone's free lists at one moment
 * @nr: blocks of each order
 * @types: migratetypes that have such a block, bit by type
 */
struct free_counts {
	unsigned long nr[MIRROR_NR_ORDERS_MAX];
	u8 types[MIRROR_NR_ORDERS_MAX];
};

static void count_free(struct mirror_zone *zone, struct free_counts *counts)
{
	unsigned int order, mt;
	unsigned long flags;

	memset(counts, 0, sizeof(*counts));
	raw_spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order <= zone->max_order; order++) {
		const struct mirror_free_area *area = &zone->free_area[order];

		counts->nr[order] = area->nr_free;
		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
			if (!mirror_list_empty(&area->list[mt]))
				counts->types[order] |= BIT(mt);
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

static void add_types(struct line *line, unsigned int types)
{
	static const char letters[] = {
		[MIRROR_MIGRATE_UNMOVABLE] = 'U',
		[MIRROR_MIGRATE_MOVABLE] = 'M',
		[MIRROR_MIGRATE_RECLAIMABLE] = 'E',
		[MIRROR_MIGRATE_HIGHATOMIC] = 'H',
		[MIRROR_MIGRATE_CMA] = 'C',
		[MIRROR_MIGRATE_ISOLATE] = 'I',
	};
	unsigned int mt;

	BUILD_BUG_ON(sizeof(letters) != MIRROR_MIGRATE_TYPES);
	add(line, " (");
	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		if (types & BIT(mt))
			add(line, "%c", letters[mt]);
	add(line, ")");
}

static void show_free(struct mirror_zone *zone, struct line *line,
		      const struct mirror_lines *out)
{
	struct free_counts counts;
	unsigned long pages = 0;
	unsigned int order;

	count_free(zone, &counts);
	add(line, "Node %d %s:", zone->node->nid, mirror_zone_names[zone->type]);
	for (order = 0; order <= zone->max_order; order++) {
		pages += counts.nr[order] << order;
		add(line, " %lu*%llukB", counts.nr[order], kib(1ul << order));
		if (counts.types[order])
			add_types(line, counts.types[order]);
	}
	add(line, " = %llukB", kib(pages));
	end(line, out);
}

static void show_sum(const struct mirror *m, struct line *line,
		     const struct mirror_lines *out)
{
	unsigned long free = 0, cma = 0, pcp = 0;
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		free += mirror_zone_state(zone, MIRROR_NR_FREE_PAGES);
		cma += mirror_zone_state(zone, MIRROR_NR_FREE_CMA);
		pcp += on_pcp_lists(zone);
	}
	add(line, "Mem-Info: %lu pages managed, free:%lu free_pcp:%lu free_cma:%lu",
	    m->managed, free, pcp, cma);
	end(line, out);
}

/**
 * mirror_show_mem - the free memory as text
 * @m: the mirror
 * @list: zones to show, in this order, the first ZONES_SHOWN of them
 * @nodemask: only those of these nodes, bit by node; 0 for all
 * @out: gets the lines: one about the mirror and three for each zone, in KiB
 *
 * Context: Any; takes zone locks, one at a time, and has none while @out is called.
 */
void mirror_show_mem(const struct mirror *m, const struct mirror_zonelist *list,
		     u64 nodemask, const struct mirror_lines *out)
{
	struct line line = { .len = 0 };
	unsigned int i, shown = 0;

	show_sum(m, &line, out);
	for (i = 0; i < list->nr; i++) {
		struct mirror_zone *zone = list->refs[i].zone;

		if (nodemask && !(nodemask & BIT_ULL(zone->node->nid)))
			continue;
		if (++shown > ZONES_SHOWN)
			continue;
		show_marks(zone, &line, out);
		show_free(zone, &line, out);
	}
	if (shown <= ZONES_SHOWN)
		return;
	add(&line, "%u more zones are not shown", shown - ZONES_SHOWN);
	end(&line, out);
}

/* both, in the log ---------------------------------------------------------------- */

static void log_line(void *arg, const char *line)
{
	pr_warn("%s\n", line);
}

static bool has_dma(const struct mirror *m)
{
	const struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i)
		if (node->zones[MIRROR_ZONE_DMA].managed)
			return true;
	return false;
}

/**
 * mirror_warn_alloc - report a failed allocation in the log
 * @m: the mirror
 * @gfp: of the request
 * @order: of the request
 * @nid: preferred node; only its zones are shown with __MIRROR_GFP_THISNODE
 * @nodemask: allowed nodes, bit by node; 0 for all
 *
 * Silent, as the kernel's own, for __MIRROR_GFP_NOWARN, for a request for DMA
 * where there is no such zone, and more than once in ten seconds; also once the
 * mirror is out of service, which was reported then.
 *
 * Context: Any.
 */
void mirror_warn_alloc(struct mirror *m, u32 gfp, unsigned int order, int nid,
		       u64 nodemask)
{
	const struct mirror_lines log = { .emit = log_line };
	const struct mirror_node *node = mirror_node_at(m, nid);

	if (gfp & __MIRROR_GFP_NOWARN || mirror_is_broken(m) ||
	    (gfp & __MIRROR_GFP_DMA && !has_dma(m)) ||
	    !__ratelimit(&m->failure_limit))
		return;
	mirror_show_request(m, gfp, order, nid, nodemask, &log);
	dump_stack();
	if (node)
		mirror_show_mem(m, gfp & __MIRROR_GFP_THISNODE ? &node->nofallback :
				&node->fallback, nodemask, &log);
}
