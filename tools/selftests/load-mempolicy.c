// SPDX-License-Identifier: GPL-2.0
/*
 * Where a request is served: its node, its nodes, THISNODE, the file's memory
 * policy; and how that is counted.
 *
 * A mirror of four nodes of 64 MiB. CPU 0 is on node 0, CPU 1 on node 2; 1 and 3
 * have none. Seen from 0 the order is 0 1 2 3, from 1 it is 1 0 3 2, and so on.
 */
#include <linux/mempolicy.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include "nodes.h"

#define PARAMETERS							\
	"nodes=4 cpus=0:0,1:2 "						\
	"distance=10,15,20,25,15,10,25,20,20,25,10,15,25,20,15,10"
#define NODE_PAGES	16384
/* Nothing is kept back from these. */
#define GFP_ALL		(__MIRROR_GFP_MEMALLOC | __MIRROR_GFP_NOWARN)
#define LARGE		10
#define LARGE_PAGES	1024
#define ANY		MIRROR_MM_NODE_ANY

FIXTURE(nodes)
{
	int fd;
};

FIXTURE_SETUP(nodes)
{
	if (st_loaded_module("mirror_mm"))
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, st_insmod_more(PARAMETERS));
	ASSERT_EQ(0, st_run_on(0));
	self->fd = st_open();
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(nodes)
{
	st_close_all();
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

static int alloc_from(int fd, int node, uint64_t mask, unsigned int order,
		      unsigned int gfp)
{
	struct mirror_mm_alloc block = {
		.order = order,
		.gfp = gfp,
		.node = node,
		.flags = mask ? MIRROR_MM_ALLOC_NODEMASK : 0,
		.nodemask = mask,
	};
	int ret = st_ioctl(fd, MIRROR_MM_ALLOC, &block);

	return ret ?: block.node;
}

/* The node of an ordinary page, by the policy. */
static int one(int fd)
{
	return alloc_from(fd, ANY, 0, 0, ST_GFP | __MIRROR_GFP_NOWARN);
}

static int set_policy(int fd, unsigned int mode, uint64_t nodes)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_SET_MEMPOLICY,
		.mempolicy = { .mode = mode, .nodemask = nodes },
	};

	return st_ioctl(fd, MIRROR_MM_CTL, &arg);
}

static struct mirror_mm_mempolicy get_policy(int fd)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_GET_MEMPOLICY };

	if (st_ioctl(fd, MIRROR_MM_CTL, &arg))
		memset(&arg, 0xff, sizeof(arg));
	return arg.mempolicy;
}

/* Takes all of a node; how many blocks. */
static unsigned int fill_node(int fd, int node)
{
	const unsigned int gfp = GFP_ALL | __MIRROR_GFP_THISNODE;
	unsigned int nr = 0;
	int order;

	for (order = LARGE; order >= 0; order--)
		while (alloc_from(fd, node, 0, order, gfp) == node)
			nr++;
	return nr;
}

/* node and nodemask ---------------------------------------------------------- */

TEST_F(nodes, node_that_is_asked_for)
{
	int nid;

	for (nid = 0; nid < 4; nid++) {
		EXPECT_EQ(nid, alloc_from(self->fd, nid, 0, 0, ST_GFP));
		EXPECT_EQ(nid, alloc_from(self->fd, nid, 0, 5, ST_GFP_MOVABLE));
		EXPECT_EQ(nid, alloc_from(self->fd, nid, 0, 0,
					  ST_GFP | __MIRROR_GFP_THISNODE));
	}
	EXPECT_EQ(-ENODEV, alloc_from(self->fd, 4, 0, 0, ST_GFP));
	EXPECT_EQ(-ENODEV, alloc_from(self->fd, -2, 0, 0, ST_GFP));
}

TEST_F(nodes, node_of_the_cpu)
{
	EXPECT_EQ(0, one(self->fd));
	ASSERT_EQ(0, st_run_on(1));
	EXPECT_EQ(2, one(self->fd));
}

TEST_F(nodes, full_node_falls_back_by_distance)
{
	static const int order[] = { 1, 0, 3, 2 };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		EXPECT_EQ(order[i], alloc_from(self->fd, 1, 0, 0, ST_GFP));
		if (i == 3)
			break;
		fill_node(self->fd, order[i]);
		EXPECT_EQ(-ENOMEM, alloc_from(self->fd, order[i], 0, LARGE,
					      GFP_ALL | __MIRROR_GFP_THISNODE));
	}
}

TEST_F(nodes, nodemask_leaves_out_the_others)
{
	int nid;

	for (nid = 0; nid < 4; nid++) {
		EXPECT_EQ(nid, alloc_from(self->fd, ANY, 1 << nid, 0, ST_GFP));
		EXPECT_EQ(nid, alloc_from(self->fd, 3 - nid, 1 << nid, 0, ST_GFP));
	}
	EXPECT_EQ(1, alloc_from(self->fd, 0, 0xe, 0, ST_GFP));
	EXPECT_EQ(2, alloc_from(self->fd, 0, 0xc, 0, ST_GFP));
	EXPECT_EQ(3, alloc_from(self->fd, 1, 0xc, 0, ST_GFP));
	EXPECT_EQ(1, alloc_from(self->fd, 1, 0xf, 0, ST_GFP));
	EXPECT_EQ(-ENOMEM, alloc_from(self->fd, 1, 1, 0,
				      ST_GFP | __MIRROR_GFP_THISNODE |
				      __MIRROR_GFP_NOWARN));
}

TEST_F(nodes, nodemask_holds_when_its_nodes_are_full)
{
	const unsigned int gfp = ST_GFP | __MIRROR_GFP_NOWARN;
	unsigned int nr = 0;

	while (alloc_from(self->fd, 0, 1 << 1, LARGE, gfp) == 1)
		nr++;
	EXPECT_GE(NODE_PAGES / LARGE_PAGES, nr);
	EXPECT_LE(NODE_PAGES / LARGE_PAGES - 1, nr);
	EXPECT_EQ(-ENOMEM, alloc_from(self->fd, 0, 1 << 1, LARGE, gfp));
	EXPECT_EQ(0, alloc_from(self->fd, 0, 1 << 1 | 1, LARGE, gfp));
}

/* They would rather be served by the wrong node than not at all. */
TEST_F(nodes, reserves_are_for_requests_beyond_their_nodemask)
{
	EXPECT_EQ(NODE_PAGES / LARGE_PAGES, fill_node(self->fd, 1));
	EXPECT_EQ(0, alloc_from(self->fd, 0, 1 << 1, 0, GFP_ALL));
	EXPECT_EQ(0, alloc_from(self->fd, 0, 1 << 1, 0, MIRROR_GFP_ATOMIC));
	EXPECT_EQ(-ENOMEM, alloc_from(self->fd, 0, 1 << 1, 0,
				      MIRROR_GFP_NOWAIT));
	EXPECT_EQ(-ENOMEM, alloc_from(self->fd, 0, 1 << 1, 0,
				      ST_GFP | __MIRROR_GFP_HIGH |
				      __MIRROR_GFP_NOWARN));
}

TEST_F(nodes, nodemask_of_no_node_is_ENODEV)
{
	unsigned int bit;

	for (bit = 4; bit < 64; bit++) {
		EXPECT_EQ(-ENODEV, alloc_from(self->fd, ANY, 1ull << bit, 0, ST_GFP));
		EXPECT_EQ(-ENODEV, alloc_from(self->fd, ANY, 1ull << bit | 1, 0,
					      ST_GFP));
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(nodes, nodemask_is_looked_at_where_a_flag_says_so)
{
	struct mirror_mm_alloc block = { .gfp = ST_GFP, .nodemask = 1 << 3 };
	struct mirror_mm_op op = { .opcode = MIRROR_MM_OP_ALLOC };

	ASSERT_EQ(0, st_ioctl(self->fd, MIRROR_MM_ALLOC, &block));
	EXPECT_EQ(0, block.node);
	block = (struct mirror_mm_alloc){ .gfp = ST_GFP,
					  .flags = MIRROR_MM_ALLOC_NODEMASK };
	ASSERT_EQ(0, st_ioctl(self->fd, MIRROR_MM_ALLOC, &block));
	EXPECT_EQ(0, block.node);
	/* An operation of a program that knows no nodemask may hold anything. */
	memset(&op.alloc, 0xa5, sizeof(op.alloc));
	op.alloc.order = 0;
	op.alloc.gfp = ST_GFP;
	op.alloc.node = 1;
	op.alloc.flags = 0;
	ASSERT_EQ(1, st_submit(self->fd, &op, 1));
	EXPECT_EQ(0, op.result);
	EXPECT_EQ(1, op.alloc.node);
	op.alloc.flags = MIRROR_MM_ALLOC_NODEMASK;
	op.alloc.nodemask = 1 << 2;
	ASSERT_EQ(1, st_submit(self->fd, &op, 1));
	EXPECT_EQ(0, op.result);
	EXPECT_EQ(2, op.alloc.node);
}

/* A struct of version 1 ends before the nodemask. */
TEST_F(nodes, older_programs_are_served)
{
	struct mirror_mm_alloc block = { .gfp = ST_GFP, .node = 1 };
	const size_t old = offsetof(struct mirror_mm_alloc, nodemask);

	memset(&block.nodemask, 0xa5, sizeof(block.nodemask));
	ASSERT_EQ(0, st_ioctl(self->fd, st_resized(MIRROR_MM_ALLOC, old), &block));
	EXPECT_EQ(1, block.node);
	EXPECT_NE(0, block.id);
	EXPECT_EQ(0xa5a5a5a5a5a5a5a5ull, block.nodemask);
	EXPECT_EQ(-EINVAL, st_ioctl(self->fd, st_resized(MIRROR_MM_ALLOC, old - 1),
				    &block));
	/* The flag without the field means all nodes. */
	block = (struct mirror_mm_alloc){ .gfp = ST_GFP, .node = 1, .nodemask = 4,
					  .flags = MIRROR_MM_ALLOC_NODEMASK };
	ASSERT_EQ(0, st_ioctl(self->fd, st_resized(MIRROR_MM_ALLOC, old), &block));
	EXPECT_EQ(1, block.node);
}

/* counters --------------------------------------------------------------------- */

struct counts {
	long long hit, miss, foreign, interleave, local, other;
};

static struct counts counts_of(int nid)
{
	return (struct counts){
		st_numa(nid, "numa_hit"), st_numa(nid, "numa_miss"),
		st_numa(nid, "numa_foreign"), st_numa(nid, "interleave_hit"),
		st_numa(nid, "local_node"), st_numa(nid, "other_node"),
	};
}

#define EXPECT_COUNTS(nid, ...)						\
do {									\
	struct counts is = counts_of(nid), want = { __VA_ARGS__ };	\
									\
	EXPECT_EQ(want.hit, is.hit);					\
	EXPECT_EQ(want.miss, is.miss);					\
	EXPECT_EQ(want.foreign, is.foreign);				\
	EXPECT_EQ(want.interleave, is.interleave);			\
	EXPECT_EQ(want.local, is.local);				\
	EXPECT_EQ(want.other, is.other);				\
} while (0)

TEST_F(nodes, allocations_are_counted_where_they_come_from)
{
	EXPECT_COUNTS(0, 0);
	EXPECT_EQ(0, alloc_from(self->fd, 0, 0, 3, ST_GFP));
	EXPECT_EQ(0, alloc_from(self->fd, ANY, 0, 3, ST_GFP));
	EXPECT_EQ(3, alloc_from(self->fd, 3, 0, 0, ST_GFP));
	EXPECT_COUNTS(0, .hit = 2, .local = 2);
	EXPECT_COUNTS(3, .hit = 1, .other = 1);
	ASSERT_EQ(0, st_run_on(1));
	EXPECT_EQ(0, alloc_from(self->fd, 0, 0, 0, ST_GFP));
	EXPECT_EQ(2, alloc_from(self->fd, 2, 0, 0, ST_GFP));
	EXPECT_COUNTS(0, .hit = 3, .local = 2, .other = 1);
	EXPECT_COUNTS(2, .hit = 1, .local = 1);
	EXPECT_COUNTS(1, 0);
}

/* The nodemask is what the request prefers: it is a hit then. */
TEST_F(nodes, misses_are_counted_at_both_ends)
{
	const unsigned int blocks = fill_node(self->fd, 1);

	EXPECT_COUNTS(1, .hit = blocks, .other = blocks);
	EXPECT_EQ(0, alloc_from(self->fd, 1, 0, 0, ST_GFP));
	EXPECT_COUNTS(0, .miss = 1, .local = 1);
	EXPECT_COUNTS(1, .hit = blocks, .other = blocks, .foreign = 1);
	EXPECT_EQ(3, alloc_from(self->fd, 1, 1 << 3, 0, ST_GFP));
	EXPECT_COUNTS(3, .hit = 1, .other = 1);
	EXPECT_COUNTS(1, .hit = blocks, .other = blocks, .foreign = 1);
}

TEST_F(nodes, vmstat_and_zoneinfo_add_the_nodes_up)
{
	char *text;

	fill_node(self->fd, 1);
	EXPECT_EQ(0, alloc_from(self->fd, 1, 0, 0, ST_GFP));
	EXPECT_EQ(3, alloc_from(self->fd, 3, 0, 0, ST_GFP));
	text = st_debugfs("vmstat");
	ASSERT_NE(NULL, text);
	EXPECT_EQ(1 + NODE_PAGES / LARGE_PAGES, st_number(text, "numa_hit"));
	EXPECT_EQ(1, st_number(text, "numa_miss"));
	EXPECT_EQ(1, st_number(text, "numa_foreign"));
	EXPECT_EQ(1, st_number(text, "numa_local"));
	EXPECT_EQ(1 + NODE_PAGES / LARGE_PAGES, st_number(text, "numa_other"));
	free(text);
	EXPECT_EQ(65536, st_node_memory(1, "MemTotal"));
	EXPECT_EQ(65536, st_node_memory(1, "MemUsed"));
	EXPECT_EQ(0, st_node_memory(1, "MemFree"));
}

/* policies --------------------------------------------------------------------- */

TEST_F(nodes, policy_of_a_new_file)
{
	struct mirror_mm_mempolicy is = get_policy(self->fd);

	EXPECT_EQ(MIRROR_MPOL_DEFAULT, is.mode);
	EXPECT_EQ(0, is.nodemask);
	EXPECT_EQ(ANY, is.next_node);
}

TEST_F(nodes, policies_are_told_as_they_were_set)
{
	struct mirror_mm_mempolicy is;
	unsigned int mode;

	for (mode = MIRROR_MPOL_BIND; mode < MIRROR_MPOL_MAX; mode++) {
		if (mode == MIRROR_MPOL_LOCAL)
			continue;
		ASSERT_EQ(0, set_policy(self->fd, mode, 0xa | 1ull << 63));
		is = get_policy(self->fd);
		EXPECT_EQ(mode, is.mode);
		EXPECT_EQ(0xa, is.nodemask);
	}
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_PREFERRED, 0xc));
	is = get_policy(self->fd);
	EXPECT_EQ(4, is.nodemask);
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_PREFERRED, 0));
	is = get_policy(self->fd);
	EXPECT_EQ(MIRROR_MPOL_LOCAL, is.mode);
	EXPECT_EQ(0, is.nodemask);
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_DEFAULT, 0));
	is = get_policy(self->fd);
	EXPECT_EQ(MIRROR_MPOL_DEFAULT, is.mode);
}

/* A refused one leaves the old one in place. */
TEST_F(nodes, modes_and_masks_against_the_rules)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_SET_MEMPOLICY };
	struct mirror_mm_mempolicy is;
	unsigned int i;

	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_BIND, 2));
	EXPECT_EQ(-EINVAL, set_policy(self->fd, MIRROR_MPOL_MAX, 1));
	EXPECT_EQ(-EINVAL, set_policy(self->fd, MIRROR_MPOL_MAX, 0));
	EXPECT_EQ(-EINVAL, set_policy(self->fd, ~0u, 1));
	EXPECT_EQ(-EINVAL, set_policy(self->fd, MIRROR_MPOL_BIND | 1u << 15, 1));
	arg.mempolicy.next_node = 1;
	EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	arg.mempolicy.next_node = 0;
	arg.flags = 1;
	EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	arg.flags = 0;
	for (i = 2; i < ARRAY_SIZE(arg.reserved); i++) {
		arg.reserved[i] = 1ull << 63;
		EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
		arg.reserved[i] = 0;
	}
	arg.cmd = MIRROR_MM_CTL_GRANT + 1;
	EXPECT_EQ(-EOPNOTSUPP, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	arg.cmd = ~0u;
	EXPECT_EQ(-EOPNOTSUPP, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	is = get_policy(self->fd);
	EXPECT_EQ(MIRROR_MPOL_BIND, is.mode);
	EXPECT_EQ(2, is.nodemask);
}

/* What set_mempolicy() of the running kernel says to the same. */
static int kernel_set(unsigned int mode, uint64_t nodes)
{
	return syscall(SYS_set_mempolicy, mode, &nodes, 64) ? -errno : 0;
}

static struct mirror_mm_mempolicy kernel_get(void)
{
	unsigned long nodes[1024 / 64] = {};
	struct mirror_mm_mempolicy is = {};
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, nodes, 1024, NULL, 0))
		perror("# get_mempolicy");
	is.mode = mode;
	is.nodemask = nodes[0];
	return is;
}

/*
 * On a mirror with the kernel's one node: each mode with each mask has the same
 * errno, and leaves the same policy behind.
 */
TEST_F(nodes, rules_are_the_kernels)
{
	static const uint64_t masks[] = { 0, 1, 2, 3, 1ull << 40, 1ull << 40 | 1 };
	bool weighted = !kernel_set(MIRROR_MPOL_WEIGHTED_INTERLEAVE, 1);
	struct mirror_mm_mempolicy kernel, mirror;
	unsigned int mode, i;

	close(self->fd);
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, st_insmod_more("nodes=1"));
	self->fd = st_open();
	ASSERT_EQ(0, kernel_set(MPOL_DEFAULT, 0));
	for (mode = 0; mode < 12; mode++) {
		if (mode == MIRROR_MPOL_WEIGHTED_INTERLEAVE && !weighted)
			continue;
		for (i = 0; i < ARRAY_SIZE(masks); i++) {
			EXPECT_EQ(kernel_set(mode, masks[i]),
				  set_policy(self->fd, mode, masks[i])) {
				TH_LOG("mode %u mask %#llx", mode,
				       (unsigned long long)masks[i]);
			}
			kernel = kernel_get();
			mirror = get_policy(self->fd);
			EXPECT_EQ(kernel.mode, mirror.mode);
			EXPECT_EQ(kernel.nodemask, mirror.nodemask);
		}
	}
	EXPECT_EQ(0, kernel_set(MPOL_DEFAULT, 0));
}

TEST_F(nodes, interleave_takes_turns)
{
	static const int turns[] = { 0, 2, 3, 0, 2, 3, 0 };
	unsigned int i;

	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xd));
	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		EXPECT_EQ(turns[i], get_policy(self->fd).next_node);
		EXPECT_EQ(turns[i], one(self->fd));
	}
	EXPECT_COUNTS(0, .hit = 3, .interleave = 3, .local = 3);
	EXPECT_COUNTS(1, 0);
	EXPECT_COUNTS(2, .hit = 2, .interleave = 2, .other = 2);
	EXPECT_COUNTS(3, .hit = 2, .interleave = 2, .other = 2);
	/* It begins anew. */
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xd));
	EXPECT_EQ(0, one(self->fd));
}

/* Also among the operations of one SUBMIT, which are all alike. */
TEST_F(nodes, interleave_takes_turns_inside_a_submit)
{
	static const int turns[] = { 1, 2, 3, 1, 2, 3, 1 };
	struct mirror_mm_op ops[ARRAY_SIZE(turns)];
	unsigned int i;

	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xe));
	for (i = 0; i < ARRAY_SIZE(turns); i++)
		st_op_alloc(&ops[i], 0, ST_GFP);
	ASSERT_EQ(ARRAY_SIZE(turns), st_submit(self->fd, ops, ARRAY_SIZE(turns)));
	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		EXPECT_EQ(0, ops[i].result);
		EXPECT_EQ(turns[i], ops[i].alloc.node);
	}
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_DEFAULT, 0));
	st_op_alloc(&ops[0], 0, ST_GFP);
	ASSERT_EQ(1, st_submit(self->fd, ops, 1));
	EXPECT_EQ(0, ops[0].alloc.node);
}

/* The turn counts, whoever served it; a miss is no interleave hit. */
TEST_F(nodes, interleave_over_a_full_node)
{
	fill_node(self->fd, 1);
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xa));
	EXPECT_EQ(0, one(self->fd));
	EXPECT_EQ(3, one(self->fd));
	EXPECT_EQ(0, one(self->fd));
	EXPECT_EQ(0, st_numa(1, "interleave_hit"));
	EXPECT_EQ(2, st_numa(1, "numa_foreign"));
	EXPECT_EQ(0, st_numa(0, "interleave_hit"));
	EXPECT_EQ(1, st_numa(3, "interleave_hit"));
}

TEST_F(nodes, what_a_request_says_goes_before_the_policy)
{
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xc));
	EXPECT_EQ(1, alloc_from(self->fd, 1, 0, 0, ST_GFP));
	EXPECT_EQ(1, alloc_from(self->fd, ANY, 1 << 1, 0, ST_GFP));
	EXPECT_EQ(0, alloc_from(self->fd, ANY, 0, 0,
				ST_GFP | __MIRROR_GFP_THISNODE));
	EXPECT_EQ(2, one(self->fd));
	EXPECT_EQ(3, one(self->fd));
	EXPECT_EQ(0, st_numa(1, "interleave_hit"));
}

TEST_F(nodes, policy_belongs_to_the_file)
{
	int other = st_open(), same = dup(self->fd);

	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_PREFERRED, 1 << 3));
	EXPECT_EQ(0, one(other));
	EXPECT_EQ(3, one(same));
	EXPECT_EQ(3, one(self->fd));
	close(same);
	EXPECT_EQ(3, one(self->fd));
}

static int write_weight(int nid, const char *text)
{
	char path[32];

	snprintf(path, sizeof(path), "node%d/weight", nid);
	return st_debugfs_write(path, text);
}

TEST_F(nodes, weighted_interleave_takes_turns_by_weight)
{
	static const int turns[] = { 0, 0, 0, 1, 3, 3, 0, 0, 0, 1, 3, 3, 0 };
	unsigned int i;

	EXPECT_TRUE(st_node_says(0, "weight", "1\n"));
	EXPECT_EQ(0, write_weight(0, "3"));
	EXPECT_EQ(0, write_weight(3, "2"));
	EXPECT_TRUE(st_node_says(0, "weight", "3\n"));
	EXPECT_EQ(-EINVAL, write_weight(0, "0"));
	EXPECT_EQ(-EINVAL, write_weight(0, "256"));
	EXPECT_TRUE(st_node_says(0, "weight", "3\n"));
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_WEIGHTED_INTERLEAVE, 0xb));
	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		EXPECT_EQ(turns[i], get_policy(self->fd).next_node);
		EXPECT_EQ(turns[i], one(self->fd));
	}
	EXPECT_EQ(0, st_numa(0, "interleave_hit"));
}

TEST_F(nodes, preferred_is_a_start)
{
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_PREFERRED, 0xa));
	EXPECT_EQ(1, one(self->fd));
	fill_node(self->fd, 1);
	EXPECT_EQ(0, one(self->fd));
	EXPECT_EQ(1, st_numa(1, "numa_foreign"));
}

TEST_F(nodes, local_is_the_node_of_the_cpu)
{
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_LOCAL, 0));
	EXPECT_EQ(0, one(self->fd));
	ASSERT_EQ(0, st_run_on(1));
	EXPECT_EQ(2, one(self->fd));
}

TEST_F(nodes, bind_is_a_limit)
{
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_BIND, 0xa));
	EXPECT_EQ(1, one(self->fd));
	ASSERT_EQ(0, st_run_on(1));
	EXPECT_EQ(3, one(self->fd));
	fill_node(self->fd, 3);
	EXPECT_EQ(1, one(self->fd));
	fill_node(self->fd, 1);
	EXPECT_EQ(-ENOMEM, one(self->fd));
	EXPECT_EQ(0, alloc_from(self->fd, 0, 0, 0, ST_GFP));
}

TEST_F(nodes, preferred_many_is_a_wish)
{
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_PREFERRED_MANY, 0xa));
	EXPECT_EQ(1, one(self->fd));
	fill_node(self->fd, 1);
	EXPECT_EQ(3, one(self->fd));
	fill_node(self->fd, 3);
	EXPECT_EQ(0, one(self->fd));
	EXPECT_EQ(1, st_numa(0, "numa_hit"));
	EXPECT_EQ(0, st_numa(0, "numa_miss"));
}

/* Two threads share the turns; none is lost and none is given twice. */
#define TURNS	4000

static void *take_turns(void *arg)
{
	long failed = 0;
	int i, fd = *(int *)arg;

	for (i = 0; i < TURNS; i++)
		failed += one(fd) < 0;
	return (void *)failed;
}

TEST_F(nodes, turns_are_shared_by_threads)
{
	pthread_t thread;
	void *failed;
	cpu_set_t all;
	int nid;

	memset(&all, 0xff, sizeof(all));
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(all), &all));
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_INTERLEAVE, 0xf));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_turns, &self->fd));
	EXPECT_EQ(NULL, take_turns(&self->fd));
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	for (nid = 0; nid < 4; nid++)
		EXPECT_EQ(2 * TURNS / 4, st_numa(nid, "interleave_hit"));
}

static atomic_bool stop_changing;

static void *change_policy(void *arg)
{
	int fd = *(int *)arg;

	while (!stop_changing) {
		set_policy(fd, MIRROR_MPOL_INTERLEAVE, 0x3);
		set_policy(fd, MIRROR_MPOL_BIND, 0x2);
		set_policy(fd, MIRROR_MPOL_PREFERRED, 0x2);
		set_policy(fd, MIRROR_MPOL_WEIGHTED_INTERLEAVE, 0x3);
	}
	return NULL;
}

/* Whichever policy a request meets, it meets all of one. */
TEST_F(nodes, policy_changes_under_requests)
{
	pthread_t thread;
	cpu_set_t all;
	int i;

	memset(&all, 0xff, sizeof(all));
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(all), &all));
	ASSERT_EQ(0, set_policy(self->fd, MIRROR_MPOL_BIND, 0x2));
	ASSERT_EQ(0, pthread_create(&thread, NULL, change_policy, &self->fd));
	for (i = 0; i < TURNS; i++) {
		int nid = one(self->fd);

		EXPECT_TRUE(nid == 0 || nid == 1) {
			TH_LOG("node %d", nid);
		}
	}
	stop_changing = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
