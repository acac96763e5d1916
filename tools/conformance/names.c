// SPDX-License-Identifier: GPL-2.0
/*
 * Words for the numbers of the protocol, and operations as lines of text.
 *
 *   alloc slot=12 order=3 gfp=MOVABLE|HIGHMEM
 *   bulk slot=65536 nr=64 gfp=0
 *   go_on cpu=1
 *   alloc slot=13 order=0 node=1 nodes=0x3 gfp=THISNODE
 *   tune min_free_kbytes=1024
 *   checkpoint arg=1
 */
#include <errno.h>
#include <linux/mirror_mm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "util.h"
#include "words.h"

static const char * const zone_fields[CONF_NR_ZONE_FIELDS] = {
	[CONF_ZONE_START] = "START",
	[CONF_ZONE_SPANNED] = "SPANNED",
	[CONF_ZONE_PRESENT] = "PRESENT",
	[CONF_ZONE_MANAGED] = "MANAGED",
	[CONF_ZONE_FREE] = "FREE",
	[CONF_ZONE_FREE_CMA] = "FREE_CMA",
	[CONF_ZONE_DRIFT_MARK] = "DRIFT_MARK",
	[CONF_ZONE_MIN] = "MIN",
	[CONF_ZONE_LOW] = "LOW",
	[CONF_ZONE_HIGH] = "HIGH",
	[CONF_ZONE_PROMO] = "PROMO",
	[CONF_ZONE_BOOST] = "BOOST",
	[CONF_ZONE_RESERVED_HIGHATOMIC] = "RESERVED_HIGHATOMIC",
	[CONF_ZONE_FREE_HIGHATOMIC] = "FREE_HIGHATOMIC",
	[CONF_ZONE_BOOSTED] = "BOOSTED",
	[CONF_ZONE_BELOW_HIGH] = "BELOW_HIGH",
	[CONF_ZONE_RECLAIM_ACTIVE] = "RECLAIM_ACTIVE",
	[CONF_ZONE_KSWAPD_DUE] = "KSWAPD_DUE",
	[CONF_ZONE_KSWAPD_ORDER] = "KSWAPD_ORDER",
	[CONF_ZONE_RESERVE_NORMAL] = "RESERVE_NORMAL",
	[CONF_ZONE_RESERVE_MOVABLE] = "RESERVE_MOVABLE",
	[CONF_ZONE_NUMA_HIT] = "NUMA_HIT",
	[CONF_ZONE_NUMA_MISS] = "NUMA_MISS",
	[CONF_ZONE_NUMA_FOREIGN] = "NUMA_FOREIGN",
	[CONF_ZONE_NUMA_INTERLEAVE] = "NUMA_INTERLEAVE",
	[CONF_ZONE_NUMA_LOCAL] = "NUMA_LOCAL",
	[CONF_ZONE_NUMA_OTHER] = "NUMA_OTHER",
};

static const char * const stat_fields[CONF_NR_STAT_FIELDS] = {
	[CONF_STAT_DRIFT] = "DRIFT",
	[CONF_STAT_DRIFT_CMA] = "DRIFT_CMA",
	[CONF_STAT_THRESHOLD] = "STAT_THRESHOLD",
};

static const char * const pcp_fields[CONF_NR_PCP_FIELDS] = {
	[CONF_PCP_COUNT] = "COUNT",
	[CONF_PCP_HIGH] = "HIGH",
	[CONF_PCP_HIGH_MIN] = "HIGH_MIN",
	[CONF_PCP_HIGH_MAX] = "HIGH_MAX",
	[CONF_PCP_BATCH] = "BATCH",
	[CONF_PCP_FREE_COUNT] = "FREE_COUNT",
	[CONF_PCP_ALLOC_FACTOR] = "ALLOC_FACTOR",
	[CONF_PCP_FLAGS] = "FLAGS",
	[CONF_PCP_EXPIRE] = "EXPIRE",
};

static const char * const events[CONF_NR_EVENTS] = {
	[CONF_EVENT_ALLOC_PCP] = "ALLOC_PCP",
	[CONF_EVENT_ALLOC_BUDDY] = "ALLOC_BUDDY",
	[CONF_EVENT_ALLOC_BULK] = "ALLOC_BULK",
	[CONF_EVENT_FAILED_0] = "FAILED_0",
	[CONF_EVENT_FAILED_LOW] = "FAILED_LOW",
	[CONF_EVENT_FAILED_COSTLY] = "FAILED_COSTLY",
	[CONF_EVENT_FAILED_BULK] = "FAILED_BULK",
	[CONF_EVENT_CLAIM] = "CLAIM",
	[CONF_EVENT_STEAL] = "STEAL",
	[CONF_EVENT_BOOST] = "BOOST",
	[CONF_EVENT_RESERVE] = "RESERVE",
	[CONF_EVENT_UNRESERVE] = "UNRESERVE",
	[CONF_EVENT_BELOW_HIGH_SET] = "BELOW_HIGH_SET",
	[CONF_EVENT_BELOW_HIGH_CLEAR] = "BELOW_HIGH_CLEAR",
	[CONF_EVENT_PCP_REFILL] = "PCP_REFILL",
	[CONF_EVENT_PCP_FLUSH] = "PCP_FLUSH",
	[CONF_EVENT_PCP_EMPTIED] = "PCP_EMPTIED",
	[CONF_EVENT_PCP_HIGH_UP] = "PCP_HIGH_UP",
	[CONF_EVENT_PCP_HIGH_DOWN] = "PCP_HIGH_DOWN",
	[CONF_EVENT_FACTOR_UP] = "FACTOR_UP",
	[CONF_EVENT_FACTOR_DOWN] = "FACTOR_DOWN",
	[CONF_EVENT_MERGED_LARGEST] = "MERGED_LARGEST",
	[CONF_EVENT_PGALLOC] = "PGALLOC",
	[CONF_EVENT_PGFREE] = "PGFREE",
	[CONF_EVENT_ALLOCSTALL] = "ALLOCSTALL",
	[CONF_EVENT_GO_ON] = "GO_ON",
	[CONF_EVENT_FREE_BULK] = "FREE_BULK",
	[CONF_EVENT_FREE_REMOTE] = "FREE_REMOTE",
};

static const char * const tunables[CONF_NR_TUNABLES] = {
	[CONF_MIN_FREE_KBYTES] = "min_free_kbytes",
	[CONF_WATERMARK_SCALE_FACTOR] = "watermark_scale_factor",
	[CONF_WATERMARK_BOOST_FACTOR] = "watermark_boost_factor",
	[CONF_LOWMEM_RESERVE_RATIO] = "lowmem_reserve_ratio",
	[CONF_HIGH_FRACTION] = "percpu_pagelist_high_fraction",
};

static const char * const kinds[] = {
	[SAME] = "none",
	[DIFFERENT_RESULT] = "result",
	[DIFFERENT_STATE] = "checkpoint state",
	[DIFFERENT_TEXT] = "text",
	[DIFFERENT_EVENTS] = "event",
	[TARGET_FAILED] = "failed call",
};

/* Which words of its line an operation has, in this order. */
enum field {
	FIELD_SLOT = 1,
	FIELD_ORDER = 2,
	FIELD_NR = 4,
	FIELD_GFP = 8,
	FIELD_ARG = 16,
	FIELD_TUNABLE = 32,
	FIELD_NODES = 64,	/* left out where they are 0 */
	FIELD_CPU = 128,	/* left out for all of them */
};

static const struct {
	const char *name;
	unsigned int fields;
} opcodes[CONF_NR_OPS] = {
	[CONF_NOP] = { "nop", 0 },
	[CONF_ALLOC] = { "alloc", FIELD_SLOT | FIELD_ORDER | FIELD_NR | FIELD_GFP |
				  FIELD_NODES },
	[CONF_FREE] = { "free", FIELD_SLOT },
	[CONF_GET] = { "get", FIELD_SLOT },
	[CONF_PUT] = { "put", FIELD_SLOT },
	[CONF_SPLIT] = { "split", FIELD_SLOT },
	[CONF_FREE_PART] = { "free_part", FIELD_SLOT | FIELD_ARG },
	[CONF_BULK] = { "bulk", FIELD_SLOT | FIELD_NR | FIELD_GFP | FIELD_NODES },
	[CONF_FREE_BULK] = { "free_bulk", FIELD_SLOT | FIELD_NR },
	[CONF_GO_ON] = { "go_on", FIELD_CPU },
	[CONF_DRAIN] = { "drain", FIELD_CPU },
	[CONF_TICK] = { "tick", FIELD_CPU },
	[CONF_TUNE] = { "tune", FIELD_TUNABLE },
	[CONF_CHECKPOINT] = { "checkpoint", FIELD_ARG },
};

#define LOOK_UP(table, i)	((i) < ARRAY_SIZE(table) ? (table)[i] : "?")

const char *zone_name(unsigned int type)
{
	return words_zone(type);
}

const char *type_name(unsigned int type)
{
	return words_type(type);
}

const char *zone_field_name(unsigned int field)
{
	return LOOK_UP(zone_fields, field);
}

const char *stat_field_name(unsigned int field)
{
	return LOOK_UP(stat_fields, field);
}

const char *pcp_field_name(unsigned int field)
{
	return LOOK_UP(pcp_fields, field);
}

const char *event_name(unsigned int event)
{
	return LOOK_UP(events, event);
}

const char *tunable_name(unsigned int tunable)
{
	return LOOK_UP(tunables, tunable);
}

const char *difference_name(enum difference_kind kind)
{
	return LOOK_UP(kinds, kind);
}

static size_t put_gfp(uint32_t gfp, char *text, size_t len)
{
	const char *before = " gfp=";
	const struct word *bit;
	size_t at = 0;

	if (!gfp)
		return snprintf(text, len, " gfp=0");
	for (bit = words_gfp_bits; bit->name; bit++) {
		if (!(gfp & bit->value))
			continue;
		at += snprintf(text + at, len - at, "%s%s", before, bit->name);
		before = "|";
	}
	return at;
}

const char *op_text(const struct conf_op *op, char *text, size_t len)
{
	unsigned int fields;
	size_t at;

	if (op->opcode >= CONF_NR_OPS)
		return "?";
	fields = opcodes[op->opcode].fields;
	at = snprintf(text, len, "%s", opcodes[op->opcode].name);
	if (fields & FIELD_SLOT)
		at += snprintf(text + at, len - at, " slot=%u", op->slot);
	if (fields & FIELD_ORDER)
		at += snprintf(text + at, len - at, " order=%u", op->order);
	if (fields & FIELD_NR && (op->nr || op->opcode != CONF_ALLOC))
		at += snprintf(text + at, len - at, " nr=%u", op->nr);
	if (fields & FIELD_ARG)
		at += snprintf(text + at, len - at, " arg=%u", op->arg);
	if (fields & FIELD_TUNABLE)
		at += snprintf(text + at, len - at, " %s=%u",
			       tunable_name(op->order), op->arg);
	if (fields & FIELD_NODES && CONF_PREFERRED(op->arg))
		at += snprintf(text + at, len - at, " node=%u",
			       CONF_PREFERRED(op->arg));
	if (fields & FIELD_NODES && CONF_ALLOWED(op->arg))
		at += snprintf(text + at, len - at, " nodes=%#x",
			       CONF_ALLOWED(op->arg));
	if (fields & FIELD_CPU && op->arg)
		at += snprintf(text + at, len - at, " cpu=%u", op->arg - CONF_ONE_CPU(0));
	if (fields & FIELD_GFP)
		put_gfp(op->gfp, text + at, len - at);
	return text;
}

static const char *parse_gfp(char *words, uint32_t *gfp)
{
	const struct word *bit;
	char *save, *word;

	*gfp = 0;
	if (!strcmp(words, "0"))
		return NULL;
	for (word = strtok_r(words, "|", &save); word;
	     word = strtok_r(NULL, "|", &save)) {
		for (bit = words_gfp_bits; bit->name; bit++)
			if (!strcmp(word, bit->name))
				break;
		if (!bit->name)
			return "no such gfp bit; they are written as MOVABLE|COMP, or 0 for none";
		*gfp |= bit->value;
	}
	return NULL;
}

static const char *parse_tunable(const char *key, uint32_t value,
				 struct conf_op *op)
{
	for (op->order = 0; op->order < CONF_NR_TUNABLES; op->order++)
		if (!strcmp(key, tunables[op->order]))
			break;
	if (op->order == CONF_NR_TUNABLES)
		return "no such tunable; take the name of the sysctl";
	op->arg = value;
	return NULL;
}

static const char *parse_number(const char *key, uint32_t value,
				struct conf_op *op)
{
	if (!strcmp(key, "slot") && value < CONF_SLOTS)
		op->slot = value;
	else if (!strcmp(key, "order") && value < 256)
		op->order = value;
	else if (!strcmp(key, "nr") && value <= CONF_BULK_MAX)
		op->nr = value;
	else if (!strcmp(key, "arg"))
		op->arg = value;
	else if (!strcmp(key, "node") && value < CONF_MAX_NODES)
		op->arg |= CONF_NODES(value, 0);
	else if (!strcmp(key, "nodes") && value < 1u << CONF_MAX_NODES)
		op->arg |= CONF_NODES(0, value);
	else if (!strcmp(key, "cpu") && value < CONF_MAX_CPUS)
		op->arg = CONF_ONE_CPU(value);
	else if (op->opcode == CONF_TUNE)
		return parse_tunable(key, value, op);
	else
		return "no such word, or too large: slot= order= nr= arg= node= nodes= cpu= gfp=";
	return NULL;
}

static const char *parse_field(char *word, struct conf_op *op)
{
	char *value = strchr(word, '='), *end;
	unsigned long number;

	if (!value)
		return "a word without '='";
	*value++ = '\0';
	if (!strcmp(word, "gfp"))
		return parse_gfp(value, &op->gfp);
	errno = 0;
	number = strtoul(value, &end, 0);
	if (errno || end == value || *end || number > UINT32_MAX)
		return "not a number";
	return parse_number(word, number, op);
}

const char *op_parse(char *line, struct conf_op *op)
{
	char *save, *word = strtok_r(line, " \t", &save);
	const char *wrong;

	memset(op, 0, sizeof(*op));
	if (!word)
		return "an empty line";
	while (op->opcode < CONF_NR_OPS && strcmp(word, opcodes[op->opcode].name))
		op->opcode++;
	if (op->opcode == CONF_NR_OPS)
		return "no such operation";
	while ((word = strtok_r(NULL, " \t", &save))) {
		wrong = parse_field(word, op);
		if (wrong)
			return wrong;
	}
	return NULL;
}

const char *result_text(uint32_t word, char *text, size_t len)
{
	if (word == CONF_FAILED)
		return "failed";
	if (word == CONF_SKIPPED)
		return "skipped";
	if (word == CONF_NOT_ZERO)
		return "a page that is not zero";
	if (RESULT_IS_ERROR(word))
		snprintf(text, len, "error: %s", strerror(word - RESULT_ERROR));
	else
		snprintf(text, len, "%u (0x%x)", word, word);
	return text;
}
