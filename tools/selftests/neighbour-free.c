// SPDX-License-Identifier: GPL-2.0
/*
 * A neighbour's FREE that takes long, as processes of his have mapped the block tens of
 * thousands of times. Somebody else goes on with his own blocks in the meantime.
 */
#include <sched.h>
#include "tenant.h"

/* For each of those who map; together about 60,000. */
#define MAPPINGS	15000
#define MAPPERS		4

/* The tenant's steps during one such FREE. Where he waits for it, there is one. */
#define STEPS	20
#define TRIES	4

enum { MAPPING, READY, FREEING, FREED };

static struct {
	uint64_t state;
	uint64_t mapped;
	uint64_t may_free;
} *end;

static void map_and_touch(int fd, const struct mirror_mm_alloc *block)
{
	unsigned int i;
	char *addr;

	for (i = 0; i < MAPPINGS; i++) {
		addr = st_map(fd, block);
		if (addr == MAP_FAILED || st_poke(addr, i))
			_exit(3);
	}
	__atomic_add_fetch(&end->mapped, 1, __ATOMIC_SEQ_CST);
}

/* The one who frees, and children who have mapped the block too. */
static __attribute__((noreturn)) void free_what_many_have_mapped(void)
{
	struct mirror_mm_alloc block;
	pid_t child[MAPPERS - 1];
	int fd, i;

	st_close_all();
	if (st_become_nobody())
		_exit(1);
	fd = open(ST_NODE, O_RDWR | O_CLOEXEC);
	if (fd < 0 || st_alloc(fd, 0, ST_GFP, &block))
		_exit(2);
	for (i = 0; i < MAPPERS - 1; i++) {
		child[i] = st_fork();
		if (!child[i]) {
			map_and_touch(fd, &block);
			pause();
		}
	}
	map_and_touch(fd, &block);
	while (__atomic_load_n(&end->mapped, __ATOMIC_SEQ_CST) < MAPPERS)
		usleep(10000);
	__atomic_store_n(&end->state, READY, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&end->may_free, __ATOMIC_SEQ_CST))
		sched_yield();
	__atomic_store_n(&end->state, FREEING, __ATOMIC_SEQ_CST);
	i = st_free(fd, block.id);
	__atomic_store_n(&end->state, FREED, __ATOMIC_SEQ_CST);
	for (fd = 0; fd < MAPPERS - 1; fd++)
		end_neighbour(child[fd]);
	_exit(i ? 4 : 0);
}

/* Steps of the tenant during one such FREE. */
static unsigned int steps_meanwhile(struct __test_metadata *_metadata, struct tenant *t)
{
	unsigned int steps = 0;
	pid_t pid;

	memset(end, 0, sizeof(*end));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		free_what_many_have_mapped();
	while (__atomic_load_n(&end->state, __ATOMIC_SEQ_CST) == MAPPING)
		ASSERT_EQ(0, waitpid(pid, NULL, WNOHANG));
	__atomic_store_n(&end->may_free, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&end->state, __ATOMIC_SEQ_CST) == READY)
		sched_yield();
	while (__atomic_load_n(&end->state, __ATOMIC_SEQ_CST) == FREEING && steps < 1000) {
		give_one_back(_metadata, t, steps % 4);
		take_one(_metadata, t, steps % 4);
		steps++;
	}
	EXPECT_EQ(0, st_wait(pid));
	return steps;
}

TEST_F(mirror, tenant_goes_on_while_a_neighbour_frees)
{
	struct tenant t = { .fd = self->fd, .seed = st_seed() };
	unsigned int i, steps, most = 0;

	end = mmap(NULL, ST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)end);
	ASSERT_EQ(0, st_make_node(0666));
	for (i = 0; i < 4; i++)
		take_one(_metadata, &t, i);
	/* A machine that is busy may not let both run at a time at once. */
	for (i = 0; i < TRIES && most < STEPS; i++) {
		steps = steps_meanwhile(_metadata, &t);
		TH_LOG("%u steps", steps);
		if (steps > most)
			most = steps;
	}
	EXPECT_LE(STEPS, most);
	ASSERT_EQ(0, unlink(ST_NODE));
}

TEST_HARNESS_MAIN
