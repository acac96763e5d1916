// SPDX-License-Identifier: GPL-2.0
/*
 * FREE of large blocks, while other threads touch and move what it takes away. A window
 * of many pages is inserted with one touch, so much of it may be under way when the
 * block ends. Once FREE has returned, no mapping shows a page of the block, and nobody
 * sees what the next holder writes there.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include "fixture.h"

/* One that has more pages than one window, where a page table has 512. */
#define ORDER	10
#define PAGES	1024ul
#define SIZE	(PAGES * ST_PAGE)
#define THREADS	3
#define ROUNDS	12
/* A kernel with KASAN takes minutes for a round; after so many seconds a few are enough. */
#define ENOUGH_SECONDS	40
#define ENOUGH_ROUNDS	3

/* What the next holder writes; no thread may find it. */
#define SECRET	0x5ec2e75ec2e75ec2ull

/**
 * struct race - a block, its mapping, and those who use it
 * @addr: where it is mapped now; NULL between the rounds
 * @room: two places to move it between, and one for the next holder: a hole that a
 *        move leaves must not be where that one's mapping comes to lie
 * @busy: threads that look at @addr at the moment
 * @touches: how often somebody has
 * @secrets: how often the next holder's data was found
 * @stop: the end
 * @odd: accesses that ended in no way that they may
 */
struct race {
	char *addr;
	char *room[3];
	unsigned long busy;
	unsigned long touches;
	unsigned long secrets;
	unsigned long odd;
	bool stop;
};

static char *mapping(struct race *r)
{
	return __atomic_load_n(&r->addr, __ATOMIC_SEQ_CST);
}

/* Reads and writes pages in any order, until the block is gone. */
static void touch_pages(struct race *r, char *addr, uint64_t *seed)
{
	uint64_t value;
	unsigned int i;
	int sig;

	for (i = 0; i < 64; i++) {
		char *at = addr + st_below(seed, PAGES) * ST_PAGE;

		sig = i % 2 ? st_poke(at + 8, i) : st_peek(at, &value);
		if (!sig && !(i % 2) && value == SECRET)
			__atomic_add_fetch(&r->secrets, 1, __ATOMIC_RELAXED);
		if (sig && sig != SIGBUS && sig != SIGSEGV)
			__atomic_add_fetch(&r->odd, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&r->touches, 1, __ATOMIC_RELAXED);
	}
}

static void *keep_touching(void *data)
{
	struct race *r = data;
	uint64_t seed = (uintptr_t)&seed;
	char *addr;

	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		__atomic_add_fetch(&r->busy, 1, __ATOMIC_SEQ_CST);
		addr = mapping(r);
		if (addr)
			touch_pages(r, addr, &seed);
		__atomic_sub_fetch(&r->busy, 1, __ATOMIC_SEQ_CST);
		sched_yield();
	}
	return NULL;
}

/* Moves the mapping to and fro, and leaves it where @addr says. */
static void *keep_moving(void *data)
{
	struct race *r = data;
	char *from, *to;

	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		__atomic_add_fetch(&r->busy, 1, __ATOMIC_SEQ_CST);
		from = mapping(r);
		if (from) {
			to = r->room[from == r->room[0]];
			if (mremap(from, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
				__atomic_add_fetch(&r->odd, 1, __ATOMIC_RELAXED);
			__atomic_store_n(&r->addr, to, __ATOMIC_SEQ_CST);
		}
		__atomic_sub_fetch(&r->busy, 1, __ATOMIC_SEQ_CST);
		sched_yield();
	}
	return NULL;
}

/* Nobody looks any more. */
static char *end_looking(struct race *r)
{
	char *addr;

	/* The one who moves it may still be at it, and says where it is then. */
	do {
		addr = __atomic_exchange_n(&r->addr, NULL, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&r->busy, __ATOMIC_SEQ_CST))
			sched_yield();
	} while (mapping(r));
	return addr;
}

static void wait_for_touches(struct race *r, unsigned long more)
{
	unsigned long until = __atomic_load_n(&r->touches, __ATOMIC_RELAXED) + more;

	while (__atomic_load_n(&r->touches, __ATOMIC_RELAXED) < until)
		sched_yield();
}

/* Whoever gets the frames next writes into each of them. */
static bool write_secrets(int fd, char *at_room, uint64_t pfn)
{
	struct mirror_mm_alloc next;
	bool same;
	char *addr;
	size_t at;

	if (st_alloc(fd, ORDER, ST_GFP_MOVABLE, &next))
		return false;
	addr = mmap(at_room, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		    next.offset);
	if (addr == MAP_FAILED)
		return false;
	for (at = 0; at < SIZE; at += ST_PAGE)
		*(uint64_t *)(addr + at) = SECRET;
	same = next.pfn == pfn;
	st_free(fd, next.id);
	return same;
}

/* One block from its ALLOC to its end; true where the next holder had its frames. */
static bool one_round(struct __test_metadata *_metadata, int fd, int other, struct race *r,
		      unsigned int round)
{
	struct mirror_mm_alloc block;
	char *addr = r->room[round % 2], *now;
	bool same;

	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP_MOVABLE, &block));
	ASSERT_EQ(addr, mmap(addr, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			     block.offset));
	__atomic_store_n(&r->addr, addr, __ATOMIC_SEQ_CST);
	/* Now before anybody has touched it, now when much of it is there. */
	wait_for_touches(r, round % 5 * 20);
	ASSERT_EQ(0, st_free(fd, block.id));
	same = write_secrets(other, r->room[2], block.pfn);
	now = end_looking(r);
	if (now)
		EXPECT_EQ(PAGES, st_count_signal(now, SIZE, SIGBUS));
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(r->room[i], mmap(r->room[i], SIZE, PROT_NONE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	ASSERT_EQ(0, r->secrets);
	return same;
}

/* Aligned to what one page table covers and more, so that whole tables move. */
static int make_room(struct race *r)
{
	char *all = mmap(NULL, 4 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		return -1;
	r->room[0] = (char *)(((uintptr_t)all + SIZE - 1) & ~(SIZE - 1));
	r->room[1] = r->room[0] + SIZE;
	r->room[2] = r->room[1] + SIZE;
	return 0;
}

static void run(struct __test_metadata *_metadata, int fd, void *(*first)(void *))
{
	pthread_t thread[THREADS];
	int other = st_open(), i;
	struct race r = { NULL };
	unsigned int round, same = 0;
	time_t start = time(NULL);

	ASSERT_GE(other, 0);
	ASSERT_EQ(0, make_room(&r));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, i ? keep_touching : first, &r));
	for (round = 0; round < ROUNDS; round++) {
		if (round >= ENOUGH_ROUNDS && time(NULL) - start > ENOUGH_SECONDS)
			break;
		same += one_round(_metadata, fd, other, &r, round);
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
	TH_LOG("%lu touches; %u of %u times the same frames", r.touches, same, round);
	EXPECT_EQ(0, r.odd);
	EXPECT_EQ(0, r.secrets);
	EXPECT_LT(0, same);
	EXPECT_EQ(0, st_waiting_blocks(fd));
}

TEST_F_TIMEOUT(mirror, free_while_threads_touch_a_large_mapping, 500)
{
	run(_metadata, self->fd, keep_touching);
}

TEST_F_TIMEOUT(mirror, free_while_a_large_mapping_moves, 500)
{
	run(_metadata, self->fd, keep_moving);
}

TEST_HARNESS_MAIN
