// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what "tour" and "watch" are made of: the text of state, what two views
 * differ by, lines that fit, colours, counters. KTAP on stdout.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "palette.h"
#include "tour.h"
#include "watch.h"

#define ZONE \
	"zone 0 Normal start 1024 spanned 4096 present 4096 managed 4096 free 3000 free_exact 3010 cma 0 boost 512 flags 0xc highatomic 512 highatomic_free 480\n"
#define CPU \
	"pcp 0 Normal cpu 1 count 530 high 60 high_min 60 high_max 60 batch 15 free_count 7 alloc_factor 2 flags 0x0 expire 0 drift -8\n"
#define BLOCKS	"pageblocks 0 Normal: Movable*5 hole*2 Unmovable*1\n"

static int count, failures;

static void expect(bool good, const char *what)
{
	count++;
	failures += !good;
	printf("%sok %d %s\n", good ? "" : "not ", count, what);
}

static void state_of_a_zone(void)
{
	static const char text[] = ZONE
		"free 0 Normal Movable 4: 1040 1072 1104\n"
		CPU
		"pcplist 0 Normal cpu 1 order 0 Movable: 5 6 7\n"
		"pcplist 0 Normal cpu 1 order 9 Other: 2048\n"
		BLOCKS
		"bad 0 Normal: 1030\n";
	struct state_zone *zone;
	struct state state;

	expect(!state_parse(text, &state) && state.nr == 1, "state of one zone");
	zone = state_zone(&state, 0, "Normal");
	expect(zone && zone->managed == 4096 && zone->free == 3000 &&
	       zone->free_exact == 3010 && zone->boost == 512 &&
	       zone->flags == (STATE_BELOW_HIGH | STATE_KSWAPD_DUE) &&
	       zone->highatomic == 512 && zone->highatomic_free == 480,
	       "numbers of the zone");
	expect(zone && zone->typed[MIRROR_MIGRATE_MOVABLE][4] == 3 &&
	       zone->pageblocks[MIRROR_MIGRATE_MOVABLE] == 5 &&
	       zone->pageblocks[MIRROR_MIGRATE_UNMOVABLE] == 1,
	       "free blocks and pageblocks by type");
	expect(zone && zone->nr_cpus == 1 && zone->cpus[0].cpu == 1 &&
	       zone->cpus[0].batch == 15 && zone->cpus[0].alloc_factor == 2 &&
	       zone->cpus[0].lists[MIRROR_MIGRATE_MOVABLE][0] == 3 &&
	       zone->cpus[0].lists[STATE_CPU_OTHER][9] == 1, "lists of a CPU");
	expect(!state_zone(&state, 1, "Normal"), "a zone that is not there");
	state_free(&state);
}

static void state_that_is_no_state(void)
{
	static const char * const bad[] = {
		"",
		"garbage\n",
		"zone 0 Normal start 1024\n",
		ZONE ZONE,
		"free 0 Normal Movable 4: 1040\n",
		ZONE "free 0 Normal Movable 4: 1040 (damaged)\n",
		ZONE "free 0 Normal Frozen 4: 1040\n",
		ZONE "free 0 Normal Movable 32: 1040\n",
		ZONE "free 0 Normal Movable 4294967295: 1040\n",
		ZONE "free 0 Normal Movable 4: 10x\n",
		ZONE "free 0 Normal Movable\n",
		ZONE "free 0 Normal Movable 4\n",
		ZONE CPU "pcplist 0 Normal cpu 1 order 0 Movable\n",
		ZONE "pageblocks 0 Normal\n",
		ZONE "pcp 0 Normal cpu\n",
		"pcp 0 DMA" CPU,
		ZONE "pcplist 0 Normal cpu 1 order 0 Movable: 5\n",
		ZONE CPU "pcplist 0 Normal cpu 0 order 0 Movable: 5\n",
		ZONE CPU "pcplist 0 Normal cpu 1 order 0 CMA: 5\n",
		ZONE CPU "pcplist 0 Normal cpu 1 order 99 Movable: 5\n",
		ZONE "pageblocks 0 Normal: Movable*\n",
		ZONE "pageblocks 0 Normal: Frozen*3\n",
		ZONE "pageblocks 0 Normal: Movable*3 x\n",
		ZONE "pageblocks 1 Normal: Movable*3\n",
	};
	unsigned int refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct state state;
		bool good = !state_parse(bad[i], &state);

		if (good)
			printf("# taken: %s\n", bad[i]);
		refused += !good;
		state_free(&state);
	}
	expect(refused == ARRAY_SIZE(bad), "text that is no state is refused");
}

/* As an attacker or a fault would leave it: cut off anywhere. */
static void state_that_was_cut_off(void)
{
	static const char text[] = ZONE "free 0 Normal Movable 4: 1040 1072\n" CPU
		"pcplist 0 Normal cpu 1 order 0 Movable: 5 6\n" BLOCKS;
	unsigned int tried = 0;

	for (size_t len = 0; len < sizeof(text); len++, tried++) {
		char *part = strndup(text, len);
		struct state state;

		if (part && !state_parse(part, &state))
			state_free(&state);
		free(part);
	}
	expect(tried == sizeof(text), "text that is cut off does no harm");
}

static void marks_of_a_zone(void)
{
	static const char text[] =
		"# node zone min low high promo boost managed\n"
		"0 DMA 1 2 3 4 0 64\n"
		"0 Normal 512 640 768 896 0 65536\n";
	struct state_marks marks;

	expect(state_parse_marks(text, 0, "Normal", &marks) && marks.min == 512 &&
	       marks.low == 640 && marks.high == 768, "marks of one zone of two");
	expect(!state_parse_marks(text, 1, "Normal", &marks) &&
	       !state_parse_marks("", 0, "Normal", &marks) &&
	       !state_parse_marks("0 Normal 5\n", 0, "Normal", &marks),
	       "marks that are not there");
}

static void change(struct tour *t, unsigned int order, long long by)
{
	t->before.zone.typed[MIRROR_MIGRATE_MOVABLE][order] = 10;
	t->after.zone.typed[MIRROR_MIGRATE_MOVABLE][order] = 10 + by;
}

static void splits_and_merges(void)
{
	struct tour t = { .dev = -1 };

	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, -1) == -1,
	       "no change is no split");
	change(&t, 4, -1);
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, -1) == 4,
	       "a block that fits is no split either");
	change(&t, 4, 1);
	change(&t, 5, 1);
	change(&t, 6, -1);
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, -1) == 6, "a split");
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, 1) != 6,
	       "a split is no merge");
	change(&t, 5, 2);
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, -1) == -1,
	       "what somebody else did is told from a split");
	change(&t, 5, 1);
	t.after.zone.typed[MIRROR_MIGRATE_UNMOVABLE][0] = 1;
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, -1) == -1,
	       "also where it is of another type");
	t.after.zone.typed[MIRROR_MIGRATE_UNMOVABLE][0] = 0;
	change(&t, 4, -1);
	change(&t, 5, -1);
	change(&t, 6, 1);
	expect(tour_moved_blocks(&t, MIRROR_MIGRATE_MOVABLE, 4, 1) == 6, "a merge");
}

static bool wrapped(const char *text, unsigned int width, const char *wanted)
{
	char *got = NULL;
	bool good;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	if (!out)
		return false;
	tour_wrap(out, text, width);
	good = !fclose(out) && !strcmp(got, wanted);
	free(got);
	return good;
}

static void lines(void)
{
	expect(wrapped("one two three", 80, "  one two three\n"), "one line");
	expect(wrapped("one two three", 10, "  one two\n  three\n"), "two lines");
	expect(wrapped("threehundred a", 4, "  threehundred\n  a\n"),
	       "a word that is wider than the line");
	expect(wrapped("one two", 0, "  one\n  two\n"), "no width at all");
}

static void colours_of_a_terminal(void)
{
	struct term term = { .color = true, .colors = 8 };

	expect(!strcmp(palette_on(&term, MIRROR_MIGRATE_UNMOVABLE), "\033[31m"),
	       "one of 8 colours");
	term.colors = 256;
	expect(!strcmp(palette_on(&term, MIRROR_MIGRATE_UNMOVABLE), "\033[38;5;130m"),
	       "one of 256");
	term.colors = 1 << 24;
	expect(!strcmp(palette_on(&term, MIRROR_MIGRATE_UNMOVABLE),
		       "\033[38;2;179;64;46m"), "one of all, as in the pictures");
	expect(!strcmp(palette_on(&term, -1), "\033[1m") &&
	       !strcmp(palette_on(&term, 99), "\033[1m"), "bold for no type");
	term.color = false;
	expect(!*palette_on(&term, 0) && !*palette_bold(&term) && !*palette_off(&term),
	       "none");
}

static void counters_of_vmstat(void)
{
	struct watch_events events = { .nr = 0 };
	unsigned long long taken, freed;

	expect(watch_count(&events, "pgalloc_dma 1\npgalloc_normal 9\npgfree 4\n",
			   &taken, &freed) && !taken && !freed,
	       "the first counters say nothing");
	expect(watch_count(&events, "pgalloc_dma 3\npgalloc_normal 10\npgfree 11\n",
			   &taken, &freed) && taken == 3 && freed == 7,
	       "the next say what was taken and freed");
	expect(watch_count(&events, "pgalloc_normal 1\npgfree 0\n", &taken, &freed) &&
	       !taken && !freed, "another mirror begins anew");
	expect(!watch_count(&events, "garbage\n", &taken, &freed), "no counters");
	for (int i = 0; i < 20; i++)
		watch_say(&events, "%0300d", i);
	expect(events.nr == WATCH_EVENTS &&
	       strlen(events.text[WATCH_EVENTS - 1]) < WATCH_EVENT_LEN,
	       "the oldest events go, and long ones are cut");
}

int main(void)
{
	printf("TAP version 14\n");
	state_of_a_zone();
	state_that_is_no_state();
	state_that_was_cut_off();
	marks_of_a_zone();
	splits_and_merges();
	lines();
	colours_of_a_terminal();
	counters_of_vmstat();
	printf("1..%d\n", count);
	return failures != 0;
}
