// SPDX-License-Identifier: GPL-2.0
/*
 * What programs do with the device, while each allocation of the kernel for it fails
 * once: an errno, or success; the free blocks of every order come back, and `check`
 * is clean.
 */
#include <fcntl.h>
#include "fail-device.h"

/* Slots of more chunks than a file's first table of chunks has room for. */
#define MANY		1200
#define FEW		3
/* The kernel's tables of descriptors are for multiples of this. */
#define FD_TABLE_STEP	64

static struct mirror_mm_op array[MANY];

static int have_blocks(const struct fail_op *op)
{
	unsigned int i;
	int ret = have_touched(op);

	for (i = 0; i < MANY; i++)
		st_op_alloc(&array[i], 0, ST_GFP);
	return ret ? ret : st_submit(w.fd, array, MANY) == MANY ? 0 : -EIO;
}

/* opening, and the single calls ------------------------------------------------------- */

static int run_open(const struct fail_op *op)
{
	int fd = st_open();

	return fd < 0 ? fd : 0;
}

static int run_open_read_only(const struct fail_op *op)
{
	int fd = st_open_mode(O_RDONLY);

	return fd < 0 ? fd : 0;
}

static int run_close(const struct fail_op *op)
{
	return close(w.fd) ? -errno : 0;
}

static int run_unmap_and_close(const struct fail_op *op)
{
	int ret = munmap(w.addr, BLOCK_SIZE) ? -errno : 0;

	return close(w.fd) ? -errno : ret;
}

static int run_info(const struct fail_op *op)
{
	struct mirror_mm_info info;

	return st_info(w.fd, &info);
}

static int run_alloc(const struct fail_op *op)
{
	w.block = *(const struct mirror_mm_alloc *)op->arg;
	return st_ioctl(w.fd, MIRROR_MM_ALLOC, &w.block);
}

static int run_free(const struct fail_op *op)
{
	return st_free(w.fd, w.block.id);
}

TEST_F_TIMEOUT(mirror, open_and_close, FAIL_TIME)
{
	static const struct fail_op ops[] = {
		{ "open", NULL, run_open, settle },
		{ "open-read-only", NULL, run_open_read_only, settle },
		{ "close", have_file, run_close, settle },
		{ "close-with-blocks", have_blocks, run_unmap_and_close, settle },
		{ "info", have_file, run_info, settle },
	};
	size_t i;

	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
}

static int have_request_in_hole(const struct fail_op *op)
{
	int ret = have_file(op);

	return ret ? ret : have_hole(op->arg, sizeof(struct mirror_mm_alloc));
}

static int have_id_in_hole(const struct fail_op *op)
{
	int ret = have_block(op);
	struct mirror_mm_free arg = { .id = w.block.id };

	return ret ? ret : have_hole(&arg, sizeof(arg));
}

static int run_info_hole(const struct fail_op *op)
{
	return st_ioctl(w.fd, MIRROR_MM_INFO, w.hole);
}

static int run_alloc_hole(const struct fail_op *op)
{
	return st_ioctl(w.fd, MIRROR_MM_ALLOC, w.hole);
}

/* As a program does that knows a larger struct. */
static int run_alloc_large(const struct fail_op *op)
{
	return st_ioctl(w.fd, st_resized(MIRROR_MM_ALLOC, HOLE_SIZE), w.hole);
}

static int run_free_hole(const struct fail_op *op)
{
	return st_ioctl(w.fd, MIRROR_MM_FREE, w.hole);
}

/* An answer that could not be written is no block. */
static const char *settle_refused(const struct fail_op *op)
{
	struct mirror_mm_info info;
	uint64_t told = ((struct mirror_mm_alloc *)w.hole)->id ? 1 : 0;

	if (st_info(w.fd, &info) || info.held_blocks != told) {
		settle_hole(op);
		return "the file holds what it was not told of";
	}
	return settle_hole(op);
}

#define REQUEST(where, ...)							\
	(&(const struct mirror_mm_alloc){ .node = (where), __VA_ARGS__ })
#define ANY	MIRROR_MM_NODE_ANY

TEST_F_TIMEOUT(mirror, alloc_and_free, FAIL_TIME)
{
	const struct fail_op ops[] = {
		{ "alloc", have_file, run_alloc, settle, .arg = REQUEST(ANY, .gfp = ST_GFP) },
		{ "alloc-high", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .order = ORDER, .gfp = ST_GFP_MOVABLE) },
		{ "alloc-reclaimable", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .gfp = ST_GFP_RECLAIM) },
		{ "alloc-zero", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .order = ORDER, .gfp = ST_GFP | __MIRROR_GFP_ZERO) },
		{ "alloc-comp", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .order = 9, .gfp = ST_GFP | __MIRROR_GFP_COMP) },
		{ "alloc-node", have_file, run_alloc, settle,
		  .arg = REQUEST(1, .gfp = ST_GFP | __MIRROR_GFP_THISNODE) },
		{ "alloc-nodemask", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .gfp = ST_GFP, .nodemask = 2,
				 .flags = MIRROR_MM_ALLOC_NODEMASK) },
		{ "alloc-atomic", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .gfp = MIRROR_GFP_ATOMIC) },
		{ "alloc-nozero", have_file, run_alloc, settle,
		  .arg = REQUEST(ANY, .gfp = ST_GFP, .flags = MIRROR_MM_ALLOC_NOZERO) },
		/* The file has its table already. */
		{ "alloc-again", have_block, run_alloc, settle,
		  .arg = REQUEST(ANY, .order = ORDER, .gfp = ST_GFP) },
		{ "alloc-hole", have_request_in_hole, run_alloc_hole, settle_refused,
		  .errors = { -EFAULT }, .arg = REQUEST(ANY, .gfp = ST_GFP) },
		{ "alloc-large", have_request_in_hole, run_alloc_large, settle_hole,
		  .errors = { -EFAULT }, .arg = REQUEST(ANY, .gfp = ST_GFP) },
		{ "info-hole", have_request_in_hole, run_info_hole, settle_hole,
		  .errors = { -EFAULT }, .arg = REQUEST(ANY, .gfp = ST_GFP) },
		{ "free-hole", have_id_in_hole, run_free_hole, settle_hole,
		  .errors = { -EFAULT } },
		{ "free", have_block, run_free, settle },
		{ "free-mapped", have_touched, run_free, settle },
	};
	size_t i;

	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
}

/* SUBMIT ------------------------------------------------------------------------------ */

static int have_array(const struct fail_op *op)
{
	unsigned int i;

	w.nr = *(const unsigned int *)op->arg;
	w.ops = array;
	for (i = 0; i < w.nr; i++)
		st_op_alloc(&array[i], 0, ST_GFP);
	return have_file(op);
}

static int have_array_in_hole(const struct fail_op *op)
{
	int ret = have_array(op);

	if (!ret)
		ret = have_hole(array, FEW * sizeof(*array));
	w.ops = w.hole;
	return ret;
}

/* An order that is refused: the answer is the first that touches the array's page. */
static int have_refused_in_hole(const struct fail_op *op)
{
	int ret = have_file(op);

	w.nr = 1;
	st_op_alloc(&array[0], 99, ST_GFP);
	if (!ret)
		ret = have_hole(array, sizeof(*array));
	w.ops = w.hole;
	return ret;
}

static int run_submit(const struct fail_op *op)
{
	w.done = st_submit(w.fd, w.ops, w.nr);
	return w.done < 0 ? w.done : 0;
}

/* What was told and what is held is the same; of all of them one may have failed. */
static const char *settle_submit(const struct fail_op *op)
{
	unsigned int i, got = 0, failed = 0, done = w.done < 0 ? 0 : w.done;
	const char *said = NULL;

	for (i = 0; i < done; i++) {
		got += !w.ops[i].result;
		failed += w.ops[i].result == -ENOMEM;
	}
	if (got + failed != done || failed > 1)
		said = "the results are others";
	if (got != st_held_blocks(w.fd))
		said = "the file holds what it was not told of";
	if (w.ops != array)
		munmap(w.hole, HOLE_SIZE);
	return said ? said : settle(op);
}

static const char *settle_submit_refused(const struct fail_op *op)
{
	const char *said = w.done == 1 && w.ops[0].result != -EINVAL ?
			   "an order of 99 was not refused" : NULL;

	munmap(w.hole, HOLE_SIZE);
	return said ? said : settle(op);
}

TEST_F_TIMEOUT(mirror, submit, FAIL_TIME)
{
	static const unsigned int few = FEW, many = MANY;
	static const struct fail_op ops[] = {
		{ "submit", have_array, run_submit, settle_submit, .arg = &few },
		{ "submit-many", have_array, run_submit, settle_submit, .arg = &many },
		/* A page of the array that is not to be had is no page of it. */
		{ "submit-hole", have_array_in_hole, run_submit, settle_submit,
		  .errors = { -EFAULT }, .arg = &few },
		{ "submit-refused-hole", have_refused_in_hole, run_submit, settle_submit_refused,
		  .errors = { -EFAULT } },
	};
	size_t i;

	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
}

/* CTL --------------------------------------------------------------------------------- */

static int run_set_mempolicy(const struct fail_op *op)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_SET_MEMPOLICY,
		.mempolicy = { .mode = MIRROR_MPOL_INTERLEAVE, .nodemask = 3 },
	};

	return st_ioctl(w.fd, MIRROR_MM_CTL, &arg);
}

static int run_get_mempolicy(const struct fail_op *op)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_GET_MEMPOLICY };

	return st_ioctl(w.fd, MIRROR_MM_CTL, &arg);
}

static int run_drop_rights(const struct fail_op *op)
{
	return st_drop_rights(w.fd, MIRROR_MM_RIGHT_WRITE);
}

static int run_grant(const struct fail_op *op)
{
	int fd = st_grant(w.fd, w.block.id, MIRROR_MM_GRANT_WRITE);

	return fd < 0 ? fd : 0;
}

/* All descriptors that the process has a table for: the next one takes a larger table. */
static void fill_table(struct __test_metadata *_metadata)
{
	int fd;

	do {
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
		ASSERT_LE(0, fd);
	} while ((fd + 1) % FD_TABLE_STEP);
}

/* One that is closed again leaves a larger table, so this is not part of the sweep. */
static void sweep_full_table(struct __test_metadata *_metadata)
{
	const struct fail_op op = { "ctl-grant-full-table", have_block, run_grant, settle };

	fill_table(_metadata);
	EXPECT_LT(0, fail_sweep(_metadata, &op).failed);
}

static int run_close_granted(const struct fail_op *op)
{
	return close(w.granted) ? -errno : 0;
}

/* The argument lies where its answer cannot be written without a page. */
static int have_block_and_hole(const struct fail_op *op)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_GRANT };
	int ret = have_block(op);

	arg.grant.id = w.block.id;
	return ret ? ret : have_hole(&arg, sizeof(arg));
}

static int run_grant_to_hole(const struct fail_op *op)
{
	return st_ioctl(w.fd, MIRROR_MM_CTL, w.hole);
}

TEST_F_TIMEOUT(mirror, ctl, FAIL_TIME)
{
	static const struct fail_op ops[] = {
		{ "ctl-set-mempolicy", have_file, run_set_mempolicy, settle },
		{ "ctl-get-mempolicy", have_file, run_get_mempolicy, settle },
		{ "ctl-drop-rights", have_file, run_drop_rights, settle },
		{ "ctl-grant", have_block, run_grant, settle },
		{ "ctl-grant-hole", have_block_and_hole, run_grant_to_hole, settle_hole,
		  .errors = { -EFAULT } },
		{ "map-granted", have_granted, run_map_granted, settle },
		{ "close-granted", have_granted, run_close_granted, settle },
	};
	size_t i;

	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
	sweep_full_table(_metadata);
}

TEST_HARNESS_MAIN
