// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads at once, on a file of their own: nobody can say what each call answers, so
 * what is looked at is that nothing is lost when the file is gone.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "devfuzz.h"

#define ENTRIES		256u
#define ROUNDS		24u
#define NTH		(NR_ARGS - 3)
#define DEBUGFS		"/sys/kernel/debug/mirror_mm"

enum mode { FLIP, FREE, REMAP, DROP, POLICY, SELF, POISON, RESET, NR_MODES };

/**
 * struct race - what both threads work on
 * @mode: what the helper does
 * @fd: the file
 * @seed: of the helper's choices
 * @go: the helper works
 * @stop: it is to end
 * @ops: array of a SUBMIT
 * @block: that both use
 */
static struct race {
	enum mode mode;
	int fd;
	uint32_t seed;
	bool go;
	bool stop;
	struct mirror_mm_op *ops;
	struct mirror_mm_alloc block;
} race;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static uint32_t draw(void)
{
	race.seed = race.seed * 1664525 + 1013904223;
	return race.seed >> 8;
}

static void flip(void)
{
	static const uint32_t words[] = {
		0, 0, 1, 2, 63, MIRROR_GFP_KERNEL, MIRROR_GFP_KERNEL, 40000, 1u << 31,
		UINT32_MAX, UINT32_MAX,
	};
	uint32_t *at = (uint32_t *)&race.ops[draw() % ENTRIES];

	__atomic_store_n(at + draw() % (sizeof(race.ops[0]) / 4), words[draw() % ARRAY_SIZE(words)],
			 __ATOMIC_RELAXED);
}

static void remap(void)
{
	void *addr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, race.fd,
			  race.block.offset);

	if (addr == MAP_FAILED)
		return;
	try_write(addr, 1);
	munmap(addr, PAGE);
}

static void set_policy(void)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_SET_MEMPOLICY };

	arg.mempolicy.mode = draw() % MIRROR_MPOL_MAX;
	arg.mempolicy.nodemask = draw() % 4;
	call(race.fd, MIRROR_MM_CTL, &arg);
}

static void drop(void)
{
#if HAS_RIGHTS
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_DROP_RIGHTS };

	if (draw() % 64)
		return;
	arg.drop_rights.rights = 1u << draw() % 5;
	call(race.fd, MIRROR_MM_CTL, &arg);
#endif
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write(fd, text, strlen(text));
		close(fd);
	}
}

static void poison(void)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)race.block.pfn);
	write_to(DEBUGFS "/hwpoison", text);
	if (draw() % 2)
		write_to(DEBUGFS "/unpoison", text);
}

static void come_and_go(void)
{
	struct mirror_mm_alloc arg = {
		.order = draw() % 4, .gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};
	struct mirror_mm_free arg_free = {};

	if (call(race.fd, MIRROR_MM_ALLOC, &arg))
		return;
	arg_free.id = arg.id;
	call(race.fd, MIRROR_MM_FREE, &arg_free);
}

static void help(void)
{
	struct mirror_mm_free arg = { .id = race.block.id };

	switch (race.mode) {
	case FLIP:
		flip();
		break;
	case FREE:
		call(race.fd, MIRROR_MM_FREE, &arg);
		break;
	case REMAP:
		remap();
		break;
	case DROP:
		drop();
		break;
	case POISON:
		poison();
		break;
	case RESET:
		come_and_go();
		break;
	default:
		set_policy();
	}
}

static void *helper(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		while (!race.go)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
		while (!__atomic_load_n(&race.stop, __ATOMIC_ACQUIRE))
			help();
		pthread_mutex_lock(&lock);
		race.go = false;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

void race_init(void)
{
	pthread_t thread;

	race.ops = mmap(NULL, ENTRIES * sizeof(*race.ops), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (race.ops == MAP_FAILED || pthread_create(&thread, NULL, helper, NULL))
		give_up("a second thread cannot be made");
}

static void set_going(bool on)
{
	pthread_mutex_lock(&lock);
	race.stop = !on;
	if (on)
		race.go = true;
	pthread_cond_broadcast(&changed);
	while (!on && race.go)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void fill(const struct record *r, struct mirror_mm_op *ops, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		memset(&ops[i], 0, sizeof(ops[i]));
		ops[i].opcode = MIRROR_MM_OP_ALLOC;
		field_alloc(r, &ops[i].alloc);
		if (i % 2)
			ops[i].alloc.gfp = MIRROR_GFP_KERNEL;
		ops[i].alloc.order %= 3;
		if (i % 3 != 2)
			continue;
		ops[i].opcode = MIRROR_MM_OP_FREE;
		ops[i].free = (struct mirror_mm_free){ .id = race.block.id };
	}
}

static long submit(struct mirror_mm_op *ops, unsigned int nr)
{
	struct mirror_mm_submit arg = { .ops = (uintptr_t)ops, .nr = nr };
	long done = call(race.fd, MIRROR_MM_SUBMIT, &arg);

	if (done > 0)
		mailbox_count(NR_OPS, done);
	return done;
}

static void new_block(unsigned int order)
{
	race.block = (struct mirror_mm_alloc){
		.order = order, .gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};
	call(race.fd, MIRROR_MM_ALLOC, &race.block);
}

/* One round of the thread that the program runs in. */
static void one_round(const struct record *r)
{
	struct mirror_mm_free arg;
	char *addr;
	uint64_t word;

	switch (race.mode) {
	case FLIP:
	case DROP:
	case POLICY:
		fill(r, race.ops, ENTRIES);
		submit(race.ops, ENTRIES);
		return;
	case RESET:
		/* Done where the other thread holds nothing, busy where it does. */
		write_to(DEBUGFS "/reset", "1");
		return;
	default:
		break;
	}
	new_block(r->arg[7] % 4);
	addr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, race.fd, race.block.offset);
	if (addr != MAP_FAILED) {
		try_write(addr, 2);
		try_read(addr, &word);
	}
	arg = (struct mirror_mm_free){ .id = race.block.id };
	if (race.mode == SELF && addr != MAP_FAILED) {
		/* The array lies in the block that it frees. */
		struct mirror_mm_op ops[32];

		fill(r, ops, ARRAY_SIZE(ops));
		if (!try_copy(addr, ops, sizeof(ops)))
			submit((struct mirror_mm_op *)addr, ARRAY_SIZE(ops));
	}
	call(race.fd, MIRROR_MM_FREE, &arg);
	if (addr != MAP_FAILED)
		munmap(addr, PAGE);
}

void op_race(const struct record *r)
{
	unsigned int round;

	race.mode = r->arg[5] % NR_MODES;
	race.fd = open_device(r->arg[6] & 1 || race.mode == POISON ? FILE_ADMIN : FILE_USER);
	if (race.fd < 0)
		return;
	race.seed = r->arg[8] << 8 | r->arg[9];
	/* With a block that is held there is no reset. */
	if (race.mode != RESET)
		new_block(0);
	if (race.mode == POISON) {
		world.tuned = true;
		world.poisoned = true;
	}
	say("RACE, kind %d", race.mode);
	if (race.mode != SELF)
		set_going(true);
	inject_begin(r, NTH);
	for (round = 0; round < 1 + r->arg[10] % ROUNDS; round++)
		one_round(r);
	inject_end();
	if (race.mode != SELF)
		set_going(false);
	if (world.steps > 1000)
		world.steps -= 500;
	close(race.fd);
}
