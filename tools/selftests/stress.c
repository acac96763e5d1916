// SPDX-License-Identifier: GPL-2.0
/*
 * Four processes, MIRROR_MM_OPERATIONS (100,000) random operations, and a ledger of who
 * owns which page that all of them share.
 *
 * A process enters a block into the ledger when it gets it and takes it out
 * before it gives it back. A frame that is there already has two owners. So has
 * a page whose pattern is not the one that its owner wrote.
 */
#include <sys/wait.h>
#include "fixture.h"

#define PROCESSES	4
#define SLOTS		192
#define BATCH		24

/* One byte a page frame: which process has it. */
struct ledger {
	uint64_t first;
	uint64_t nr;
	unsigned char owner[];
};

/* IN_BATCH: an operation on it is under way, so no other may be chosen. */
enum slot_state { EMPTY, HELD, IN_BATCH };

struct slot {
	struct mirror_mm_alloc block;
	uint64_t tag;			/* 0 where nothing is written */
	enum slot_state state;
};

/* One of the processes. */
struct worker {
	struct ledger *ledger;
	struct slot slot[SLOTS];
	uint64_t random;
	uint64_t serial;
	unsigned int operations;
	unsigned int failures;		/* ENOMEM, which is allowed */
	int number;			/* from 1 */
	int fd;
};

static int fail(const struct worker *w, const char *what, uint64_t pfn)
{
	printf("# process %d, operation %u: %s, pfn %#llx\n", w->number,
	       w->operations, what, (unsigned long long)pfn);
	return -1;
}

static int enter(struct worker *w, const struct mirror_mm_alloc *block)
{
	uint64_t at = block->pfn - w->ledger->first;
	uint64_t i, nr = 1ull << block->order;

	if (at + nr > w->ledger->nr)
		return fail(w, "a frame that is not the mirror's", block->pfn);
	if (block->pfn % nr)
		return fail(w, "a block that is not aligned", block->pfn);
	for (i = at; i < at + nr; i++)
		if (__atomic_exchange_n(&w->ledger->owner[i], w->number,
					__ATOMIC_SEQ_CST))
			return fail(w, "a page with two owners", block->pfn);
	return 0;
}

static int leave(struct worker *w, const struct mirror_mm_alloc *block)
{
	uint64_t at = block->pfn - w->ledger->first;
	uint64_t i, nr = 1ull << block->order;

	for (i = at; i < at + nr; i++)
		if (__atomic_exchange_n(&w->ledger->owner[i], 0,
					__ATOMIC_SEQ_CST) != w->number)
			return fail(w, "a page that somebody else took",
				    block->pfn);
	return 0;
}

static unsigned int random_order(struct worker *w)
{
	unsigned int n = st_below(&w->random, 100);

	if (n < 60)
		return n % 4;
	return n < 97 ? n % 8 : 9 + n % 2;
}

/* All may wait: the others would set pageblocks aside for good. */
static unsigned int random_gfp(struct worker *w)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM,
		MIRROR_GFP_NOIO, ST_GFP_MOVABLE | __MIRROR_GFP_NORETRY,
	};

	return gfps[st_below(&w->random, ARRAY_SIZE(gfps))] |
	       __MIRROR_GFP_NOWARN;
}

static struct slot *find_slot(struct worker *w, enum slot_state state)
{
	unsigned int start = st_below(&w->random, SLOTS), i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *slot = &w->slot[(start + i) % SLOTS];

		if (slot->state == state)
			return slot;
	}
	return NULL;
}

/* Takes over what an ALLOC answered with. */
static int got(struct worker *w, struct slot *slot, int ret,
	       const struct mirror_mm_alloc *block)
{
	w->operations++;
	if (ret == -ENOMEM) {
		w->failures++;
		return 0;
	}
	if (ret)
		return fail(w, strerror(-ret), block->order);
	slot->block = *block;
	slot->tag = 0;
	slot->state = HELD;
	return enter(w, block);
}

static int do_alloc(struct worker *w)
{
	struct slot *slot = find_slot(w, EMPTY);
	struct mirror_mm_alloc block;
	int ret;

	if (!slot)
		return 0;
	ret = st_alloc(w->fd, random_order(w), random_gfp(w), &block);
	return got(w, slot, ret, &block);
}

/* Reads what it wrote last time, and writes something new. */
static int do_look(struct worker *w, struct slot *slot)
{
	size_t size = st_block_size(&slot->block);
	void *addr = st_map(w->fd, &slot->block);
	int ret = 0;

	if (addr == MAP_FAILED)
		return fail(w, "mmap", slot->block.pfn);
	if (slot->tag && st_unmarked(addr, size, slot->tag))
		ret = fail(w, "not what was written", slot->block.pfn);
	if (!slot->tag && st_not_zero(addr, ST_PAGE))
		ret = fail(w, "not zero at first", slot->block.pfn);
	slot->tag = (uint64_t)w->number << 48 | ++w->serial;
	st_mark(addr, size, slot->tag);
	munmap(addr, size);
	w->operations++;
	return ret;
}

static int do_free(struct worker *w, struct slot *slot)
{
	int ret;

	if (slot->tag && slot->block.order < 6 && do_look(w, slot))
		return -1;
	if (leave(w, &slot->block))
		return -1;
	slot->state = EMPTY;
	w->operations++;
	ret = st_free(w->fd, slot->block.id);
	return ret ? fail(w, strerror(-ret), slot->block.pfn) : 0;
}

/* Some frees and some allocations in one call. */
static int do_batch(struct worker *w)
{
	struct mirror_mm_op ops[BATCH];
	struct slot *slots[BATCH];
	unsigned int i, nr = 0;
	int done;

	for (i = 0; i < BATCH; i++) {
		bool give = st_below(&w->random, 2);
		struct slot *slot = find_slot(w, give ? HELD : EMPTY);

		if (!slot)
			continue;
		if (give && leave(w, &slot->block))
			return -1;
		if (give)
			st_op_free(&ops[nr], slot->block.id);
		else
			st_op_alloc(&ops[nr], random_order(w), random_gfp(w));
		slot->state = IN_BATCH;
		slots[nr++] = slot;
	}
	done = st_submit(w->fd, ops, nr);
	if (done != nr)
		return fail(w, "SUBMIT", done);
	for (i = 0; i < nr; i++) {
		slots[i]->state = EMPTY;
		if (ops[i].opcode == MIRROR_MM_OP_ALLOC) {
			if (got(w, slots[i], ops[i].result, &ops[i].alloc))
				return -1;
			continue;
		}
		w->operations++;
		if (ops[i].result)
			return fail(w, strerror(-ops[i].result), i);
	}
	return 0;
}

static int one_step(struct worker *w)
{
	unsigned int n = st_below(&w->random, 100);
	struct slot *slot = find_slot(w, HELD);

	if (n < 40 || !slot)
		return do_alloc(w);
	if (n < 72)
		return do_free(w, slot);
	if (n < 95)
		return do_look(w, slot);
	return do_batch(w);
}

static unsigned int operations_each(void)
{
	const char *text = getenv("MIRROR_MM_OPERATIONS");

	return (text && *text ? strtoul(text, NULL, 10) : 100000) / PROCESSES;
}

/* Ends with half of the blocks still held: closing has to give them back. */
static int work(struct worker *w)
{
	unsigned int i, last = operations_each();

	while (w->operations < last)
		if (one_step(w))
			return 1;
	for (i = 0; i < SLOTS; i++)
		if (w->slot[i].state == HELD && do_look(w, &w->slot[i]))
			return 1;
	for (i = 0; i < SLOTS; i += 2)
		if (w->slot[i].state == HELD && do_free(w, &w->slot[i]))
			return 1;
	printf("# process %d: %u operations, %u of them ENOMEM\n", w->number,
	       w->operations, w->failures);
	fflush(stdout);
	for (i = 1; i < SLOTS; i += 2)
		if (w->slot[i].state == HELD && leave(w, &w->slot[i].block))
			return 1;
	return 0;
}

static int run_worker(struct ledger *ledger, int number, uint64_t seed)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return 1;
	w->ledger = ledger;
	w->number = number;
	w->random = seed + number;
	w->fd = st_open();
	return w->fd < 0 ? 1 : work(w);
}

static struct ledger *new_ledger(const struct mirror_mm_info *info)
{
	struct ledger *ledger;

	ledger = mmap(NULL, sizeof(*ledger) + info->nr_pages,
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ledger == MAP_FAILED)
		return NULL;
	ledger->first = info->start_pfn;
	ledger->nr = info->nr_pages;
	return ledger;
}

/* All of them at once. */
static void run_workers(struct __test_metadata *_metadata,
			const struct mirror_mm_info *info)
{
	struct ledger *ledger = new_ledger(info);
	uint64_t seed = st_seed();
	pid_t pid[PROCESSES];
	int i, ret;

	ASSERT_NE(NULL, ledger);
	for (i = 0; i < PROCESSES; i++) {
		pid[i] = st_fork();
		ASSERT_GE(pid[i], 0);
		if (!pid[i]) {
			ret = run_worker(ledger, i + 1, seed);
			fflush(stdout);
			_exit(ret);
		}
	}
	for (i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, st_wait(pid[i]));
}

TEST_F(mirror, random_operations_of_four_processes)
{
	run_workers(_metadata, &self->info);
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
	EXPECT_EQ(0, st_held_pages(self->fd));
}

/* With little left, requests fail, and types take each other's pageblocks. */
TEST_F(mirror, random_operations_when_memory_is_short)
{
	struct mirror_mm_alloc block;
	uint64_t left;

	do {
		ASSERT_EQ(0, st_alloc(self->fd, 10, ST_GFP_MOVABLE, &block));
		left = st_nr_free(self->fd);
	} while (left > 10 << 10);
	run_workers(_metadata, &self->info);
	EXPECT_EQ(left, st_nr_free(self->fd));
	EXPECT_EQ(self->info.nr_pages - left, st_held_pages(self->fd));
}

/* The same with `check` and the text files read all the time. */
TEST_F(mirror, looking_on_does_not_disturb)
{
	static const char * const names[] = {
		"buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "state",
	};
	struct ledger *ledger = new_ledger(&self->info);
	uint64_t seed = st_seed();
	struct worker *w = calloc(1, sizeof(*w));
	unsigned int i = 0;
	int status;
	pid_t pid;
	char *text;

	ASSERT_TRUE(ledger && w);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		w->ledger = ledger;
		w->number = 1;
		w->random = seed;
		w->fd = st_open();
		w->operations = operations_each() - 4000;
		_exit(w->fd < 0 ? 1 : work(w));
	}
	do {
		EXPECT_EQ(NULL, st_check());
		text = st_debugfs(names[i++ % ARRAY_SIZE(names)]);
		EXPECT_NE(NULL, text);
		free(text);
		EXPECT_EQ(0, st_drain());
	} while (!waitpid(pid, &status, WNOHANG));
	EXPECT_EQ(0, status);
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_HARNESS_MAIN
