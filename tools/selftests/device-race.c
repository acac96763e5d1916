// SPDX-License-Identifier: GPL-2.0
/*
 * FREE, mmap, faults, fork and death at the same time. Loops are bounded by
 * counts; nothing here depends on how fast the machine is.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include "fixture.h"

#define ORDER	2
#define PAGES	4ul
#define SIZE	(PAGES * ST_PAGE)
#define ROUNDS	600

static uint64_t load(uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Waits without sleeping, so that both go on at the same time. */
static void wait_for(uint64_t *word, uint64_t value)
{
	unsigned int spins = 0;

	while (load(word) < value)
		if (++spins % 1024 == 0)
			sched_yield();
}

/* What two threads share: a mapping that one looks at while the other frees. */
struct shared {
	uint64_t *addr;		/* of the mapping */
	uint64_t round;		/* begun by the one who frees */
	uint64_t seen;		/* rounds in which the looker has begun */
	uint64_t done;		/* rounds it has finished */
	uint64_t wrong;		/* values seen that are somebody else's */
	uint64_t sigbus;
};

/* Each word of a block holds the round it belongs to, or still zero. */
static void look(struct shared *s, uint64_t round)
{
	uint64_t value;
	size_t page;
	int sig = 0;

	while (!sig) {
		for (page = 0; page < PAGES && !sig; page++) {
			sig = st_peek(s->addr + page * ST_PAGE / 8, &value);
			if (!sig && value && value != round)
				s->wrong++;
			store(&s->seen, round);
		}
	}
	if (sig == SIGBUS)
		s->sigbus++;
	else
		s->wrong++;
}

static void *looker(void *arg)
{
	struct shared *s = arg;
	uint64_t round;

	for (round = 1; round <= ROUNDS; round++) {
		wait_for(&s->round, round);
		look(s, round);
		store(&s->done, round);
	}
	return NULL;
}

/* Takes the memory as soon as it is free, and writes what must not be seen. */
static int overwrite(int fd)
{
	struct mirror_mm_alloc block;
	void *addr;

	if (st_alloc(fd, ORDER, ST_GFP_MOVABLE, &block))
		return -1;
	addr = st_map(fd, &block);
	if (addr == MAP_FAILED)
		return -1;
	memset(addr, 0xee, SIZE);
	munmap(addr, SIZE);
	return st_free(fd, block.id);
}

TEST_F(mirror, free_races_with_faults)
{
	struct shared s = { .round = 0 };
	struct mirror_mm_alloc block;
	int enemy = st_open();
	pthread_t thread;
	uint64_t round;
	size_t page;

	ASSERT_LE(0, enemy);
	ASSERT_EQ(0, pthread_create(&thread, NULL, looker, &s));
	for (round = 1; round <= ROUNDS; round++) {
		ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP_MOVABLE, &block));
		s.addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, s.addr);
		store(&s.round, round);
		for (page = 0; page < round % (PAGES + 1); page++)
			ASSERT_EQ(0, st_poke(s.addr + page * ST_PAGE / 8, round));
		/* Half of the time not before the other one has begun. */
		if (round % 2)
			wait_for(&s.seen, round);
		ASSERT_EQ(0, st_free(self->fd, block.id));
		ASSERT_EQ(0, overwrite(enemy));
		wait_for(&s.done, round);
		ASSERT_EQ(0, munmap(s.addr, SIZE));
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(0, s.wrong);
	EXPECT_EQ(ROUNDS, s.sigbus);
}

/* mmap() of a block that another thread frees: it works or it is ENXIO. */
struct maps {
	int fd;
	struct mirror_mm_alloc block;
	uint64_t round;
	uint64_t done;
	uint64_t mapped;
	uint64_t refused;
	uint64_t wrong;
};

static void map_once(struct maps *m)
{
	uint64_t value;
	char *addr;
	int sig;

	addr = st_map(m->fd, &m->block);
	if (addr == MAP_FAILED) {
		m->refused++;
		m->wrong += errno != ENXIO;
		return;
	}
	store(&m->mapped, m->mapped + 1);
	sig = st_peek(addr, &value);
	m->wrong += sig ? sig != SIGBUS : value != 0;
	munmap(addr, SIZE);
}

static void *mapper(void *arg)
{
	struct maps *m = arg;
	uint64_t round;

	for (round = 1; round <= ROUNDS; round++) {
		wait_for(&m->round, round);
		/* As long as the block is there, and once when it is gone. */
		while (m->refused < round)
			map_once(m);
		store(&m->done, round);
	}
	return NULL;
}

TEST_F(mirror, free_races_with_mmap)
{
	struct maps m = { .fd = self->fd };
	pthread_t thread;
	uint64_t round, mapped;

	ASSERT_EQ(0, pthread_create(&thread, NULL, mapper, &m));
	for (round = 1; round <= ROUNDS; round++) {
		ASSERT_EQ(0, st_alloc(m.fd, ORDER, ST_GFP, &m.block));
		mapped = load(&m.mapped);
		store(&m.round, round);
		if (round % 2)
			wait_for(&m.mapped, mapped + 1);
		ASSERT_EQ(0, st_free(m.fd, m.block.id));
		wait_for(&m.done, round);
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(0, m.wrong);
	EXPECT_EQ(ROUNDS, m.refused);
}

/*
 * Of two threads that free one block, one does. They meet before each round
 * without sleeping, so that they are in the call at the same time.
 */
#define DUELS	2000

struct frees {
	int fd;
	uint64_t id;
	uint64_t arrived;
	uint64_t freed;
	uint64_t wrong;
};

static void meet(struct frees *f, uint64_t meeting)
{
	__atomic_add_fetch(&f->arrived, 1, __ATOMIC_SEQ_CST);
	wait_for(&f->arrived, 2 * meeting);
}

static void free_in_a_duel(struct frees *f)
{
	int ret = st_free(f->fd, f->id);

	if (!ret)
		__atomic_add_fetch(&f->freed, 1, __ATOMIC_SEQ_CST);
	else if (ret != -ENOENT)
		__atomic_add_fetch(&f->wrong, 1, __ATOMIC_SEQ_CST);
}

static void *freer(void *arg)
{
	struct frees *f = arg;
	uint64_t i;

	for (i = 0; i < DUELS; i++) {
		meet(f, 2 * i + 1);
		free_in_a_duel(f);
		meet(f, 2 * i + 2);
	}
	return NULL;
}

TEST_F(mirror, free_races_with_free)
{
	struct frees f = { .fd = self->fd };
	struct mirror_mm_alloc block;
	pthread_t thread;
	uint64_t i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, freer, &f));
	for (i = 0; i < DUELS; i++) {
		if (st_alloc(f.fd, i % 5, ST_GFP, &block))
			f.wrong++;
		f.id = block.id;
		meet(&f, 2 * i + 1);
		free_in_a_duel(&f);
		meet(&f, 2 * i + 2);
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(DUELS, f.freed);
	EXPECT_EQ(0, f.wrong);
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

/* Two threads touch a block first; neither's words may be wiped. */
struct first {
	pthread_barrier_t barrier;
	uint64_t *addr;
};

static void *first_writer(void *arg)
{
	struct first *f = arg;
	int i;
	size_t page;

	for (i = 0; i < ROUNDS / 3; i++) {
		pthread_barrier_wait(&f->barrier);
		for (page = PAGES; page-- > 0;)
			f->addr[page * ST_PAGE / 8 + 1] = i + 1;
		pthread_barrier_wait(&f->barrier);
	}
	return NULL;
}

TEST_F(mirror, first_touch_races_with_first_touch)
{
	struct mirror_mm_alloc block;
	pthread_t thread;
	struct first f;
	size_t page;
	int i;

	ASSERT_EQ(0, pthread_barrier_init(&f.barrier, NULL, 2));
	ASSERT_EQ(0, pthread_create(&thread, NULL, first_writer, &f));
	for (i = 0; i < ROUNDS / 3; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP_MOVABLE, &block));
		f.addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, f.addr);
		pthread_barrier_wait(&f.barrier);
		for (page = 0; page < PAGES; page++)
			f.addr[page * ST_PAGE / 8] = ~i;
		pthread_barrier_wait(&f.barrier);
		for (page = 0; page < PAGES; page++) {
			ASSERT_EQ(~i, f.addr[page * ST_PAGE / 8]);
			ASSERT_EQ(i + 1, f.addr[page * ST_PAGE / 8 + 1]);
			ASSERT_EQ(0, f.addr[page * ST_PAGE / 8 + 2]);
		}
		ASSERT_EQ(0, munmap(f.addr, SIZE));
		ASSERT_EQ(0, st_free(self->fd, block.id));
	}
	pthread_join(thread, NULL);
}

/* Threads that use one file, each with blocks of its own. */
struct user {
	int fd;
	unsigned int number;
	uint64_t seed;
	uint64_t wrong;
};

static void use_once(struct user *u)
{
	struct mirror_mm_op ops[8];
	size_t size;
	void *addr;
	int i;

	for (i = 0; i < 8; i++)
		st_op_alloc(&ops[i], st_below(&u->seed, 4), ST_GFP);
	u->wrong += st_submit(u->fd, ops, 8) != 8;
	for (i = 0; i < 8; i++) {
		if (ops[i].result) {
			u->wrong++;
			continue;
		}
		size = st_block_size(&ops[i].alloc);
		addr = st_map(u->fd, &ops[i].alloc);
		if (addr == MAP_FAILED) {
			u->wrong++;
			continue;
		}
		st_mark(addr, size, u->number);
		sched_yield();
		u->wrong += st_unmarked(addr, size, u->number);
		munmap(addr, size);
	}
	for (i = 0; i < 8; i++)
		u->wrong += st_free(u->fd, ops[i].alloc.id) != 0;
}

static void *user_main(void *arg)
{
	struct user *u = arg;
	int i;

	for (i = 0; i < ROUNDS / 10; i++)
		use_once(u);
	return NULL;
}

TEST_F(mirror, threads_share_one_file)
{
	pthread_t threads[4];
	struct user user[4];
	uint64_t seed = st_seed();
	int i;

	for (i = 0; i < 4; i++) {
		user[i] = (struct user){ self->fd, i + 1, seed + i, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, user_main,
					    &user[i]));
	}
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, user[i].wrong);
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_HARNESS_MAIN
