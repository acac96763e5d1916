// SPDX-License-Identifier: GPL-2.0
/*
 * Reads states: two of them side by side, record by record.
 *
 * Records have an order, so two states are walked like two sorted lists: a record
 * that only one side has is an empty list on the other.
 */
#include <linux/mirror_mm.h>
#include <string.h>

#include "names.h"
#include "state.h"

#define HEADER_WORDS	(sizeof(struct conf_record) / sizeof(uint32_t))
#define AROUND		4

struct cursor {
	const struct words *state;
	unsigned int at;
	bool valid;
	struct conf_record head;
	const uint32_t *word;
};

static void look(struct cursor *c)
{
	const struct words *s = c->state;

	c->valid = c->at + HEADER_WORDS <= s->nr;
	if (!c->valid)
		return;
	memcpy(&c->head, s->word + c->at, sizeof(c->head));
	c->word = s->word + c->at + HEADER_WORDS;
	c->valid = c->head.nr <= s->nr - c->at - HEADER_WORDS;
}

static void next(struct cursor *c)
{
	c->at += HEADER_WORDS + c->head.nr;
	look(c);
}

static struct cursor first(const struct words *state)
{
	struct cursor c = { .state = state };

	look(&c);
	return c;
}

/* Where the record stands in any state; by type or CPU before order or index. */
static uint32_t place(const struct cursor *c)
{
	const struct conf_record *h = &c->head;

	if (!c->valid)
		return UINT32_MAX;
	return h->zone << 24 | h->kind << 16 | h->b << 8 | h->a;
}

uint32_t state_span(const struct words *state)
{
	uint32_t span = 0;
	struct cursor c;

	for (c = first(state); c.valid; next(&c))
		if (c.head.kind == CONF_REC_ZONE &&
		    c.head.nr > CONF_ZONE_SPANNED &&
		    c.word[CONF_ZONE_START] + c.word[CONF_ZONE_SPANNED] > span)
			span = c.word[CONF_ZONE_START] + c.word[CONF_ZONE_SPANNED];
	return span;
}

uint32_t state_present(const struct words *state)
{
	uint32_t present = 0;
	struct cursor c;

	for (c = first(state); c.valid; next(&c))
		if (c.head.kind == CONF_REC_ZONE &&
		    c.head.nr > CONF_ZONE_PRESENT)
			present += c.word[CONF_ZONE_PRESENT];
	return present;
}

unsigned int state_nodes(const struct words *state)
{
	unsigned int nr = 0;
	struct cursor c;

	for (c = first(state); c.valid; next(&c))
		if (c.head.kind == CONF_REC_ZONE &&
		    CONF_ZONE_NODE(c.head.zone) >= nr)
			nr = CONF_ZONE_NODE(c.head.zone) + 1;
	return nr;
}

unsigned int state_cpus(const struct words *state)
{
	unsigned int nr = 1;
	struct cursor c;

	for (c = first(state); c.valid; next(&c))
		if (c.head.kind == CONF_REC_PCP && c.head.b >= nr)
			nr = c.head.b + 1;
	return nr;
}

static void print_title(FILE *out, const struct conf_record *h)
{
	const char *name = zone_name(CONF_ZONE_TYPE(h->zone));
	unsigned int node = CONF_ZONE_NODE(h->zone);
	char zone[32];

	snprintf(zone, sizeof(zone), "%s of node %u", name, node + CONF_FIRST_NODE);
	switch (h->kind) {
	case CONF_REC_ZONE:
		fprintf(out, "  zone %s\n", zone);
		break;
	case CONF_REC_STAT:
		fprintf(out, "  zone %s, counters of CPU %u\n", zone, h->b);
		break;
	case CONF_REC_PCP:
		fprintf(out, "  zone %s, per-CPU set of CPU %u\n", zone, h->b);
		break;
	case CONF_REC_FREE:
		fprintf(out, "  zone %s, free list %s order %u\n", zone,
			type_name(h->b), h->a);
		break;
	case CONF_REC_LIST:
		fprintf(out, "  zone %s, list %u of CPU %u\n", zone, h->a, h->b);
		break;
	case CONF_REC_BLOCKS:
		fprintf(out, "  zone %s, types of the pageblocks\n", zone);
		break;
	default:
		fprintf(out, "  zone %s, record of unknown kind %u\n", zone, h->kind);
	}
}

static const char *field_name(unsigned int kind, unsigned int field)
{
	switch (kind) {
	case CONF_REC_ZONE:
		return zone_field_name(field);
	case CONF_REC_STAT:
		return stat_field_name(field);
	default:
		return pcp_field_name(field);
	}
}

static uint32_t word_or(const struct cursor *c, unsigned int i)
{
	return c && i < c->head.nr ? c->word[i] : CONF_FAILED;
}

static void print_fields(FILE *out, const struct cursor *a,
			 const struct cursor *b, const char *name)
{
	unsigned int kind = a ? a->head.kind : b->head.kind;
	unsigned int nr = a ? a->head.nr : b->head.nr, i;

	for (i = 0; i < nr; i++)
		if (word_or(a, i) != word_or(b, i))
			fprintf(out, "    %-20s reference %u, %s %u\n",
				field_name(kind, i), word_or(a, i), name,
				word_or(b, i));
}

static void print_around(FILE *out, const char *name, const struct cursor *c,
			 unsigned int at)
{
	unsigned int nr = c ? c->head.nr : 0;
	unsigned int i = at > AROUND ? at - AROUND : 0;

	fprintf(out, "    %-12s %5u entries:%s", name, nr, i ? " ..." : "");
	for (; i < nr && i <= at + AROUND; i++) {
		const char *form = i == at ? " [%u]" : " %u";

		if (c->word[i] == CONF_FAILED)
			fputs(i == at ? " [hole]" : " hole", out);
		else
			fprintf(out, form, c->word[i]);
	}
	fputs(i < nr ? " ...\n" : "\n", out);
}

static void print_lists(FILE *out, const struct cursor *a,
			const struct cursor *b, const char *name)
{
	unsigned int nr_a = a ? a->head.nr : 0, nr_b = b ? b->head.nr : 0;
	unsigned int at = 0;

	while (at < nr_a && at < nr_b && a->word[at] == b->word[at])
		at++;
	fprintf(out, "    first difference at index %u\n", at);
	print_around(out, "reference", a, at);
	print_around(out, name, b, at);
}

static bool same(const struct cursor *a, const struct cursor *b)
{
	return a->head.nr == b->head.nr &&
	       !memcmp(a->word, b->word, a->head.nr * sizeof(*a->word));
}

/* One of the two may be NULL: it has no such record. */
static void print_record(FILE *out, const struct cursor *a,
			 const struct cursor *b, const char *name)
{
	const struct conf_record *h = a ? &a->head : &b->head;

	print_title(out, h);
	if (h->kind <= CONF_REC_PCP)
		print_fields(out, a, b, name);
	else
		print_lists(out, a, b, name);
}

unsigned int state_diff(FILE *out, const struct words *ref,
			const struct words *other, const char *other_name)
{
	struct cursor a = first(ref), b = first(other);
	unsigned int differ = 0;

	while (a.valid || b.valid) {
		bool in_a = place(&a) <= place(&b);
		bool in_b = place(&b) <= place(&a);

		if (!in_a || !in_b || !same(&a, &b)) {
			print_record(out, in_a ? &a : NULL, in_b ? &b : NULL,
				     other_name);
			differ++;
		}
		if (in_a)
			next(&a);
		if (in_b)
			next(&b);
	}
	return differ;
}

/* A pageblock's type explains what the lists do, and lists what the counters say. */
static unsigned int telling(unsigned int kind)
{
	switch (kind) {
	case CONF_REC_BLOCKS:
		return 3;
	case CONF_REC_FREE:
	case CONF_REC_LIST:
		return 2;
	default:
		return 1;
	}
}

static unsigned int first_entry(const struct cursor *a, const struct cursor *b)
{
	unsigned int i = 0;

	while (i < a->head.nr && i < b->head.nr && a->word[i] == b->word[i])
		i++;
	return i;
}

static unsigned int asked_type(const struct conf_op *op)
{
	if (op->gfp & __MIRROR_GFP_MOVABLE)
		return MIRROR_MIGRATE_MOVABLE;
	return op->gfp & __MIRROR_GFP_RECLAIMABLE ? MIRROR_MIGRATE_RECLAIMABLE :
						    MIRROR_MIGRATE_UNMOVABLE;
}

/*
 * Before the operation both had the same type there, so the side where the pageblock has
 * the type that was asked for has changed it.
 */
static void tell_type(FILE *out, const struct conf_op *op, unsigned int pageblock,
		      unsigned int in_a, unsigned int in_b, const char *name)
{
	bool asks = op->opcode == CONF_ALLOC || op->opcode == CONF_BULK;
	unsigned int asked = asked_type(op);

	if (asks && in_a == asked && in_b != CONF_FAILED)
		fprintf(out, "Linux claimed pageblock %u as %s, which stayed %s in the %s",
			pageblock, type_name(in_a), type_name(in_b), name);
	else if (asks && in_b == asked && in_a != CONF_FAILED)
		fprintf(out, "the %s claimed pageblock %u as %s, which stayed %s in Linux",
			name, pageblock, type_name(in_b), type_name(in_a));
	else
		fprintf(out, "pageblock %u is %s in Linux and %s in the %s", pageblock,
			type_name(in_a), type_name(in_b), name);
}

static void tell_pair(FILE *out, const struct conf_op *op, const struct cursor *a,
		      const struct cursor *b, const char *name)
{
	const struct conf_record *h = &a->head;
	unsigned int i = first_entry(a, b);

	switch (h->kind) {
	case CONF_REC_BLOCKS:
		tell_type(out, op, i, word_or(a, i), word_or(b, i), name);
		break;
	case CONF_REC_FREE:
		fprintf(out,
			"the free list %s of order %u has %u blocks in Linux and %u in the %s, unlike from number %u on",
			type_name(h->b), h->a, a->head.nr, b->head.nr, name, i);
		break;
	case CONF_REC_LIST:
		fprintf(out,
			"list %u of CPU %u has %u blocks in Linux and %u in the %s, unlike from number %u on",
			h->a, h->b, a->head.nr, b->head.nr, name, i);
		break;
	case CONF_REC_ZONE:
		fprintf(out, "%s is %u in Linux and %u in the %s",
			field_name(h->kind, i), word_or(a, i), word_or(b, i), name);
		break;
	default:
		fprintf(out, "%s of CPU %u is %d in Linux and %d in the %s",
			field_name(h->kind, i), h->b, (int)word_or(a, i),
			(int)word_or(b, i), name);
	}
	fprintf(out, ", in zone %s of node %u.\n", zone_name(CONF_ZONE_TYPE(h->zone)),
		CONF_ZONE_NODE(h->zone) + CONF_FIRST_NODE);
}

void state_sentence(FILE *out, const struct conf_op *op, const struct words *ref,
		    const struct words *other, const char *other_name)
{
	struct cursor a = first(ref), b = first(other), best_a = a, best_b = b;
	unsigned int best = 0;

	/* What one side alone has is told as an empty one on the other. */
	while (a.valid || b.valid) {
		struct cursor in_a = a, in_b = b;

		if (place(&a) > place(&b)) {
			in_a = b;
			in_a.head.nr = 0;
		} else if (place(&b) > place(&a)) {
			in_b = a;
			in_b.head.nr = 0;
		}
		if (!same(&in_a, &in_b) && telling(in_a.head.kind) > best) {
			best = telling(in_a.head.kind);
			best_a = in_a;
			best_b = in_b;
		}
		if (place(&a) < place(&b)) {
			next(&a);
		} else if (place(&b) < place(&a)) {
			next(&b);
		} else {
			next(&a);
			next(&b);
		}
	}
	if (best)
		tell_pair(out, op, &best_a, &best_b, other_name);
}
