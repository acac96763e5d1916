// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the module that uses the in-kernel interface and passes its results on.
 * Before and after, the mirror has to be the same, to the page.
 */
#include "kselftest.h"
#include "loader.h"

#define RESULTS	"/sys/kernel/debug/mirror_mm_apitest/results"

/* Passes "ok 3 name" lines on; how many there were. */
static unsigned int pass_on(char *text)
{
	unsigned int nr = 0;
	char *line;
	int name;

	while ((line = st_line(&text))) {
		bool good = !strncmp(line, "ok ", 3);

		if (*line == '#')
			ksft_print_msg("%s\n", line + 2);
		if (!good && strncmp(line, "not ok ", 7))
			continue;
		name = 0;
		if (sscanf(line, good ? "ok %*u %n" : "not ok %*u %n",
			   &name) == EOF || !name)
			continue;
		ksft_test_result(good, "%s\n", line + name);
		nr++;
	}
	return nr;
}

static unsigned int planned(const char *text)
{
	const char *plan = text ? strstr(text, "\n1..") : NULL;

	return plan ? strtoul(plan + 4, NULL, 10) : 0;
}

/* The refusals of the misuse tests are in the log, at a limited rate. */
static bool refusals_were_reported(struct st_log *log)
{
	unsigned int refused = 0;
	char text[1024];
	int level;

	while (st_log_next(log, &level, text, sizeof(text)))
		refused += level == 3 && !strncmp(text, "mirror_mm: ", 11) &&
			   strstr(text, "refused");
	ksft_print_msg("%u refusals in the log\n", refused);
	return refused > 0;
}

static bool has_highmem(void)
{
	char *zones = st_read("/sys/module/mirror_mm/parameters/zones");
	bool has = zones && strstr(zones, "HIGHMEM");

	free(zones);
	return has;
}

int main(void)
{
	struct st_buddyinfo before, after;
	unsigned int nr, seen;
	struct st_log log;
	const char *said;
	char *text;
	int ret;

	ksft_print_header();
	if (st_buddyinfo(&before) || st_log_open(&log))
		ksft_exit_fail_msg("is the module loaded?\n");
	ret = st_insmod("mirror_mm_apitest", has_highmem() ? "highmem=1" : "");
	if (ret)
		ksft_exit_fail_msg("mirror_mm_apitest: %s\n", strerror(-ret));
	text = st_read(RESULTS);
	nr = planned(text);
	ksft_set_plan(nr + 6);
	seen = text ? pass_on(text) : 0;
	ksft_test_result(nr && seen == nr, "%u of %u tests ran\n", seen, nr);
	ksft_test_result(st_rmmod("mirror_mm") == -EWOULDBLOCK,
			 "a module that uses it keeps mirror_mm\n");
	ksft_test_result(!st_rmmod("mirror_mm_apitest"),
			 "the module can be removed\n");
	said = st_check();
	if (said)
		ksft_print_msg("check: %s\n", said);
	ksft_test_result(!said, "check is clean\n");
	ret = st_buddyinfo(&after);
	st_print_buddyinfo("before", &before);
	st_print_buddyinfo("after", &after);
	ksft_test_result(!ret && st_same_buddyinfo(&before, &after),
			 "all pages are back, merged\n");
	ksft_test_result(refusals_were_reported(&log),
			 "refusals were reported\n");
	ksft_finished();
}
