// SPDX-License-Identifier: GPL-2.0
/*
 * How long the core takes on this machine, and, under callgrind, how many
 * instructions.
 *
 *   harness-time [--size MIB] [--repetitions N] [--csv FILE]
 *   harness-time [--size MIB] [--comp] --count pair|get|put ORDER BLOCKS
 *   harness-time [--size MIB] [--comp] --lines pair|get|put ORDER BLOCKS
 *
 * The first prints a table: nanoseconds of each call, least and median of the
 * repetitions, by one thread, by two, and so on to the CPUs that there are. The second
 * makes one measurement's calls and prints nothing, the third the same with a mark around
 * each for a tracer of memory accesses.
 */
#include <getopt.h>
#include "timing.h"
#include "timing_calls.h"

#define FIRST_PFN	0x40000ul
#define PAIRS		50000
#define COUNT_WARM_UP	4

static const unsigned int orders[] = { 0, 3, 9, 10 };
static const char * const pattern_names[] = {
	[TIME_REPEAT] = "repeat",
	[TIME_BULK] = "bulk",
	[TIME_RANDOM] = "random",
};

static const char * const part_names[] = {
	[TIME_PAIR] = "pair",
	[TIME_GET] = "get",
	[TIME_PUT] = "put",
};

struct options {
	unsigned long mib;
	unsigned int repetitions;
	const char *csv;
	const char *count;
	bool lines;
	bool comp;
};

static const char usage_text[] =
	"usage: harness-time [--size MIB] [--repetitions N] [--csv FILE]\n"
	"       harness-time [--size MIB] [--comp] --count pair|get|put ORDER BLOCKS\n"
	"       harness-time [--size MIB] [--comp] --lines pair|get|put ORDER BLOCKS\n";

static __attribute__((noreturn)) void give_up(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static unsigned long parse(const char *text, unsigned long least, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end != text && !*end && n >= least && n <= most)
		return n;
	fprintf(stderr, "harness-time: %s is no number from %lu to %lu\n", text, least, most);
	exit(2);
}

/* As insmod makes one where nothing else is asked for. */
static struct mirror *make(unsigned long mib)
{
	struct mirror_range range = { .start_pfn = FIRST_PFN };
	struct mirror_config conf;
	struct mirror *m;

	range.end_pfn = FIRST_PFN + mib * (SZ_1M / PAGE_SIZE);
	mirror_config_default(&conf);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	m = mirror_core_create(&conf);
	if (IS_ERR(m))
		harness_die("no mirror of %lu MiB: %s\n", mib, strerror(-PTR_ERR(m)));
	return m;
}

/* Whatever was done, it all has to be there again and in order. */
static void finish(struct mirror *m)
{
	struct mirror_check check = {};

	mirror_drain_all(m);
	if (mirror_nr_free(m) != m->managed || mirror_check(m, &check))
		harness_die("the mirror is not what it was before\n");
	mirror_core_destroy(m);
}

/* the table ------------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_call(const struct time_job *job, const char *call, double *ns,
		       FILE *csv)
{
	const char *pattern = pattern_names[job->pattern];
	double median;

	qsort(ns, job->repetitions, sizeof(*ns), by_size);
	median = ns[job->repetitions / 2];
	printf("%-8s %5u %7u  %-4s %9.1f %9.1f\n", pattern, job->order, job->threads,
	       call, ns[0], median);
	if (csv)
		fprintf(csv, "%s,%u,%u,%s,%.2f,%.2f\n", pattern, job->order,
			job->threads, call, ns[0], median);
}

static void print_job(struct time_job *job, FILE *csv)
{
	if (job->pattern == TIME_REPEAT) {
		print_call(job, "pair", job->get_ns, csv);
		return;
	}
	print_call(job, "get", job->get_ns, csv);
	print_call(job, "put", job->put_ns, csv);
}

/* Half of the memory, shared out among the threads. */
static unsigned int blocks_of(const struct time_job *job)
{
	if (job->pattern == TIME_REPEAT)
		return PAIRS;
	return job->m->managed / 2 / job->threads >> job->order;
}

static void print_header(const struct options *opt, FILE *csv)
{
	printf("mirror of %lu MiB, half of it taken; %u repetitions\n", opt->mib,
	       opt->repetitions);
	printf("one trylock and unlock of a free spinlock: %.1f ns\n\n", time_lock_ns());
	printf("pattern  order threads  call    min ns median ns\n");
	if (csv)
		fputs("pattern,order,threads,call,min_ns,median_ns\n", csv);
}

static void print_table(const struct options *opt, struct mirror *m, FILE *csv)
{
	struct time_job job = {
		.m = m, .gfp = TIME_GFP, .repetitions = opt->repetitions,
	};
	unsigned int i;

	print_header(opt, csv);
	for (job.pattern = TIME_REPEAT; job.pattern <= TIME_RANDOM; job.pattern++)
		for (i = 0; i < ARRAY_SIZE(orders); i++)
			for (job.threads = 1; job.threads <= time_cpus(); job.threads *= 2) {
				job.order = orders[i];
				job.blocks = blocks_of(&job);
				time_run(&job);
				print_job(&job, csv);
			}
}

static int table(const struct options *opt)
{
	FILE *csv = opt->csv ? fopen(opt->csv, "w") : NULL;
	struct mirror *m;

	if (opt->csv && !csv) {
		perror(opt->csv);
		return 1;
	}
	m = make(opt->mib);
	print_table(opt, m, csv);
	finish(m);
	if (csv && (ferror(csv) | fclose(csv))) {
		perror(opt->csv);
		return 1;
	}
	return 0;
}

/* counting ------------------------------------------------------------------- */

static int count(const struct options *opt, const char *order, const char *blocks)
{
	struct time_job job = {
		.gfp = TIME_GFP | (opt->comp ? __MIRROR_GFP_COMP : 0),
		.threads = 1,
		.repetitions = COUNT_WARM_UP,
	};
	unsigned int part = 0;

	while (part < ARRAY_SIZE(part_names) && strcmp(opt->count, part_names[part]))
		part++;
	if (part == ARRAY_SIZE(part_names))
		give_up();
	job.m = make(opt->mib);
	job.order = parse(order, 0, job.m->max_order);
	job.blocks = parse(blocks, 1, part == TIME_PAIR ? UINT_MAX :
						job.m->managed / 2 >> job.order);
	if (opt->lines)
		time_lines(&job, part);
	else
		time_count(&job, part);
	finish(job.m);
	return 0;
}

/* arguments ------------------------------------------------------------------ */

static const struct option long_options[] = {
	{ "size", required_argument, NULL, 's' },
	{ "repetitions", required_argument, NULL, 'r' },
	{ "csv", required_argument, NULL, 'o' },
	{ "count", required_argument, NULL, 'c' },
	{ "lines", required_argument, NULL, 'l' },
	{ "comp", no_argument, NULL, 'p' },
	{}
};

static void read_options(int argc, char **argv, struct options *opt)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			opt->mib = parse(optarg, 64, 1024 * 1024);
			break;
		case 'r':
			opt->repetitions = parse(optarg, 1, TIME_MAX_REPETITIONS);
			break;
		case 'o':
			opt->csv = optarg;
			break;
		case 'l':
			opt->lines = true;
			fallthrough;
		case 'c':
			opt->count = optarg;
			break;
		case 'p':
			opt->comp = true;
			break;
		default:
			give_up();
		}
	}
}

int main(int argc, char **argv)
{
	struct options opt = { .mib = 1024, .repetitions = 51 };

	read_options(argc, argv, &opt);
	if (argc - optind != (opt.count ? 2 : 0) || (opt.count && opt.csv) ||
	    (opt.comp && !opt.count))
		give_up();
	harness_set_nr_cpus(max(time_cpus(), 2u));
	return opt.count ? count(&opt, argv[optind], argv[optind + 1]) : table(&opt);
}
