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
	KUNIT_ASSERT_EQ(test, 0, mirror_core_free(m, &m->pages[1], 0));
	KUNIT_ASSERT_EQ(test, 0, mirror_core_free(m, &m->pages[2], 0));
	mirror_test_take(zone, 3, MOVABLE);
	mirror_test_take(zone, 3, MOVABLE);
	mirror_test_give(zone, &m->pages[8]);
	KUNIT_ASSERT_EQ(test, mirror_test_faults(test, m), 0);
	return zone;
}

struct damage {
	const char *name;
	void (*make)(struct mirror_zone *zone);
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
	spin_lock_irq(&zone->lock);
	mirror_del_free(zone, 32, 4, MOVABLE);
	spin_unlock_irq(&zone->lock);
}

static void split_without_need(struct mirror_zone *zone)
{
	spin_lock_irq(&zone->lock);
	mirror_del_free(zone, 4, 2, MOVABLE);
	mirror_add_free(zone, 4, 1, MOVABLE, false);
	mirror_add_free(zone, 6, 1, MOVABLE, false);
	spin_unlock_irq(&zone->lock);
}

#define FOUND(what)	{ #what, damage_##what }

static const struct damage damages[] = {
	FOUND(next), FOUND(next_far), FOUND(next_self), FOUND(prev), FOUND(first),
	FOUND(first_nil), FOUND(last), FOUND(length), FOUND(nr_free),
	FOUND(wrong_list), FOUND(mask_cleared), FOUND(mask_set), FOUND(state),
	FOUND(order), FOUND(zone_id), FOUND(zone_far), FOUND(unaligned),
	FOUND(unknown_state), FOUND(free_flag), FOUND(free_refs), FOUND(tail_refs),
	FOUND(stale_head), FOUND(stale_head_in_used), FOUND(hole),
	FOUND(hole_used), FOUND(lost), FOUND(pageblock_type),
	FOUND(nr_free_pages), FOUND(nr_free_cma), FOUND(free_highatomic),
	FOUND(reserved_highatomic), FOUND(managed), FOUND(pcp_count),
	FOUND(pcp_next), FOUND(pcp_state), FOUND(pcp_order), FOUND(pcp_refs),
	FOUND(broken),
	{ "block on no list", free_behind_its_back },
	{ "buddies not merged", split_without_need },
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

struct lines {
	unsigned int nr;
	bool empty;
};

static void count_line(void *arg, const char *line)
{
	struct lines *lines = arg;

	lines->nr++;
	lines->empty |= !*line;
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
	struct lines lines = {};
	struct mirror_check check = { .emit = count_line, .arg = &lines };

	damage->make(zone);
	KUNIT_EXPECT_GT(test, mirror_check(zone->m, &check), 0);
	KUNIT_EXPECT_EQ(test, lines.nr, check.faults);
	KUNIT_EXPECT_FALSE(test, lines.empty);
	KUNIT_EXPECT_GT(test, faults_in_portions(zone->m), 0);
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
	struct lines lines = {};
	struct mirror_check check = { .emit = count_line, .arg = &lines };

	mirror_test_throw_away(test, m);
	memset(m->pages, 0xff, m->nr_desc * sizeof(*m->pages));
	KUNIT_EXPECT_GT(test, mirror_check(m, &check), 0);
	KUNIT_EXPECT_LE(test, lines.nr, 100);
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
