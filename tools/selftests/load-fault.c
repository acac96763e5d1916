// SPDX-License-Identifier: GPL-2.0
/*
 * Loads during which one allocation fails. The load fails, or
 * goes well without what it could not have; nothing is left in either case.
 *
 * A kernel with fault injection lets a task say which of its next allocations is
 * to fail. Most of those during a load are the module loader's own. Ours come
 * last, and are all that come behind those of a load which our code refuses at
 * once. A run tries about TRIES of them, evenly spread; the seed says which.
 * MIRROR_MM_TRIES= in the environment changes the number; a large one tries all.
 */
#include "load.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGES	"/sys/kernel/debug/fail_page_alloc/"
/* More than any load asks for. */
#define ENDLESS		1000000
#define TRIES		16
/* Seconds; whoever runs the program has a limit of his own. */
#define LONG		3600

static int prepare(void)
{
	int ret;

	ret = st_write(FAILSLAB "ignore-gfp-wait", "N");
	ret = ret ? ret : st_write(FAILSLAB "verbose", "0");
	ret = ret ? ret : st_write(FAIL_PAGES "ignore-gfp-wait", "N");
	ret = ret ? ret : st_write(FAIL_PAGES "min-order", "0");
	return ret ? ret : st_write(FAIL_PAGES "verbose", "0");
}

/* Loads while allocation @nth is to fail; how many were left until then. */
static int load_failing(const char *parameters, long nth, long *left)
{
	char text[32];
	ssize_t got;
	int fd, ret;

	fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%ld", nth);
	if (pwrite(fd, text, strlen(text), 0) < 0) {
		close(fd);
		return -EIO;
	}
	ret = st_insmod("mirror_mm", parameters);
	got = pread(fd, text, sizeof(text) - 1, 0);
	text[got > 0 ? got : 0] = 0;
	*left = atol(text);
	if (pwrite(fd, "0", 1, 0) < 0)
		ret = -EIO;
	close(fd);
	return ret;
}

/* Allocations of a load by the loader alone: one that our own code refuses. */
static long count(const char *parameters, int error)
{
	long left = 0;
	int ret = load_failing(parameters, ENDLESS, &left);

	if (!ret)
		st_rmmod("mirror_mm");
	return ret == error ? ENDLESS - left : 0;
}

/* A file of debugfs may be missing; the device is there and works. */
static void expect_service(struct __test_metadata *_metadata)
{
	struct mirror_mm_alloc block;
	int fd = st_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, st_alloc(fd, 3, ST_GFP, &block));
	EXPECT_EQ(0, st_free(fd, block.id));
	ASSERT_EQ(0, close(fd));
	if (!access(ST_DEBUGFS "/check", F_OK))
		EXPECT_EQ(NULL, st_check());
}

static unsigned int tries(void)
{
	const char *given = getenv("MIRROR_MM_TRIES");
	unsigned int nr = given ? strtoul(given, NULL, 0) : 0;

	return nr ? nr : TRIES;
}

struct outcome {
	unsigned int refused;
	unsigned int loaded;
};

/* Allocations of @range fail, one of them in each load. */
static void fail_some(struct __test_metadata *_metadata, const struct st_before *before,
		      const char *parameters, const long range[2], struct outcome *o)
{
	long nth, left, all = range[1], step = (all - range[0]) / tries() + 1;
	uint64_t seed = st_seed();
	int ret;

	for (nth = range[0] + 1 + st_below(&seed, step); nth <= all; nth += step) {
		ret = load_failing(parameters, nth, &left);
		if (ret) {
			/* request_mem_region() cannot say why it failed. */
			EXPECT_TRUE(ret == -ENOMEM || ret == -EBUSY) {
				TH_LOG("allocation %ld of %ld: %d", nth, all,
				       ret);
			}
			o->refused++;
		} else {
			expect_service(_metadata);
			ASSERT_EQ(0, st_rmmod("mirror_mm"));
			o->loaded++;
		}
		st_expect_gone(_metadata, before);
	}
}

/*
 * Most allocations are the host's, for its own files that are read first, and a load can
 * do without some of these. Those of the mirror are the last.
 */
static void fail_each(struct __test_metadata *_metadata,
		      const struct st_before *before, const char *parameters)
{
	long all = count(parameters, 0), loader = count("policy=none", -EINVAL);
	struct outcome o = { 0 };

	ASSERT_LT(0, loader);
	ASSERT_LT(loader, all);
	fail_some(_metadata, before, parameters, (long[]){ loader, all }, &o);
	fail_some(_metadata, before, parameters, (long[]){ all - (all - loader) / 8, all },
		  &o);
	TH_LOG("%s: of allocations %ld to %ld; %u loads failed, %u did without",
	       parameters, loader + 1, all, o.refused, o.loaded);
	EXPECT_LT(0, o.refused);
}

static bool injects(void)
{
	return !access(FAIL_NTH, F_OK);
}

TEST_F_TIMEOUT(load, allocations_of_region, LONG)
{
	struct st_range *r = &self->range;
	char text[96];

	if (!injects())
		SKIP(return, "this kernel injects no faults");
	ASSERT_EQ(0, prepare());
	snprintf(text, sizeof(text), "region=4M@%#llx,4M@%#llx:1",
		 (unsigned long long)r->base,
		 (unsigned long long)(r->base + r->size / 2));
	fail_each(_metadata, &self->before, text);
}

TEST_F_TIMEOUT(load, allocations_of_cma, LONG)
{
	if (!injects())
		SKIP(return, "this kernel injects no faults");
	ASSERT_EQ(0, prepare());
	if (st_meminfo("CmaTotal:") < 200 * 1024)
		SKIP(return, "booted without a CMA area");
	fail_each(_metadata, &self->before, "cma=4M");
}

TEST_HARNESS_MAIN
