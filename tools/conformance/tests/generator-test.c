// SPDX-License-Identifier: GPL-2.0
/*
 * Sequences: repeatable, of the kind that their mix promises, and lists that do
 * what they say instead of being skipped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "generate.h"
#include "names.h"

#define OPS	30000

static bool lists_equal(const struct list *a, const struct list *b)
{
	return a->nr == b->nr && !memcmp(a->op, b->op, a->nr * sizeof(*a->op));
}

static void same_seed_same_list(struct target *ref)
{
	struct record a, b, c;

	generate(&a, ref, mix_find("refs"), 7, OPS);
	generate(&b, ref, mix_find("refs"), 7, OPS);
	generate(&c, ref, mix_find("refs"), 8, OPS);
	CHECK(lists_equal(&a.list, &b.list));
	CHECK(!lists_equal(&a.list, &c.list));
	record_free(&a);
	record_free(&b);
	record_free(&c);
}

struct counts {
	unsigned int opcode[CONF_NR_OPS];
	unsigned int order[NR_ORDERS];
	unsigned int done[CONF_NR_OPS];
	unsigned int failed;
	unsigned int skipped;
	unsigned int ops;
};

static void count_op(struct counts *c, const struct conf_op *op, uint32_t word)
{
	c->opcode[op->opcode]++;
	c->order[op->order] += op->opcode == CONF_ALLOC;
	if (!op_words(op))
		return;
	c->ops++;
	c->failed += word == CONF_FAILED;
	c->skipped += word == CONF_SKIPPED;
	c->done[op->opcode] += word != CONF_SKIPPED && word != CONF_FAILED;
}

static struct counts count(const struct record *r)
{
	struct counts c = {};
	unsigned int i, word = 0;

	for (i = 0; i < r->list.nr; i++) {
		count_op(&c, &r->list.op[i], r->words.word[word]);
		word += op_words(&r->list.op[i]);
	}
	CHECK(word == r->words.nr);
	return c;
}

/* Occupancy in thousandths, from the free pages that a checkpoint tells. */
static unsigned int occupancy(const struct checkpoint *c)
{
	const uint32_t *zone = c->state.word + 2;

	return 1000ull * (zone[CONF_ZONE_MANAGED] - zone[CONF_ZONE_FREE]) /
	       zone[CONF_ZONE_MANAGED];
}

static void check_occupancy(const struct record *r, const struct mix *mix)
{
	unsigned int i, most = 0, least = 1000;

	for (i = r->nr_checkpoints / 4; i < r->nr_checkpoints; i++) {
		unsigned int now = occupancy(&r->checkpoint[i]);

		most = now > most ? now : most;
		least = now < least ? now : least;
	}
	/* High orders do not fit into what is left of a fragmented node. */
	CHECK(most >= mix->goal_low);
	CHECK(least + 150 >= mix->goal_low);
	printf("occupancy %4u to %4u", least, most);
}

static void check_checkpoints(const struct record *r)
{
	unsigned int i, texts = 0, behind = 0;
	const struct conf_op *op = r->list.op;

	for (i = 0; i < r->nr_checkpoints; i++)
		texts += !!r->checkpoint[i].text;
	/* A first TUNE sets the sequence up. */
	for (i = 1; i < r->list.nr; i++)
		if (op[i].opcode == CONF_CHECKPOINT && op_is_between(&op[i - 1]))
			behind++;
		else if (op_is_between(&op[i - 1]) && i > 1)
			CHECK(op_is_between(&op[i]) ||
			      op[i - 1].opcode == CONF_CHECKPOINT);
	CHECK(behind);
	CHECK(r->nr_checkpoints - behind >= 15 && r->nr_checkpoints - behind <= 21);
	CHECK(texts == 2);
	CHECK(r->checkpoint[r->nr_checkpoints - 1].op == r->list.nr - 1);
}

static void keeps_to_the_mix(struct target *ref, struct target *other,
			     const struct mix *mix)
{
	struct difference d;
	struct counts c;
	struct record r;

	printf("# %-9s ", mix->name);
	generate(&r, ref, mix, 1, OPS);
	c = count(&r);
	check_occupancy(&r, mix);
	check_checkpoints(&r);
	printf(", failed %u, skipped %u, bulk %u, get %u, put %u, split %u, part %u\n",
	       c.failed, c.skipped, c.done[CONF_BULK], c.done[CONF_GET],
	       c.done[CONF_PUT], c.done[CONF_SPLIT], c.done[CONF_FREE_PART]);
	CHECK(c.ops == OPS);
	CHECK(c.skipped <= c.failed + OPS / 100);
	CHECK(c.failed < OPS / 2);
	CHECK(!mix->bulk == !c.done[CONF_BULK]);
	CHECK(!mix->free_bulk == !c.done[CONF_FREE_BULK]);
	CHECK(!mix->cpus == !c.done[CONF_GO_ON]);
	CHECK(!mix->refs == !(c.done[CONF_GET] && c.done[CONF_PUT] &&
			      c.done[CONF_SPLIT] && c.done[CONF_FREE_PART]));
	CHECK(!mix->tune || c.opcode[CONF_TUNE] > 2);
	CHECK(!compare(&r, other, COMPARE_TEXT | COMPARE_EVENTS, &d));
	difference_free(&d);
	record_free(&r);
}

static void operations_survive_being_text(struct target *ref, const char *mix)
{
	char text[OP_TEXT];
	struct conf_op back;
	struct record r;
	unsigned int i, bad = 0;

	generate(&r, ref, mix_find(mix), 3, OPS);
	for (i = 0; i < r.list.nr; i++) {
		op_text(&r.list.op[i], text, sizeof(text));
		bad += op_parse(text, &back) ||
		       memcmp(&back, &r.list.op[i], sizeof(back));
	}
	CHECK(!bad);
	record_free(&r);
}

static void nodes_survive_being_text(void)
{
	struct conf_op op = { .opcode = CONF_ALLOC, .slot = 7, .order = 3 }, back;
	char text[OP_TEXT];
	uint32_t node, nodes;

	for (node = 0; node < CONF_MAX_NODES; node++)
		for (nodes = 0; nodes < 1u << CONF_MAX_NODES; nodes++) {
			op.arg = CONF_NODES(node, nodes);
			op_text(&op, text, sizeof(text));
			CHECK(!op_parse(text, &back));
			CHECK(!memcmp(&back, &op, sizeof(op)));
			CHECK(CONF_PREFERRED(back.arg) == node);
			CHECK(CONF_ALLOWED(back.arg) == nodes);
		}
}

static void nonsense_is_refused(void)
{
	char no_node[] = "alloc node=2", no_nodes[] = "bulk nodes=0x4";
	char no_op[] = "allocate slot=1", no_bit[] = "alloc gfp=MOVEABLE";
	char no_cpu[] = "go_on cpu=2";
	char no_number[] = "free slot=x", too_large[] = "free slot=131072";
	struct conf_op op;

	CHECK(op_parse(no_op, &op));
	CHECK(op_parse(no_bit, &op));
	CHECK(op_parse(no_number, &op));
	CHECK(op_parse(too_large, &op));
	CHECK(op_parse(no_node, &op));
	CHECK(op_parse(no_nodes, &op));
	CHECK(op_parse(no_cpu, &op));
}

void test_generator(void)
{
	struct target *ref = fake_new(NO_BUG), *other = fake_new(NO_BUG);
	unsigned int i;

	same_seed_same_list(ref);
	operations_survive_being_text(ref, "bulk");
	operations_survive_being_text(ref, "cpus");
	nodes_survive_being_text();
	nonsense_is_refused();
	for (i = 0; i < nr_mixes; i++)
		keeps_to_the_mix(ref, other, &mixes[i]);
	fake_free(ref);
	fake_free(other);
}
