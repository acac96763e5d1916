// SPDX-License-Identifier: GPL-2.0
/*
 * What the mirror computes for itself, against the kernel it runs in.
 *
 * The suites are part of a Linux 6.12. A mirror of that kernel's own zones gets
 * the same inputs, and both have to come to the same results:
 *
 *   inputs    pages that each zone manages, the node of each CPU, the CPUs that
 *             are online, and the sysctls
 *   results   min_free_kbytes where nobody set it, marks, protection, the total
 *             reserve, sizes of the per-CPU lists, statistics thresholds
 *
 * No result of the one side is ever given to the other. The sysctls are changed
 * as an administrator does, by writing to /proc/sys/vm, and are restored when
 * the test ends. Each zone is a range of its own, from a section's first frame:
 * ranges may end anywhere, so its size is that of the zone to the page.
 *
 * Inputs that differ, and why it makes no difference:
 *   - The mirror always has five types of zones, the kernel those that it was
 *     configured for. A type without pages protects nothing and needs nothing.
 *   - ZONE_DEVICE manages no pages; the mirror has none.
 *   - The boost of the marks is a state and no input: boosting is off meanwhile,
 *     and new marks end the boost there is.
 *   - The share of the cache is none here, and no result compared depends on it.
 *   - THP raises the kernel's min_free_kbytes at boot. It is then an input, as
 *     if somebody had set it, but for the case that is about the default.
 */
#include <linux/fs.h>
#include <linux/initrd.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include "../mm/internal.h"
#include "fixture.h"

static const char * const files[] = {
	"min_free_kbytes", "watermark_scale_factor", "watermark_boost_factor",
	"lowmem_reserve_ratio", "percpu_pagelist_high_fraction",
};

/* The kernel as it was before the test. */
static struct {
	char text[ARRAY_SIZE(files)][80];
	int user_min_free_kbytes;
	unsigned long *drift_marks;
} before;

static struct vfsmount *proc;

/* By the kernel's type; there is none for ZONE_DEVICE. */
static const int mirror_types[MAX_NR_ZONES] = {
#ifdef CONFIG_ZONE_DMA
	[ZONE_DMA] = MIRROR_ZONE_DMA,
#endif
#ifdef CONFIG_ZONE_DMA32
	[ZONE_DMA32] = MIRROR_ZONE_DMA32,
#endif
	[ZONE_NORMAL] = MIRROR_ZONE_NORMAL,
#ifdef CONFIG_HIGHMEM
	[ZONE_HIGHMEM] = MIRROR_ZONE_HIGHMEM,
#endif
	[ZONE_MOVABLE] = MIRROR_ZONE_MOVABLE,
#ifdef CONFIG_ZONE_DEVICE
	[ZONE_DEVICE] = -1,
#endif
};

/* sysctls ------------------------------------------------------------------ */

static struct file *sysctl_open(const char *name, int mode)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/vm/%s", name);
	return file_open_root_mnt(proc, path, mode, 0);
}

static int sysctl_write(const char *name, const char *text)
{
	struct file *file = sysctl_open(name, O_WRONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, text, strlen(text), &pos);
	filp_close(file, NULL);
	return min_t(ssize_t, ret, 0);
}

static int sysctl_read(const char *name, char *text, size_t size)
{
	struct file *file = sysctl_open(name, O_RDONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_read(file, text, size - 1, &pos);
	filp_close(file, NULL);
	text[max_t(ssize_t, ret, 0)] = '\0';
	return min_t(ssize_t, ret, 0);
}

static int sysctl_set(const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return sysctl_write(name, text);
}

static unsigned int sysctl_get(struct kunit *test, const char *name)
{
	unsigned int value;
	char text[16];

	KUNIT_ASSERT_EQ(test, sysctl_read(name, text, sizeof(text)), 0);
	KUNIT_ASSERT_EQ(test, kstrtouint(strim(text), 10, &value), 0);
	return value;
}

/* Both sides' sysctls; @ratio is by the mirror's types. */

static void set_min(struct kunit *test, struct mirror *m, unsigned int kbytes)
{
	KUNIT_ASSERT_EQ(test, sysctl_set("min_free_kbytes", kbytes), 0);
	KUNIT_ASSERT_EQ(test, mirror_set_min_free_kbytes(m, kbytes), 0);
}

static void set_scale(struct kunit *test, struct mirror *m, unsigned int factor)
{
	KUNIT_ASSERT_EQ(test, sysctl_set("watermark_scale_factor", factor), 0);
	KUNIT_ASSERT_EQ(test, mirror_set_watermark_scale_factor(m, factor), 0);
}

static void set_fraction(struct kunit *test, struct mirror *m,
			 unsigned int fraction)
{
	KUNIT_ASSERT_EQ(test, 0,
			sysctl_set("percpu_pagelist_high_fraction", fraction));
	KUNIT_ASSERT_EQ(test, mirror_set_high_fraction(m, fraction), 0);
}

static void set_ratio(struct kunit *test, struct mirror *m,
		      const unsigned int *ratio)
{
	char text[80] = "";
	unsigned int type, len = 0;

	for (type = 0; type < MAX_NR_ZONES; type++)
		len += scnprintf(text + len, sizeof(text) - len, "%u ",
				 mirror_types[type] < 0 ? 0 :
				 ratio[mirror_types[type]]);
	KUNIT_ASSERT_EQ(test, sysctl_write("lowmem_reserve_ratio", text), 0);
	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(m, ratio), 0);
}

/* What the kernel's file says, by the mirror's types. */
static void get_ratio(struct kunit *test, unsigned int *ratio)
{
	char text[80], *rest = text;
	unsigned int type;

	KUNIT_ASSERT_EQ(test, 0,
			sysctl_read("lowmem_reserve_ratio", text, sizeof(text)));
	memset(ratio, 0, MIRROR_MAX_NR_ZONES * sizeof(*ratio));
	for (type = 0; type < MAX_NR_ZONES; type++) {
		char *word = strsep(&rest, "\t\n");

		KUNIT_ASSERT_NOT_NULL(test, word);
		if (mirror_types[type] >= 0)
			KUNIT_ASSERT_EQ(test, 0,
					kstrtouint(word, 10,
						   &ratio[mirror_types[type]]));
	}
}

/* before and after each test ----------------------------------------------- */

static struct zone *zone_of(int nid, unsigned int type)
{
	return &NODE_DATA(nid)->node_zones[type];
}

static void restore(void *arg)
{
	struct kunit *test = arg;
	unsigned int i, type;
	int nid;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		KUNIT_EXPECT_EQ(test, sysctl_write(files[i], before.text[i]), 0);
	user_min_free_kbytes = before.user_min_free_kbytes;
	refresh_zone_stat_thresholds();
	for_each_online_node(nid)
		for (type = 0; type < MAX_NR_ZONES; type++)
			zone_of(nid, type)->percpu_drift_mark =
				before.drift_marks[nid * MAX_NR_ZONES + type];
}

static void save(struct kunit *test)
{
	unsigned int i, type;
	int nid;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		KUNIT_ASSERT_EQ(test, 0,
				sysctl_read(files[i], before.text[i],
					    sizeof(before.text[i])));
	before.user_min_free_kbytes = user_min_free_kbytes;
	before.drift_marks = kunit_kcalloc(test, nr_node_ids * MAX_NR_ZONES,
					   sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, before.drift_marks);
	for_each_online_node(nid)
		for (type = 0; type < MAX_NR_ZONES; type++)
			before.drift_marks[nid * MAX_NR_ZONES + type] =
				zone_of(nid, type)->percpu_drift_mark;
}

/* New marks of the kernel end its boost, and none comes after. */
static int reference_init(struct kunit *test)
{
	save(test);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, restore, test));
	KUNIT_ASSERT_EQ(test, sysctl_set("watermark_boost_factor", 0), 0);
	KUNIT_ASSERT_EQ(test, 0,
			sysctl_set("min_free_kbytes",
				   sysctl_get(test, "min_free_kbytes")));
	return 0;
}

static int reference_suite_init(struct kunit_suite *suite)
{
	struct file_system_type *type = get_fs_type("proc");

	/* Unpacking it ends with freeing it, and zones grow. */
	wait_for_initramfs();
	if (!type)
		return -ENODEV;
	proc = kern_mount(type);
	put_filesystem(type);
	return PTR_ERR_OR_ZERO(proc);
}

static void reference_suite_exit(struct kunit_suite *suite)
{
	if (!IS_ERR_OR_NULL(proc))
		kern_unmount(proc);
}

/* the mirror --------------------------------------------------------------- */

static const int *cpu_nodes(struct kunit *test)
{
	int *nodes = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, nodes);
	for_each_possible_cpu(cpu)
		nodes[cpu] = max(cpu_to_node(cpu), 0);
	return nodes;
}

/* Low zones first, whatever node they are of: nothing computed knows addresses. */
static void add_zones(struct kunit *test, struct mirror_config *conf)
{
	struct mirror_range *r = kunit_kcalloc(test, nr_node_ids * MAX_NR_ZONES,
					       sizeof(*r), GFP_KERNEL);
	unsigned long pfn = TEST_PFN;
	unsigned int type;
	int nid;

	KUNIT_ASSERT_NOT_NULL(test, r);
	conf->ranges = r;
	for (type = 0; type < MAX_NR_ZONES; type++)
		for_each_online_node(nid) {
			unsigned long nr = zone_managed_pages(zone_of(nid, type));

			if (!nr)
				continue;
			r[conf->nr_ranges].start_pfn = pfn;
			r[conf->nr_ranges].end_pfn = pfn + nr;
			r[conf->nr_ranges++].nid = nid;
			conf->zone_pages[mirror_types[type]] += nr;
			pfn = round_up(pfn + nr, 1ul << conf->section_order);
		}
}

static void config_of_this_kernel(struct kunit *test, struct mirror_config *conf,
				  unsigned int min_kbytes)
{
	mirror_test_config(conf, MAX_PAGE_ORDER, pageblock_order);
	add_zones(test, conf);
	conf->nr_nodes = nr_node_ids;
	conf->cpu_node = cpu_nodes(test);
	conf->min_free_kbytes = min_kbytes;
	conf->watermark_scale_factor = sysctl_get(test, "watermark_scale_factor");
}

static struct mirror *mirror_of_config(struct kunit *test, const struct mirror_config *conf)
{
	unsigned int ratio[MIRROR_MAX_NR_ZONES];
	struct mirror *m = mirror_test_create(test, conf);

	get_ratio(test, ratio);
	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(m, ratio), 0);
	KUNIT_ASSERT_EQ(test, 0,
			mirror_set_high_fraction(m, sysctl_get(test,
							       "percpu_pagelist_high_fraction")));
	return m;
}

static struct mirror *mirror_with_its_settings(struct kunit *test)
{
	struct mirror_config conf;

	config_of_this_kernel(test, &conf, sysctl_get(test, "min_free_kbytes"));
	return mirror_of_config(test, &conf);
}

/* comparison --------------------------------------------------------------- */

#define EXPECT_SAME(test, zone, mine, kernels)				\
	KUNIT_EXPECT_EQ_MSG(test, (unsigned long)(mine),		\
			    (unsigned long)(kernels), "node %d, zone %s", \
			    (zone)->zone_pgdat->node_id, (zone)->name)

static void expect_same_marks(struct kunit *test, const struct mirror_zone *mine,
			      struct zone *zone)
{
	EXPECT_SAME(test, zone, mine->managed, zone_managed_pages(zone));
	EXPECT_SAME(test, zone, mine->watermark[MIRROR_WMARK_MIN],
		    zone->_watermark[WMARK_MIN]);
	EXPECT_SAME(test, zone, mine->watermark[MIRROR_WMARK_LOW],
		    zone->_watermark[WMARK_LOW]);
	EXPECT_SAME(test, zone, mine->watermark[MIRROR_WMARK_HIGH],
		    zone->_watermark[WMARK_HIGH]);
	EXPECT_SAME(test, zone, mine->watermark[MIRROR_WMARK_PROMO],
		    zone->_watermark[WMARK_PROMO]);
	EXPECT_SAME(test, zone, mine->watermark_boost, zone->watermark_boost);
}

static void expect_same_protection(struct kunit *test,
				   const struct mirror_zone *mine,
				   struct zone *zone)
{
	unsigned int type;

	for (type = 0; type < MAX_NR_ZONES; type++)
		if (mirror_types[type] >= 0)
			EXPECT_SAME(test, zone,
				    mine->lowmem_reserve[mirror_types[type]],
				    zone->lowmem_reserve[type]);
}

static void expect_same_pcp(struct kunit *test, const struct mirror_zone *mine,
			    struct zone *zone)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct mirror_pcp *pcp = per_cpu_ptr(mine->pcp, cpu);
		struct per_cpu_pages *kernels =
			per_cpu_ptr(zone->per_cpu_pageset, cpu);

		EXPECT_SAME(test, zone, pcp->batch, kernels->batch);
		EXPECT_SAME(test, zone, pcp->high_min, kernels->high_min);
		EXPECT_SAME(test, zone, pcp->high_max, kernels->high_max);
	}
}

static void expect_same_zone(struct kunit *test, const struct mirror_zone *mine,
			     struct zone *zone)
{
	expect_same_marks(test, mine, zone);
	expect_same_protection(test, mine, zone);
	if (mirror_zone_populated(mine))
		expect_same_pcp(test, mine, zone);
}

static void expect_same(struct kunit *test, const struct mirror *m)
{
	unsigned int type;
	int nid;

	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes,
			(unsigned long)min_free_kbytes);
	for_each_online_node(nid) {
		struct mirror_node *node = m->nodes[nid];

		for (type = 0; type < MAX_NR_ZONES; type++)
			if (mirror_types[type] >= 0)
				expect_same_zone(test,
						 &node->zones[mirror_types[type]],
						 zone_of(nid, type));
		KUNIT_EXPECT_EQ_MSG(test, node->totalreserve,
				    NODE_DATA(nid)->totalreserve_pages,
				    "node %d", nid);
	}
}

/* cases -------------------------------------------------------------------- */

static void same_with_the_settings_it_has(struct kunit *test)
{
	struct mirror *m = mirror_with_its_settings(test);
	struct mirror_zone *zone;
	unsigned int i;

	expect_same(test, m);
	mirror_for_each_populated_zone(m, zone, i)
		kunit_info(test,
			   "node %d, type %d: %lu pages, marks %lu %lu %lu %lu, batch %d, high %d to %d\n",
			   zone->node->nid, zone->type, zone->managed,
			   zone->watermark[MIRROR_WMARK_MIN],
			   zone->watermark[MIRROR_WMARK_LOW],
			   zone->watermark[MIRROR_WMARK_HIGH],
			   zone->watermark[MIRROR_WMARK_PROMO], zone->pcp_batch,
			   zone->pcp_high_min, zone->pcp_high_max);
}

/*
 * The kernel counts what lies above the high marks, and does so before the first
 * marks are there. It has to forget them to do it again.
 */
static void forget_marks(void)
{
	unsigned long flags;
	struct zone *zone;

	for_each_zone(zone) {
		spin_lock_irqsave(&zone->lock, flags);
		memset(zone->_watermark, 0, sizeof(zone->_watermark));
		spin_unlock_irqrestore(&zone->lock, flags);
	}
	user_min_free_kbytes = -1;
	min_free_kbytes = 0;
}

static void square_root_where_nobody_set_a_minimum(struct kunit *test)
{
	struct mirror_config conf;

	forget_marks();
	calculate_min_free_kbytes();
	setup_per_zone_wmarks();
	kunit_info(test, "min_free_kbytes %d\n", min_free_kbytes);
	config_of_this_kernel(test, &conf, 0);
	expect_same(test, mirror_of_config(test, &conf));
}

/* khugepaged asks again on its own where memory comes; this is its function for that. */
static void minimum_that_huge_pages_need(struct kunit *test)
{
	struct mirror_config conf;

	forget_marks();
	calculate_min_free_kbytes();
	setup_per_zone_wmarks();
	khugepaged_min_free_kbytes_update();
	kunit_info(test, "min_free_kbytes with huge pages %d\n", min_free_kbytes);
	config_of_this_kernel(test, &conf, 0);
	conf.thp = IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE);
	expect_same(test, mirror_of_config(test, &conf));
}

static void each_min_free_kbytes(struct kunit *test)
{
	static const unsigned int kbytes[] = {
		0, 1, 3, 4, 5, 127, 128, 1000, 1021, 4096, 5999,
	};
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kbytes); i++) {
		set_min(test, m, kbytes[i]);
		expect_same(test, m);
	}
}

/* No more than an eighth: the kernel has to live with it. */
static void minimum_of_a_large_part_of_memory(struct kunit *test)
{
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int kbytes = m->managed << (PAGE_SHIFT - 10);
	unsigned int part;

	for (part = 100; part >= 8; part /= 2) {
		set_min(test, m, kbytes / part + part % 4);
		expect_same(test, m);
	}
}

static void each_watermark_scale_factor(struct kunit *test)
{
	static const unsigned int factors[] = { 1, 2, 9, 10, 33, 150, 1000, 3000 };
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(factors); i++) {
		set_scale(test, m, factors[i]);
		expect_same(test, m);
	}
	set_min(test, m, 0);
	expect_same(test, m);
}

static void each_lowmem_reserve_ratio(struct kunit *test)
{
	static const unsigned int ratios[][MIRROR_MAX_NR_ZONES] = {
		{ 256, 256, 32, 0, 0 },
		{ 0, 0, 0, 0, 0 },
		{ 1, 1, 1, 1, 1 },
		{ 0, 256, 0, 32, 0 },
		{ 256, 0, 32, 0, 5 },
		{ 7, 3, 11, 13, 0 },
		{ 1000000, 99, 1000000, 1, 1 },
	};
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ratios); i++) {
		set_ratio(test, m, ratios[i]);
		expect_same(test, m);
	}
}

static void each_high_fraction(struct kunit *test)
{
	static const unsigned int fractions[] = {
		8, 0, 9, 100, 64, 1000, 0, 100000, INT_MAX, 8,
	};
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fractions); i++) {
		set_fraction(test, m, fractions[i]);
		expect_same(test, m);
		/* With it the lists do not follow the marks. */
		set_scale(test, m, 10 + i);
		expect_same(test, m);
	}
}

static void both_refuse_the_same(struct kunit *test)
{
	struct mirror *m = mirror_with_its_settings(test);
	static const unsigned int factors[] = { 0, 3001 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(factors); i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				sysctl_set("watermark_scale_factor", factors[i]));
		KUNIT_EXPECT_EQ(test, -EINVAL,
				mirror_set_watermark_scale_factor(m, factors[i]));
	}
	for (i = 1; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL,
				sysctl_set("percpu_pagelist_high_fraction", i));
		KUNIT_EXPECT_EQ(test, -EINVAL, mirror_set_high_fraction(m, i));
	}
	expect_same(test, m);
}

/* One after the other, so that each comes on top of what the others left. */
static void settings_in_any_order(struct kunit *test)
{
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int kbytes = m->managed << (PAGE_SHIFT - 10);
	unsigned int ratio[MIRROR_MAX_NR_ZONES], i, j;
	struct rnd_state rnd;

	mirror_test_seed(test, &rnd);
	for (i = 0; i < 100; i++) {
		u32 value = prandom_u32_state(&rnd);

		switch (value % 4) {
		case 0:
			set_min(test, m, value / 4 % (kbytes / 8));
			break;
		case 1:
			set_scale(test, m, 1 + value / 4 % 1000);
			break;
		case 2:
			for (j = 0; j < MIRROR_MAX_NR_ZONES; j++)
				ratio[j] = prandom_u32_state(&rnd) % 300;
			set_ratio(test, m, ratio);
			break;
		default:
			set_fraction(test, m, value & 4 ? 8 + value / 8 % 200 : 0);
		}
		expect_same(test, m);
	}
}

/* thresholds --------------------------------------------------------------- */

#ifdef CONFIG_SMP
static void expect_same_threshold(struct kunit *test,
				  const struct mirror_zone *mine,
				  struct zone *zone)
{
	unsigned int cpu;

	EXPECT_SAME(test, zone, mine->percpu_drift_mark, zone->percpu_drift_mark);
	for_each_online_cpu(cpu)
		EXPECT_SAME(test, zone, per_cpu_ptr(mine->stat, cpu)->threshold,
			    per_cpu_ptr(zone->per_cpu_zonestats, cpu)->stat_threshold);
}

/*
 * Both only ever set a drift mark, so both start without. That of the kernel is
 * left over from the time when its CPUs came up and no marks were there.
 */
static void refresh_and_compare(struct kunit *test, struct mirror *m)
{
	struct mirror_zone *mine;
	struct zone *zone;
	unsigned int type;

	for_each_populated_zone(zone)
		zone->percpu_drift_mark = 0;
	mirror_for_each_populated_zone(m, mine, type)
		mine->percpu_drift_mark = 0;
	refresh_zone_stat_thresholds();
	mirror_refresh_thresholds(m);
	for_each_populated_zone(zone) {
		int nid = zone_to_nid(zone);

		if (zone_managed_pages(zone))
			expect_same_threshold(test, &m->nodes[nid]->zones
					      [mirror_types[zone_idx(zone)]],
					      zone);
	}
}

static unsigned int nr_drift_marks(const struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, nr = 0;

	mirror_for_each_populated_zone(m, zone, i)
		nr += !!zone->percpu_drift_mark;
	return nr;
}

/* From marks that any drift oversteps to marks that are far apart. */
static void thresholds_and_drift_marks(struct kunit *test)
{
	static const unsigned int kbytes[] = { 0, 50, 500, 1000, 4000 };
	static const unsigned int factors[] = { 1, 2, 3, 5, 10, 100, 500 };
	struct mirror *m = mirror_with_its_settings(test);
	unsigned int i, j, most = 0, fewest = UINT_MAX;

	for (i = 0; i < ARRAY_SIZE(kbytes); i++)
		for (j = 0; j < ARRAY_SIZE(factors); j++) {
			set_min(test, m, kbytes[i]);
			set_scale(test, m, factors[j]);
			refresh_and_compare(test, m);
			most = max(most, nr_drift_marks(m));
			fewest = min(fewest, nr_drift_marks(m));
		}
	KUNIT_EXPECT_LT(test, fewest, most);
}
#else
/* Without SMP the kernel's counters do not drift and have no threshold. */
static void thresholds_and_drift_marks(struct kunit *test)
{
	kunit_skip(test, "the kernel is not SMP");
}
#endif

static struct kunit_case reference_cases[] = {
	KUNIT_CASE(same_with_the_settings_it_has),
	KUNIT_CASE(square_root_where_nobody_set_a_minimum),
	KUNIT_CASE(minimum_that_huge_pages_need),
	KUNIT_CASE(each_min_free_kbytes),
	KUNIT_CASE(minimum_of_a_large_part_of_memory),
	KUNIT_CASE(each_watermark_scale_factor),
	KUNIT_CASE(each_lowmem_reserve_ratio),
	KUNIT_CASE(each_high_fraction),
	KUNIT_CASE(both_refuse_the_same),
	KUNIT_CASE(settings_in_any_order),
	KUNIT_CASE(thresholds_and_drift_marks),
	{}
};

static struct kunit_suite reference_suite = {
	.name = "mirror_reference",
	.suite_init = reference_suite_init,
	.suite_exit = reference_suite_exit,
	.init = reference_init,
	.test_cases = reference_cases,
};

kunit_test_suite(reference_suite);
