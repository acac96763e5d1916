// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading, while each allocation of the kernel for it fails once. The
 * load fails, or goes well without what it could not have; in either case nothing of
 * it is left after the unloading.
 *
 * What the module loader allocates before our code runs is passed over. It is as much
 * as for a load with these parameters that our code refuses at once.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include "load.h"
#include "fail.h"

/* Allocations that a load which is refused may have had less. */
#define MARGIN	8
/*
 * A load allocates thousands of times in few places: for a thousand files of debugfs, and
 * for each file of the kernel that is read. Of a place that has failed so often, whatever was
 * loaded then, each FAIL_STEP-th allocation fails; and of those without a stack in the log
 * that follow it.
 */
#define OFTEN	6
#define PLACES	256

struct place {
	unsigned long site;
	unsigned int nr;
};

/* The harness has a process for each test. */
static struct seen {
	struct place places[PLACES];
	long step;
} *seen;

static void __attribute__((constructor)) share_what_was_seen(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		exit(KSFT_FAIL);
	seen->step = 1;
}

static long often_step(void)
{
	const char *text = getenv("FAIL_STEP");
	long step = text && *text ? atol(text) : 1;

	if (step < 1)
		exit(KSFT_FAIL);
	return step;
}

/* The next allocation that is to fail. */
static long next_after(long nth)
{
	unsigned long site = fail_site();
	struct place *place = seen->places;

	if (!site)
		return nth + seen->step;
	while (place->site && place->site != site)
		if (++place == seen->places + PLACES)
			return nth + 1;
	place->site = site;
	seen->step = ++place->nr > OFTEN ? often_step() : 1;
	return nth + seen->step;
}

#define NODES	"nodes=2 distance=10,20,20,10 cpus=0:0,1:1 policy=lifo"
#define ZONES	"zones=DMA:4M,NORMAL:4M,HIGHMEM:4M,MOVABLE kmap_slots=4096 file_page_limit=100"

static int product = -1;

static int run_load(const struct fail_op *op)
{
	return syscall(SYS_finit_module, product, op->arg, 0) ? -errno : 0;
}

static int run_unload(const struct fail_op *op)
{
	return st_rmmod("mirror_mm");
}

static int have_module(const struct fail_op *op)
{
	return syscall(SYS_finit_module, product, op->arg, 0) ? -errno : 0;
}

/* A file of debugfs may be missing; the device is there and works. */
static const char *serve(void)
{
	struct mirror_mm_alloc block;
	int fd = st_open(), ret;

	if (fd < 0)
		return "the device cannot be opened";
	ret = st_alloc(fd, 3, ST_GFP, &block);
	if (!ret)
		ret = st_free(fd, block.id);
	close(fd);
	if (ret)
		return "a block cannot be allocated and freed";
	return access(ST_DEBUGFS "/check", F_OK) ? NULL : st_check();
}

static const char *settle(const struct fail_op *op)
{
	const char *said;

	if (!st_loaded_module("mirror_mm"))
		return NULL;
	said = serve();
	return st_rmmod("mirror_mm") ? "it cannot be unloaded" : said;
}

static const char *settle_unloaded(const struct fail_op *op)
{
	return st_loaded_module("mirror_mm") ? "it is still loaded" : NULL;
}

static int open_product(void)
{
	product = open(getenv("MIRROR_MM_KO"), O_RDONLY | O_CLOEXEC);
	return product < 0 ? -errno : fail_prepare();
}

/* How many allocations an operation has when none fails. */
static long count(const struct fail_op *op, int *ret)
{
	long left;

	fail_set(FAIL_LIMIT);
	*ret = op->run(op);
	left = fail_left();
	fail_set(0);
	return FAIL_LIMIT - left;
}

static long count_loader(struct __test_metadata *_metadata, const char *parameters)
{
	char refused[512];
	struct fail_op op = { .name = "refused", .run = run_load, .arg = refused };
	long nr;
	int ret;

	snprintf(refused, sizeof(refused), "%s region=auto policy=none", parameters);
	nr = count(&op, &ret);
	EXPECT_EQ(-EINVAL, ret);
	return nr > MARGIN ? nr - MARGIN : 0;
}

/*
 * Whatever fails, a load that would be refused is never accepted, and what is refused
 * leaves nothing.
 */
static void sweep_load(struct __test_metadata *_metadata, const struct st_before *before,
		       const char *name, int expected, const char *parameters)
{
	const struct fail_op op = {
		.name = name, .run = run_load, .tidy = settle, .expected = expected,
		.errors = { -EBUSY }, .arg = parameters,
	};
	struct fail_sum sum = { 0 };
	long nth;

	ASSERT_EQ(0, open_product());
	nth = count_loader(_metadata, parameters) + 1;
	while (fail_once(_metadata, &op, nth, &sum) && __test_passed(_metadata)) {
		st_expect_gone(_metadata, before);
		nth = next_after(nth);
	}
	fail_report(&op, &sum);
	if (!expected)
		EXPECT_LT(0, sum.errors);
}

/* The first half of the range and the second one, where they are asked for. */
static const char *params(const struct st_range *range, const char *fmt)
{
	static char text[256];

	snprintf(text, sizeof(text), fmt, (unsigned long long)range->base,
		 (unsigned long long)(range->base + range->size / 2));
	return text;
}

TEST_F_TIMEOUT(load, region, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-region", 0,
		   params(&self->range, "region=4M@%#llx,4M@%#llx:1"));
}

TEST_F_TIMEOUT(load, nodes, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-nodes", 0,
		   params(&self->range, "region=16M@%#llx " NODES));
}

TEST_F_TIMEOUT(load, zones, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-zones", 0,
		   params(&self->range, "region=16M@%#llx " ZONES));
}

TEST_F_TIMEOUT(load, auto_, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-auto", 0,
		   "region=auto watermark_scale_factor=20");
}

TEST_F_TIMEOUT(load, bare, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-bare", 0, "region=test:64M");
}

TEST_F_TIMEOUT(load, cma, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-cma", 0, "cma=4M");
}

TEST_F_TIMEOUT(load, region_and_cma, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-region-cma", 0,
		   params(&self->range, "region=4M@%#llx cma=4M:1"));
}

/* Refused in any case; the reasons are looked up in files of the kernel. */
TEST_F_TIMEOUT(load, refused_missing, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-missing", -EINVAL,
		   "min_free_kbytes=1024");
}

TEST_F_TIMEOUT(load, refused_ram, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-ram", -EBUSY, "region=4M@16M");
}

TEST_F_TIMEOUT(load, refused_not_reserved, FAIL_TIME)
{
	sweep_load(_metadata, &self->before, "load-not-reserved", -ENXIO,
		   "region=4M@64G");
}

TEST_F_TIMEOUT(load, unload, FAIL_TIME)
{
	const struct fail_op op = {
		.name = "unload", .set_up = have_module, .run = run_unload,
		.tidy = settle_unloaded, .arg = params(&self->range, "region=4M@%#llx,4M@%#llx:1"),
	};
	struct fail_sum sum = { 0 };
	long nth = 1;

	ASSERT_EQ(0, open_product());
	while (fail_once(_metadata, &op, nth, &sum) && __test_passed(_metadata)) {
		st_expect_gone(_metadata, &self->before);
		nth = next_after(nth);
	}
	fail_report(&op, &sum);
}

TEST_HARNESS_MAIN
