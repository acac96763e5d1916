// SPDX-License-Identifier: GPL-2.0
/*
 * Mixes of the user's own: what is read, what is refused and how they are shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "generate.h"
#include "mixtext.h"
#include "options.h"
#include "util.h"

#define OPS	5000

static bool takes(struct mix *mix, const char *text)
{
	char *error = mix_parse(mix, text);

	if (error)
		printf("%s\n", error);
	free(error);
	return !error;
}

/* What is said about @text has to have @part in it. */
static bool refuses(const char *text, const char *part)
{
	struct mix mix;
	char *error = mix_parse(&mix, text);
	bool good = error && strstr(error, part);

	if (error && !good)
		printf("%s\n", error);
	free(error);
	return good;
}

static void changed_fields_are_changed_and_others_stay(void)
{
	struct mix mix, want = *mix_find("full");

	CHECK(takes(&mix, "full+comp=90+order=0/0/0/5+goal=900/1000+mobility=10/80/10"));
	want.text = mix.text;
	want.comp = 90;
	memset(want.order, 0, sizeof(want.order));
	want.order[3] = 5;
	want.goal_low = 900;
	want.goal_high = 1000;
	memcpy(want.mobility, (unsigned char []){ 10, 80, 10 }, 3);
	CHECK(!memcmp(&mix, &want, sizeof(mix)));
}

static void last_of_several_counts(void)
{
	struct mix mix;

	CHECK(takes(&mix, "full+goal=5/6+comp=1+comp=2"));
	CHECK(mix.comp == 2 && mix.goal_low == 5 && mix.goal_high == 6);
}

static void blocks_follow_from_what_they_can(void)
{
	struct mix mix;

	CHECK(takes(&mix, "bulk+bulk=0+free_bulk=0") && mix.blocks);
	CHECK(takes(&mix, "bulk+bulk=0") && !mix.blocks);
	CHECK(takes(&mix, "cpus+comp=1") && mix.blocks);
	CHECK(takes(&mix, "full+bulk=1") && !mix.blocks);
	CHECK(takes(&mix, "full+refs=1") && !mix.blocks);
}

static void becomes(const struct mix *from, const struct mix *to)
{
	char *fields = mix_fields(to), text[1000];
	struct mix mix;

	snprintf(text, sizeof(text), "%s%s", from->name, fields);
	CHECK(takes(&mix, text));
	mix.name = to->name;
	mix.about = to->about;
	mix.text = to->text;
	mix.apart = to->apart;
	CHECK(!memcmp(&mix, to, sizeof(mix)));
	free(fields);
}

/* Any mix can be made of any other, so no field is missing in the text. */
static void text_has_all_of_a_mix(void)
{
	unsigned int i, k;

	for (i = 0; i < nr_mixes; i++)
		for (k = 0; k < nr_mixes; k++)
			becomes(&mixes[i], &mixes[k]);
}

static void every_listed_line_can_be_used(void)
{
	char *text = NULL, *line, *save;
	unsigned int nr = 0;
	struct mix mix;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	mix_list(out);
	fclose(out);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		/* A guest's ARGS are words, and the mixes have commas between. */
		CHECK(!strpbrk(line, " \t,*?[]'\"\\$`;&|<>(){}#!~"));
		CHECK(takes(&mix, line));
		CHECK(!strcmp(mix.name, mixes[nr++].name));
	}
	CHECK(nr == nr_mixes);
	free(text);
}

static void wrong_names_are_told_the_right_ones(void)
{
	CHECK(refuses("foll+comp=1", "no mix \"foll\"; there are order0, mixed"));
	CHECK(refuses("all+comp=1", "and all, which takes no changes"));
	CHECK(refuses("full+com=3", "no field \"com\"; there are order, mobility"));
	CHECK(refuses("full+name=x", "no field \"name\""));
	CHECK(refuses("full+", "no field \"\""));
	CHECK(refuses("full++comp=1", "no field \"\""));
	CHECK(refuses("full+comp", "write comp=0 to comp=100"));
}

static void values_out_of_range_are_told_the_range(void)
{
	CHECK(refuses("full+comp=101", "\"101\" is no number from 0 to 100"));
	CHECK(refuses("full+comp=", "comp: \"\" is no number"));
	CHECK(refuses("full+comp=-1", "comp: \"-1\" is no number"));
	CHECK(refuses("full+comp=1x", "comp: \"1x\" is no number"));
	CHECK(refuses("full+comp=4294967297", "from 0 to 100"));
	CHECK(refuses("full+comp=99999999999999999999", "from 0 to 100"));
	CHECK(refuses("full+order=1/256", "order: \"256\" is no number from 0 to 255"));
	CHECK(refuses("full+order=1//2", "order: \"\" is no number"));
	CHECK(refuses("full+run=0", "from 1 to 65535"));
	CHECK(refuses("full+run=65536", "from 1 to 65535"));
	CHECK(refuses("full+goal=0/1101", "from 0 to 1100"));
	CHECK(refuses("full+may_sleep=2", "from 0 to 1"));
	CHECK(refuses("full+min_free_kbytes=65537", "from 0 to 65536"));
	CHECK(refuses("full+comp=1/2", "comp has more than 1 value"));
	CHECK(refuses("full+mobility=1/1/1/1", "mobility has more than 3 values"));
}

static void fields_that_do_not_go_together_are_refused(void)
{
	struct mix mix;

	CHECK(refuses("full+order=0/0", "order is all zeros"));
	CHECK(refuses("full+mobility=0", "mobility is all zeros"));
	CHECK(refuses("full+pick=0", "pick is all zeros"));
	CHECK(refuses("full+flavour=0", "flavour is all zeros"));
	CHECK(refuses("full+goal=900/100", "as in goal=100/900"));
	CHECK(refuses("full+goal=500", "as in goal=0/500"));
	CHECK(refuses("full+flavour=1/0/0/0/0/0/0/0/1", "needs may_sleep=1"));
	CHECK(refuses("full+flavour=1/0/0/0/0/0/0/0/0/1", "needs may_sleep=1"));
	CHECK(refuses("reclaim+may_sleep=0", "may reclaim"));
	CHECK(takes(&mix, "full+flavour=1/0/0/0/0/0/0/0/1+may_sleep=1"));
	CHECK(takes(&mix, "reclaim+may_sleep=0+flavour=1"));
}

/* The limits of the fields are those of the generator, too. */
static void generator_copes_with_all_limits(void)
{
	static const char * const text[] = {
		"order0+goal=0/0+run=65535", "large+goal=1100/1100+run=65535",
		"refs+refs=100", "bulk+bulk=100+goal=1100/1100",
		"bulk+bulk=100+refs=100+drain=100+tick=100+tune=100",
		"mixed+order=0/0/0/0/0/0/0/0/0/0/255+comp=100+zero=100",
		"full+pick=0/0/0/255+goal=0/1100+run=1+min_free_kbytes=65536",
	};
	struct target *ref = fake_new(NO_BUG);
	struct record r;
	struct mix mix;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		CHECK(takes(&mix, text[i]));
		generate(&r, ref, &mix, i, OPS);
		CHECK(r.list.nr >= OPS);
		record_free(&r);
	}
	fake_free(ref);
}

static void check_legend(const struct options *o)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	table_mixes(out, o->plan, o->nr_plans);
	fclose(out);
	CHECK(!strcmp(text, "mix full+1 is full+comp=90\n"
			    "mix full+2 is full+zero=3+comp=1\n"));
	free(text);
}

/* Each has a name of its own, which the legend explains once. */
static void names_are_short_and_explained(void)
{
	char program[] = "conformance", seeds[] = "--seeds=1,2";
	char mix[] = "--mix=bulk,bulk,full+comp=90,full+zero=3+comp=1";
	char *argv[4] = { program, mix, seeds, NULL };
	struct options o;

	options_parse(&o, 3, argv);
	CHECK(o.nr_plans == 8);
	CHECK(!strcmp(mix_text(o.plan[0].mix), "bulk"));
	CHECK(!strcmp(o.plan[2].mix->name, "full+1"));
	CHECK(!strcmp(o.plan[7].mix->name, "full+2"));
	CHECK(!strcmp(mix_text(o.plan[7].mix), "full+zero=3+comp=1"));
	CHECK(o.plan[2].mix->comp == 90 && o.plan[7].mix->comp == 1);
	check_legend(&o);
	free(o.plan);
}

void test_mixtext(void)
{
	changed_fields_are_changed_and_others_stay();
	last_of_several_counts();
	blocks_follow_from_what_they_can();
	text_has_all_of_a_mix();
	every_listed_line_can_be_used();
	wrong_names_are_told_the_right_ones();
	values_out_of_range_are_told_the_range();
	fields_that_do_not_go_together_are_refused();
	generator_copes_with_all_limits();
	names_are_short_and_explained();
}
