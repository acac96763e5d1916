// SPDX-License-Identifier: GPL-2.0
/*
 * Two windows of addresses: mappings of the device in one, the same mappings of memfds
 * in the other. Whatever is done to both has to end alike.
 *
 * A freed block is to its mappings what a truncated memfd is. Mappings of the device do
 * not merge and do not grow, so what depends on where one mapping ends is asked page by
 * page.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "windows.h"

#define NR_MODELS	8
#define MODEL_ORDER	5u
/* The kernel limits mappings; with fewer than these left it says so in any call. */
#define MANY_MAPPINGS	60000u
#define NTH		(NR_ARGS - 3)

static const uintptr_t places[NR_WINDOWS] = { 1ull << 40, 1ull << 41 };

/**
 * struct model - a memfd
 * @fd: for reading and writing
 * @reading: the same for reading only
 * @block: whose model it is, or NO_BLOCK
 */
static struct model {
	int fd;
	int reading;
	uint32_t block;
} models[NR_MODELS];

char *window[NR_WINDOWS];

/* What each page of the windows shows: a file's number, or -1. */
static int8_t shows[WINDOW_PAGES];
static bool used;

static void make_model(struct model *m)
{
	char path[40];

	m->fd = memfd_create("model", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", m->fd);
	m->reading = open(path, O_RDONLY | O_CLOEXEC);
	m->block = NO_BLOCK;
	if (m->fd < 0 || m->reading < 0)
		give_up("memfd: %s", strerror(errno));
}

void windows_init(void)
{
	int i;

	for (i = 0; i < NR_MODELS; i++)
		make_model(&models[i]);
	for (i = 0; i < NR_WINDOWS; i++)
		window[i] = (char *)places[i];
	used = true;
	windows_reset();
	access_init();
}

/* Nothing is mapped in these pages of both windows any more. */
static void clear(size_t at, size_t nr)
{
	int i;

	for (i = 0; i < NR_WINDOWS; i++)
		munmap(window[i] + at * PAGE, nr * PAGE);
	memset(&shows[at], -1, nr);
}

/**
 * windows_reset - undo all mappings, also those that were left elsewhere
 */
void windows_reset(void)
{
	int i;

	if (!used)
		return;
	used = false;
	clear(0, WINDOW_PAGES);
	for (i = 0; i < NR_MODELS; i++) {
		if (models[i].block == NO_BLOCK)
			continue;
		models[i].block = NO_BLOCK;
		ftruncate(models[i].fd, 0);
	}
}

bool windows_used(void)
{
	return used;
}

/**
 * windows_show - does a window show a block of this file?
 * @file: its number
 *
 * Return: true where it does.
 */
bool windows_show(int file)
{
	return memchr(shows, file, sizeof(shows));
}

/* A file may have been kept by the mappings that are gone. */
static void end_files(void)
{
	int f;

	for (f = 0; f < world.nr_files; f++)
		if (!world.files[f].nr_fds && !world.files[f].left && !windows_show(f))
			file_end(f);
}

/**
 * model_revoke - a block was freed
 * @block: the block
 */
void model_revoke(struct block *block)
{
	if (block->model != NO_MODEL && ftruncate(models[block->model].fd, 0))
		give_up("ftruncate: %s", strerror(errno));
}

char *window_device(void)
{
	return window[DEVICE];
}

void windows_adopt(const void *at, size_t size)
{
	const char *from = at;
	size_t step;

	if (from < window[DEVICE] || from >= window[DEVICE] + WINDOW_PAGES * PAGE)
		return;
	for (; size; from += step, size -= step) {
		step = PAGE - (uintptr_t)from % PAGE;
		if (step > size)
			step = size;
		try_copy(window[MODEL] + (from - window[DEVICE]), from, step);
	}
}

/* mapping -------------------------------------------------------------------------------- */

static bool has_model(struct block *block)
{
	int i;

	if (block->unknown || block->order > MODEL_ORDER)
		return false;
	for (i = 0; block->model == NO_MODEL && i < NR_MODELS; i++) {
		if (models[i].block != NO_BLOCK)
			continue;
		if (ftruncate(models[i].fd, PAGE << block->order))
			give_up("ftruncate: %s", strerror(errno));
		models[i].block = block - world.blocks;
		block->model = i;
	}
	return block->model != NO_MODEL;
}

/**
 * slot_may_map - what a mapping of a descriptor's is answered with, whatever it shows
 * @slot: descriptor
 * @prot: PROT_*
 * @writable: set to whether mappings of it may be written to
 *
 * Return: 0 or -EACCES.
 */
int slot_may_map(const struct slot *slot, int prot, bool *writable)
{
	enum file_kind kind = slot_file(slot)->kind;

	if (slot->block != NO_BLOCK) {
		*writable = slot->writable;
		return prot & PROT_WRITE && !slot->writable ? -EACCES : 0;
	}
	*writable = kind != FILE_READER;
#if HAS_RIGHTS
	*writable = slot_file(slot)->rights & MIRROR_MM_RIGHT_WRITE;
#endif
	return kind == FILE_WRITER || (kind == FILE_READER && prot & PROT_WRITE) ? -EACCES : 0;
}

/* What the device has to answer. */
static int due_of_map(const struct slot *slot, const struct block *block, size_t first, size_t nr,
		      int prot, bool shared)
{
	size_t pages = 1ul << block->order;
	bool granted = slot->block != NO_BLOCK, writable;
	int due = slot_may_map(slot, shared ? prot : prot & ~PROT_WRITE, &writable);

	if (due)
		return due;
	if (granted ? !block->live : !shared)
		return granted ? -ENXIO : -EINVAL;
	if (granted && !shared)
		return -EINVAL;
	if (!granted && (!block->live || block->file != slot->file || first >= pages))
		return -ENXIO;
	if (first >= pages || nr > pages - first)
		return -EINVAL;
	if (!writable && prot & PROT_WRITE)
		return -EACCES;
	return world.bare ? -ENODEV : 0;
}

static void map_anon(size_t at, size_t nr, int prot)
{
	int i;

	clear(at, nr);
	for (i = 0; i < NR_WINDOWS; i++) {
		char *addr = mmap(window[i] + at * PAGE, nr * PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (addr == MAP_FAILED)
			give_up("mmap: %s", strerror(errno));
		memset(addr, at, nr * PAGE);
		mprotect(addr, nr * PAGE, prot);
	}
}

static void map_model(const struct slot *slot, const struct block *block, size_t at, size_t first,
		      size_t nr, int prot)
{
	const struct model *m = &models[block->model];
	bool writable;

	slot_may_map(slot, prot, &writable);
	if (mmap(window[MODEL] + at * PAGE, nr * PAGE, prot, MAP_SHARED | MAP_FIXED,
		 writable ? m->fd : m->reading, first * PAGE) == MAP_FAILED)
		give_up("the model cannot be mapped: %s", strerror(errno));
	memset(&shows[at], slot->file, nr);
}

int window_prot(uint8_t b)
{
	static const int prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_WRITE, PROT_NONE,
	};

	return prots[b % ARRAY_SIZE(prots)];
}

/* A range of pages in the windows, @nr from 1 to 8. */
void window_range(const struct record *r, unsigned int i, size_t *at, size_t *nr)
{
	*at = r->arg[i % NR_ARGS] % WINDOW_PAGES;
	*nr = 1 + r->arg[(i + 1) % NR_ARGS] % 8;
	if (*nr > WINDOW_PAGES - *at)
		*nr = WINDOW_PAGES - *at;
}

void op_map(const struct record *r)
{
	int prot = window_prot(r->arg[3]), flags = MAP_SHARED | MAP_FIXED, ret, due;
	struct slot *slot = get_slot(r);
	bool shared = r->arg[4] & 0xf0, injected;
	struct block *block;
	size_t at, nr, first;
	uint64_t offset;

	window_range(r, 1, &at, &nr);
	used = true;
	if (r->arg[4] % 16 == 15) {
		map_anon(at, nr, prot);
		end_files();
		return;
	}
	block = slot && slot->block != NO_BLOCK ? &world.blocks[slot->block] : pick_block(r, 0);
	if (!slot || !block)
		return;
	first = r->arg[5] & 0x80 ? 0 : r->arg[5] % 9;
	if (!shared)
		flags = MAP_PRIVATE | MAP_FIXED;
	if (r->arg[4] % 16 == 1)
		flags |= MAP_POPULATE;
	if (r->arg[4] % 16 == 2)
		flags |= MAP_LOCKED;
	offset = (slot->block != NO_BLOCK ? 0 : block->offset) + first * PAGE;
	due = due_of_map(slot, block, first, nr, prot, shared);
	clear(at, nr);
	inject_begin(r, NTH);
	ret = mmap(window[DEVICE] + at * PAGE, nr * PAGE, prot, flags, slot->fd, offset) ==
	      MAP_FAILED ? -errno : 0;
	injected = inject_end();
	say("MAP %zu pages of block %#llx from %zu on at %zu, prot %d%s: %d", nr,
	    (unsigned long long)block->id, first, at, prot, shared ? "" : " private", ret);
	if (ret != due && !(ret == -ENOMEM && (injected || world.left > MANY_MAPPINGS)))
		found("mmap gives %d, not %d", ret, due);
	if (ret || !has_model(block))
		clear(at, nr);
	else
		map_model(slot, block, at, first, nr, prot);
	end_files();
}

void op_unmap(const struct record *r)
{
	size_t at, nr;

	window_range(r, 0, &at, &nr);
	say("UNMAP %zu pages at %zu", nr, at);
	clear(at, nr);
	end_files();
}

/* both ------------------------------------------------------------------------------------ */

void op_protect(const struct record *r)
{
	int prot = window_prot(r->arg[2]), ret[NR_WINDOWS], i;
	bool injected = false;
	size_t at, nr;

	window_range(r, 0, &at, &nr);
	for (i = 0; i < NR_WINDOWS; i++) {
		if (i == DEVICE)
			inject_begin(r, NTH);
		ret[i] = mprotect(window[i] + at * PAGE, nr * PAGE, prot) ? -errno : 0;
		if (i == DEVICE)
			injected = inject_end();
	}
	say("PROTECT %zu pages at %zu, prot %d: %d and %d", nr, at, prot, ret[DEVICE], ret[MODEL]);
	if (injected && ret[DEVICE] != ret[MODEL]) {
		clear(0, WINDOW_PAGES);
		end_files();
	} else if (ret[DEVICE] != ret[MODEL] && world.left <= MANY_MAPPINGS) {
		found("mprotect gives %d, and %d for a memfd", ret[DEVICE], ret[MODEL]);
	}
}

static int remap(int i, size_t at, size_t nr, size_t new, size_t to)
{
	return mremap(window[i] + at * PAGE, nr * PAGE, new * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      window[i] + to * PAGE) == MAP_FAILED ? -errno : 0;
}

/* Moves, shrinks, grows, and copies, which is what an old size of 0 means. */
void op_remap(const struct record *r)
{
	size_t at, nr, to = r->arg[2] % WINDOW_PAGES, new = r->arg[3] % 9, i;
	int ret, model = 0;
	bool injected;

	window_range(r, 0, &at, &nr);
	if (r->arg[4] & 0x80)
		nr = 1;
	if (r->arg[4] % 8 == 7)
		nr = 0;
	if (r->arg[4] & 0x40)
		new = nr;
	if (to + new > WINDOW_PAGES)
		to = WINDOW_PAGES - new;
	used = true;
	inject_begin(r, NTH);
	ret = remap(DEVICE, at, nr, new, to);
	injected = inject_end();
	if (nr == 1 && new == 1 && !injected && world.left <= MANY_MAPPINGS)
		model = remap(MODEL, at, nr, new, to);
	else if (!ret)
		model = remap(MODEL, at, nr, new, to);
	say("REMAP %zu pages at %zu to %zu at %zu: %d and %d", nr, at, new, to, ret, model);
	if (!ret && new > nr && nr && shows[at] >= 0)
		found("a mapping of %zu pages was made %zu", nr, new);
	if (!ret != !model && (!ret || (nr == 1 && new == 1 && !injected)))
		found("mremap gives %d, and %d for a memfd", ret, model);
	if (ret) {
		/* What was mapped there may be gone, in one of them or in both. */
		if (new)
			clear(to, new);
	} else {
		int8_t shown[WINDOW_PAGES];

		memcpy(shown, shows, sizeof(shown));
		for (i = 0; i < nr; i++)
			shows[at + i] = -1;
		for (i = 0; i < new; i++)
			shows[to + i] = i < nr ? shown[at + i] : -1;
	}
	end_files();
}

void op_advise(const struct record *r)
{
	static const uint8_t advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
		MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE,
		MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP, MADV_COLD, MADV_PAGEOUT,
		22 /* MADV_POPULATE_READ */, 23 /* MADV_POPULATE_WRITE */, 25 /* MADV_COLLAPSE */,
		100, 255,
	};
	int what = advice[r->arg[2] % ARRAY_SIZE(advice)], i;
	size_t at, nr;

	window_range(r, 0, &at, &nr);
	say("ADVISE %d for %zu pages at %zu", what, nr, at);
	/* Which advice is taken differs; what the memory holds must not. */
	for (i = 0; i < NR_WINDOWS; i++)
		madvise(window[i] + at * PAGE, nr * PAGE, what);
	switch (r->arg[3] % 16) {
	case 0:
		mlock(window[DEVICE] + at * PAGE, nr * PAGE);
		break;
	case 1:
		munlock(window[DEVICE] + at * PAGE, nr * PAGE);
		break;
	case 2:
		msync(window[DEVICE] + at * PAGE, nr * PAGE, MS_SYNC | MS_INVALIDATE);
		break;
	case 3:
		if (madvise(window[DEVICE] + at * PAGE, nr * PAGE, MADV_REMOVE) == 0 &&
		    shows[at] >= 0)
			found("MADV_REMOVE works");
		break;
	}
}
