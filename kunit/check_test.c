// SPDX-License-Identifier: GPL-2.0
/*
 * The validator finds every kind of damage, and nothing on a sound mirror.
 *
 * Each case damages a mirror in one place, asks, and puts everything back; the
 * end of the test validates once more. Nothing is allocated meanwhile: that
 * would find the damage too, and take the mirror out of service with a warning.
 */
#include "fixture.h"

/* Everything that the cases write to. */
struct backup {
	struct mirror_page *pages;
	struct mirror_zone zone;
	struct mirror_pcp pcp;
	u8 types[8];
};

/*
 * 64 pages, blocks of 16, pageblocks of 8. In use: 0 to 3 as single pages, 16
 * as a block of 8; free: 4 (order 2), 8, 24 (3), 32, 48 (4); on this CPU's list:
 * 2 and 1.
 */
static struct mirror_zone *damageable(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	for (i = 0; i < 4; i++)
		mirror_test_take(zone, 0, MOVABLE);
	KUNIT_ASSERT_EQ(test, 0, mirror_free_pages(m, &m->pages[1], 0));
	KUNIT_ASSERT_EQ(test, 0, mirror_free_pages(m, &m->pages[2], 0));
	mirror_test_take(zone, 3, MOVABLE);
	mirror_test_take(zone, 3, MOVABLE);
	mirror_test_give(zone, &m->pages[8]);
	KUNIT_ASSERT_EQ(test, mirror_test_faults(test, m), 0);
	return zone;
}

struct damage {
	const char *name;
	void (*make)(struct mirror_zone *zone);
	const char *said;
};

#define DAMAGE(what, text)						\
static void damage_##what(struct mirror_zone *zone)			\
{									\
	struct mirror_page *pages __maybe_unused = zone->pages;		\
	struct mirror_free_area *area __maybe_unused = zone->free_area;	\
	struct mirror_pcp *pcp __maybe_unused = this_pcp(zone);		\
									\
	text;								\
}

/* links */
DAMAGE(next, pages[32].next = 8)
DAMAGE(next_far, pages[32].next = zone->m->nr_desc)
DAMAGE(next_self, pages[32].next = 32)
DAMAGE(prev, pages[48].prev = 16)
DAMAGE(first, area[4].list[MOVABLE].first = 48)
DAMAGE(first_nil, area[4].list[MOVABLE].first = MIRROR_NIL)
DAMAGE(last, area[4].list[MOVABLE].last = 32)
DAMAGE(length, area[4].list[MOVABLE].nr++)
DAMAGE(nr_free, area[2].nr_free--)
DAMAGE(wrong_list, swap(area[4].list[MOVABLE], area[4].list[UNMOVABLE]))
DAMAGE(mask_cleared, zone->free_mask[MOVABLE] &= ~BIT(4))
DAMAGE(mask_set, zone->free_mask[CMA] |= BIT(1))
/* descriptors */
DAMAGE(state, mirror_page_set_head(&pages[4], MIRROR_PAGE_USED, 2))
DAMAGE(order, mirror_page_set_head(&pages[4], MIRROR_PAGE_BUDDY, 1))
DAMAGE(zone_id, pages[4].flags += 1 << MIRROR_PF_ZONE_SHIFT)
DAMAGE(zone_far, pages[3].flags |= MIRROR_PF_ZONE)
DAMAGE(unaligned, mirror_page_set_head(&pages[3], MIRROR_PAGE_USED, 1))
DAMAGE(unknown_state, pages[3].flags |= 7)
DAMAGE(free_flag, pages[4].flags |= MIRROR_PF_COMPOUND)
DAMAGE(free_refs, atomic_set(&pages[32].refs, 1))
DAMAGE(tail_refs, atomic_set(&pages[33].refs, 1))
DAMAGE(stale_head, mirror_page_set_head(&pages[40], MIRROR_PAGE_USED, 0))
DAMAGE(stale_head_in_used, mirror_page_set_head(&pages[20], MIRROR_PAGE_USED, 2))
DAMAGE(hole, pages[36].flags = MIRROR_PAGE_HOLE)
DAMAGE(hole_used, pages[3].flags = MIRROR_PAGE_HOLE)
DAMAGE(lost, mirror_page_set_tail(&pages[3]))
DAMAGE(pageblock_type, zone->m->pageblock_type[1] = UNMOVABLE)
/* counters */
DAMAGE(nr_free_pages, atomic_long_inc(&zone->vm_stat[MIRROR_NR_FREE_PAGES]))
DAMAGE(nr_free_cma, atomic_long_inc(&zone->vm_stat[MIRROR_NR_FREE_CMA]))
DAMAGE(free_highatomic, zone->nr_free_highatomic = 8)
DAMAGE(reserved_highatomic, zone->nr_reserved_highatomic = 8)
DAMAGE(managed, zone->managed--)
/* per-CPU lists */
DAMAGE(pcp_count, pcp->count++)
DAMAGE(pcp_next, pages[2].next = MIRROR_NIL)
DAMAGE(pcp_state, mirror_page_set_head(&pages[1], MIRROR_PAGE_USED, 0))
DAMAGE(pcp_order, swap(pcp->lists[MOVABLE], pcp->lists[5]))
DAMAGE(pcp_refs, atomic_set(&pages[1].refs, 1))
/* the mirror */
DAMAGE(broken, zone->m->broken = 1)

static void free_behind_its_back(struct mirror_zone *zone)
{
	raw_spin_lock_irq(&zone->lock);
	mirror_del_free(zone, 32, 4, MOVABLE);
	raw_spin_unlock_irq(&zone->lock);
}

static void split_without_need(struct mirror_zone *zone)
{
	raw_spin_lock_irq(&zone->lock);
	mirror_del_free(zone, 4, 2, MOVABLE);
	mirror_add_free(zone, 4, 1, MOVABLE, false);
	mirror_add_free(zone, 6, 1, MOVABLE, false);
	raw_spin_unlock_irq(&zone->lock);
}

/* Each with all that is said of it: what is right is not complained of. */
static const struct damage damages[] = {
	{ "next", damage_next,
	  "node 0 zone 2 order 4 type 1: entry 8 after 32 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 1\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 36, should be 52\n" },
	{ "next_far", damage_next_far,
	  "node 0 zone 2 order 4 type 1: entry 64 after 32 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 1\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 36, should be 52\n" },
	{ "next_self", damage_next_self,
	  "node 0 zone 2 order 4 type 1: entry 32 after 32 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 1\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 36, should be 52\n" },
	{ "prev", damage_prev,
	  "node 0 zone 2 order 4 type 1: entry 48 after 32 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 1\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 36, should be 52\n" },
	{ "first", damage_first,
	  "node 0 zone 2 order 4 type 1: entry 48 after 4294967295 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 0\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 20, should be 52\n" },
	{ "first_nil", damage_first_nil,
	  "node 0 zone 2 order 4 type 1: list says 2 to 48, has 0 to 4294967295\n"
	  "node 0 zone 2 order 4 type 1: wrong free_mask\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 0\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 20, should be 52\n" },
	{ "last", damage_last,
	  "node 0 zone 2 order 4 type 1: list says 2 to 32, has 2 to 48\n" },
	{ "length", damage_length,
	  "node 0 zone 2 order 4 type 1: list says 3 to 48, has 2 to 48\n" },
	{ "nr_free", damage_nr_free,
	  "node 0 zone 2 order 2: nr_free is 0, the lists have 1\n" },
	{ "wrong_list", damage_wrong_list,
	  "node 0 zone 2 order 4: pfn 0x40020, type 1, is on list 0\n"
	  "node 0 zone 2 order 4: pfn 0x40030, type 1, is on list 0\n"
	  "node 0 zone 2 order 4 type 0: wrong free_mask\n"
	  "node 0 zone 2 order 4 type 1: wrong free_mask\n" },
	{ "mask_cleared", damage_mask_cleared,
	  "node 0 zone 2 order 4 type 1: wrong free_mask\n" },
	{ "mask_set", damage_mask_set,
	  "node 0 zone 2 order 1 type 4: wrong free_mask\n" },
	{ "state", damage_state,
	  "node 0 zone 2 order 2 type 1: entry 4 after 4294967295 damaged\n"
	  "node 0 zone 2 order 2: nr_free is 1, the lists have 0\n"
	  "node 0 zone 2: nr_free_pages: 52, should be 48\n" },
	{ "order", damage_order,
	  "pfn 0x40006: flags 0x20000 where a block should begin\n"
	  "pfn 0x40007: flags 0x20000 where a block should begin\n"
	  "node 0 zone 2 order 2 type 1: entry 4 after 4294967295 damaged\n"
	  "node 0 zone 2 order 2: nr_free is 1, the lists have 0\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 48, should be 50\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 62, should be 64\n"
	  "node 0 zone 2: nr_free_pages: 52, should be 50\n" },
	{ "zone_id", damage_zone_id,
	  "pfn 0x40005 in the order 2 block at 0x40004: flags 0x20000, refs 0\n"
	  "node 0 zone 2 order 2 type 1: entry 4 after 4294967295 damaged\n"
	  "node 0 zone 2 order 2: nr_free is 1, the lists have 0\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 60, should be 64\n"
	  "node 0 zone 2: nr_free_pages: 52, should be 48\n" },
	{ "zone_far", damage_zone_far,
	  "pfn 0x40003: flags 0xffff0003 where a block should begin\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 63, should be 64\n" },
	{ "unaligned", damage_unaligned,
	  "pfn 0x40003: flags 0x20103 where a block should begin\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 63, should be 64\n" },
	{ "unknown_state", damage_unknown_state,
	  "pfn 0x40003: flags 0x20007 where a block should begin\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 63, should be 64\n" },
	{ "free_flag", damage_free_flag,
	  "node 0 zone 2 order 2 type 1: entry 4 after 4294967295 damaged\n"
	  "node 0 zone 2 order 2: nr_free is 1, the lists have 0\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 48, should be 52\n" },
	{ "free_refs", damage_free_refs,
	  "node 0 zone 2 order 4 type 1: entry 32 after 4294967295 damaged\n"
	  "node 0 zone 2 order 4: nr_free is 2, the lists have 0\n"
	  "node 0 zone 2: pages on free lists, by the descriptors: 20, should be 52\n" },
	{ "tail_refs", damage_tail_refs,
	  "pfn 0x40021 in the order 4 block at 0x40020: flags 0x20000, refs 1\n" },
	{ "stale_head", damage_stale_head,
	  "pfn 0x40028 in the order 4 block at 0x40020: flags 0x20003, refs 0\n" },
	{ "stale_head_in_used", damage_stale_head_in_used,
	  "pfn 0x40014 in the order 3 block at 0x40010: flags 0x20203, refs 0\n" },
	{ "hole", damage_hole,
	  "pfn 0x40024 in the order 4 block at 0x40020: flags 0x4, refs 0\n" },
	{ "hole_used", damage_hole_used,
	  "node 0 zone 2: free, per-CPU, used and bad pages: 63, should be 64\n" },
	{ "lost", damage_lost,
	  "pfn 0x40003: flags 0x20000 where a block should begin\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 63, should be 64\n" },
	{ "pageblock_type", damage_pageblock_type,
	  "node 0 zone 2 order 3: pfn 0x40008, type 0, is on list 1\n" },
	{ "nr_free_pages", damage_nr_free_pages,
	  "node 0 zone 2: nr_free_pages: 53, should be 52\n" },
	{ "nr_free_cma", damage_nr_free_cma,
	  "node 0 zone 2: nr_free_cma: 1, should be 0\n" },
	{ "free_highatomic", damage_free_highatomic,
	  "node 0 zone 2: nr_free_highatomic: 8, should be 0\n" },
	{ "reserved_highatomic", damage_reserved_highatomic,
	  "node 0 zone 2: nr_reserved_highatomic: 8, should be 0\n" },
	{ "managed", damage_managed,
	  "node 0 zone 2: free, per-CPU, used and bad pages: 64, should be 63\n" },
	{ "pcp_count", damage_pcp_count,
	  "node 0 zone 2 cpu : count 3, lists have 2\n" },
	{ "pcp_next", damage_pcp_next,
	  "node 0 zone 2 order 0 type 1: list says 2 to 1, has 1 to 2\n"
	  "node 0 zone 2 cpu : count 2, lists have 1\n"
	  "node 0 zone 2: pages on per-CPU lists, by the descriptors: 1, should be 2\n" },
	{ "pcp_state", damage_pcp_state,
	  "node 0 zone 2 order 0 type 1: entry 1 after 2 damaged\n"
	  "node 0 zone 2 cpu : count 2, lists have 1\n" },
	{ "pcp_order", damage_pcp_order,
	  "node 0 zone 2 order 1 type 5: entry 2 after 4294967295 damaged\n"
	  "node 0 zone 2 cpu : count 2, lists have 0\n"
	  "node 0 zone 2: pages on per-CPU lists, by the descriptors: 0, should be 2\n" },
	{ "pcp_refs", damage_pcp_refs,
	  "node 0 zone 2 order 0 type 1: entry 1 after 2 damaged\n"
	  "node 0 zone 2 cpu : count 2, lists have 1\n"
	  "node 0 zone 2: pages on per-CPU lists, by the descriptors: 1, should be 2\n" },
	{ "broken", damage_broken,
	  "an invariant was found broken before; see the kernel log\n" },
	{ "block on no list", free_behind_its_back,
	  "pfn 0x40020: flags 0x20000 where a block should begin\n"
	  "pfn 0x40021: flags 0x20000 where a block should begin\n"
	  "pfn 0x40022: flags 0x20000 where a block should begin\n"
	  "pfn 0x40023: flags 0x20000 where a block should begin\n"
	  "pfn 0x40024: flags 0x20000 where a block should begin\n"
	  "pfn 0x40025: flags 0x20000 where a block should begin\n"
	  "pfn 0x40026: flags 0x20000 where a block should begin\n"
	  "pfn 0x40027: flags 0x20000 where a block should begin\n"
	  "pfn 0x40028: flags 0x20000 where a block should begin\n"
	  "pfn 0x40029: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002a: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002b: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002c: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002d: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002e: flags 0x20000 where a block should begin\n"
	  "pfn 0x4002f: flags 0x20000 where a block should begin\n"
	  "node 0 zone 2: free, per-CPU, used and bad pages: 48, should be 64\n"
	  "node 0 zone 2: nr_free_pages: 52, should be 36\n" },
	{ "buddies not merged", split_without_need,
	  "pfn 0x40004 and its buddy are both free at order 1\n" },
};

KUNIT_ARRAY_PARAM_DESC(damage, damages, name);

static struct backup *save(struct kunit *test, struct mirror_zone *zone)
{
	struct backup *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->pages = mirror_test_snapshot(test, zone->m);
	memcpy(&b->zone, zone, sizeof(*zone));
	memcpy(&b->pcp, this_pcp(zone), sizeof(b->pcp));
	memcpy(b->types, zone->m->pageblock_type, sizeof(b->types));
	return b;
}

static void restore(struct mirror_zone *zone, const struct backup *b)
{
	memcpy(zone->m->pages, b->pages, zone->m->nr_desc * sizeof(*b->pages));
	memcpy(zone, &b->zone, sizeof(*zone));
	memcpy(this_pcp(zone), &b->pcp, sizeof(b->pcp));
	memcpy(zone->m->pageblock_type, b->types, sizeof(b->types));
	mirror_test_mend(zone->m);
}

#define TEXT_LEN	1500

/**
 * struct lines - what the validator said
 * @nr: lines
 * @len: of @text
 * @text: all of it, the CPU's number left out
 */
struct lines {
	unsigned int nr;
	unsigned int len;
	char text[TEXT_LEN];
};

static void catch_line(void *arg, const char *line)
{
	const char *cpu = strstr(line, "cpu ");
	struct lines *lines = arg;
	int head = cpu ? cpu + 4 - line : (int)strlen(line);
	const char *rest = line + head;

	while (cpu && *rest >= '0' && *rest <= '9')
		rest++;
	lines->len += scnprintf(lines->text + lines->len, TEXT_LEN - lines->len, "%.*s%s\n",
				head, line, rest);
	lines->nr++;
}

/* As for a mirror that is too large to be validated in one go. */
static unsigned int faults_in_portions(struct mirror *m)
{
	struct mirror_check check = {};
	u32 idx = 0;

	mirror_check_heads(m, &check);
	while (idx < m->nr_desc)
		idx = mirror_check_tails(m, idx, 2u << m->max_order, &check);
	return check.faults;
}

static void damage_is_found(struct kunit *test)
{
	const struct damage *damage = test->param_value;
	struct mirror_zone *zone = damageable(test);
	struct backup *before = save(test, zone);
	struct lines *lines = kunit_kzalloc(test, sizeof(*lines), GFP_KERNEL);
	struct mirror_check check = { .emit = catch_line, .arg = lines };

	KUNIT_ASSERT_NOT_NULL(test, lines);
	damage->make(zone);
	KUNIT_EXPECT_EQ(test, mirror_check(zone->m, &check), lines->nr);
	KUNIT_EXPECT_EQ(test, check.faults, lines->nr);
	KUNIT_EXPECT_STREQ(test, lines->text, damage->said);
	KUNIT_EXPECT_EQ(test, faults_in_portions(zone->m), lines->nr);
	restore(zone, before);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, zone->m), 0);
	KUNIT_EXPECT_EQ(test, faults_in_portions(zone->m), 0);
}

static void faults_are_counted_without_a_reader(struct kunit *test)
{
	struct mirror_zone *zone = damageable(test);
	struct mirror_check check = {};

	KUNIT_EXPECT_EQ(test, mirror_check(zone->m, &check), 0);
	zone->free_area[2].nr_free--;
	KUNIT_EXPECT_EQ(test, mirror_check(zone->m, &check), 1);
	KUNIT_EXPECT_EQ(test, check.faults, 1);
	zone->free_area[2].nr_free++;
}

static void ruin_does_not_flood_the_reader(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 4096);
	struct lines *lines = kunit_kzalloc(test, sizeof(*lines), GFP_KERNEL);
	struct mirror_check check = { .emit = catch_line, .arg = lines };

	KUNIT_ASSERT_NOT_NULL(test, lines);
	mirror_test_throw_away(test, m);
	memset(m->pages, 0xff, m->nr_desc * sizeof(*m->pages));
	KUNIT_EXPECT_GT(test, mirror_check(m, &check), 0);
	KUNIT_EXPECT_EQ(test, lines->nr, 64);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE_PARAM(damage_is_found, damage_gen_params),
	KUNIT_CASE(faults_are_counted_without_a_reader),
	KUNIT_CASE(ruin_does_not_flood_the_reader),
	{}
};

static struct kunit_suite check_suite = {
	.name = "mirror_check",
	.test_cases = check_cases,
};

kunit_test_suite(check_suite);
