// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of the CPUs, by order and type, below the picture of "watch".
 */
#include <strings.h>

#include "palette.h"
#include "watch.h"
#include "words.h"

static bool shows(const struct picture_choice *choice, const struct state_zone *zone)
{
	if (choice->node >= 0 && choice->node != zone->node)
		return false;
	return !choice->zone || !strcasecmp(choice->zone, zone->name);
}

static void add(struct state_cpu *sum, const struct state_cpu *cpu)
{
	sum->count += cpu->count;
	for (unsigned int type = 0; type < STATE_CPU_TYPES; type++)
		for (unsigned int order = 0; order < SNAPSHOT_ORDERS; order++)
			sum->lists[type][order] += cpu->lists[type][order];
}

/* Of all zones that are looked at; of every CPU with a negative number. */
static struct state_cpu sum_up(const struct state *state,
			       const struct picture_choice *choice, long cpu)
{
	struct state_cpu sum = { .cpu = cpu };

	for (size_t i = 0; i < state->nr; i++) {
		const struct state_zone *zone = &state->zones[i];

		for (size_t k = 0; shows(choice, zone) && k < zone->nr_cpus; k++)
			if (cpu < 0 || zone->cpus[k].cpu == cpu)
				add(&sum, &zone->cpus[k]);
	}
	return sum;
}

static void draw_order(FILE *out, const struct term *term,
		       const struct state_cpu *cpu, unsigned int order)
{
	bool any = false;

	for (unsigned int type = 0; type < STATE_CPU_TYPES; type++) {
		unsigned long long nr = cpu->lists[type][order];

		if (!nr)
			continue;
		if (!any)
			fprintf(out, "  order %u:", order);
		any = true;
		if (type == STATE_CPU_OTHER)
			fprintf(out, " other %llu", nr);
		else
			fprintf(out, " %s%c%llu%s", palette_on(term, type),
				words_type(type)[0], nr, palette_off(term));
	}
}

static void draw_cpu(FILE *out, const struct term *term, const struct state_cpu *cpu)
{
	fprintf(out, "%5llu pages", cpu->count);
	for (unsigned int order = 0; order < SNAPSHOT_ORDERS; order++)
		draw_order(out, term, cpu, order);
	fputc('\n', out);
}

void watch_draw_lists(FILE *out, const struct term *term,
		      const struct state *state,
		      const struct picture_choice *choice, unsigned int most)
{
	/* Every zone has the lists of every CPU. */
	size_t nr = state->nr ? state->zones[0].nr_cpus : 0;

	if (!most || !nr)
		return;
	if (nr > most) {
		struct state_cpu sum = sum_up(state, choice, -1);

		fprintf(out, "%zu CPUs", nr);
		draw_cpu(out, term, &sum);
		return;
	}
	for (size_t i = 0; i < nr; i++) {
		struct state_cpu sum = sum_up(state, choice,
					      state->zones[0].cpus[i].cpu);

		fprintf(out, "CPU %-3u", sum.cpu);
		draw_cpu(out, term, &sum);
	}
}
