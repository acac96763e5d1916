// SPDX-License-Identifier: GPL-2.0
/*
 * The four files that have a twin in /proc are made of the same lines.
 *
 * Each test describes a line by what it would be printed with, and applies the
 * description to the kernel's own file as well: so it is the running kernel
 * that says whether the description is right. The rows of zoneinfo and vmstat
 * depend on the kernel's version and configuration: where it is not Debian's
 * 6.12, or is its PREEMPT_RT flavour, which has neither huge pages nor NUMA balancing,
 * only the mirror is looked at.
 */
#include <stdarg.h>
#include <sys/utsname.h>
#include "fixture.h"

static bool is_reference(void)
{
	struct utsname name;

	return !uname(&name) && !strncmp(name.release, "6.12.", 5) &&
	       strstr(name.release, "deb") && !strstr(name.release, "-rt-");
}

/* Appends to a line that is being rebuilt. */
static __printf(3, 4) void add(char *line, size_t size, const char *format, ...)
{
	size_t length = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + length, size - length, format, args);
	va_end(args);
}

/* Rebuilds "@head" and numbers of a width; true where @line is just that. */
static bool row_of_numbers(const char *line, const char *head, int width,
			   unsigned int nr)
{
	const char *at = line + strlen(head);
	char same[1024] = "";
	unsigned long value;
	unsigned int i;
	int step;

	add(same, sizeof(same), "%s", head);
	if (strlen(line) < strlen(head))
		return false;
	for (i = 0; i < nr; i++) {
		if (sscanf(at, "%lu%n", &value, &step) != 1)
			return false;
		at += step;
		add(same, sizeof(same), "%*lu ", width, value);
	}
	return !strcmp(line, same);
}

/* "Node 0, zone   Normal " and columns of @width. */
static bool zone_row(const char *line, int width, unsigned int nr)
{
	char head[64], zone[16];
	int node;

	if (sscanf(line, "Node %d, zone %15s", &node, zone) != 2)
		return false;
	snprintf(head, sizeof(head), "Node %d, zone %8s ", node, zone);
	return row_of_numbers(line, head, width, nr);
}

static bool is_buddyinfo(char *text, unsigned int nr_orders)
{
	unsigned int rows = 0;
	char *line;

	while ((line = st_line(&text))) {
		if (!zone_row(line, 6, nr_orders)) {
			printf("# not a row of buddyinfo: '%s'\n", line);
			return false;
		}
		rows++;
	}
	return rows;
}

TEST_F(mirror, buddyinfo_has_the_kernels_lines)
{
	char *ours = st_debugfs("buddyinfo"), *theirs = st_read("/proc/buddyinfo");

	ASSERT_TRUE(ours && theirs);
	EXPECT_TRUE(is_buddyinfo(theirs, 11));
	EXPECT_TRUE(is_buddyinfo(ours, self->info.max_order + 1));
}

/* What programs do with /proc/buddyinfo, on both files. */
TEST_F(mirror, buddyinfo_parses_as_the_kernels_does)
{
	char *theirs = st_read("/proc/buddyinfo");
	struct st_buddyinfo kernel, mirror;
	unsigned long pages;

	ASSERT_NE(NULL, theirs);
	ASSERT_EQ(0, st_parse_buddyinfo(theirs, &kernel));
	EXPECT_GT(st_free_pages(&kernel), 0);
	ASSERT_EQ(0, st_buddyinfo(&mirror));
	EXPECT_EQ(1, mirror.nr_rows);
	EXPECT_STREQ("Normal", mirror.row[0].zone);
	EXPECT_EQ(self->info.max_order + 1, mirror.row[0].nr_orders);
	pages = st_free_pages(&mirror);
	EXPECT_EQ(self->info.nr_free, pages);
	EXPECT_EQ(self->info.nr_pages, pages);
}

static bool expect_line(char **text, const char *want)
{
	char *line = st_line(text);

	if (line && !strcmp(line, want))
		return true;
	printf("# not '%s': '%s'\n", want, line ? line : "(end)");
	return false;
}

static bool type_row(const char *line, char *type, unsigned int nr_orders)
{
	char head[96], zone[16];
	int node;

	if (sscanf(line, "Node %d, zone %15[^,], type %15s", &node, zone,
		   type) != 3)
		return false;
	snprintf(head, sizeof(head), "Node %4d, zone %8s, type %12s ", node,
		 zone + strspn(zone, " "), type);
	return row_of_numbers(line, head, 6, nr_orders);
}

/* The names of a "Number of blocks type" line, which says nothing else. */
static unsigned int block_types(const char *line, char names[][16])
{
	static const char head[] = "Number of blocks type ";
	char same[512] = "";
	unsigned int nr = 0;
	const char *at;
	int step;

	if (strncmp(line, head, strlen(head)))
		return 0;
	add(same, sizeof(same), "%-23s", head);
	for (at = line + strlen(head); nr < 8; nr++, at += step) {
		if (sscanf(at, "%15s%n", names[nr], &step) != 1)
			break;
		add(same, sizeof(same), "%12s ", names[nr]);
	}
	return strcmp(line, same) ? 0 : nr;
}

/* The order of a pageblock, from the first two lines; -1 for others. */
static int block_order(char **text)
{
	char pages[64], *line = st_line(text);
	int order;

	if (!line || sscanf(line, "Page block order: %d", &order) != 1)
		return -1;
	snprintf(pages, sizeof(pages), "Pages per block:  %lu", 1ul << order);
	return expect_line(text, pages) && expect_line(text, "") ? order : -1;
}

/* One node's part. Its types are returned in @names; how many, 0 for a fault. */
static unsigned int node_types(char **text, unsigned int nr_orders,
			       char names[][16])
{
	char header[256] = "", rows[64][16], *line;
	unsigned int nr_rows = 0, nr, i, order;

	add(header, sizeof(header), "%-43s ",
	    "Free pages count per migrate type at order");
	for (order = 0; order < nr_orders; order++)
		add(header, sizeof(header), "%6d ", order);
	if (!expect_line(text, header))
		return 0;
	while ((line = st_line(text)) && *line) {
		if (nr_rows == 64 || !type_row(line, rows[nr_rows++], nr_orders)) {
			printf("# not a row of pagetypeinfo: '%s'\n", line);
			return 0;
		}
	}
	line = st_line(text);
	nr = line ? block_types(line, names) : 0;
	if (!nr || nr_rows % nr) {
		printf("# not the block types of %u rows: '%s'\n", nr_rows,
		       line ? line : "(end)");
		return 0;
	}
	for (i = 0; i < nr_rows; i++)
		if (strcmp(rows[i], names[i % nr]))
			return 0;
	for (i = 0; i < nr_rows / nr; i++) {
		line = st_line(text);
		if (!line || !zone_row(line, 12, nr))
			return 0;
	}
	return nr;
}

TEST_F(mirror, pagetypeinfo_has_the_kernels_lines)
{
	char *ours = st_debugfs("pagetypeinfo");
	char *theirs = st_read("/proc/pagetypeinfo");
	char our_types[8][16], their_types[8][16];
	unsigned int i, ours_nr, theirs_nr;

	ASSERT_TRUE(ours && theirs);
	EXPECT_LE(0, block_order(&theirs));
	EXPECT_EQ(self->info.pb_order, block_order(&ours));
	theirs_nr = node_types(&theirs, 11, their_types);
	ours_nr = node_types(&ours, 11, our_types);
	ASSERT_GT(theirs_nr, 0);
	ASSERT_GT(ours_nr, 0);
	EXPECT_EQ(NULL, st_line(&ours));
	if (!is_reference())
		return;
	EXPECT_EQ(theirs_nr, ours_nr);
	for (i = 0; i < theirs_nr && i < ours_nr; i++)
		EXPECT_STREQ(their_types[i], our_types[i]);
}

/* "      nr_something 12" */
static bool counter_row(const char *line)
{
	char name[64], same[96];
	unsigned long value;

	if (sscanf(line, " %63s %lu", name, &value) != 2)
		return false;
	snprintf(same, sizeof(same), "      %-12s %lu", name, value);
	return !strcmp(line, same);
}

/* A line printed by @format from one number, which is returned. */
static bool number_row(const char *line, const char *format, long *value)
{
	size_t fixed = strcspn(format, "%");
	char same[96];

	if (strncmp(line, format, fixed) ||
	    sscanf(line + fixed, "%ld", value) != 1)
		return false;
	snprintf(same, sizeof(same), "%.*s%ld", (int)fixed, format, *value);
	return !strcmp(line, same);
}

static bool number_rows(char **text, const char * const *formats)
{
	char *line;
	long value;

	for (; *formats; formats++) {
		line = st_line(text);
		if (!line || !number_row(line, *formats, &value)) {
			printf("# not like '%s': '%s'\n", *formats,
			       line ? line : "(end)");
			return false;
		}
	}
	return true;
}

/* "protection: (0, 1, 2)": how many numbers, 0 for a fault. */
static unsigned int protection_row(const char *line)
{
	static const char head[] = "        protection: (";
	char same[256] = "";
	unsigned int nr = 0;
	const char *at = line;
	long value;
	int step;

	if (strncmp(line, head, strlen(head)))
		return 0;
	add(same, sizeof(same), "%s", head);
	for (at += strlen(head); sscanf(at, "%ld%n", &value, &step) == 1; nr++) {
		add(same, sizeof(same), nr ? ", %ld" : "%ld", value);
		at += step;
		at += strspn(at, ", ");
	}
	add(same, sizeof(same), ")");
	return strcmp(line, same) ? 0 : nr;
}

static const char * const sizes[] = {
	"  pages free     %", "        boost    %", "        min      %",
	"        low      %", "        high     %", "        promo    %",
	"        spanned  %", "        present  %", "        managed  %",
	"        cma      %", NULL
};

static const char * const cpu_rows[] = {
	"              count: %", "              high:  %",
	"              batch: %", "  vm stats threshold: %", NULL
};

static const char * const last_rows[] = {
	"  node_unreclaimable:  %", "  start_pfn:           %", NULL
};

/* Rows behind "pagesets": each online CPU, then the end. */
static bool pageset_rows(char **text)
{
	long cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	char *line;

	for (i = 0; i < cpus; i++) {
		line = st_line(text);
		if (!line || !number_row(line, "    cpu: %", &cpu) || cpu != i ||
		    !number_rows(text, cpu_rows))
			return false;
	}
	return number_rows(text, last_rows);
}

/* Steps over counters, adding to @nr; the line behind them. */
static char *counter_rows(char **text, unsigned int *nr)
{
	char *line;

	while ((line = st_line(text)) && counter_row(line))
		++*nr;
	return line;
}

/* The first line, left where it is. */
static void peek_line(const char *text, char *line, size_t size)
{
	snprintf(line, size, "%.*s", (int)strcspn(text, "\n"), text);
}

static bool node_counters(char **text)
{
	unsigned int nr = 0;
	char line[128];

	for (; *text; nr++, st_line(text)) {
		peek_line(*text, line, sizeof(line));
		if (!counter_row(line))
			break;
	}
	return nr > 40;
}

/* How many zones, 0 for a fault; @populated of them with details. */
static unsigned int is_zoneinfo(char *text, unsigned int *populated)
{
	unsigned int zones = 0, nr;
	char zone[16], same[64], *line;
	int node;

	*populated = 0;
	while ((line = st_line(&text))) {
		if (sscanf(line, "Node %d, zone %15s", &node, zone) != 2)
			break;
		snprintf(same, sizeof(same), "Node %d, zone %8s", node, zone);
		if (strcmp(line, same))
			break;
		if (!strncmp(text, "  per-node stats\n", 17)) {
			st_line(&text);
			if (!node_counters(&text))
				return 0;
		}
		if (!number_rows(&text, sizes))
			return 0;
		line = st_line(&text);
		if (!line || protection_row(line) < 5)
			break;
		zones++;
		if (!text || !strncmp(text, "Node ", 5) || !*text)
			continue;
		nr = 0;
		line = counter_rows(&text, &nr);
		if (nr < 16 || !line || strcmp(line, "  pagesets"))
			break;
		if (!pageset_rows(&text))
			return 0;
		++*populated;
	}
	if (line)
		printf("# not what zoneinfo has here: '%s'\n", line);
	return line ? 0 : zones;
}

TEST_F(mirror, zoneinfo_has_the_lines_of_612)
{
	char *ours = st_debugfs("zoneinfo"), *theirs = st_read("/proc/zoneinfo");
	unsigned int kernel_zones, populated;

	ASSERT_TRUE(ours && theirs);
	if (is_reference()) {
		kernel_zones = is_zoneinfo(theirs, &populated);
		EXPECT_EQ(5, kernel_zones);
		EXPECT_GT(populated, 1);
	}
	EXPECT_EQ(5, is_zoneinfo(ours, &populated));
	EXPECT_EQ(1, populated);
}

/* The counters of zoneinfo or vmstat, in their order, one name a line. */
static char *counter_names(char *text, bool zoneinfo)
{
	char *names = calloc(1, 1 << 16), *line, name[64];
	unsigned long value;

	while ((line = st_line(&text))) {
		if (zoneinfo ? !counter_row(line) :
		    sscanf(line, "%63s %lu", name, &value) != 2)
			continue;
		if (zoneinfo && sscanf(line, " %63s", name) != 1)
			continue;
		add(names, 1 << 16, "%s\n", name);
	}
	return names;
}

static bool vmstat_lines(const char *text)
{
	char *copy = strdup(text), *rest = copy, *line, name[64], same[128];
	bool good = *text;
	unsigned long value;

	while (good && (line = st_line(&rest))) {
		good = sscanf(line, "%63s %lu", name, &value) == 2;
		snprintf(same, sizeof(same), "%s %lu", name, value);
		good = good && !strcmp(line, same);
		if (!good)
			printf("# not a line of vmstat: '%s'\n", line);
	}
	free(copy);
	return good;
}

TEST_F(mirror, vmstat_has_the_lines_and_names_of_612)
{
	char *ours = st_debugfs("vmstat"), *theirs = st_read("/proc/vmstat");
	char *our_names, *their_names, *a, *b;

	ASSERT_TRUE(ours && theirs);
	EXPECT_TRUE(vmstat_lines(theirs));
	EXPECT_TRUE(vmstat_lines(ours));
	if (!is_reference())
		return;
	our_names = counter_names(ours, false);
	their_names = counter_names(theirs, false);
	do {
		a = st_line(&our_names);
		b = st_line(&their_names);
		EXPECT_STREQ(b ? b : "(end)", a ? a : "(end)");
	} while (a && b && !strcmp(a, b));
}

TEST_F(mirror, zoneinfo_has_the_counters_of_612)
{
	char *ours = st_debugfs("zoneinfo"), *theirs = st_read("/proc/zoneinfo");
	char *our_names, *their_names, *a, *b;

	ASSERT_TRUE(ours && theirs);
	if (!is_reference())
		return;
	/* The kernel goes on with its other zones; the mirror has one. */
	our_names = counter_names(ours, true);
	their_names = counter_names(theirs, true);
	while ((a = st_line(&our_names))) {
		b = st_line(&their_names);
		ASSERT_STREQ(b ? b : "(end)", a);
	}
}

TEST_HARNESS_MAIN
