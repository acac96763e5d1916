// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what reads text: debugfs files, gfp names, numbers. KTAP on stdout.
 */
#include <stdio.h>
#include <string.h>

#include "debugfs.h"
#include "names.h"
#include "pattern.h"
#include "snapshot.h"
#include "words.h"

static int count, failures;

static void expect(bool good, const char *what)
{
	count++;
	failures += !good;
	printf("%sok %d %s\n", good ? "" : "not ", count, what);
}

static void buddyinfo_of_several_zones_and_nodes(void)
{
	static const char text[] =
		"Node 0, zone      DMA      0      1      2\x20\n"
		"Node 0, zone   Normal      3      4      5\x20\n"
		"Node 1, zone   Normal 123456789      7      8\x20\n";
	struct snapshot snap = { 0 };
	struct zone_snapshot *zone;

	expect(!snapshot_parse_buddyinfo(&snap, text) && snap.nr == 3,
	       "buddyinfo of several zones and nodes");
	zone = snapshot_zone(&snap, 1, "Normal");
	expect(zone && zone->nr_orders == 3 && zone->free[0] == 123456789 &&
	       zone->free[2] == 8, "counts belong to their zone and order");
	expect(!snapshot_zone(&snap, 1, "DMA"), "a zone that is not there");
	snapshot_free(&snap);
}

static void buddyinfo_that_is_no_buddyinfo(void)
{
	static const char * const bad[] = {
		"garbage\n",
		"Node 0, zone\n",
		"Node 0, zone Normal\n",
		"Node 0, zone Normal 1 two 3\n",
		"Node 0, zone Normal 1 -2 3\n",
		"Node 0, zone Normal 99999999999999999999999\n",
		"Node 0, zone Normal 1 2\nNode 0, zone Normal 1 2 3\n",
	};
	unsigned int refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct snapshot snap = { 0 };

		refused += snapshot_parse_buddyinfo(&snap, bad[i]) < 0;
		snapshot_free(&snap);
	}
	expect(refused == ARRAY_SIZE(bad),
	       "text that is no buddyinfo is refused");
}

static void buddyinfo_names_the_bad_line(void)
{
	struct snapshot snap = { 0 };

	expect(snapshot_parse_buddyinfo(&snap,
					"Node 0, zone Normal 1\n\nNode x\n") ==
	       -SNAPSHOT_BAD_LINE - 3, "the bad line is named");
	snapshot_free(&snap);
}

static void pagetypeinfo_of_two_nodes(void)
{
	static const char text[] =
		"Page block order: 9\n"
		"Pages per block:  512\n"
		"\n"
		"Free pages count per migrate type at order       0      1\x20\n"
		"Node    0, zone   Normal, type    Unmovable      1      2\x20\n"
		"Node    0, zone   Normal, type      Movable >100000      4\x20\n"
		"Node    0, zone   Normal, type          CMA      0      9\x20\n"
		"\n"
		"Number of blocks type     Unmovable      Movable          CMA\x20\n"
		"Node 0, zone   Normal            5            6            7\x20\n"
		"\n"
		"Number of mixed blocks    Unmovable      Movable          CMA\x20\n"
		"Node 0, zone   Normal           50           60           70\x20\n"
		"Page block order: 9\n"
		"Node    1, zone   Normal, type      Movable      8      0\x20\n";
	struct snapshot snap = { 0 };
	struct zone_snapshot *zone;

	expect(!snapshot_parse_pagetypeinfo(&snap, text) && snap.nr == 2,
	       "pagetypeinfo of two nodes");
	zone = snapshot_zone(&snap, 0, "Normal");
	expect(zone && zone->typed[MIRROR_MIGRATE_UNMOVABLE][1] == 2 &&
	       zone->typed[MIRROR_MIGRATE_CMA][1] == 9,
	       "free blocks by type and order");
	expect(zone && zone->capped &&
	       zone->typed[MIRROR_MIGRATE_MOVABLE][0] == 100000,
	       "a count that the file cuts off");
	expect(zone && zone->pageblocks[MIRROR_MIGRATE_UNMOVABLE] == 5 &&
	       zone->pageblocks[MIRROR_MIGRATE_CMA] == 7,
	       "pageblocks by type, not those of the table of mixed ones");
	expect(snap.types == (1u << MIRROR_MIGRATE_UNMOVABLE |
			      1u << MIRROR_MIGRATE_MOVABLE |
			      1u << MIRROR_MIGRATE_CMA),
	       "the types that are printed");
	snapshot_free(&snap);
}

static void zoneinfo_with_two_cpus(void)
{
	static const char text[] =
		"Node 0, zone   Normal\n"
		"  per-node stats\n"
		"      nr_inactive_anon 99\n"
		"  pages free     510\n"
		"        boost    1\n"
		"        min      10\n"
		"        low      20\n"
		"        high     30\n"
		"        promo    40\n"
		"        managed  600\n"
		"        protection: (0, 0, 0)\n"
		"      nr_free_pages 77\n"
		"  pagesets\n"
		"    cpu: 0\n"
		"              count:    3\n"
		"              high:     500\n"
		"    cpu: 1\n"
		"              count:    4\n"
		"              high:     500\n";
	struct snapshot snap = { 0 };
	struct zone_snapshot *zone;

	expect(!snapshot_parse_zoneinfo(&snap, text) && snap.have_zoneinfo,
	       "zoneinfo");
	zone = snapshot_zone(&snap, 0, "Normal");
	expect(zone && zone->nr_free == 510 && zone->managed == 600 &&
	       zone->min == 10 && zone->low == 20 && zone->high == 30,
	       "watermarks; \"high:\" of a CPU is another thing");
	expect(zone && zone->pcp == 7, "per-CPU pages of all CPUs");
	snapshot_free(&snap);
}

static void lockdown(void)
{
	expect(lockdown_is_on("none [integrity] confidentiality\n") &&
	       lockdown_is_on("none integrity [confidentiality]\n"),
	       "a kernel that is locked down");
	expect(!lockdown_is_on("[none] integrity confidentiality\n") &&
	       !lockdown_is_on(""), "a kernel that is not");
}

static void names_of_gfp(void)
{
	char bad[16];
	__u32 gfp;

	expect(gfp_parse("GFP_KERNEL|__GFP_ZERO,MIRROR_GFP_DMA", &gfp, bad,
			 sizeof(bad)) &&
	       gfp == (MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO |
		       MIRROR_GFP_DMA), "gfp names with their prefixes");
	expect(gfp_parse("highuser_movable|0x100000", &gfp, bad, sizeof(bad)) &&
	       gfp == (MIRROR_GFP_HIGHUSER_MOVABLE | __MIRROR_GFP_THISNODE),
	       "gfp names in lower case, and a number");
	expect(!gfp_parse("KERNEL|FROB", &gfp, bad, sizeof(bad)) &&
	       !strcmp(bad, "FROB"), "an unknown gfp name is named");
	gfp = 0;
	for (const struct word *word = words_gfp_bits; word->name; word++) {
		/* In ascending order, so none comes twice. */
		if (word->value <= gfp)
			break;
		gfp |= word->value;
	}
	expect(gfp == __MIRROR_GFP_ALL, "each gfp bit has one name");
	expect(!gfp_parse("", &gfp, bad, sizeof(bad)), "no gfp name at all");
}

static void sets_of_nodes(void)
{
	static const char * const bad[] = {
		"", ",", "0,", ",0", "1-", "-1", "3-1", "64", "0-64", "a", " 0",
		"0 1", "0--1", "00000000000000000000000001",
	};
	unsigned int refused = 0;
	__u64 mask;

	expect(nodes_parse("0", &mask) && mask == 1 &&
	       nodes_parse("0-2,5,63", &mask) && mask == (0x27 | 1ull << 63) &&
	       nodes_parse("0-63", &mask) && mask == ~0ull &&
	       nodes_parse("5,0-5", &mask) && mask == 0x3f, "sets of nodes");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refused += !nodes_parse(bad[i], &mask);
	expect(refused == ARRAY_SIZE(bad), "sets that are none are refused");
}

static void memory_policies(void)
{
	bool good = true;

	for (int mode = 0; mode < MIRROR_MPOL_MAX; mode++)
		good &= policy_from_name(words_policy(mode)) == mode;
	expect(good, "each memory policy has a name of its own");
	expect(policy_from_name("weighted_interleave") ==
	       MIRROR_MPOL_WEIGHTED_INTERLEAVE && policy_from_name("bin") < 0 &&
	       policy_from_name("binds") < 0 && policy_from_name("") < 0 &&
	       policy_from_name("preferred") == MIRROR_MPOL_PREFERRED,
	       "names with an underscore, and what is no name");
}

static void unsigned_numbers(void)
{
	unsigned long long value;

	expect(number_parse("0x1f", 99, &value) && value == 31 &&
	       number_parse("010", 99, &value) && value == 10,
	       "decimal and hexadecimal numbers");
	expect(!number_parse("", 9, &value) && !number_parse("-1", 9, &value) &&
	       !number_parse(" 1", 9, &value) && !number_parse("1x", 9, &value) &&
	       !number_parse("0x", 9, &value) && !number_parse("0x-1", 9, &value) &&
	       !number_parse("10", 9, &value), "what is no number");
}

static void patterns(void)
{
	static __u64 words[20000];
	struct pattern_job job = {
		.mem = (unsigned char *)words,
		.size = sizeof(words),
		.seed = 42,
	};

	expect(!pattern_check_zero(&job), "zeros are zeros");
	pattern_write(&job);
	expect(!pattern_check(&job), "what was written is found");
	job.mem[sizeof(words) - 3] ^= 1;
	expect(pattern_check(&job) && job.bad == sizeof(words) - 3,
	       "one flipped bit is found, and where");
	pattern_write(&job);
	job.seed++;
	expect(pattern_check(&job), "another block's content is told apart");
	job.seed--;
	memcpy(job.mem, job.mem + 4096, 4096);
	expect(pattern_check(&job) && !job.bad,
	       "a page in the wrong place is told apart");
}

int main(void)
{
	puts("TAP version 14");
	buddyinfo_of_several_zones_and_nodes();
	buddyinfo_that_is_no_buddyinfo();
	buddyinfo_names_the_bad_line();
	pagetypeinfo_of_two_nodes();
	zoneinfo_with_two_cpus();
	lockdown();
	names_of_gfp();
	sets_of_nodes();
	memory_policies();
	unsigned_numbers();
	patterns();
	printf("1..%d\n", count);
	return failures ? 1 : 0;
}
