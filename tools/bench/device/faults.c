// SPDX-License-Identifier: GPL-2.0
/*
 * Faults: the first touch of each page of a mapping, and whole lives of blocks.
 *
 * What a second touch of the same pages costs is taken off: that is the loop.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include "count.h"
#include "device.h"

/* Mappings in a run: with many, one run is long against what disturbs it. */
#define MOST	16

/* What is mapped: blocks of the device, or with fd < 0 anonymous memory. */
struct place {
	int fd;
	unsigned int order;
	unsigned int flags;
	unsigned int nr;
	struct mirror_mm_alloc block[MOST];
	void *addr[MOST];
};

static size_t size_of(const struct place *p)
{
	return PAGE << p->order;
}

static int map_one(struct place *p, unsigned int i)
{
	if (p->fd < 0) {
		p->addr[i] = anonymous(size_of(p), 0);
		if (!p->addr[i])
			return -errno;
		return madvise(p->addr[i], size_of(p), MADV_NOHUGEPAGE) ?
		       -errno : 0;
	}
	p->addr[i] = mmap(NULL, size_of(p), PROT_READ | PROT_WRITE, MAP_SHARED,
			  p->fd, p->block[i].offset);
	return p->addr[i] == MAP_FAILED ? -errno : 0;
}

static int map_all(void *arg)
{
	struct place *p = arg;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < p->nr && !ret; i++)
		ret = map_one(p, i);
	return ret;
}

static int unmap_all(void *arg)
{
	struct place *p = arg;
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		if (munmap(p->addr[i], size_of(p)))
			return -errno;
	return 0;
}

static int alloc_all(struct place *p)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < p->nr && !ret && p->fd >= 0; i++)
		ret = dev_alloc(p->fd, p->order, p->flags, &p->block[i]);
	return ret;
}

static int free_all(struct place *p)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < p->nr && !ret && p->fd >= 0; i++)
		ret = dev_free(p->fd, p->block[i].id);
	return ret;
}

static int touch_all(void *arg)
{
	struct place *p = arg;
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		touch(p->addr[i], size_of(p));
	return 0;
}

/* New blocks, nobody has seen them. */
static int make_new(void *arg)
{
	return alloc_all(arg) ?: map_all(arg);
}

static int end_new(void *arg)
{
	return unmap_all(arg) ?: free_all(arg);
}

static int map_and_touch(void *arg)
{
	return map_all(arg) ?: touch_all(arg);
}

static int whole_life(void *arg)
{
	return make_new(arg) ?: touch_all(arg) ?: end_new(arg);
}

static unsigned int units(const struct place *p)
{
	return p->nr << p->order;
}

/* A page's first touch above its second one. */
static double first_touch(struct place *p)
{
	struct job job = { make_new, touch_all, end_new, p, units(p) };
	struct job loop = { map_and_touch, touch_all, unmap_all, p, units(p) };
	double first = least("first touch", &job), second;
	int ret = alloc_all(p);

	if (ret)
		fail(-ret, "blocks of order %u", p->order);
	second = least("second touch", &loop);
	ret = free_all(p);
	if (ret)
		fail(-ret, "FREE");
	return first - second;
}

/* The same in a new mapping of a block that has been shown before. */
static double touch_again(struct place *p)
{
	struct job job = { map_all, touch_all, unmap_all, p, units(p) };
	struct job loop = { map_and_touch, touch_all, unmap_all, p, units(p) };
	double value;
	int ret = alloc_all(p);

	if (ret)
		fail(-ret, "blocks of order %u", p->order);
	value = least_above("touch", &job, &loop);
	ret = free_all(p);
	if (ret)
		fail(-ret, "FREE");
	return value;
}

static double life(struct place *p)
{
	struct job job = { .work = whole_life, .arg = p, .units = units(p) };
	struct job loop = { map_and_touch, touch_all, unmap_all, p, units(p) };
	double whole = least("mapping", &job), touching;
	int ret = alloc_all(p);

	if (ret)
		fail(-ret, "blocks of order %u", p->order);
	touching = least("touch", &loop);
	ret = free_all(p);
	if (ret)
		fail(-ret, "FREE");
	return whole - touching;
}

static void print(const char *what, unsigned int order, double mirror,
		  double kernel)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", what, order);
	mirror_and_kernel(name, mirror, kernel);
}

static void bench_order(int fd, unsigned int order, unsigned int nr)
{
	struct place ours = { .fd = fd, .order = order, .nr = nr };
	struct place asis = ours;
	struct place theirs = { .fd = -1, .order = order, .nr = nr };
	double kernel = first_touch(&theirs);

	asis.flags = MIRROR_MM_ALLOC_NOZERO;
	print("fault-zeroed", order, first_touch(&ours), kernel);
	print("fault-asis", order, first_touch(&asis), kernel);
	print("fault-again", order, touch_again(&ours), kernel);
	print("map", order, life(&ours), life(&theirs));
}

void bench_faults(int fd)
{
	bench_order(fd, 0, MOST);
	bench_order(fd, 3, MOST / 2);
	bench_order(fd, 9, 1);
}
