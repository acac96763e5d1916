// SPDX-License-Identifier: GPL-2.0
/*
 * A whole sequence at both levels: what is counted, and what is left behind.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "sequence.h"

#define OPS	20000

static int quiet(void)
{
	int old, null = open("/dev/null", O_WRONLY);

	fflush(stdout);
	old = dup(1);
	dup2(null, 1);
	close(null);
	return old;
}

static void loud(int old)
{
	fflush(stdout);
	dup2(old, 1);
	close(old);
}

static void run(struct session *s, const char *mix, enum bug bug,
		struct outcome *out)
{
	struct plan plan = { .number = 1, .seed = 9, .mix = mix_find(mix) };
	int old = quiet();

	s->ref = fake_new(NO_BUG);
	s->pages = fake_new(bug);
	s->blocks = fake_new(NO_BUG);
	s->nr_ops = OPS;
	s->flags = COMPARE_TEXT | COMPARE_EVENTS;
	run_sequence(s, &plan, out);
	fake_free(s->ref);
	fake_free(s->pages);
	fake_free(s->blocks);
	loud(old);
}

static void equal_sequence_counts_both_levels(void)
{
	struct session s = {};
	struct outcome out;

	run(&s, "tune", NO_BUG, &out);
	CHECK(s.sequences == 1);
	CHECK(s.operations == 2 * OPS);
	CHECK(!s.differences && !out.differences);
	CHECK(!strcmp(out.pages, "equal") && !strcmp(out.blocks, "equal"));
	CHECK(s.ref_events.nr[CONF_EVENT_CLAIM] == 3);
	CHECK(s.mirror_events.nr[CONF_EVENT_STEAL] == CONF_UNSEEN);
}

static void page_operations_have_no_block_level(void)
{
	struct session s = {};
	struct outcome out;

	run(&s, "refs", NO_BUG, &out);
	CHECK(s.operations == OPS);
	CHECK(!strcmp(out.blocks, "-"));
}

static void difference_is_counted_and_saved(void)
{
	char path[] = "/tmp/conformance-saved-XXXXXX";
	struct session s = { .shrink_seconds = 100, .save = path };
	struct outcome out;
	struct list list;

	close(mkstemp(path));
	run(&s, "tune", BUG_RESULT, &out);
	CHECK(s.differences == 1 && out.differences == 1);
	CHECK(!strcmp(out.pages, "result") && !strcmp(out.blocks, "equal"));
	list_load(&list, path);
	CHECK(list.nr == 4);
	list_free(&list);
	unlink(path);
}

static void rules_that_did_not_fire_are_told(void)
{
	struct session s = {};
	bool enough, few, excepted;
	struct outcome out;
	int old;

	run(&s, "tune", NO_BUG, &out);
	old = quiet();
	enough = coverage_is_enough(&s, 3, NULL);
	few = coverage_is_enough(&s, 4, "STEAL");
	excepted = coverage_is_enough(&s, 4, "STEAL,CLAIM");
	loud(old);
	CHECK(enough && !few && excepted);
}

void test_session(void)
{
	equal_sequence_counts_both_levels();
	page_operations_have_no_block_level();
	difference_is_counted_and_saved();
	rules_that_did_not_fire_are_told();
}
