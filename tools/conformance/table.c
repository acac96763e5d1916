// SPDX-License-Identifier: GPL-2.0
/*
 * What the program prints about a run as a whole.
 */
#include <stdio.h>

#include "names.h"
#include "sequence.h"

static const char *mix_name(const struct outcome *out)
{
	return out->plan.mix ? out->plan.mix->name : "(file)";
}

static const char *whole_mix(const struct outcome *out)
{
	return out->plan.mix ? mix_text(out->plan.mix) : mix_name(out);
}

/* The mixes come in turn, so the search is as short as their list. */
static bool is_first_of_its_mix(const struct plan *plan, unsigned int i)
{
	unsigned int k;

	for (k = 0; plan[k].mix != plan[i].mix; k++)
		;
	return k == i;
}

void table_mixes(FILE *out, const struct plan *plan, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (plan[i].mix->text && is_first_of_its_mix(plan, i))
			fprintf(out, "mix %s is %s\n", plan[i].mix->name,
				plan[i].mix->text);
	fflush(out);
}

void table_head(void)
{
	printf("One line a sequence. \"failed\" and \"skipped\" count answers of the reference;\n"
	       "\"checks\" are states compared in full, \"texts\" those with text files.\n"
	       "The total counts a sequence's operations once for each level compared.\n\n");
	printf("%4s %20s %-11s %8s %7s %7s %6s %5s  %-16s  %-16s %s\n", "nr",
	       "seed", "mix", "ops", "failed", "skipped", "checks", "texts",
	       "pages", "blocks", "differences");
	fflush(stdout);
}

void table_line(const struct outcome *out)
{
	printf("%4u %20llu %-11s %8u %7u %7u %6u %5u  %-16s  %-16s %u\n",
	       out->plan.number, (unsigned long long)out->plan.seed, mix_name(out), out->ops,
	       out->failed, out->skipped, out->checkpoints, out->texts,
	       out->pages, out->blocks, out->differences);
	fflush(stdout);
}

static void print_count(FILE *out, const char *form, const char *unseen,
			uint64_t nr)
{
	if (nr == CONF_UNSEEN)
		fprintf(out, "%s", unseen);
	else
		fprintf(out, form, (unsigned long long)nr);
}

void table_events(const struct session *s)
{
	unsigned int i;

	printf("\n%-20s %16s %16s\n", "event", "reference", "mirror");
	for (i = 0; i < CONF_NR_EVENTS; i++) {
		printf("%-20s", event_name(i));
		print_count(stdout, " %16llu", "           unseen",
			    s->ref_events.nr[i]);
		print_count(stdout, " %16llu", "           unseen",
			    s->mirror_events.nr[i]);
		printf("\n");
	}
}

static const char csv_head[] =
	"kind,number,seed,mix,ops,failed,skipped,checks,texts,pages,blocks,differences";

void csv_line(FILE *csv, const struct outcome *out)
{
	if (!csv)
		return;
	if (out->plan.number <= 1)
		fprintf(csv, "%s\n", csv_head);
	fprintf(csv, "sequence,%u,%llu,%s,%u,%u,%u,%u,%u,%s,%s,%u\n",
		out->plan.number, (unsigned long long)out->plan.seed, whole_mix(out), out->ops,
		out->failed, out->skipped, out->checkpoints, out->texts,
		out->pages, out->blocks, out->differences);
	fflush(csv);
}

void csv_events(FILE *csv, const struct session *s)
{
	unsigned int i;

	if (!csv)
		return;
	fprintf(csv, "kind,name,reference,mirror\n");
	for (i = 0; i < CONF_NR_EVENTS; i++) {
		fprintf(csv, "event,%s,", event_name(i));
		print_count(csv, "%llu", "", s->ref_events.nr[i]);
		fprintf(csv, ",");
		print_count(csv, "%llu", "", s->mirror_events.nr[i]);
		fprintf(csv, "\n");
	}
}

void summary(const struct session *s)
{
	printf("conformance: %u sequences, %llu operations, %u differences\n",
	       s->sequences, s->operations, s->differences);
	fflush(stdout);
}
