// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what reads the texts about nodes and zones, at its edges; whole
 * recorded texts are those of recorded.sh. KTAP on stdout.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mirrorctl.h"
#include "numa.h"
#include "snapshot.h"

static int count, failures;

static void expect(bool good, const char *what)
{
	count++;
	failures += !good;
	printf("%sok %d %s\n", good ? "" : "not ", count, what);
}

/* What a parser says about a text for node 1, with nothing left behind. */
static int parse_alone(int (*parse)(struct numa_node *node, const char *text),
		       const char *text)
{
	struct numa numa = { 0 };
	int err;

	numa_add(&numa, 1);
	err = parse(&numa.nodes[0], text);
	numa_free(&numa);
	return err;
}

static bool all_refused(int (*parse)(struct numa_node *node, const char *text),
			const char * const *bad, size_t nr)
{
	bool refused = true;

	for (size_t i = 0; i < nr; i++) {
		if (parse_alone(parse, bad[i]) == -EPROTO)
			continue;
		printf("# taken: \"%s\"\n", bad[i]);
		refused = false;
	}
	return refused;
}

static void cpus_one_by_one_and_in_ranges(void)
{
	static const unsigned int wanted[] = { 0, 1, 2, 5, 7, 8 };
	struct numa numa = { 0 };
	struct numa_node *node;

	numa_add(&numa, 0);
	node = numa.nodes;
	expect(!numa_parse_cpulist(node, "0-2,5,7-8\n") && node->nr_cpus == 6 &&
	       !memcmp(node->cpus, wanted, sizeof(wanted)),
	       "CPUs one by one and in ranges");
	numa_free(&numa);
	numa_add(&numa, 0);
	expect(!numa_parse_cpulist(numa.nodes, "\n") && !numa.nodes->nr_cpus,
	       "a node without CPUs");
	numa_free(&numa);
}

static void lists_that_are_none(void)
{
	static const char * const bad[] = {
		"0-", "-1", "3-1", "0,,1", "0,", ",0", "1,1", "5,0-9", "0-3,2",
		"+1", " 1", "0 1", "one", "0x1", "0-4294967295",
		"99999999999999999999", "0-1;2",
	};

	expect(all_refused(numa_parse_cpulist, bad, ARRAY_SIZE(bad)),
	       "lists of CPUs that are none are refused");
}

static void near_and_far(void)
{
	static const char * const bad[] = {
		"", "\n", "10 far", "10 -20", "10 256", "10,20", "10 20x",
	};
	struct numa numa = { 0 };

	numa_add(&numa, 0);
	expect(!numa_parse_distance(numa.nodes, "10 20 255\n") &&
	       numa.nodes->nr_distances == 3 && numa.nodes->distances[2] == 255,
	       "distances up to that of a node out of reach");
	numa_free(&numa);
	expect(all_refused(numa_parse_distance, bad, ARRAY_SIZE(bad)),
	       "distances that are none are refused");
}

static void memory_of_a_node(void)
{
	static const char * const bad[] = {
		"",
		"Node 1 MemTotal: 100 kB\n",
		"Node 1 MemFree: 100 kB\n",
		"Node 0 MemTotal: 100 kB\nNode 0 MemFree: 50 kB\n",
		"Node 1 MemTotal: 100 kB\nNode 1 MemFree: 101 kB\n",
		"MemTotal: 100 kB\nMemFree: 50 kB\n",
		"Node 1 MemTotal:\n100 kB\nNode 1 MemFree: 50 kB\n",
	};
	struct numa numa = { 0 };

	numa_add(&numa, 1);
	expect(!numa_parse_meminfo(numa.nodes,
				   "\nNode 1 MemTotal:      262144 kB\n"
				   "Node 1 MemFree:       262140 kB\n"
				   "Node 1 MemUsed:            4 kB\n"
				   "Node 1 Active(anon):       1 kB\n"
				   "Node 1 HugePages_Total:    0\n") &&
	       numa.nodes->total == 262144 && numa.nodes->free == 262140,
	       "memory of a node, among lines that nobody asks for");
	numa_free(&numa);
	expect(all_refused(numa_parse_meminfo, bad, ARRAY_SIZE(bad)),
	       "another node's memory, or half of the truth, is refused");
	expect(!parse_alone(numa_parse_meminfo, "Node 1 MemTotal: 0 kB\n"
						"Node 1 MemFree: 0 kB\n"),
	       "a node without memory");
}

static void counts_of_a_node(void)
{
	static const char * const bad[] = {
		"", "numa_hit\n", "numa_hit -1x\n", "numa_hit 1 2\n",
		"numa_hit 1\n\nnuma_miss 2\n", "12\n", "numa_hit\n5\n",
	};
	struct numa numa = { 0 };

	numa_add(&numa, 0);
	expect(!numa_parse_numastat(numa.nodes, "numa_hit 18446744073709551615\n"
						"something_new 7\n") &&
	       numa.nodes->nr_stats == 2 && numa.nodes->stats[0].value == ~0ull &&
	       !strcmp(numa.nodes->stats[1].name, "something_new"),
	       "counts are taken by the names that the file has");
	numa_free(&numa);
	expect(all_refused(numa_parse_numastat, bad, ARRAY_SIZE(bad)),
	       "counts that are none are refused");
}

static void nodes_in_order(void)
{
	struct numa numa = { 0 };

	numa_add(&numa, 7);
	numa_add(&numa, 0);
	numa_add(&numa, 12);
	numa_add(&numa, 3);
	expect(numa.nr == 4 && numa.nodes[0].id == 0 && numa.nodes[1].id == 3 &&
	       numa.nodes[2].id == 7 && numa.nodes[3].id == 12,
	       "nodes are kept in the order of their numbers");
	expect(numa_add(&numa, 7) == -EEXIST && numa.nr == 4,
	       "no node comes twice");
	numa_free(&numa);
}

static void nodes_that_do_not_fit_together(void)
{
	struct numa numa = { 0 };

	numa_add(&numa, 0);
	numa_add(&numa, 1);
	numa_parse_distance(&numa.nodes[0], "10 20");
	numa_parse_distance(&numa.nodes[1], "20");
	numa_parse_numastat(&numa.nodes[0], "numa_hit 1\nnuma_miss 2\n");
	numa_parse_numastat(&numa.nodes[1], "numa_miss 1\nnuma_hit 2\n");
	expect(numa_mismatch(&numa, NUMA_DISTANCE) &&
	       strstr(numa_mismatch(&numa, NUMA_DISTANCE), "node1/distance"),
	       "a row of distances that is too short is named");
	expect(numa_mismatch(&numa, NUMA_NUMASTAT) &&
	       strstr(numa_mismatch(&numa, NUMA_NUMASTAT), "node1/numastat"),
	       "so are counts in another order");
	numa_parse_distance(&numa.nodes[1], "10");
	expect(!numa_mismatch(&numa, NUMA_DISTANCE), "nodes that fit together");
	numa_free(&numa);
}

static void protections(void)
{
	static const char * const bad[] = {
		"", "()", "(", "(1", "(1,", "(1, x)", "1, 2", "(1 2)",
		"(0, 1, 2, 3, 4, 5, 6, 7, 8)",
	};
	struct snapshot snap = { 0 };
	struct zone_snapshot *zone;
	unsigned int refused = 0;
	char text[128];

	expect(!snapshot_parse_zoneinfo(&snap,
					"Node 1, zone    DMA32\n"
					"        spanned  40960\n"
					"        present  24576\n"
					"        protection: (0, 0, 64, 160)\n"
					"    cpu: 0\n"
					"              high:     500\n"
					"  start_pfn:           1048576\n"),
	       "zoneinfo of a zone with a hole");
	zone = snapshot_zone(&snap, 1, "DMA32");
	expect(zone && zone->spanned == 40960 && zone->present == 24576 &&
	       zone->start_pfn == 1048576 && zone->nr_protection == 4 &&
	       zone->protection[2] == 64 && zone->protection[3] == 160,
	       "its place and its protection");
	expect(zone && zone->seen == (SNAPSHOT_SPANNED | SNAPSHOT_PRESENT |
				      SNAPSHOT_START | SNAPSHOT_PROTECTION),
	       "what it did not say is known to be missing");
	snapshot_free(&snap);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text),
			 "Node 0, zone Normal\n  protection: %s\n", bad[i]);
		refused += snapshot_parse_zoneinfo(&snap, text) ==
			   -SNAPSHOT_BAD_LINE - 2;
		snapshot_free(&snap);
	}
	expect(refused == ARRAY_SIZE(bad), "a protection that is none is refused");
}

int main(void)
{
	puts("TAP version 14");
	cpus_one_by_one_and_in_ranges();
	lists_that_are_none();
	near_and_far();
	memory_of_a_node();
	counts_of_a_node();
	nodes_in_order();
	nodes_that_do_not_fit_together();
	protections();
	printf("1..%d\n", count);
	return failures ? 1 : 0;
}
