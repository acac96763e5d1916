/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the operations on the device start from, and how they are found to have lost
 * nothing.
 */
#ifndef SELFTEST_FAIL_DEVICE_H
#define SELFTEST_FAIL_DEVICE_H

#include "fixture.h"
#include "fail.h"

#define ORDER		3
#define BLOCK_SIZE	(ST_PAGE << ORDER)
#define HOLE_SIZE	(2 * ST_PAGE)

/* What an operation works on; set up anew for each try. */
static struct {
	int fd;
	int granted;
	int zero;
	int mem;
	struct mirror_mm_alloc block;
	char *addr;
	char *target;
	void *hole;
	struct mirror_mm_op *ops;
	unsigned int nr;
	int done;
} w;

/* setting up ----------------------------------------------------------------------- */

static inline int have_file(const struct fail_op *op)
{
	w.fd = st_open();
	return w.fd < 0 ? w.fd : 0;
}

static inline int have_block(const struct fail_op *op)
{
	int ret = have_file(op);

	return ret ? ret : st_alloc(w.fd, ORDER, ST_GFP_MOVABLE, &w.block);
}

static inline int have_mapping(const struct fail_op *op)
{
	int ret = have_block(op);

	if (ret)
		return ret;
	w.addr = st_map(w.fd, &w.block);
	return w.addr == MAP_FAILED ? -errno : 0;
}

static inline int have_touched(const struct fail_op *op)
{
	int ret = have_mapping(op);

	return ret ? ret : st_poke(w.addr, 1);
}

static inline int have_granted(const struct fail_op *op)
{
	int ret = have_block(op);

	if (ret)
		return ret;
	w.granted = st_grant(w.fd, w.block.id, MIRROR_MM_GRANT_WRITE);
	return w.granted < 0 ? w.granted : 0;
}

/* Addresses without a page table, so whatever is mapped there needs one. */
static inline void *lonely(void)
{
	static char *at = (char *)(1ul << 40);

	at += 1ul << 30;
	return at;
}

/*
 * A copy of @arg where nobody has looked yet. To look takes a page table, to write a page;
 * zeros follow, as far as HOLE_SIZE.
 */
static inline int have_hole(const void *arg, size_t size)
{
	int fd = memfd_create("hole", MFD_CLOEXEC), ret = 0;

	if (fd < 0 || ftruncate(fd, HOLE_SIZE) || write(fd, arg, size) != size)
		return -errno;
	w.hole = mmap(lonely(), HOLE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
	if (w.hole == MAP_FAILED)
		ret = -errno;
	close(fd);
	return ret;
}

/* afterwards ----------------------------------------------------------------------- */

static inline const char *settle(const struct fail_op *op)
{
	struct st_buddyinfo now;

	st_unmap_all();
	st_close_all();
	if (st_buddyinfo(&now))
		return "buddyinfo cannot be read";
	if (st_same_buddyinfo(&st_loaded, &now))
		return st_check();
	st_print_buddyinfo("after load", &st_loaded);
	st_print_buddyinfo("now", &now);
	return "the free blocks are others";
}

static inline const char *settle_hole(const struct fail_op *op)
{
	munmap(w.hole, HOLE_SIZE);
	return settle(op);
}

/* What was touched holds what was written. */
static inline const char *settle_content(const struct fail_op *op)
{
	uint64_t value = 0;

	if (st_peek(w.addr, &value) || value != 1)
		return "the content is another";
	return settle(op);
}

static inline int run_map_granted(const struct fail_op *op)
{
	w.addr = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, w.granted, 0);
	return w.addr == MAP_FAILED ? -errno : 0;
}

#endif /* SELFTEST_FAIL_DEVICE_H */
