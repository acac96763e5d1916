// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile neighbour. Several processes of an ordinary user do all that their files
 * allow, and more; they are killed in the middle of it and come back. Meanwhile another
 * user works with blocks of his own: each of his calls has to end as if he were alone,
 * his memory has to hold what he wrote, and none of his steps may wait for theirs.
 */
#include "tenant.h"

#define LIMIT_FILE	"/sys/class/misc/mirror_mm/page_limit"

/* The neighbours' files have this part of the mirror each at most. */
#define LIMIT_PART	16

/* For each of those who map; together about 60,000. */
#define MAPPINGS	15000
#define MAPPERS		4
#define NEIGHBOURS	(MAPPERS + 4)

/* What they see of each other: how often each has done its worst, and what was wrong. */
static struct {
	uint64_t worst[NEIGHBOURS];
	uint64_t wrong;
} *seen;

/* the neighbours --------------------------------------------------------------------- */

static void wrong(void)
{
	__atomic_add_fetch(&seen->wrong, 1, __ATOMIC_RELAXED);
}

static void did_its_worst(unsigned int who)
{
	__atomic_add_fetch(&seen->worst[who], 1, __ATOMIC_RELAXED);
}

/* A block that has to be zeros. */
static char *take_block(int fd, unsigned int order, struct mirror_mm_alloc *block)
{
	char *addr;

	if (st_alloc(fd, order, ST_GFP_MOVABLE, block))
		return NULL;
	addr = st_map(fd, block);
	if (addr == MAP_FAILED)
		return NULL;
	if (st_not_zero(addr, st_block_size(block)))
		wrong();
	memset(addr, 0xee, st_block_size(block));
	return addr;
}

/* One block, mapped so often that its end takes long; all go at once, then again. */
static void map_thousands(int fd, unsigned int who)
{
	char *room = mmap(NULL, MAPPINGS * ST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct mirror_mm_alloc block;
	unsigned int i;

	if (room == MAP_FAILED || st_alloc(fd, 0, ST_GFP, &block))
		return;
	for (i = 0; i < MAPPINGS; i++) {
		if (mmap(room + i * ST_PAGE, ST_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, block.offset) == MAP_FAILED)
			wrong();
		else if (i % 64 == 0)
			st_poke(room + i * ST_PAGE, i);
	}
	for (i = 0; i < 20; i++) {
		did_its_worst(who);
		mprotect(room, MAPPINGS / 2 * ST_PAGE, i % 2 ? PROT_READ : PROT_NONE);
		if (st_free(fd, block.id))
			wrong();
		if (st_alloc(fd, 0, ST_GFP, &block))
			wrong();
	}
	munmap(room, MAPPINGS * ST_PAGE);
	st_free(fd, block.id);
}

/* Arrays that lie in holes, in a mapping of the device, and in a block they free. */
static void submit_from_anywhere(int fd, unsigned int who)
{
	struct mirror_mm_alloc home;
	struct mirror_mm_op *ops;
	char *bad = mmap(NULL, 2 * ST_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i, nr = ST_PAGE / sizeof(*ops);

	ops = (struct mirror_mm_op *)take_block(fd, 1, &home);
	if (!ops || bad == MAP_FAILED)
		return;
	mprotect(bad + ST_PAGE, ST_PAGE, who % 2 ? PROT_NONE : PROT_READ);
	for (i = 0; i < nr; i++) {
		st_op_alloc(&ops[i], i % 4, i % 3 ? ST_GFP : ~0u);
		st_op_alloc((struct mirror_mm_op *)bad + nr - 1 - i % nr, 0, ST_GFP);
	}
	st_submit(fd, ops, 2 * nr);
	for (i = 0; i < nr; i++)
		st_op_free(&ops[i], ops[i].alloc.id);
	st_op_free(&ops[nr / 2], home.id);
	st_submit(fd, ops, nr);
	st_submit(fd, (void *)(bad + ST_PAGE / 2), nr);
	st_submit(fd, (void *)bad + 8, MIRROR_MM_SUBMIT_MAX);
	munmap(ops, st_block_size(&home));
	munmap(bad, 2 * ST_PAGE);
	did_its_worst(who);
}

/* All that the limit allows, in pieces; nothing is freed but by the end of the file. */
static void take_all(int fd, unsigned int who)
{
	struct mirror_mm_alloc block;
	int ret, i, order;

	for (order = 5; order >= 0; order--) {
		for (i = 0; !(ret = st_alloc(fd, order, ST_GFP_MOVABLE, &block)); i++)
			if (i % 8 == 0)
				st_map(fd, &block);
		if (ret != -EDQUOT)
			wrong();
	}
	did_its_worst(who);
}

/* Children that have all mappings and die with them. */
static void fork_and_die(int fd, unsigned int who)
{
	struct mirror_mm_alloc block;
	char *addr;
	int i;

	for (i = 0; i < 64; i++) {
		addr = take_block(fd, i % 4, &block);
		if (!addr)
			break;
		if (i % 8)
			continue;
		if (!st_fork()) {
			memset(addr, 0xdd, st_block_size(&block));
			if (i % 16)
				raise(SIGKILL);
			st_free(fd, block.id);
			_exit(0);
		}
		st_free(fd, block.id);
		mremap(addr, st_block_size(&block), ST_PAGE, 0);
	}
	while (wait(NULL) > 0)
		;
	did_its_worst(who);
}

/* Descriptors for blocks that are gone, mapped and not. */
static void grant_and_free(int fd, unsigned int who)
{
	struct mirror_mm_alloc block;
	int granted[100], i;

	for (i = 0; i < 100; i++) {
		if (st_alloc(fd, i % 3, ST_GFP, &block))
			break;
		granted[i] = st_grant(fd, block.id, MIRROR_MM_GRANT_WRITE);
		if (granted[i] >= 0 && i % 2)
			st_map_at(granted[i], 0, ST_PAGE);
		st_free(fd, block.id);
	}
	while (i--)
		close(granted[i]);
	did_its_worst(who);
}

static __attribute__((noreturn)) void be_hostile(unsigned int who)
{
	int fd;

	st_close_all();
	if (st_become_nobody())
		_exit(1);
	for (;;) {
		fd = open(ST_NODE, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			_exit(2);
		if (who < MAPPERS)
			map_thousands(fd, who);
		else if (who == MAPPERS)
			submit_from_anywhere(fd, who);
		else if (who == MAPPERS + 1)
			take_all(fd, who);
		else if (who == MAPPERS + 2)
			fork_and_die(fd, who);
		else
			grant_and_free(fd, who);
		close(fd);
		st_unmap_all();
	}
}

static pid_t start_neighbour(unsigned int who)
{
	pid_t pid = st_fork();

	if (!pid)
		be_hostile(who);
	return pid;
}

/* the tenant ------------------------------------------------------------------------- */

static void tenant_round(struct __test_metadata *_metadata, struct tenant *t)
{
	unsigned int i = st_below(&t->seed, HELD), other = st_below(&t->seed, HELD);
	uint64_t pages = 0;

	give_one_back(_metadata, t, i);
	take_one(_metadata, t, i);
	ASSERT_EQ(0, st_differs(t->addr[other], st_block_size(&t->block[other]),
				tag_of(t, other)));
	for (i = 0; i < HELD; i++)
		pages += 1ull << t->block[i].order;
	ASSERT_EQ(HELD, st_held_blocks(t->fd));
	ASSERT_EQ(pages, st_held_pages(t->fd));
	ASSERT_EQ(0, st_waiting_blocks(t->fd));
}

/* both ---------------------------------------------------------------------------------- */

static int set_limit(uint64_t pages)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)pages);
	return st_write(LIMIT_FILE, text);
}

/* Until each has done its worst once, so that all mappings are there. */
static void wait_for_all(void)
{
	unsigned int who;

	for (who = 0; who < NEIGHBOURS; who++)
		while (!__atomic_load_n(&seen->worst[who], __ATOMIC_RELAXED) &&
		       !__atomic_load_n(&seen->wrong, __ATOMIC_RELAXED))
			usleep(10000);
}

#define ROUNDS	200

TEST_F_TIMEOUT(mirror, tenant_with_a_hostile_neighbour, 500)
{
	struct tenant t = { .fd = self->fd, .seed = st_seed() };
	pid_t pid[NEIGHBOURS];
	unsigned int i, who;

	seen = mmap(NULL, ST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)seen);
	ASSERT_EQ(0, st_make_node(0666));
	ASSERT_EQ(0, set_limit(self->info.nr_pages / LIMIT_PART));
	for (who = 0; who < NEIGHBOURS; who++) {
		pid[who] = start_neighbour(who);
		ASSERT_LT(0, pid[who]);
	}
	for (i = 0; i < HELD; i++)
		take_one(_metadata, &t, i);
	wait_for_all();
	t.waits = 0;
	t.faults = 0;
	t.calls = 0;
	for (i = 0; i < ROUNDS; i++) {
		tenant_round(_metadata, &t);
		if (i % 25)
			continue;
		who = i / 25 % NEIGHBOURS;
		ASSERT_EQ(128 + SIGKILL, end_neighbour(pid[who]));
		pid[who] = start_neighbour(who);
		ASSERT_LT(0, pid[who]);
	}
	for (who = 0; who < NEIGHBOURS; who++)
		EXPECT_EQ(128 + SIGKILL, end_neighbour(pid[who]));
	TH_LOG("%u calls waited %ld times; %ld faults", t.calls, t.waits, t.faults);
	EXPECT_EQ(0, seen->wrong);
	/*
	 * Four calls a round. The kernel may have reasons of its own, now and then; on
	 * PREEMPT_RT every spinlock of its mm is one, as it sleeps.
	 */
	EXPECT_LE(t.waits, t.calls / (access("/sys/kernel/realtime", F_OK) ? 400 : 40));
	/* A block lies in two windows of neighbouring pages at most. */
	EXPECT_LE(t.faults, 2 * ROUNDS + ROUNDS / 10);
	for (i = 0; i < HELD; i++)
		EXPECT_EQ(0, st_differs(t.addr[i], st_block_size(&t.block[i]), tag_of(&t, i)));
	ASSERT_EQ(0, set_limit(0));
	ASSERT_EQ(0, unlink(ST_NODE));
}

TEST_HARNESS_MAIN
