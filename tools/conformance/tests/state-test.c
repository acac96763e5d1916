// SPDX-License-Identifier: GPL-2.0
/*
 * Two states side by side: what is printed names the place, and only that.
 */
#include <linux/mirror_mm.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "state.h"

static void add(struct words *state, unsigned int kind, unsigned int a,
		unsigned int b, const uint32_t *word, unsigned int nr)
{
	struct conf_record head = {
		.kind = kind, .zone = 2, .a = a, .b = b, .nr = nr,
	};

	words_room(state, 2 + nr);
	memcpy(state->word + state->nr, &head, sizeof(head));
	memcpy(state->word + state->nr + 2, word, nr * sizeof(*word));
	state->nr += 2 + nr;
}

/* A zone, two free lists and a per-CPU list; the parts of it that may differ. */
static struct words make(uint32_t boost, uint32_t twentieth, bool second_list)
{
	uint32_t zone[CONF_NR_ZONE_FIELDS] = { 512, 4096 };
	uint32_t list[32], i;
	struct words state = {};

	zone[CONF_ZONE_BOOST] = boost;
	for (i = 0; i < 32; i++)
		list[i] = 1000 + i;
	list[20] = twentieth;
	add(&state, CONF_REC_ZONE, 0, 0, zone, CONF_NR_ZONE_FIELDS);
	add(&state, CONF_REC_FREE, 3, 0, list, 32);
	if (second_list)
		add(&state, CONF_REC_FREE, 0, 1, list, 2);
	add(&state, CONF_REC_LIST, 4, 0, list, 1);
	return state;
}

static char *diff(struct words a, struct words b, unsigned int *nr)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*nr = state_diff(out, &a, &b, "mirror");
	fclose(out);
	words_free(&a);
	words_free(&b);
	return text;
}

static bool holds(const char *text, const char *part)
{
	return strstr(text, part);
}

/* The sentence on one pageblock that has another type behind @op. */
static char *sentence(const struct conf_op *op, uint32_t in_a, uint32_t in_b)
{
	struct words a = make(1, 2, true), b = make(1, 2, true);
	const uint32_t types_a[] = { 1, in_a }, types_b[] = { 1, in_b };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	add(&a, CONF_REC_BLOCKS, 0, 0, types_a, 2);
	add(&b, CONF_REC_BLOCKS, 0, 0, types_b, 2);
	state_sentence(out, op, &a, &b, "mirror");
	fclose(out);
	words_free(&a);
	words_free(&b);
	return text;
}

static void sentence_says_who_claimed(void)
{
	const struct conf_op get = { .opcode = CONF_ALLOC, .gfp = MIRROR_GFP_KERNEL };
	const struct conf_op put = { .opcode = CONF_FREE };
	char *text = sentence(&get, MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_MOVABLE);

	CHECK(holds(text,
		    "Linux claimed pageblock 1 as Unmovable, which stayed Movable in the mirror"));
	free(text);
	text = sentence(&get, MIRROR_MIGRATE_MOVABLE, MIRROR_MIGRATE_UNMOVABLE);
	CHECK(holds(text,
		    "the mirror claimed pageblock 1 as Unmovable, which stayed Movable in Linux"));
	free(text);
	text = sentence(&get, MIRROR_MIGRATE_MOVABLE, MIRROR_MIGRATE_HIGHATOMIC);
	CHECK(holds(text, "pageblock 1 is Movable in Linux and HighAtomic in the mirror"));
	free(text);
	text = sentence(&put, MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_MOVABLE);
	CHECK(holds(text, "pageblock 1 is Unmovable in Linux and Movable in the mirror"));
	free(text);
}

static void equal_states_print_nothing(void)
{
	unsigned int nr;
	char *text = diff(make(1, 2, true), make(1, 2, true), &nr);

	CHECK(nr == 0);
	CHECK(!*text);
	free(text);
}

static void field_is_named(void)
{
	unsigned int nr;
	char *text = diff(make(70, 2, true), make(71, 2, true), &nr);

	CHECK(nr == 1);
	CHECK(holds(text, "BOOST"));
	CHECK(holds(text, "reference 70, mirror 71"));
	CHECK(!holds(text, "SPANNED"));
	free(text);
}

static void list_shows_first_difference_and_its_neighbours(void)
{
	unsigned int nr;
	char *text = diff(make(1, 1020, true), make(1, 7, true), &nr);

	CHECK(nr == 1);
	CHECK(holds(text, "free list Unmovable order 3"));
	CHECK(holds(text, "index 20"));
	CHECK(holds(text, "... 1016 1017 1018 1019 [1020] 1021 1022 1023 1024 ..."));
	CHECK(holds(text, "... 1016 1017 1018 1019 [7] 1021 1022 1023 1024 ..."));
	free(text);
}

static void missing_list_is_an_empty_one(void)
{
	unsigned int nr;
	char *text = diff(make(1, 2, false), make(1, 2, true), &nr);

	CHECK(nr == 1);
	CHECK(holds(text, "free list Movable order 0"));
	CHECK(holds(text, "reference        0 entries:"));
	CHECK(holds(text, "2 entries: [1000] 1001"));
	free(text);
}

static void span_ends_behind_the_last_zone(void)
{
	struct words state = make(0, 0, false);

	CHECK(state_span(&state) == 512 + 4096);
	CHECK(state_present(&state) <= state_span(&state));
	words_free(&state);
}

/* A state that was cut short must not be read behind its end. */
static void truncated_state_is_read_to_its_end(void)
{
	struct words whole = make(1, 2, true), cut = make(1, 2, true);
	unsigned int nr;
	char *text;

	cut.nr -= 2;
	cut.word = realloc(cut.word, cut.nr * sizeof(*cut.word));
	text = diff(whole, cut, &nr);
	CHECK(nr == 1);
	CHECK(holds(text, "list 4 of CPU 0"));
	free(text);
}

/* As make(), with what the second CPU has. */
static struct words make_second(uint32_t drift, uint32_t page)
{
	struct words state = make(1, 2, true);
	uint32_t stat[CONF_NR_STAT_FIELDS] = { drift };

	state.nr = 0;
	add(&state, CONF_REC_STAT, 0, 0, stat, CONF_NR_STAT_FIELDS);
	add(&state, CONF_REC_STAT, 0, 1, stat, CONF_NR_STAT_FIELDS);
	add(&state, CONF_REC_PCP, 0, 0, stat, CONF_NR_STAT_FIELDS);
	add(&state, CONF_REC_PCP, 0, 1, stat, CONF_NR_STAT_FIELDS);
	add(&state, CONF_REC_LIST, 7, 0, &drift, 1);
	add(&state, CONF_REC_LIST, 4, 1, &page, 1);
	return state;
}

static void each_cpu_is_named(void)
{
	struct words a = make_second(3, 5), b = make_second(3, 6);
	unsigned int nr;
	char *text;

	CHECK(state_cpus(&a) == 2);
	text = diff(a, b, &nr);
	CHECK(nr == 1);
	CHECK(holds(text, "list 4 of CPU 1"));
	free(text);
	text = diff(make_second(3, 5), make_second(4, 5), &nr);
	CHECK(nr == 5);
	CHECK(holds(text, "counters of CPU 1"));
	CHECK(holds(text, "DRIFT"));
	free(text);
}

void test_state(void)
{
	equal_states_print_nothing();
	sentence_says_who_claimed();
	field_is_named();
	list_shows_first_difference_and_its_neighbours();
	missing_list_is_an_empty_one();
	span_ends_behind_the_last_zone();
	truncated_state_is_read_to_its_end();
	each_cpu_is_named();
}
