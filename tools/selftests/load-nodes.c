// SPDX-License-Identifier: GPL-2.0
/*
 * nodes=, distance= and cpus=: what they make, and what is refused.
 *
 * The guest has one node, two CPUs and 256 MiB in one range: 64 largest blocks.
 */
#include "load.h"
#include "nodes.h"

static int insmod(const char *parameters)
{
	return st_insmod("mirror_mm", parameters);
}

static void refused_by(struct __test_metadata *_metadata,
		       int (*load)(const char *parameters),
		       const char *parameters, const char *word)
{
	unsigned int lines = 0;
	struct st_log log;
	char text[2048];
	int level;

	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-EINVAL, load(parameters)) {
		TH_LOG("%s", parameters);
	}
	while (st_log_next(&log, &level, text, sizeof(text))) {
		if (level > 3)
			continue;
		lines++;
		EXPECT_NE(NULL, strstr(text, word)) {
			TH_LOG("no '%s' in '%s'", word, text);
		}
	}
	EXPECT_EQ(1, lines) {
		TH_LOG("%s", parameters);
	}
	st_log_close(&log);
}

static void refused(struct __test_metadata *_metadata, const char *parameters,
		    const char *word)
{
	refused_by(_metadata, st_insmod_more, parameters, word);
}

TEST_F(load, more_nodes_than_there_can_be)
{
	refused(_metadata, "nodes=0", "1 to 64");
	refused(_metadata, "nodes=", "1 to 64");
	refused(_metadata, "nodes=2,", "1 to 64");
	refused(_metadata, "nodes=2K", "1 to 64");
	refused(_metadata, "nodes=65", "1 to 64");
	refused(_metadata, "nodes=4294967295", "1 to 64");
}

TEST_F(load, more_nodes_than_blocks)
{
	unsigned long long base = self->range.base;
	struct mirror_mm_info info;
	char text[128];

	snprintf(text, sizeof(text), "region=4M@%#llx,4M@%#llx nodes=3", base,
		 base + 64 * MIB);
	refused_by(_metadata, insmod, text, "only 2 blocks of 4M");
	snprintf(text, sizeof(text), "region=4M@%#llx,4M@%#llx nodes=2", base,
		 base + 64 * MIB);
	ASSERT_EQ(0, st_insmod("mirror_mm", text));
	ASSERT_EQ(0, st_info(st_open(), &info));
	EXPECT_EQ(2, info.nr_nodes);
	EXPECT_EQ(4096, st_node_memory(1, "MemTotal"));
}

/* 64 blocks: the first nodes get those that do not go into equal parts. */
TEST_F(load, parts_that_are_not_equal)
{
	static const struct {
		unsigned int nodes;
		unsigned int larger;
		unsigned long kib;
	} parts[] = { { 3, 1, 86016 }, { 5, 4, 49152 }, { 63, 1, 4096 } };
	char text[32];
	unsigned int i, nid;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		snprintf(text, sizeof(text), "nodes=%u", parts[i].nodes);
		ASSERT_EQ(0, st_insmod_more(text));
		for (nid = 0; nid < parts[i].nodes; nid++)
			EXPECT_EQ(parts[i].kib + (nid < parts[i].larger) * 4096,
				  st_node_memory(nid, "MemTotal"));
		EXPECT_EQ(NULL, st_check());
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	}
}

TEST_F(load, nodes_named_twice)
{
	unsigned long long base = self->range.base;
	char text[128];

	snprintf(text, sizeof(text), "region=64M@%#llx:0 nodes=2", base);
	refused_by(_metadata, insmod, text, "leave one of the two out");
	snprintf(text, sizeof(text), "region=64M@%#llx:1,64M@%#llx nodes=2", base,
		 base + 128 * MIB);
	refused_by(_metadata, insmod, text, "leave one of the two out");
}

TEST_F(load, text_that_is_no_table)
{
	static const struct {
		const char *text;
		const char *word;
	} tables[] = {
		{ "", "not a number" },
		{ "10,20,20", "so many numbers" },
		{ "10", "1 nodes, but there are 2" },
		{ "11,20,20,10", "from itself" },
		{ "10,20,20,0", "from itself" },
		{ "10,10,20,10", "no farther" },
		{ "10,20,9,10", "no farther" },
		{ "10,20,256,10", "up to 255" },
		{ "10,20,99999999999,10", "up to 255" },
		{ "10,20,-20,10", "not a number" },
		{ "10,20,,10", "not a number" },
		{ "10,20,20,10,", "last comma" },
		{ "10,20,20,10x", "something follows" },
		{ "10;20;20;10", "something follows" },
		{ "0x10,20,20,10", "from itself" },
	};
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		snprintf(text, sizeof(text), "nodes=2 distance=%s",
			 tables[i].text);
		refused(_metadata, text, tables[i].word);
	}
}

TEST_F(load, text_that_is_no_map_of_cpus)
{
	static const struct {
		const char *text;
		const char *word;
	} maps[] = {
		{ "", "not the number" },
		{ "0", "without a node" },
		{ "0-N", "without a node" },
		{ "0-N:", "without a node" },
		{ "0-N:64", "without a node" },
		{ "0-N:x", "without a node" },
		{ "0:0", "has no node" },
		{ "1:1,late", "has no node" },
		{ "0-N:0,1:1", "twice" },
		{ "1-0:0", "not a range" },
		{ "0-x:0", "not a range" },
		{ "0-99999:0", "not a range" },
		{ "99999:0", "not the number" },
		{ "-1:0", "not the number" },
		{ "0-N:0,", "last comma" },
		{ "0-N:0;", "something follows" },
		{ "latest", "something follows" },
	};
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		snprintf(text, sizeof(text), "nodes=2 cpus=%s", maps[i].text);
		refused(_metadata, text, maps[i].word);
	}
}

/* Numbers and words are read as in region=. */
TEST_F(load, spelling_as_in_other_parameters)
{
	static const char * const ways[] = {
		"nodes=0x2", "nodes=2 cpus=0-n:0x1", "nodes=2 cpus=LATE,0-N:1",
		"nodes=2 distance=0xa,0x14,20,012",
	};
	struct mirror_mm_info info;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		ASSERT_EQ(0, st_insmod_more(ways[i])) {
			TH_LOG("%s", ways[i]);
		}
		fd = st_open();
		ASSERT_EQ(0, st_info(fd, &info));
		EXPECT_EQ(2, info.nr_nodes);
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	}
}

TEST_F(load, equal_parts_in_address_order)
{
	static const unsigned int parts[] = { 1, 2, 4, 64 };
	struct mirror_mm_info info;
	char text[32];
	unsigned int i, nid;
	int fd;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		snprintf(text, sizeof(text), "nodes=%u", parts[i]);
		ASSERT_EQ(0, st_insmod_more(text));
		fd = st_open();
		ASSERT_EQ(0, st_info(fd, &info));
		EXPECT_EQ(parts[i], info.nr_nodes);
		EXPECT_EQ(65536, info.nr_pages);
		for (nid = 0; nid < parts[i]; nid++) {
			struct mirror_mm_alloc block = {
				.node = nid,
				.gfp = ST_GFP | __MIRROR_GFP_THISNODE,
			};

			EXPECT_EQ(262144 / parts[i],
				  st_node_memory(nid, "MemTotal"));
			EXPECT_EQ(0, st_ioctl(fd, MIRROR_MM_ALLOC, &block));
			EXPECT_EQ(nid, block.node);
			EXPECT_EQ(nid, (block.pfn - info.start_pfn) /
				       (65536 / parts[i]));
		}
		EXPECT_EQ(NULL, st_check());
		close(fd);
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	}
}

/* Three nodes: the second begins in the first range and ends in the second. */
TEST_F(load, a_node_of_two_ranges)
{
	unsigned long long base = self->range.base;
	struct mirror_mm_info info;
	char text[128];
	unsigned int nid;
	int fd;

	snprintf(text, sizeof(text), "region=64M@%#llx,32M@%#llx nodes=3", base,
		 base + 128 * MIB);
	ASSERT_EQ(0, st_insmod("mirror_mm", text));
	fd = st_open();
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(3, info.nr_nodes);
	for (nid = 0; nid < 3; nid++)
		EXPECT_EQ(32768, st_node_memory(nid, "MemTotal"));
	EXPECT_EQ(NULL, st_check());
}

TEST_F(load, distances_are_told_and_order_the_nodes)
{
	static const char table[] =
		"nodes=4 cpus=0-N:0 distance=10,40,30,20,40,10,20,30,30,20,10,40,20,30,40,10";

	ASSERT_EQ(0, st_insmod_more(table));
	EXPECT_TRUE(st_node_says(0, "distance", "10 40 30 20\n"));
	EXPECT_TRUE(st_node_says(3, "distance", "20 30 40 10\n"));
	EXPECT_TRUE(st_node_says(0, "zonelist", "fallback: 0:Normal 3:Normal 2:Normal 1:Normal\n"
						"nofallback: 0:Normal\n"));
	EXPECT_TRUE(st_node_says(1, "zonelist", "fallback: 1:Normal 2:Normal 3:Normal 0:Normal\n"
						"nofallback: 1:Normal\n"));
}

TEST_F(load, distances_without_a_table)
{
	ASSERT_EQ(0, st_insmod_more("nodes=2"));
	EXPECT_TRUE(st_node_says(0, "distance", "10 20\n"));
	EXPECT_TRUE(st_node_says(1, "distance", "20 10\n"));
}

TEST_F(load, cpus_go_where_they_are_sent)
{
	ASSERT_EQ(0, st_insmod_more("nodes=4 cpus=1:3,0:1"));
	EXPECT_TRUE(st_node_says(0, "cpulist", "\n"));
	EXPECT_TRUE(st_node_says(1, "cpulist", "0\n"));
	EXPECT_TRUE(st_node_says(2, "cpulist", "\n"));
	EXPECT_TRUE(st_node_says(3, "cpulist", "1\n"));
	/* Two that have no CPUs before the one that has some. */
	EXPECT_TRUE(st_node_says(3, "zonelist", "fallback: 3:Normal 0:Normal 2:Normal 1:Normal\n"
						"nofallback: 3:Normal\n"));
}

TEST_F(load, cpus_that_come_late_order_nothing)
{
	ASSERT_EQ(0, st_insmod_more("nodes=4 cpus=late,1:3,0:1"));
	EXPECT_TRUE(st_node_says(1, "cpulist", "0\n"));
	EXPECT_TRUE(st_node_says(3, "zonelist", "fallback: 3:Normal 0:Normal 1:Normal 2:Normal\n"
						"nofallback: 3:Normal\n"));
}

/* One host node cannot be the map for two, so CPUs take turns. */
TEST_F(load, cpus_without_a_map)
{
	ASSERT_EQ(0, st_insmod_more("nodes=2"));
	EXPECT_TRUE(st_node_says(0, "cpulist", "0\n"));
	EXPECT_TRUE(st_node_says(1, "cpulist", "1\n"));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, st_insmod_more("nodes=1"));
	EXPECT_TRUE(st_node_says(0, "cpulist", "0-1\n"));
}

/* Nodes 1 and 3 are named, by region= and by the table, and have nothing. */
TEST_F(load, nodes_without_memory)
{
	unsigned long long base = self->range.base;
	struct mirror_mm_alloc block = { .node = 1, .gfp = ST_GFP };
	struct mirror_mm_info info;
	char text[256];
	int fd;

	snprintf(text, sizeof(text),
		 "region=64M@%#llx:0,64M@%#llx:2 cpus=0:1,1:3 distance=%s", base,
		 base + 64 * MIB,
		 "10,20,20,20,30,10,20,20,20,20,10,20,15,20,20,10");
	ASSERT_EQ(0, st_insmod("mirror_mm", text));
	fd = st_open();
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(4, info.nr_nodes);
	EXPECT_EQ(0, st_node_memory(1, "MemTotal"));
	EXPECT_EQ(0, st_node_memory(3, "MemTotal"));
	EXPECT_TRUE(st_node_says(1, "zonelist", "fallback: 2:Normal 0:Normal\n"
						"nofallback:\n"));
	EXPECT_TRUE(st_node_says(3, "zonelist", "fallback: 0:Normal 2:Normal\n"
						"nofallback:\n"));
	ASSERT_EQ(0, st_ioctl(fd, MIRROR_MM_ALLOC, &block));
	EXPECT_EQ(2, block.node);
	block = (struct mirror_mm_alloc){ .node = MIRROR_MM_NODE_ANY, .gfp = ST_GFP };
	ASSERT_EQ(0, st_run_on(1));
	ASSERT_EQ(0, st_ioctl(fd, MIRROR_MM_ALLOC, &block));
	EXPECT_EQ(0, block.node);
	block = (struct mirror_mm_alloc){ .node = 3,
					  .gfp = ST_GFP | __MIRROR_GFP_THISNODE };
	EXPECT_EQ(-ENOMEM, st_ioctl(fd, MIRROR_MM_ALLOC, &block));
	EXPECT_EQ(NULL, st_check());
}

/* As where the kernel has HIGHMEM: MOVABLE is cut from it. */
TEST_F(load, movable_is_high_above_highmem)
{
	ASSERT_EQ(0, st_insmod_more("zones=NORMAL:64M,HIGHMEM,MOVABLE:64M"));
	EXPECT_EQ(262144, st_node_memory(0, "MemTotal"));
	EXPECT_EQ(196608, st_node_memory(0, "HighTotal"));
	EXPECT_EQ(65536, st_node_memory(0, "LowTotal"));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, st_insmod_more("zones=NORMAL,MOVABLE:64M"));
	EXPECT_EQ(262144, st_node_memory(0, "MemTotal"));
	EXPECT_EQ(-1, st_node_memory(0, "HighTotal"));
}

TEST_HARNESS_MAIN
