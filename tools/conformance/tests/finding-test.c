// SPDX-License-Identifier: GPL-2.0
/*
 * A known bug is found, at the operation that shows it, and shrunk to the few
 * operations that it takes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "generate.h"
#include "pair.h"
#include "util.h"

#define OPS	20000

struct finding {
	struct pair pair;
	struct record r;
	struct difference d;
};

static void find(struct finding *f, enum bug bug)
{
	f->pair.ref = fake_new(NO_BUG);
	f->pair.other = fake_new(bug);
	generate(&f->r, f->pair.ref, mix_find("tune"), 5, OPS);
	CHECK(compare(&f->r, f->pair.other, COMPARE_TEXT | COMPARE_EVENTS, &f->d));
}

static void lose(struct finding *f)
{
	difference_free(&f->d);
	record_free(&f->r);
	fake_free(f->pair.ref);
	fake_free(f->pair.other);
}

static struct list shrunk(struct finding *f, unsigned int flags)
{
	struct pair_trial trial = { .pair = f->pair, .flags = flags };
	struct shrinker s = {
		.fails = pair_fails, .arg = &trial,
		.until = seconds_now() + 100,
	};
	struct list list;

	failing_list(&f->r, &f->d, &list);
	CHECK(pair_fails(&trial, &list));
	shrink(&s, &list);
	CHECK(pair_fails(&trial, &list));
	return list;
}

static unsigned int count(const struct list *list, unsigned int opcode,
			  unsigned int least_order)
{
	unsigned int i, nr = 0;

	for (i = 0; i < list->nr; i++)
		nr += list->op[i].opcode == opcode &&
		      list->op[i].order >= least_order;
	return nr;
}

static char *explained(struct finding *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	explain(out, &f->pair, &f->r, &f->d);
	fclose(out);
	return text;
}

static void wrong_result(void)
{
	struct finding f;
	struct list list;
	char *text, *place;

	find(&f, BUG_RESULT);
	CHECK(f.d.kind == DIFFERENT_RESULT);
	CHECK(f.r.list.op[f.d.op].opcode == CONF_ALLOC);
	CHECK(f.r.list.op[f.d.op].order == 3);
	CHECK(f.d.got == CONF_FAILED && f.d.want != CONF_FAILED);
	text = explained(&f);
	place = xformat("At operation %u, alloc ", f.d.op);
	CHECK(!strncmp(text, place, strlen(place)));
	free(place);
	place = xformat("first difference at operation %u:", f.d.op);
	CHECK(strstr(text, place));
	CHECK(strstr(text, "fake with a bug failed"));
	free(place);
	free(text);
	/* A drain, two blocks of order 3, and the third that fails. */
	list = shrunk(&f, 0);
	CHECK(list.nr == 4);
	CHECK(count(&list, CONF_DRAIN, 0) == 1);
	CHECK(count(&list, CONF_ALLOC, 3) == 3);
	list_free(&list);
	lose(&f);
}

/* The first FREE of a block above order 4 behind the first tick. */
static unsigned int culprit(const struct list *list)
{
	static uint8_t order[CONF_SLOTS];
	bool ticked = false;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct conf_op *op = &list->op[i];

		ticked |= op->opcode == CONF_TICK;
		if (op->opcode == CONF_ALLOC)
			order[op->slot] = op->order;
		if (op->opcode == CONF_FREE && order[op->slot] > 4 && ticked)
			return i;
	}
	return i;
}

static void wrong_state(void)
{
	struct finding f;
	struct list list;
	char *text, *place;

	find(&f, BUG_STATE);
	CHECK(f.d.kind == DIFFERENT_STATE);
	CHECK(f.d.op > culprit(&f.r.list));
	text = explained(&f);
	place = xformat("first difference at operation %u:", culprit(&f.r.list));
	CHECK(strstr(text, place));
	CHECK(strstr(text, "states after it:"));
	CHECK(strstr(text, "FREE "));
	free(place);
	free(text);
	list = shrunk(&f, 0);
	CHECK(list.nr == 3);
	CHECK(count(&list, CONF_TICK, 0) == 1);
	CHECK(count(&list, CONF_ALLOC, 5) == 1);
	CHECK(count(&list, CONF_FREE, 0) == 1);
	list_free(&list);
	lose(&f);
}

static void wrong_text(void)
{
	struct finding f;
	struct list list;
	char *text;

	find(&f, BUG_TEXT);
	CHECK(f.d.kind == DIFFERENT_TEXT);
	text = explained(&f);
	CHECK(strstr(text, "reference \"free "));
	CHECK(!strstr(text, "last line"));
	free(text);
	list = shrunk(&f, COMPARE_TEXT);
	CHECK(list.nr == 1 && list.op[0].opcode == CONF_DRAIN);
	list_free(&list);
	lose(&f);
}

static void list_survives_its_file(void)
{
	char path[] = "/tmp/conformance-list-XXXXXX";
	struct list back;
	struct finding f;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	find(&f, BUG_RESULT);
	f.r.list.run_flags = CONF_RUN_MAY_SLEEP;
	list_save(&f.r.list, path, "a test");
	list_load(&back, path);
	CHECK(back.nr == f.r.list.nr);
	CHECK(back.run_flags == CONF_RUN_MAY_SLEEP);
	CHECK(!memcmp(back.op, f.r.list.op, back.nr * sizeof(*back.op)));
	unlink(path);
	list_free(&back);
	lose(&f);
}

void test_finding(void)
{
	wrong_result();
	wrong_state();
	wrong_text();
	list_survives_its_file();
}
