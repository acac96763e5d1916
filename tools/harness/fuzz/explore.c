// SPDX-License-Identifier: GPL-2.0
/*
 * Exhaustive search: every state that a tiny mirror can be brought to by so many
 * operations, breadth first.
 *
 *   explore		each geometry, to its own depth
 *   explore N [DEPTH]	the Nth of them, counted from 1
 *   explore --list	their names
 *
 * In each new state all is compared with the model, every kind of mistake is
 * made, and then all is given back and has to merge.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "harness.h"
#include "seen.h"
#include "tiny.h"

#define MAX_PATH	64
#define MAX_CHOICES	2048

/* A state with its model, to go back to. */
struct saved {
	u8 *state;
	struct model model;
	struct pristine merged;
	unsigned int cpu;
	unsigned int nr_done;
};

struct search {
	const struct tiny *tiny;
	struct geometry g;
	struct run run;
	struct seen seen;
	struct saved root;
	struct saved here;
	struct op choices[MAX_CHOICES];
	unsigned int nr_choices;
	u64 transitions;
};

/* saving ------------------------------------------------------------------------ */

static void saved_init(struct saved *saved, struct search *s)
{
	saved->state = malloc(state_size(s->run.m));
	if (!saved->state)
		abort();
	model_init(&saved->model, &s->g.conf);
}

static void saved_exit(struct saved *saved)
{
	free(saved->state);
	model_exit(&saved->model);
}

static void save(struct saved *saved, struct run *run)
{
	state_save(run->m, saved->state);
	model_copy(&saved->model, &run->model);
	saved->merged = run->merged;
	saved->cpu = run->cpu;
	saved->nr_done = run->nr_done;
}

static void restore(const struct saved *saved, struct run *run)
{
	state_restore(run->m, saved->state);
	model_copy(&run->model, &saved->model);
	run->merged = saved->merged;
	run->cpu = saved->cpu;
	run->nr_done = saved->nr_done;
	harness_set_cpu(run->cpu);
}

/* what can be done ---------------------------------------------------------------- */

static void choose(struct search *s, u8 code, u8 a, u8 b, u8 c, u8 d)
{
	if (s->nr_choices == MAX_CHOICES)
		fuzz_found("there is room for %d operations only", MAX_CHOICES);
	s->choices[s->nr_choices++] = (struct op){ code, { a, b, c, d } };
}

/* As op_gfp() reads them: unmovable, movable, reclaimable, atomic, compound. */
static void choose_requests(struct search *s)
{
	static const u8 flags[] = { 0x00, 0x01, 0x02, 0x28, 0x51 };
	unsigned int order, i, nid;

	for (order = 0; order <= s->tiny->max_order; order++)
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			for (nid = 0; nid < s->g.conf.nr_nodes; nid++)
				choose(s, OP_ALLOC, order, flags[i], 0, nid);
	/* One that stays on its node, and one for the lower zone. */
	if (s->g.conf.nr_nodes > 1)
		choose(s, OP_ALLOC, 0, 0x80, 0, 1);
	if (s->tiny->dma32)
		choose(s, OP_ALLOC, 1, 0x00, 0x02, 0);
}

static void choose_blocks(struct search *s)
{
	const struct model *model = &s->run.model;
	unsigned int i;

	for (i = 0; i < model->nr_blocks; i++) {
		const struct model_block *block = &model->blocks[i];

		choose(s, OP_FREE, i, 0, 0, 0);
		if (block->refs > 1)
			choose(s, OP_PUT, i, 0, 0xff, 0);
		else if (s->tiny->refs)
			choose(s, OP_GET, i, 0, 0xff, 0);
		if (block->order && !block->compound && block->refs == 1)
			choose(s, OP_SPLIT, i, 0, 0, 0);
	}
}

static void choose_chores(struct search *s)
{
	unsigned int cpu;

	choose(s, OP_DRAIN_ALL, 0, 0, 0, 0);
	for (cpu = 0; cpu < s->run.nr_cpus; cpu++) {
		choose(s, OP_TICK, cpu, 0, 0, 0);
		if (s->run.nr_cpus > 1) {
			choose(s, OP_DRAIN_CPU, cpu, 0, 0, 0);
			choose(s, OP_CPU, cpu, 0, 0, 0);
		}
	}
	choose(s, OP_BULK_ALLOC, 2, 0x01, 0, 0);
	if (s->tiny->reserve)
		choose(s, OP_UNRESERVE, 1, 0x01, 0, 0);
	if (s->tiny->min_free_kbytes)
		choose(s, OP_KSWAPD, 0, 0, 0, 0);
}

static void choose_all(struct search *s)
{
	s->nr_choices = 0;
	choose_requests(s);
	choose_blocks(s);
	choose_chores(s);
}

/* searching -------------------------------------------------------------------------- */

static struct state_key key_here(const struct search *s)
{
	struct state_key key = state_key(s->run.m);

	/* Which CPU goes on is part of it. */
	key.a += s->run.cpu;
	return key;
}

static void make_mistakes(struct run *run)
{
	unsigned int kind, nr = run->nr_done;

	for (kind = 0; kind < NR_MISTAKES; kind++) {
		struct op op = { OP_MISUSE, { kind, run->model.nr_frames / 2, 0, 1 } };

		run_op(run, &op);
		run->nr_done = nr;
	}
}

/* Ends somewhere else: everything is free then. */
static void check_here(struct run *run)
{
	model_verify(&run->model, run->m);
	make_mistakes(run);
	run_end(run);
}

static void try_choice(struct search *s, u32 from, const struct op *op)
{
	run_op(&s->run, op);
	s->transitions++;
	if (seen_add(&s->seen, key_here(s), from, op))
		check_here(&s->run);
	restore(&s->here, &s->run);
}

static void go_to(struct search *s, u32 state)
{
	struct op path[MAX_PATH];
	unsigned int nr, i;

	restore(&s->root, &s->run);
	nr = seen_path(&s->seen, state, path, MAX_PATH);
	for (i = 0; i < nr; i++)
		run_op(&s->run, &path[i]);
	save(&s->here, &s->run);
}

static void expand(struct search *s, u32 state)
{
	unsigned int i;

	go_to(s, state);
	choose_all(s);
	for (i = 0; i < s->nr_choices; i++)
		try_choice(s, state, &s->choices[i]);
}

static void print_path(void *arg)
{
	struct search *s = arg;

	fflush(stdout);
	run_print(&s->run, &s->g);
}

/* From the last to the first, so that those before it keep their numbers. */
static void fill(struct run *run, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		run_op(run, &(struct op){ OP_ALLOC, { 0, i % 3 } });
	run_op(run, &(struct op){ OP_DRAIN_ALL });
	for (i = run->model.nr_blocks; i--;)
		if (i % 4)
			run_op(run, &(struct op){ OP_FREE, { i } });
	run_op(run, &(struct op){ OP_DRAIN_ALL });
}

static void begin(struct search *s, const struct tiny *tiny)
{
	struct op none = {};

	memset(s, 0, sizeof(*s));
	s->tiny = tiny;
	tiny_geometry(tiny, &s->g);
	fuzz_set_history(print_path, s);
	run_begin(&s->run, &s->g);
	fill(&s->run, tiny->fill);
	seen_init(&s->seen);
	saved_init(&s->root, s);
	saved_init(&s->here, s);
	save(&s->root, &s->run);
	seen_add(&s->seen, key_here(s), 0, &none);
}

static void end(struct search *s)
{
	saved_exit(&s->root);
	saved_exit(&s->here);
	seen_exit(&s->seen);
	run_exit(&s->run);
}

static void explore(const struct tiny *tiny, unsigned int depth)
{
	static struct search s;
	u32 state = 0, until;
	unsigned int d;

	begin(&s, tiny);
	printf("%s\n", tiny->name);
	for (d = 1; d <= depth && state < s.seen.nr; d++) {
		u32 before = s.seen.nr;
		u64 transitions = s.transitions;

		for (until = s.seen.nr; state < until; state++)
			expand(&s, state);
		printf("  depth %u: %u new states, %llu transitions\n", d,
		       s.seen.nr - before,
		       (unsigned long long)(s.transitions - transitions));
		fflush(stdout);
	}
	printf("  %u states, %llu transitions\n", s.seen.nr,
	       (unsigned long long)s.transitions);
	end(&s);
}

/* Returns the number, or says what is wrong with it. */
static unsigned int number(const char *text, unsigned int max, const char *what)
{
	char *rest;
	unsigned long n = strtoul(text, &rest, 10);

	if (*text && !*rest && n && n <= max)
		return n;
	fprintf(stderr, "error: %s '%s' is not between 1 and %u\n", what, text, max);
	exit(1);
}

int main(int argc, char **argv)
{
	unsigned int i, depth;

	harness_set_quiet(true);
	if (argc > 3) {
		fprintf(stderr, "usage: explore [--list | N [DEPTH]]\n");
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "--list")) {
		for (i = 0; i < nr_tinies; i++)
			printf("%s\n", tinies[i].name);
		return 0;
	}
	if (argc > 1) {
		i = number(argv[1], nr_tinies, "geometry") - 1;
		depth = argc > 2 ? number(argv[2], MAX_PATH, "depth") : tinies[i].depth;
		explore(&tinies[i], depth);
		return 0;
	}
	for (i = 0; i < nr_tinies; i++)
		explore(&tinies[i], tinies[i].depth);
	return 0;
}
