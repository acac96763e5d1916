// SPDX-License-Identifier: GPL-2.0
/*
 * All that can be done to a mirror, at the same time and for some seconds: programs
 * and a kernel module allocate and free, files are shared and read, settings change,
 * lists are drained, pages are reported as bad, and a CPU comes and goes.
 *
 * Each thread judges the results of its own calls. What the whole has come to is
 * judged by the fixture. With KCSAN the kernel looks on; see scripts/kcsan.sh.
 *
 * MIRROR_MM_SECONDS says how long it goes on.
 */
#include <pthread.h>
#include <sched.h>
#include "fixture.h"
#include "loader.h"

#define HELD		48
#define BATCH		16
#define SYSFS		"/sys/class/misc/mirror_mm/"
#define CHURN		"mirror_mm_churn"

static bool stop;
/* First frame of the block that somebody has just got, for the reports. */
static uint64_t last_pfn;

/* One thread. */
struct worker {
	const char *name;
	void (*step)(struct worker *w);
	pthread_t thread;
	uint64_t random;
	unsigned int steps;
	unsigned int wrong;
	char said[160];			/* what was wrong first */
	int fd;
	unsigned int nr_held;
	struct mirror_mm_alloc held[HELD];
};

static void complain(struct worker *w, const char *what, const char *why)
{
	if (!w->wrong++)
		snprintf(w->said, sizeof(w->said), "%s: %s", what, why);
}

/* @ret has to be 0, or one of the two errors. */
static void expect(struct worker *w, const char *what, int ret, int error, int other)
{
	if (ret && ret != -error && ret != -other)
		complain(w, what, strerror(-ret));
}

/* programs that allocate --------------------------------------------------------- */

static unsigned int random_gfp(struct worker *w)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM, MIRROR_GFP_ATOMIC,
		MIRROR_GFP_NOWAIT, ST_GFP | __MIRROR_GFP_COMP,
		ST_GFP_MOVABLE | __MIRROR_GFP_NORETRY,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_MEMALLOC,
	};

	return gfps[st_below(&w->random, ARRAY_SIZE(gfps))] | __MIRROR_GFP_NOWARN;
}

/* Mostly such as go through the per-CPU lists. */
static unsigned int random_order(struct worker *w)
{
	unsigned int n = st_below(&w->random, 100);

	return n < 60 ? 0 : n < 90 ? n % 4 : n % 11;
}

/* A page may be reported as bad at any moment, and is gone then. */
static void look(struct worker *w, const struct mirror_mm_alloc *block)
{
	uint64_t *addr = st_map(w->fd, block), value, tag = block->id + 1;
	int sig;

	if (addr == MAP_FAILED) {
		complain(w, "mmap", strerror(errno));
		return;
	}
	sig = st_peek(addr, &value);
	if (!sig && value && value != tag)
		complain(w, "content", "somebody else's");
	sig = sig ?: st_poke(addr, tag);
	sig = sig ?: st_peek(addr, &value);
	if (sig && sig != SIGBUS)
		complain(w, "touch", strsignal(sig));
	if (!sig && value != tag)
		complain(w, "content", "not what was written");
	munmap(addr, st_block_size(block));
}

static void take_block(struct worker *w)
{
	struct mirror_mm_alloc *block = &w->held[w->nr_held];
	int ret = st_alloc(w->fd, random_order(w), random_gfp(w), block);

	expect(w, "ALLOC", ret, ENOMEM, 0);
	if (ret)
		return;
	w->nr_held++;
	__atomic_store_n(&last_pfn, block->pfn, __ATOMIC_RELAXED);
	if (st_below(&w->random, 4) == 0)
		look(w, block);
}

static void give_block(struct worker *w)
{
	struct mirror_mm_alloc *block = &w->held[st_below(&w->random, w->nr_held)];

	if (st_below(&w->random, 4) == 0)
		look(w, block);
	expect(w, "FREE", st_free(w->fd, block->id), 0, 0);
	*block = w->held[--w->nr_held];
}

static void use_file(struct worker *w)
{
	if (!w->nr_held || (w->nr_held < HELD && st_below(&w->random, 2)))
		take_block(w);
	else
		give_block(w);
}

/* files that are shared ---------------------------------------------------------- */

static void submit_pairs(struct worker *w)
{
	struct mirror_mm_op ops[BATCH];
	unsigned int i, nr = 0;

	for (i = 0; i < BATCH; i++)
		st_op_alloc(&ops[i], random_order(w) % 4, random_gfp(w));
	if (st_submit(w->fd, ops, BATCH) != BATCH)
		complain(w, "SUBMIT of allocations", "not done");
	for (i = 0; i < BATCH; i++) {
		expect(w, "ALLOC in SUBMIT", ops[i].result, ENOMEM, 0);
		if (!ops[i].result)
			st_op_free(&ops[nr++], ops[i].alloc.id);
	}
	if (st_submit(w->fd, ops, nr) != nr)
		complain(w, "SUBMIT of frees", "not done");
	for (i = 0; i < nr; i++)
		expect(w, "FREE in SUBMIT", ops[i].result, 0, 0);
}

static void change_policy(struct worker *w)
{
	static const unsigned int modes[] = {
		MIRROR_MPOL_DEFAULT, MIRROR_MPOL_PREFERRED, MIRROR_MPOL_BIND,
		MIRROR_MPOL_INTERLEAVE, MIRROR_MPOL_WEIGHTED_INTERLEAVE,
	};
	struct mirror_mm_ctl set = { .cmd = MIRROR_MM_CTL_SET_MEMPOLICY };
	struct mirror_mm_ctl get = { .cmd = MIRROR_MM_CTL_GET_MEMPOLICY };
	bool has_nodes;

	set.mempolicy.mode = modes[st_below(&w->random, ARRAY_SIZE(modes))];
	set.mempolicy.nodemask = set.mempolicy.mode != MIRROR_MPOL_DEFAULT;
	expect(w, "SET_MEMPOLICY", st_ioctl(w->fd, MIRROR_MM_CTL, &set), 0, 0);
	expect(w, "GET_MEMPOLICY", st_ioctl(w->fd, MIRROR_MM_CTL, &get), 0, 0);
	has_nodes = get.mempolicy.mode != MIRROR_MPOL_DEFAULT;
	if (get.mempolicy.nodemask != has_nodes)
		complain(w, "GET_MEMPOLICY", "half of one policy and half of another");
}

static void ask(struct worker *w)
{
	struct mirror_mm_info info;

	expect(w, "INFO", st_info(w->fd, &info), 0, 0);
	if (info.state != MIRROR_MM_IN_SERVICE || info.nr_free > info.nr_pages ||
	    info.bad_pages > info.nr_pages)
		complain(w, "INFO", "numbers that cannot be");
}

/* The block ends while the descriptor that shows it is still there. */
static void grant_block(struct worker *w)
{
	struct mirror_mm_alloc block;
	int fd, ret;

	ret = st_alloc(w->fd, 1, ST_GFP | __MIRROR_GFP_NOWARN, &block);
	expect(w, "ALLOC", ret, ENOMEM, 0);
	if (ret)
		return;
	fd = st_grant(w->fd, block.id, 0);
	expect(w, "GRANT", fd < 0 ? fd : 0, 0, 0);
	expect(w, "FREE", st_free(w->fd, block.id), 0, 0);
	if (fd >= 0)
		close(fd);
}

static void share_file(struct worker *w)
{
	switch (st_below(&w->random, 8)) {
	case 0:
		change_policy(w);
		break;
	case 1:
		ask(w);
		break;
	case 2:
		grant_block(w);
		break;
	default:
		submit_pairs(w);
	}
}

/* those who look on -------------------------------------------------------------- */

static void read_file(struct worker *w, const char *path)
{
	char *text = st_read(path);

	if (!text || !*text)
		complain(w, path, text ? "nothing to read" : strerror(errno));
	free(text);
}

static void read_text(struct worker *w)
{
	static const char * const paths[] = {
		ST_DEBUGFS "/buddyinfo", ST_DEBUGFS "/pagetypeinfo",
		ST_DEBUGFS "/zoneinfo", ST_DEBUGFS "/vmstat",
		ST_DEBUGFS "/memory", ST_DEBUGFS "/watermarks",
		ST_DEBUGFS "/node0/numastat", ST_DEBUGFS "/node0/meminfo",
		ST_DEBUGFS "/node0/cpulist", ST_DEBUGFS "/node0/weight",
		SYSFS "min_free_kbytes", SYSFS "watermark_scale_factor",
		SYSFS "watermark_boost_factor", SYSFS "lowmem_reserve_ratio",
		SYSFS "percpu_pagelist_high_fraction", SYSFS "stat_interval",
		SYSFS "page_limit",
	};

	read_file(w, paths[w->steps % ARRAY_SIZE(paths)]);
}

/* These stop the machine. */
static void validate(struct worker *w)
{
	char *text;

	usleep(20000);
	if (w->steps % 8) {
		read_file(w, ST_DEBUGFS "/state");
		return;
	}
	text = st_debugfs("check");
	if (!text || strcmp(text, "check: clean\n"))
		complain(w, ST_DEBUGFS "/check", text ?: strerror(errno));
	free(text);
}

/* those who interfere ------------------------------------------------------------ */

/* Each value is one that the file accepts. */
static const struct {
	const char *path;
	const char *values[3];
} settings[] = {
	{ SYSFS "min_free_kbytes", { "1024", "4096", "20000" } },
	{ SYSFS "watermark_scale_factor", { "10", "50", "500" } },
	{ SYSFS "watermark_boost_factor", { "0", "15000", "30000" } },
	{ SYSFS "lowmem_reserve_ratio", { "256 256 32 0 0", "1 1 1 1 1", "0 0 0 0 0" } },
	{ SYSFS "percpu_pagelist_high_fraction", { "0", "8", "100" } },
	{ SYSFS "stat_interval", { "1", "2", "3" } },
	{ SYSFS "page_limit", { "0", "60000", "65536" } },
	{ ST_DEBUGFS "/node0/weight", { "1", "2", "200" } },
	{ ST_DEBUGFS "/watermarks", { "0 Normal 256 320 384 448", "0 Normal 64 128 192 256",
				      "0 Normal 1000 2000 3000 4000" } },
};

static void tune(struct worker *w)
{
	unsigned int i = w->steps % ARRAY_SIZE(settings);

	expect(w, settings[i].path,
	       st_write(settings[i].path, settings[i].values[st_below(&w->random, 3)]),
	       0, 0);
}

static void drain(struct worker *w)
{
	expect(w, "drain", st_drain(), 0, 0);
	if (w->steps % 4 == 0)
		expect(w, "stat_refresh", st_debugfs_write("stat_refresh", "1"), 0, 0);
}

/* One page is held all the time. */
static void try_reset(struct worker *w)
{
	int ret = st_debugfs_write("reset", "1");

	if (ret != -EBUSY)
		complain(w, "reset", strerror(-ret));
	usleep(200000);
}

static unsigned int unpoison_all(struct worker *w)
{
	char *text = st_debugfs("hwpoison"), *rest = text, *line;
	unsigned int left = 0;
	int ret;

	while (rest && (line = st_line(&rest))) {
		line[strcspn(line, " ")] = 0;
		ret = st_debugfs_write("unpoison", line);
		expect(w, "unpoison", ret, EBUSY, 0);
		left += ret != 0;
	}
	free(text);
	return left;
}

/* A page in use, or any; its block may be freed at this very moment. */
static void poison(struct worker *w)
{
	uint64_t pfn = __atomic_load_n(&last_pfn, __ATOMIC_RELAXED);
	char text[24];

	usleep(20000);
	if (w->steps % 16 == 15) {
		unpoison_all(w);
		return;
	}
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)pfn);
	if (pfn)
		expect(w, "hwpoison", st_debugfs_write("hwpoison", text), EHWPOISON, EBUSY);
}

/* The last CPU there is; nothing where it is the only one. */
static const char *cpu_file(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/online",
		 sysconf(_SC_NPROCESSORS_CONF) - 1);
	return path;
}

static void plug(struct worker *w)
{
	if (!access(cpu_file(), W_OK))
		expect(w, "CPU", st_write(cpu_file(), w->steps % 2 ? "1" : "0"), 0, 0);
	usleep(300000);
}

/* all of them -------------------------------------------------------------------- */

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		w->step(w);
		w->steps++;
	}
	while (w->nr_held)
		give_block(w);
	return NULL;
}

static unsigned int seconds(void)
{
	const char *given = getenv("MIRROR_MM_SECONDS");

	return given && *given ? strtoul(given, NULL, 0) : 10;
}

/* What the settings were, in their order, to be freed. */
static void keep_settings(char **texts)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		texts[i] = st_read(settings[i].path);
}

/* The marks go with the others. */
static int put_settings_back(char **texts)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!strstr(settings[i].path, "watermarks"))
			ret = ret ?: st_write(settings[i].path, texts[i]);
		free(texts[i]);
	}
	return ret;
}

TEST_F_TIMEOUT(mirror, everything_at_once, 600)
{
	char *texts[ARRAY_SIZE(settings)], *refused;
	int shared = st_open();
	struct worker workers[] = {
		{ "user 1", use_file, .fd = st_open() },
		{ "user 2", use_file, .fd = st_open() },
		{ "user 3", use_file, .fd = shared },
		{ "sharer 1", share_file, .fd = shared },
		{ "sharer 2", share_file, .fd = shared },
		{ "reader 1", read_text },
		{ "reader 2", read_text, .steps = 5 },
		{ "validator", validate },
		{ "tuner", tune },
		{ "drainer", drain },
		{ "resetter", try_reset },
		{ "poisoner", poison },
		{ "plugger", plug },
	};
	uint64_t seed = st_seed();
	struct mirror_mm_alloc block;
	struct worker *w;

	self->reserves = true;
	keep_settings(texts);
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	ASSERT_EQ(0, st_insmod(CHURN, ""));
	for (w = workers; w < workers + ARRAY_SIZE(workers); w++) {
		w->random = seed + (w - workers);
		ASSERT_EQ(0, pthread_create(&w->thread, NULL, work, w));
	}
	sleep(seconds());
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (w = workers; w < workers + ARRAY_SIZE(workers); w++) {
		pthread_join(w->thread, NULL);
		printf("# %s: %u steps\n", w->name, w->steps);
		EXPECT_LT(0, w->steps);
		EXPECT_EQ(0, w->wrong) {
			TH_LOG("%s: %u times wrong; first %s", w->name, w->wrong, w->said);
		}
	}
	if (!access(cpu_file(), W_OK))
		EXPECT_EQ(0, st_write(cpu_file(), "1"));
	refused = st_read("/sys/module/" CHURN "/parameters/refused");
	EXPECT_STREQ("0\n", refused);
	free(refused);
	EXPECT_EQ(0, st_rmmod(CHURN));
	EXPECT_EQ(0, put_settings_back(texts));
	EXPECT_EQ(0, unpoison_all(workers));
}

TEST_HARNESS_MAIN
