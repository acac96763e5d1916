// SPDX-License-Identifier: GPL-2.0
/*
 * The files of debugfs and sysfs, reports of bad memory, and CPUs that come and go.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "devfuzz.h"

#define DEBUGFS		"/sys/kernel/debug/mirror_mm"
#define SYSFS		"/sys/class/misc/mirror_mm"
#define CPU		"/sys/devices/system/cpu/cpu1/online"
#define NTH		(NR_ARGS - 3)
#define MOST		64

/**
 * struct text - a file
 * @path: its name
 * @mode: who may do what with it
 * @was: what it said at the beginning, of those that can be set
 */
static struct text {
	char path[128];
	unsigned int mode;
	char was[128];
} texts[MOST];

static unsigned int nr_texts;
static int check_fd = -1, reset_fd = -1;
static char answer[1u << 18];

static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return len;
}

static ssize_t write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, len);
	if (ret < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static bool is_setting(const struct text *t)
{
	return (t->mode & 0600) == 0600 && !strstr(t->path, "hwpoison") &&
	       !strstr(t->path, "watermarks");
}

static void add_folder(const char *folder, unsigned int depth)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	struct stat st;

	while (dir && (entry = readdir(dir)) && nr_texts < MOST) {
		struct text *t = &texts[nr_texts];

		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "uevent"))
			continue;
		if (snprintf(t->path, sizeof(t->path), "%s/%s", folder, entry->d_name) >=
		    (int)sizeof(t->path) || lstat(t->path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth && strcmp(entry->d_name, "power")) {
			char sub[sizeof(t->path)];

			memcpy(sub, t->path, sizeof(sub));
			add_folder(sub, depth - 1);
		} else if (S_ISREG(st.st_mode)) {
			t->mode = st.st_mode;
			if (is_setting(t))
				read_file(t->path, t->was, sizeof(t->was));
			nr_texts++;
		}
	}
	if (dir)
		closedir(dir);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->path, ((const struct text *)b)->path);
}

void text_init(void)
{
	add_folder(DEBUGFS, 1);
	add_folder(SYSFS, 0);
	qsort(texts, nr_texts, sizeof(texts[0]), by_path);
	check_fd = open(DEBUGFS "/check", O_RDONLY | O_CLOEXEC);
	reset_fd = open(DEBUGFS "/reset", O_WRONLY | O_CLOEXEC);
	if (check_fd < 0 || reset_fd < 0 || !nr_texts)
		give_up("%s: %s; is the module loaded?", DEBUGFS, strerror(errno));
}

/**
 * text_check - read `check`
 *
 * Return: NULL where it says clean, or what it says.
 */
const char *text_check(void)
{
	static char text[4096];
	ssize_t len;

	lseek(check_fd, 0, SEEK_SET);
	len = read(check_fd, text, sizeof(text) - 1);
	if (len < 0)
		found("check cannot be read: %s", strerror(errno));
	text[len] = '\0';
	return strcmp(text, "check: clean\n") ? text : NULL;
}

/**
 * text_reset - make the mirror pristine
 */
void text_reset(void)
{
	if (write(reset_fd, "1", 1) != 1)
		found("reset: %s, with no file open that holds anything", strerror(errno));
}

uint8_t text_index(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_texts && i < 256; i++)
		if (!strcmp(strrchr(texts[i].path, '/') + 1, name))
			return i;
	return 0;
}

/* operations -------------------------------------------------------------------------- */

void op_read_text(const struct record *r)
{
	static const uint32_t sizes[] = { 4096, 65536, 1u << 18, 1, 7, 0, 512 };
	const struct text *t = &texts[r->arg[0] % nr_texts];
	size_t size = sizes[r->arg[1] % ARRAY_SIZE(sizes)];
	int fd = open(t->path, O_RDONLY | O_CLOEXEC);
	unsigned int times = 1 + r->arg[4] % 32;
	ssize_t len;

	if (fd < 0)
		return;
	inject_begin(r, NTH);
	alarm_begin(r);
	len = pread(fd, answer, size, r->arg[2] & 0x80 ? 0 : field_u64(r, 2) & INT64_MAX);
	/* In portions, from any place on, and once more from the beginning. */
	if (r->arg[3] & 0x80) {
		lseek(fd, r->arg[5] & 0x80 ? 0 : r->arg[5], SEEK_SET);
		while (times-- && read(fd, answer, size) > 0)
			;
		lseek(fd, 0, r->arg[6] % 3);
		len = read(fd, answer, size);
	}
	alarm_end();
	inject_end();
	close(fd);
	say("READ %s: %zd", t->path, len);
}

/* Text for a setting: numbers, too many, too few, none. */
static size_t make_text(const struct record *r, char *text, size_t size)
{
	static const char *const zones[] = { "Normal", "DMA32", "Movable", "normal", "x" };

	switch (r->arg[1] % 10) {
	case 0:
		return snprintf(text, size, "%llu", (unsigned long long)field_u64(r, 2));
	case 1:
		return snprintf(text, size, "%d", (int)field_u32(r, 2));
	case 2:
		return snprintf(text, size, "%u %u %u %u %u\n", field_u32(r, 2), field_u32(r, 3),
				field_u32(r, 4), field_u32(r, 5), field_u32(r, 6));
	case 3:
		return snprintf(text, size, "%d %s %u %u %u %u", field_node(r, 2),
				zones[r->arg[3] % ARRAY_SIZE(zones)], field_u32(r, 4),
				field_u32(r, 5), field_u32(r, 6), field_u32(r, 7));
	case 4:
		return snprintf(text, size, "%d %s %u %u %u %u", r->arg[2] % 2,
				zones[r->arg[3] % 2], r->arg[4], r->arg[4] + r->arg[5],
				r->arg[4] + r->arg[5] + r->arg[6],
				r->arg[4] + r->arg[5] + r->arg[6] + r->arg[7]);
	case 5:
		memset(text, r->arg[2], size);
		return field_u32(r, 3) % size;
	case 6:
		return snprintf(text, size, "%u\n", r->arg[2]);
	case 7:
		return snprintf(text, size, "%u\t%u\t%u\t%u\t%u", r->arg[2], r->arg[3], r->arg[4],
				r->arg[5], r->arg[6]);
	case 8:
		return snprintf(text, size, "0x%llx junk", (unsigned long long)field_u64(r, 2));
	default:
		return 0;
	}
}

void op_write_text(const struct record *r)
{
	const struct text *t = &texts[r->arg[0] % nr_texts];
	char text[256];
	size_t len = make_text(r, text, sizeof(text));
	ssize_t ret;

	/* Reports have an operation of their own, which knows what was reported. */
	if (!(t->mode & 0200) || strstr(t->path, "poison"))
		return;
	if (!strstr(t->path, "page_limit") && !strstr(t->path, "drain") &&
	    !strstr(t->path, "stat_refresh"))
		world.tuned = true;
	inject_begin(r, NTH);
	/* Or from where nothing is. */
	ret = write_file(t->path, r->arg[8] % 16 ? text : NULL, len);
	inject_end();
	say("WRITE \"%.*s\" to %s: %zd", (int)len, text, t->path, ret);
	if (ret > 0 && strstr(t->path, "reset")) {
		int f;

		for (f = 0; f < world.nr_files; f++)
			if (world.files[f].blocks)
				found("reset was done while blocks are held");
	}
}

void op_poison(const struct record *r)
{
	const struct block *block = pick_block(r, 0);
	uint64_t pfn = field_u64(r, 1);
	char text[32];
	ssize_t ret;
	int len;

	if (field_is_sound(r, 1))
		pfn = world.info.start_pfn + pfn * 3;
	if (block && block->pfn != MIRROR_MM_PFN_HIDDEN && r->arg[2] & 0x80)
		pfn = block->pfn + r->arg[3] % (1ul << block->order);
	if (world.user_pfn && r->arg[6] >= 0xc0)
		pfn = world.user_pfn;
	len = snprintf(text, sizeof(text), r->arg[4] & 1 ? "%#llx" : "%llu",
		       (unsigned long long)pfn);
	if (r->arg[4] == 2)
		text[0] = 'x';
	/* What has shown a page shows it no longer, whether or not all of this works. */
	world.tuned = true;
	world.poisoned = true;
	inject_begin(r, NTH);
	ret = write_file(r->arg[5] & 1 ? DEBUGFS "/hwpoison" : DEBUGFS "/unpoison", text, len);
	inject_end();
	say("%s %s: %zd", r->arg[5] & 1 ? "POISON" : "UNPOISON", text, ret);
}

/**
 * may_be_slow - may operations that take long take any part of the time?
 *
 * Return: true where they may; false where it is a tenth, or less.
 */
bool may_be_slow(void)
{
	return loud || getenv("DEVFUZZ_SLOW");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool cpu_is_off;

static void set_cpu(bool on)
{
	if (write_file(CPU, on ? "1" : "0", 1) == 1)
		cpu_is_off = !on;
}

void op_cpu(const struct record *r)
{
	static double begun, spent;
	double before = now();

	if (!begun)
		begun = before - 1;
	if (!may_be_slow() && spent > (before - begun) / 10)
		return;
	say("CPU 1 %s", cpu_is_off ? "on" : "off");
	set_cpu(cpu_is_off);
	spent += now() - before;
}

void cpu_restore(void)
{
	if (cpu_is_off)
		set_cpu(true);
}

/* restoring ---------------------------------------------------------------------------- */

static void unpoison_all(void)
{
	char *line = answer;

	if (read_file(DEBUGFS "/hwpoison", answer, sizeof(answer)) < 0)
		return;
	while (line && *line) {
		size_t len = strcspn(line, "\n ");
		ssize_t ret = write_file(DEBUGFS "/unpoison", line, len);

		if (ret < 0 && !world.hardware)
			found("unpoison of %.*s: %s", (int)len, line, strerror(-ret));
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

/**
 * text_restore - undo what a program has set
 */
void text_restore(void)
{
	unsigned int i;

	if (world.poisoned)
		unpoison_all();
	for (i = 0; i < nr_texts; i++)
		if (texts[i].was[0] && (world.tuned || strstr(texts[i].path, "page_limit")))
			write_file(texts[i].path, texts[i].was, strlen(texts[i].was));
	text_reset();
}
