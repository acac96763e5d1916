// SPDX-License-Identifier: GPL-2.0
/*
 * The order of nodes that Linux 6.12.117 itself reported, in guests with emulated
 * nodes: once as it booted, when no CPU was known yet, and once when it built its
 * zonelists again with all of them known. scripts/memory-nodes.sh asks the running
 * kernel again; what it said once is kept here, for quick looks.
 */
#include "fixture.h"

#define MAX_NODES	8
#define NODE_PAGES	256ul

struct recorded {
	const char *name;
	unsigned int nr_nodes;
	u32 cpus;		/* nodes that have some */
	u32 memoryless;
	u8 distance[MAX_NODES * MAX_NODES];
	const char *order[MAX_NODES];
};

static const struct recorded recorded[] = {
	{
		.name = "four nodes, not symmetric, CPUs unknown",
		.nr_nodes = 4,
		.distance = {
			10, 15, 25, 20,
			16, 10, 21, 21,
			30, 12, 10, 12,
			20, 21, 20, 10,
		},
		.order = {
			"0 1 3 2", "1 0 2 3", "2 3 1 0", "3 0 2 1",
		},
	}, {
		.name = "four nodes, not symmetric, CPUs on 0 1",
		.nr_nodes = 4, .cpus = 0x3,
		.distance = {
			10, 15, 25, 20,
			16, 10, 21, 21,
			30, 12, 10, 12,
			20, 21, 20, 10,
		},
		.order = {
			"0 1 3 2", "1 0 2 3", "2 3 1 0", "3 2 0 1",
		},
	}, {
		.name = "ring of four, 0 without memory, CPUs unknown",
		.nr_nodes = 4, .memoryless = 0x1,
		.distance = {
			10, 15, 20, 15,
			15, 10, 15, 20,
			20, 15, 10, 15,
			15, 20, 15, 10,
		},
		.order = {
			"1 3 2", "1 2 3", "2 3 1", "3 2 1",
		},
	}, {
		.name = "ring of four, 0 without memory, CPUs on 0 1 2",
		.nr_nodes = 4, .cpus = 0x7, .memoryless = 0x1,
		.distance = {
			10, 15, 20, 15,
			15, 10, 15, 20,
			20, 15, 10, 15,
			15, 20, 15, 10,
		},
		.order = {
			"3 1 2", "1 2 3", "2 3 1", "3 2 1",
		},
	}, {
		.name = "eight alike, CPUs unknown",
		.nr_nodes = 8,
		.distance = {
			10, 20, 20, 20, 20, 20, 20, 20,
			20, 10, 20, 20, 20, 20, 20, 20,
			20, 20, 10, 20, 20, 20, 20, 20,
			20, 20, 20, 10, 20, 20, 20, 20,
			20, 20, 20, 20, 10, 20, 20, 20,
			20, 20, 20, 20, 20, 10, 20, 20,
			20, 20, 20, 20, 20, 20, 10, 20,
			20, 20, 20, 20, 20, 20, 20, 10,
		},
		.order = {
			"0 1 2 3 4 5 6 7", "1 2 3 4 5 6 7 0",
			"2 3 4 5 6 7 0 1", "3 4 5 6 7 0 1 2",
			"4 5 6 7 0 1 2 3", "5 6 7 0 1 2 3 4",
			"6 7 0 1 2 3 4 5", "7 0 1 2 3 4 5 6",
		},
	}, {
		.name = "eight alike, CPUs on 0 3 6",
		.nr_nodes = 8, .cpus = 0x49,
		.distance = {
			10, 20, 20, 20, 20, 20, 20, 20,
			20, 10, 20, 20, 20, 20, 20, 20,
			20, 20, 10, 20, 20, 20, 20, 20,
			20, 20, 20, 10, 20, 20, 20, 20,
			20, 20, 20, 20, 10, 20, 20, 20,
			20, 20, 20, 20, 20, 10, 20, 20,
			20, 20, 20, 20, 20, 20, 10, 20,
			20, 20, 20, 20, 20, 20, 20, 10,
		},
		.order = {
			"0 1 2 4 5 7 3 6", "1 2 4 5 7 3 6 0",
			"2 4 5 7 3 6 1 0", "3 5 7 4 6 1 2 0",
			"4 7 5 6 1 2 0 3", "5 7 6 1 2 4 0 3",
			"6 7 1 2 4 5 0 3", "7 1 2 4 5 0 3 6",
		},
	}, {
		.name = "ring of eight, CPUs unknown",
		.nr_nodes = 8,
		.distance = {
			10, 15, 20, 25, 30, 25, 20, 15,
			15, 10, 15, 20, 25, 30, 25, 20,
			20, 15, 10, 15, 20, 25, 30, 25,
			25, 20, 15, 10, 15, 20, 25, 30,
			30, 25, 20, 15, 10, 15, 20, 25,
			25, 30, 25, 20, 15, 10, 15, 20,
			20, 25, 30, 25, 20, 15, 10, 15,
			15, 20, 25, 30, 25, 20, 15, 10,
		},
		.order = {
			"0 1 7 2 6 3 5 4", "1 2 0 7 3 6 4 5",
			"2 3 1 4 0 5 7 6", "3 4 2 5 1 6 0 7",
			"4 5 3 6 2 7 1 0", "5 6 4 7 3 0 2 1",
			"6 7 5 0 4 1 3 2", "7 0 6 1 5 2 4 3",
		},
	}, {
		.name = "ring of eight, CPUs on 0 1",
		.nr_nodes = 8, .cpus = 0x3,
		.distance = {
			10, 15, 20, 25, 30, 25, 20, 15,
			15, 10, 15, 20, 25, 30, 25, 20,
			20, 15, 10, 15, 20, 25, 30, 25,
			25, 20, 15, 10, 15, 20, 25, 30,
			30, 25, 20, 15, 10, 15, 20, 25,
			25, 30, 25, 20, 15, 10, 15, 20,
			20, 25, 30, 25, 20, 15, 10, 15,
			15, 20, 25, 30, 25, 20, 15, 10,
		},
		.order = {
			"0 7 1 2 6 3 5 4", "1 2 0 3 7 6 4 5",
			"2 3 1 4 0 5 7 6", "3 4 2 5 1 6 0 7",
			"4 5 3 6 2 7 1 0", "5 6 4 7 3 2 0 1",
			"6 7 5 4 0 3 1 2", "7 6 0 5 1 2 4 3",
		},
	}, {
		.name = "mesh of eight, CPUs unknown",
		.nr_nodes = 8,
		.distance = {
			10, 17, 24, 31, 17, 24, 31, 38,
			17, 10, 17, 24, 24, 17, 24, 31,
			24, 17, 10, 17, 31, 24, 17, 24,
			31, 24, 17, 10, 38, 31, 24, 17,
			17, 24, 31, 38, 10, 17, 24, 31,
			24, 17, 24, 31, 17, 10, 17, 24,
			31, 24, 17, 24, 24, 17, 10, 17,
			38, 31, 24, 17, 31, 24, 17, 10,
		},
		.order = {
			"0 1 4 2 5 3 6 7", "1 5 2 0 4 6 3 7",
			"2 6 3 1 5 7 0 4", "3 7 2 6 1 5 0 4",
			"4 5 0 6 1 7 2 3", "5 6 1 4 7 0 2 3",
			"6 7 2 5 1 3 4 0", "7 3 6 2 5 1 4 0",
		},
	}, {
		.name = "mesh of eight, CPUs on 0 2",
		.nr_nodes = 8, .cpus = 0x5,
		.distance = {
			10, 17, 24, 31, 17, 24, 31, 38,
			17, 10, 17, 24, 24, 17, 24, 31,
			24, 17, 10, 17, 31, 24, 17, 24,
			31, 24, 17, 10, 38, 31, 24, 17,
			17, 24, 31, 38, 10, 17, 24, 31,
			24, 17, 24, 31, 17, 10, 17, 24,
			31, 24, 17, 24, 24, 17, 10, 17,
			38, 31, 24, 17, 31, 24, 17, 10,
		},
		.order = {
			"0 1 4 5 2 3 6 7", "1 5 2 0 4 6 3 7",
			"2 6 3 1 5 7 0 4", "3 7 2 6 1 5 0 4",
			"4 5 0 6 1 7 2 3", "5 6 1 4 7 0 2 3",
			"6 7 5 2 1 3 4 0", "7 3 6 5 2 1 4 0",
		},
	}, {
		.name = "four sockets of two, CPUs unknown",
		.nr_nodes = 8,
		.distance = {
			10, 12, 21, 21, 21, 21, 21, 21,
			12, 10, 21, 21, 21, 21, 21, 21,
			21, 21, 10, 12, 21, 21, 21, 21,
			21, 21, 12, 10, 21, 21, 21, 21,
			21, 21, 21, 21, 10, 12, 21, 21,
			21, 21, 21, 21, 12, 10, 21, 21,
			21, 21, 21, 21, 21, 21, 10, 12,
			21, 21, 21, 21, 21, 21, 12, 10,
		},
		.order = {
			"0 1 2 3 4 5 6 7", "1 0 3 4 5 6 7 2",
			"2 3 4 5 6 7 0 1", "3 2 5 6 7 4 0 1",
			"4 5 6 7 0 1 2 3", "5 4 7 6 0 1 2 3",
			"6 7 0 1 2 3 4 5", "7 6 1 0 2 3 4 5",
		},
	}, {
		.name = "four sockets of two, CPUs on 0 1 3",
		.nr_nodes = 8, .cpus = 0xb,
		.distance = {
			10, 12, 21, 21, 21, 21, 21, 21,
			12, 10, 21, 21, 21, 21, 21, 21,
			21, 21, 10, 12, 21, 21, 21, 21,
			21, 21, 12, 10, 21, 21, 21, 21,
			21, 21, 21, 21, 10, 12, 21, 21,
			21, 21, 21, 21, 12, 10, 21, 21,
			21, 21, 21, 21, 21, 21, 10, 12,
			21, 21, 21, 21, 21, 21, 12, 10,
		},
		.order = {
			"0 1 2 4 5 6 7 3", "1 0 4 5 6 7 2 3",
			"2 3 5 6 7 4 0 1", "3 2 6 7 4 5 0 1",
			"4 5 7 6 2 0 1 3", "5 4 6 7 2 0 1 3",
			"6 7 2 4 5 0 1 3", "7 6 4 5 2 0 1 3",
		},
	}, {
		.name = "mesh of eight, 0 and 2 without memory, CPUs unknown",
		.nr_nodes = 8, .memoryless = 0x5,
		.distance = {
			10, 17, 24, 31, 17, 24, 31, 38,
			17, 10, 17, 24, 24, 17, 24, 31,
			24, 17, 10, 17, 31, 24, 17, 24,
			31, 24, 17, 10, 38, 31, 24, 17,
			17, 24, 31, 38, 10, 17, 24, 31,
			24, 17, 24, 31, 17, 10, 17, 24,
			31, 24, 17, 24, 24, 17, 10, 17,
			38, 31, 24, 17, 31, 24, 17, 10,
		},
		.order = {
			"1 4 5 3 6 7", "1 5 4 6 3 7",
			"6 3 1 5 7 4", "3 7 6 1 5 4",
			"4 5 6 1 7 3", "5 6 1 4 7 3",
			"6 7 5 1 3 4", "7 3 6 5 1 4",
		},
	}, {
		.name = "mesh of eight, 0 and 2 without memory, CPUs on 0 1 2",
		.nr_nodes = 8, .cpus = 0x7, .memoryless = 0x5,
		.distance = {
			10, 17, 24, 31, 17, 24, 31, 38,
			17, 10, 17, 24, 24, 17, 24, 31,
			24, 17, 10, 17, 31, 24, 17, 24,
			31, 24, 17, 10, 38, 31, 24, 17,
			17, 24, 31, 38, 10, 17, 24, 31,
			24, 17, 24, 31, 17, 10, 17, 24,
			31, 24, 17, 24, 24, 17, 10, 17,
			38, 31, 24, 17, 31, 24, 17, 10,
		},
		.order = {
			"4 1 5 3 6 7", "1 5 6 3 4 7",
			"3 6 1 5 7 4", "3 7 6 1 5 4",
			"4 5 6 1 7 3", "5 6 4 1 7 3",
			"6 7 5 4 3 1", "7 3 6 5 4 1",
		},
	},
};

KUNIT_ARRAY_PARAM_DESC(recorded, recorded, name);

static struct mirror *make(struct kunit *test, const struct recorded *r)
{
	struct mirror_range ranges[MAX_NODES];
	struct mirror_config conf;
	unsigned int i;

	mirror_test_config(&conf, 6, 5);
	conf.section_order = 8;
	conf.ranges = ranges;
	conf.nr_nodes = r->nr_nodes;
	conf.distance = r->distance;
	conf.cpus_late = true;
	for (i = 0; i < r->nr_nodes; i++)
		if (!(r->memoryless & BIT(i)))
			ranges[conf.nr_ranges++] = (struct mirror_range){
				TEST_PFN + i * NODE_PAGES,
				TEST_PFN + (i + 1) * NODE_PAGES, i };
	return mirror_test_create(test, &conf);
}

/* There may be fewer CPUs here than nodes that are to have some. */
static void give_cpus(struct kunit *test, struct mirror *m, u32 nodes)
{
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i) {
		KUNIT_ASSERT_FALSE(test, node->has_cpus);
		node->has_cpus = nodes & BIT(i);
	}
	mirror_free_zonelists(m);
	KUNIT_ASSERT_EQ(test, mirror_build_zonelists(m), 0);
}

static void print_nodes(const struct mirror_zonelist *list, char *text,
			size_t size)
{
	size_t len = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < list->nr; i++)
		len += scnprintf(text + len, size - len, "%s%d", i ? " " : "",
				 list->refs[i].zone->node->nid);
}

static void nodes_come_in_the_kernels_order(struct kunit *test)
{
	const struct recorded *r = test->param_value;
	struct mirror *m = make(test, r);
	struct mirror_node *node;
	char text[64];
	unsigned int i;

	if (r->cpus)
		give_cpus(test, m, r->cpus);
	mirror_for_each_node(m, node, i) {
		print_nodes(&node->fallback, text, sizeof(text));
		KUNIT_EXPECT_STREQ(test, text, r->order[i]);
		KUNIT_EXPECT_EQ(test, node->nofallback.nr,
				!(r->memoryless & BIT(i)));
	}
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(nodes_come_in_the_kernels_order, recorded_gen_params),
	{}
};

static struct kunit_suite order_suite = {
	.name = "mirror_zonelist_order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
