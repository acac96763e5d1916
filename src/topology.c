// SPDX-License-Identifier: GPL-2.0
/*
 * Which memory and which CPUs make up a node, and how far it is from the others.
 *
 *   nodes=4                 all memory in four parts, in address order, as equal as
 *                           whole largest blocks allow
 *   distance=10,20,20,10    row by row, as numactl --hardware prints it
 *   cpus=0-3:0,4-N:1        CPUs and their node, N for the last CPU there is;
 *                           "late" in the list: see struct mirror_config
 *
 * There are as many nodes as any of these, or region=, names. Those without
 * memory are left to fall back on others, those without CPUs are local to nobody.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "topology.h"

#define MAX_DISTANCES	(MIRROR_MAX_NODES * MIRROR_MAX_NODES)

/* A number at most @max; advances @text. */
static bool parse_number(const char **text, unsigned int max,
			 unsigned int *value)
{
	u64 number;

	if (mirror_read_number(text, &number) || number > max)
		return false;
	*value = number;
	return true;
}

/* Words are read in either case. */
static bool step_over(const char **at, const char *word)
{
	if (strncasecmp(*at, word, strlen(word)))
		return false;
	*at += strlen(word);
	return true;
}

/* nodes= --------------------------------------------------------------------------- */

static unsigned long count_pages(const struct mirror_config *conf)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < conf->nr_ranges; i++)
		pages += conf->ranges[i].end_pfn - conf->ranges[i].start_pfn;
	return pages;
}

static bool names_nodes(const struct mirror_config *conf)
{
	unsigned int i;

	for (i = 0; i < conf->nr_ranges; i++)
		if (conf->ranges[i].nid != NUMA_NO_NODE)
			return true;
	return false;
}

static int bad_nodes(const char *text, const char *why)
{
	pr_err("nodes=%s: %s; there can be 1 to %d\n", text, why,
	       MIRROR_MAX_NODES);
	return -EINVAL;
}

static int read_nodes(const char *text, unsigned int *nodes)
{
	const char *at = text, *why;
	u64 value;

	why = mirror_read_number(&at, &value);
	if (why)
		return bad_nodes(text, why);
	if (!mirror_is_word(at, ""))
		return bad_nodes(text, "something follows the number");
	if (!value || value > MIRROR_MAX_NODES)
		return bad_nodes(text, "no such number of nodes");
	*nodes = value;
	return 0;
}

static int check_nodes(unsigned int nodes, const struct mirror_config *conf)
{
	unsigned long blocks = count_pages(conf) >> conf->max_order;

	if (names_nodes(conf)) {
		pr_err("nodes=%u: some range names a node of its own already; leave one of the two out\n",
		       nodes);
		return -EINVAL;
	}
	if (nodes > blocks) {
		pr_err("nodes=%u: there are only %lu blocks of %s; give at most as many nodes, or a larger region\n",
		       nodes, blocks,
		       mirror_size_text((u64)PAGE_SIZE << conf->max_order).s);
		return -EINVAL;
	}
	return 0;
}

/* Whole blocks; the first nodes get what does not go into equal parts. */
static unsigned long pages_of_node(const struct mirror_config *conf,
				   unsigned int nodes, unsigned int nid)
{
	unsigned long blocks = count_pages(conf) >> conf->max_order;

	return (blocks / nodes + (nid < blocks % nodes)) << conf->max_order;
}

/* Cuts the ranges wherever a node has got its part. */
static void split_ranges(struct mirror_topology *t, struct mirror_config *conf,
			 unsigned int nodes)
{
	unsigned long left = pages_of_node(conf, nodes, 0);
	unsigned int i, nr = 0;
	int nid = 0;

	for (i = 0; i < conf->nr_ranges; i++) {
		unsigned long pfn = conf->ranges[i].start_pfn;

		while (pfn < conf->ranges[i].end_pfn) {
			unsigned long end = min(pfn + left,
						conf->ranges[i].end_pfn);

			t->ranges[nr++] = (struct mirror_range){ pfn, end, nid };
			left -= end - pfn;
			pfn = end;
			if (left)
				continue;
			left = pages_of_node(conf, nodes, ++nid);
		}
	}
	conf->ranges = t->ranges;
	conf->nr_ranges = nr;
}

/* As somebody named them; all else is node 0's. */
static void keep_ranges(struct mirror_topology *t, struct mirror_config *conf)
{
	unsigned int i;

	for (i = 0; i < conf->nr_ranges; i++) {
		t->ranges[i] = conf->ranges[i];
		t->ranges[i].nid = max(t->ranges[i].nid, 0);
	}
	conf->ranges = t->ranges;
}

static int apply_nodes(struct mirror_topology *t, struct mirror_config *conf,
		       const struct mirror_topology_params *p)
{
	unsigned int nodes, i;
	int ret;

	if (p->nodes) {
		ret = read_nodes(p->nodes, &nodes) ?: check_nodes(nodes, conf);
		if (ret)
			return ret;
		split_ranges(t, conf, nodes);
	} else {
		keep_ranges(t, conf);
	}
	for (i = 0; i < conf->nr_ranges; i++)
		conf->nr_nodes = max_t(unsigned int, conf->nr_nodes,
				       conf->ranges[i].nid + 1);
	return 0;
}

/* cpus= ------------------------------------------------------------------------------ */

static int bad_cpus(const char *text, const char *why)
{
	pr_err("cpus=%s: %s; write CPUs:node, as in cpus=0-3:0,4-N:1, where N is the last CPU, here %u\n",
	       text, why, nr_cpu_ids - 1);
	return -EINVAL;
}

static bool parse_cpu(const char **at, unsigned int *cpu)
{
	if (!step_over(at, "N"))
		return parse_number(at, nr_cpu_ids - 1, cpu);
	*cpu = nr_cpu_ids - 1;
	return true;
}

/* One CPU or a range of them, and their node. */
static const char *parse_cpus_entry(const char **at, int *cpu_node,
				    unsigned int *nid)
{
	unsigned int first, last;

	if (!parse_cpu(at, &first))
		return "not the number of a CPU that there may be";
	last = first;
	if (step_over(at, "-") && (!parse_cpu(at, &last) || last < first))
		return "not a range of CPUs that there may be";
	if (!step_over(at, ":") || !parse_number(at, MIRROR_MAX_NODES - 1, nid))
		return "CPUs without a node from 0 to 63";
	for (; first <= last; first++) {
		if (cpu_node[first] != NUMA_NO_NODE)
			return "a CPU is named twice";
		cpu_node[first] = *nid;
	}
	return NULL;
}

static bool all_named(const int *cpu_node)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu_node[cpu] == NUMA_NO_NODE)
			return false;
	return true;
}

/* All entries of the list; those that name CPUs are counted. */
static const char *read_cpus(const char *at, struct mirror_topology *t,
			     struct mirror_config *conf, unsigned int *named)
{
	const char *why = NULL;
	unsigned int nid = 0;
	bool more = true;

	*named = 0;
	while (more && !why) {
		if (step_over(&at, "late")) {
			conf->cpus_late = true;
		} else {
			why = parse_cpus_entry(&at, t->cpu_node, &nid);
			conf->nr_nodes = max(conf->nr_nodes, nid + 1);
			++*named;
		}
		if (!why)
			why = mirror_list_next(&at, &more);
	}
	return why;
}

static int apply_cpus(struct mirror_topology *t, struct mirror_config *conf,
		      const char *text)
{
	unsigned int cpu, named;
	const char *why;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		t->cpu_node[cpu] = NUMA_NO_NODE;
	why = read_cpus(text, t, conf, &named);
	if (!why && named && !all_named(t->cpu_node))
		why = "a CPU that is online has no node";
	if (why)
		return bad_cpus(text, why);
	conf->cpu_node = t->cpu_node;
	return 0;
}

/* distance= --------------------------------------------------------------------------- */

static int bad_distance(const char *text, const char *why)
{
	pr_err("distance=%s: %s; write the table row by row, as in distance=10,20,20,10 for two nodes: 10 from a node to itself, 11 to 255 to another\n",
	       text, why);
	return -EINVAL;
}

static const char *read_table(const char *at, u8 *table, unsigned int *nr)
{
	const char *why = NULL;
	unsigned int value;
	bool more = true;

	*nr = 0;
	while (more && !why) {
		if (*nr == MAX_DISTANCES)
			return "more numbers than the largest table has";
		if (!parse_number(&at, U8_MAX, &value))
			return "not a number up to 255";
		table[(*nr)++] = value;
		why = mirror_list_next(&at, &more);
	}
	return why;
}

static const char *check_table(const u8 *table, unsigned int nr_nodes)
{
	unsigned int i;

	for (i = 0; i < nr_nodes * nr_nodes; i++) {
		bool self = i / nr_nodes == i % nr_nodes;

		if (self && table[i] != MIRROR_DISTANCE_LOCAL)
			return "a node is not at 10 from itself";
		if (!self && table[i] <= MIRROR_DISTANCE_LOCAL)
			return "a node is no farther from another than from itself";
	}
	return NULL;
}

static int apply_distance(struct mirror_topology *t, struct mirror_config *conf,
			  const char *text)
{
	unsigned int nr, nr_nodes;
	const char *wrong;

	wrong = read_table(text, t->distance, &nr);
	if (wrong)
		return bad_distance(text, wrong);
	nr_nodes = int_sqrt(nr);
	if (nr_nodes * nr_nodes != nr)
		return bad_distance(text, "no table has so many numbers");
	wrong = check_table(t->distance, nr_nodes);
	if (wrong)
		return bad_distance(text, wrong);
	if (nr_nodes < conf->nr_nodes) {
		pr_err("distance=%s: a table of %u nodes, but there are %u; give %u numbers\n",
		       text, nr_nodes, conf->nr_nodes,
		       conf->nr_nodes * conf->nr_nodes);
		return -EINVAL;
	}
	conf->nr_nodes = nr_nodes;
	conf->distance = t->distance;
	return 0;
}

/* all of it ---------------------------------------------------------------------------- */

/**
 * mirror_topology_create - make nodes of what was claimed
 * @p: what was written
 * @conf: has the ranges; gets the nodes
 *
 * Context: Process context; may sleep.
 * Return: what @conf now points to, to be freed once the mirror is made, or
 * ERR_PTR(): -EINVAL with a line in the log, -ENOMEM.
 */
struct mirror_topology *
mirror_topology_create(const struct mirror_topology_params *p,
		       struct mirror_config *conf)
{
	struct mirror_topology *t;
	int ret;

	t = kvzalloc(struct_size(t, cpu_node, nr_cpu_ids), GFP_KERNEL);
	if (!t)
		return ERR_PTR(-ENOMEM);
	ret = apply_nodes(t, conf, p);
	if (!ret && p->cpus)
		ret = apply_cpus(t, conf, p->cpus);
	if (!ret && p->distance)
		ret = apply_distance(t, conf, p->distance);
	if (!ret)
		return t;
	kvfree(t);
	return ERR_PTR(ret);
}

/**
 * mirror_topology_free - free it
 * @topology: from mirror_topology_create()
 *
 * Context: Process context; may sleep.
 */
void mirror_topology_free(struct mirror_topology *topology)
{
	kvfree(topology);
}
