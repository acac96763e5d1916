// SPDX-License-Identifier: GPL-2.0
/*
 * What "demo" does to blocks: take, map, write, read twice, free, touch.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "block.h"
#include "demo.h"
#include "device.h"
#include "fault.h"
#include "names.h"
#include "output.h"
#include "pattern.h"

#define NR_TYPES	3

static size_t bytes_of(const struct demo *d, const struct demo_block *b)
{
	return (size_t)d->info.page_size << b->alloc.order;
}

static const char *type_of(const struct demo_block *b)
{
	return key_of_type(type_from_gfp(b->alloc.gfp));
}

static void fail_block(struct demo *d, struct demo_block *b, const char *what)
{
	b->bad = true;
	demo_fail(d, "block %#llx (order %u, %s): %s",
		  (unsigned long long)b->alloc.id, b->alloc.order, type_of(b),
		  what);
}

/* The pfn says where the block lies: aligned to its size, in the range. */
static void check_place(struct demo *d, struct demo_block *b)
{
	__u64 pages = 1ull << b->alloc.order;

	if (b->alloc.pfn == MIRROR_MM_PFN_HIDDEN)
		return;
	if (b->alloc.pfn & (pages - 1))
		fail_block(d, b, "is not aligned to its own size");
	if (b->alloc.pfn < d->info.start_pfn ||
	    b->alloc.pfn + pages > d->info.end_pfn)
		fail_block(d, b, "lies outside the mirror's range");
}

/*
 * Where the mirror is so small, or so full, that one of each cannot be had
 * with ease, a refusal is what an allocator has to say.
 */
static bool take_one(struct demo *d, unsigned int order, unsigned int type)
{
	struct demo_block *b = &d->blocks[d->nr];
	int err;

	memset(b, 0, sizeof(*b));
	b->first = MAP_FAILED;
	b->second = MAP_FAILED;
	b->alloc.order = order;
	b->alloc.gfp = MIRROR_GFP_KERNEL | gfp_of_type(type);
	b->alloc.node = MIRROR_MM_NODE_ANY;
	err = device_alloc(d->dev, &b->alloc);
	if (!err) {
		b->seed = b->alloc.id * 0x9e3779b97f4a7c15ull;
		d->nr++;
		check_place(d, b);
		return true;
	}
	if (d->small && (err == -ENOMEM || err == -EDQUOT)) {
		d->skipped++;
		return true;
	}
	demo_fail(d, "ALLOC of order %u, %s: %s", order, key_of_type(type),
		  strerror(-err));
	return false;
}

static void print_blocks(struct demo *d)
{
	struct mirror_mm_alloc *allocs;

	if (d->opts->json || !d->nr)
		return;
	allocs = calloc(d->nr, sizeof(*allocs));
	for (unsigned int i = 0; allocs && i < d->nr; i++)
		allocs[i] = d->blocks[i].alloc;
	if (allocs)
		block_table(stdout, allocs, d->nr, d->info.page_size);
	free(allocs);
}

bool demo_allocate(struct demo *d)
{
	unsigned int orders = d->info.max_order + 1;
	bool good = true;

	d->blocks = calloc((size_t)orders * NR_TYPES, sizeof(*d->blocks));
	if (!d->blocks) {
		demo_fail(d, "out of memory");
		return false;
	}
	for (unsigned int order = 0; good && order < orders; order++)
		for (unsigned int type = 0; good && type < NR_TYPES; type++)
			good = take_one(d, order, type);
	print_blocks(d);
	if (d->skipped)
		demo_say(d, "%u blocks did not fit into this small mirror.",
			 d->skipped);
	if (good && !d->nr)
		demo_fail(d, "not one block could be had");
	return good && d->nr;
}

static void map_one(struct demo *d, struct demo_block *b, void **map)
{
	int err = device_map(d->dev, &b->alloc, d->info.page_size, map);

	if (err) {
		demo_fail(d, "mmap of block %#llx: %s",
			  (unsigned long long)b->alloc.id, strerror(-err));
		b->bad = true;
	}
}

void demo_map(struct demo *d)
{
	for (unsigned int i = 0; i < d->nr; i++) {
		map_one(d, &d->blocks[i], &d->blocks[i].first);
		map_one(d, &d->blocks[i], &d->blocks[i].second);
	}
}

/* One pass over one block; only a sound block is worth the next pass. */
static void pass_one(struct demo *d, struct demo_block *b, const char *what,
		     int (*pass)(void *job), struct pattern_job *job)
{
	char text[128];
	int signal, ret = 0;

	if (b->bad || job->mem == MAP_FAILED)
		return;
	signal = fault_guard(pass, job, &ret);
	if (signal)
		snprintf(text, sizeof(text), "%s: %s", what, strsignal(signal));
	else if (ret == -EILSEQ)
		snprintf(text, sizeof(text), "%s: wrong byte at offset %#zx",
			 what, job->bad);
	else
		snprintf(text, sizeof(text), "%s: %s", what, strerror(-ret));
	if (signal || ret)
		fail_block(d, b, text);
}

static void pass_all(struct demo *d, const char *what, int (*pass)(void *job),
		     bool second, int fd)
{
	unsigned long long bytes = 0;
	unsigned int good = 0;
	char size[OUT_BYTES_LEN];

	for (unsigned int i = 0; i < d->nr; i++) {
		struct demo_block *b = &d->blocks[i];
		struct pattern_job job = {
			.mem = second ? b->second : b->first,
			.size = bytes_of(d, b),
			.seed = b->seed,
			.fd = fd,
		};

		pass_one(d, b, what, pass, &job);
		good += !b->bad;
		bytes += b->bad ? 0 : job.size;
	}
	demo_say(d, "%s: %u of %u blocks, %s: %s", what, good, d->nr,
		 out_bytes(size, bytes), good == d->nr ? "good" : "NOT ALL GOOD");
}

void demo_write(struct demo *d)
{
	pass_all(d, "all zeros at first sight", pattern_check_zero, false, -1);
	pass_all(d, "written through the first mapping", pattern_write, false,
		 -1);
}

void demo_read_second(struct demo *d)
{
	pass_all(d, "compared through the second mapping", pattern_check, true,
		 -1);
}

void demo_read_kernel(struct demo *d)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		demo_unverified(d, "the kernel's view: cannot open /proc/self/mem: %s",
				strerror(errno));
		return;
	}
	pass_all(d, "compared through the kernel", pattern_check_kernel, false,
		 fd);
	close(fd);
}

void demo_free(struct demo *d)
{
	unsigned int freed = 0;

	for (unsigned int i = 0; i < d->nr; i++) {
		struct demo_block *b = &d->blocks[i];
		int err = device_free(d->dev, b->alloc.id);

		freed += !err;
		if (err)
			fail_block(d, b, strerror(-err));
	}
	demo_say(d, "%u of %u blocks freed", freed, d->nr);
}

/* The mappings are still there; nothing may be behind them. */
void demo_touch(struct demo *d)
{
	unsigned int refused = 0, touched = 0;

	for (unsigned int i = 0; i < d->nr; i++) {
		struct demo_block *b = &d->blocks[i];
		int signal;

		if (b->first == MAP_FAILED)
			continue;
		touched++;
		signal = fault_on_touch(b->first);
		refused += signal == SIGBUS;
		if (!signal)
			fail_block(d, b, "can still be read after FREE");
		else if (signal != SIGBUS)
			fail_block(d, b, "a touch after FREE gives no SIGBUS");
	}
	demo_say(d, "touched after that: %u of %u mappings answer with SIGBUS",
		 refused, touched);
}

void demo_unmap(struct demo *d)
{
	for (unsigned int i = 0; i < d->nr; i++) {
		struct demo_block *b = &d->blocks[i];

		if (b->first != MAP_FAILED)
			munmap(b->first, bytes_of(d, b));
		if (b->second != MAP_FAILED)
			munmap(b->second, bytes_of(d, b));
		b->first = MAP_FAILED;
		b->second = MAP_FAILED;
	}
}
