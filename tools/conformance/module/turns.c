// SPDX-License-Identifier: GPL-2.0
/*
 * Segments: which CPU carries out which operation.
 *
 * A segment belongs to all CPUs. stop_machine() has each of them there with
 * interrupts off, so that nobody else runs anywhere, and the list says which one
 * works; the others wait for their turn. Where one CPU is online, or where a
 * segment may sleep, it is the caller's.
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include "interpret.h"

/* Whose turn it is when all is done: nobody's. */
#define DONE	UINT_MAX

/**
 * struct turns - a segment on its way
 * @in: the side
 * @ops: the list
 * @nr: its length
 * @at: the next operation; the CPU in turn's own
 * @w: the results; likewise
 * @may_sleep: leave interrupts on
 * @begun: the first turn has begun
 * @before: the allocator's counters at that time
 * @back: where to go on after the operation, or DONE; see goes_home()
 * @cpu: the CPU in turn, or DONE. It hands over all of the above
 */
struct turns {
	struct conf_interpreter *in;
	const struct conf_op *ops;
	u32 nr;
	u32 at;
	struct conf_writer *w;
	bool may_sleep;
	bool begun;
	u64 before[CONF_NR_EVENTS];
	unsigned int back;
	unsigned int cpu;
};

static bool nodes_ok(u32 nodes)
{
	return CONF_PREFERRED(nodes) < CONF_MAX_NODES &&
	       CONF_ALLOWED(nodes) < 1u << CONF_MAX_NODES;
}

static bool op_ok(const struct conf_op *op)
{
	if (op->opcode >= CONF_NR_RUN_OPS || op->slot >= CONF_SLOTS)
		return false;
	if ((op->opcode == CONF_ALLOC || op->opcode == CONF_BULK) &&
	    !nodes_ok(op->arg))
		return false;
	if (op->opcode == CONF_ALLOC)
		return !op->nr || (op->nr == CONF_CAN_MOVE && !op->order);
	if (op->opcode == CONF_GO_ON)
		return op->arg && op->arg <= CONF_ONE_CPU(CONF_MAX_CPUS - 1);
	return (op->opcode != CONF_BULK && op->opcode != CONF_FREE_BULK) ||
	       (op->nr <= CONF_BULK_MAX && op->slot + op->nr <= CONF_SLOTS);
}

/**
 * conf_list_ok - can the list be carried out?
 * @ops: the list
 * @nr: its length
 * @max_words: room for the results
 *
 * Return: false for an unknown operation, a slot, node or CPU that cannot be, or
 * more results than there is room.
 */
bool conf_list_ok(const struct conf_op *ops, u32 nr, u32 max_words)
{
	u32 i, room = nr;

	for (i = 0; i < nr; i++) {
		if (!op_ok(&ops[i]))
			return false;
		room += ops[i].opcode == CONF_BULK ? ops[i].nr : 0;
	}
	return room <= max_words;
}

/* Whether another CPU is in turn now. */
static bool go_on(struct turns *t, const struct conf_op *op)
{
	unsigned int cpu = op->arg - CONF_ONE_CPU(0);
	struct conf_interpreter *in = t->in;

	if (t->may_sleep || cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		conf_put(t->w, CONF_SKIPPED);
		return false;
	}
	conf_put(t->w, 0);
	if (cpu == in->cpu)
		return false;
	in->events[CONF_EVENT_GO_ON]++;
	in->cpu = cpu;
	return true;
}

/*
 * For a mirror with that fault: its frees are done where the block was allocated. Then
 * @in->cpu is that CPU's number, and the operation comes next there.
 */
static bool goes_home(struct turns *t, const struct conf_op *op)
{
	struct conf_interpreter *in = t->in;
	const struct conf_slot *slot = &in->slots[op->slot];

	if (!in->allocator->frees_at_home || !in->allocator->frees_at_home() ||
	    op->opcode != CONF_FREE || !slot->page || slot->cpu == in->cpu ||
	    t->may_sleep)
		return false;
	t->back = in->cpu;
	in->cpu = slot->cpu;
	return true;
}

/* From here to the end of the list, or of this CPU's turn. Returns who is next. */
static unsigned int one_turn(struct turns *t)
{
	struct conf_interpreter *in = t->in;

	if (!t->begun)
		in->allocator->counters(t->before);
	t->begun = true;
	in->allocator->view(in->views);
	while (t->at < t->nr) {
		const struct conf_op *op = &t->ops[t->at++];

		if (op->opcode == CONF_GO_ON && go_on(t, op))
			return in->cpu;
		if (op->opcode == CONF_GO_ON)
			continue;
		if (goes_home(t, op)) {
			t->at--;
			return in->cpu;
		}
		conf_carry_out(in, op, t->w);
		if (t->back != DONE) {
			in->cpu = t->back;
			t->back = DONE;
			return in->cpu;
		}
	}
	conf_count_own(in, t->before, t->may_sleep);
	return DONE;
}

static void as_local(struct conf_interpreter *in, bool begins)
{
	if (in->allocator->as_local)
		in->allocator->as_local(begins);
}

/* On each CPU, all at once and with interrupts off. */
static int take_turns(void *arg)
{
	unsigned int next, me = raw_smp_processor_id();
	struct turns *t = arg;

	as_local(t->in, true);
	do {
		/* Pairs with the smp_store_release() below, on the CPU before. */
		next = smp_cond_load_acquire(&t->cpu, VAL == me || VAL == DONE);
		if (next == me) {
			next = one_turn(t);
			/* Pairs with the smp_cond_load_acquire() above. */
			smp_store_release(&t->cpu, next);
		}
	} while (next != DONE);
	as_local(t->in, false);
	return 0;
}

static void run_here(struct turns *t)
{
	unsigned long flags;

	local_irq_save(flags);
	as_local(t->in, true);
	one_turn(t);
	as_local(t->in, false);
	local_irq_restore(flags);
}

static void run_sleeping(struct turns *t)
{
	const struct conf_allocator *allocator = t->in->allocator;

	if (allocator->may_wait)
		allocator->may_wait(true);
	one_turn(t);
	if (allocator->may_wait)
		allocator->may_wait(false);
}

/**
 * conf_interpret - carry out a segment
 * @in: the side
 * @ops: the list, which conf_list_ok() found good
 * @nr: its length
 * @w: the results
 * @may_sleep: leave interrupts on
 *
 * Context: Process context; may sleep.
 */
void conf_interpret(struct conf_interpreter *in, const struct conf_op *ops,
		    u32 nr, struct conf_writer *w, bool may_sleep)
{
	struct turns turns = {
		.in = in, .ops = ops, .nr = nr, .w = w, .may_sleep = may_sleep,
		.back = DONE, .cpu = in->cpu,
	};

	if (may_sleep)
		run_sleeping(&turns);
	else if (num_online_cpus() == 1)
		run_here(&turns);
	else
		stop_machine(take_turns, &turns, cpu_online_mask);
}
