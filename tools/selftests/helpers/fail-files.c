// SPDX-License-Identifier: GPL-2.0
/*
 * The files of debugfs and sysfs, while each allocation of the kernel for them fails
 * once.
 */
#include <dirent.h>
#include <sys/stat.h>
#include "fixture.h"
#include "fail.h"

#define TUNABLES	"/sys/class/misc/mirror_mm"
#define MAX_FILES	64
#define MAX_TEXT	0x100000
#define BAD_LIST_SIZE	16

struct file {
	char path[128];
	char name[64];
	mode_t mode;
};

static struct file files[MAX_FILES];
static unsigned int nr_files;
/* Was touched, so reading into it takes no page. */
static char text[MAX_TEXT];
static char content[128];
static char *hole;
static uint64_t pfn;

/* Regular files of a folder and of those below it. */
static void collect(const char *folder, const char *prefix)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir)) && nr_files < MAX_FILES) {
		struct file *file = &files[nr_files];
		struct stat st;

		/* The last two are the kernel's own. */
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "uevent") ||
		    !strcmp(entry->d_name, "dev"))
			continue;
		snprintf(file->path, sizeof(file->path), "%s/%s", folder, entry->d_name);
		snprintf(file->name, sizeof(file->name), "%s-%s", prefix, entry->d_name);
		if (lstat(file->path, &st))
			continue;
		file->mode = st.st_mode;
		if (S_ISREG(st.st_mode))
			nr_files++;
		else if (S_ISDIR(st.st_mode) && strstr(file->path, "/node"))
			collect(strdupa(file->path), strdupa(file->name));
	}
	if (dir)
		closedir(dir);
}

static const char *settle(const struct fail_op *op)
{
	struct st_buddyinfo now;
	const char *said = st_check();

	if (said)
		return said;
	if (st_buddyinfo(&now))
		return "buddyinfo cannot be read";
	return st_same_buddyinfo(&st_loaded, &now) ? NULL : "the free blocks are others";
}

static int run_read(const struct fail_op *op)
{
	const struct file *file = op->arg;
	int fd = open(file->path, O_RDONLY | O_CLOEXEC), ret = 0;
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + used, sizeof(text) - used);
		if (got < 0)
			ret = -errno;
		else
			used += got;
	} while (got > 0);
	close(fd);
	return ret;
}

/* The text lies where nobody has looked yet: to look takes a page table. */
static int have_hole(void)
{
	static char *at = (char *)(1ul << 40);
	int fd = memfd_create("hole", MFD_CLOEXEC), ret = 0;
	ssize_t size = strlen(content);

	if (fd < 0 || write(fd, content, size) != size)
		return -errno;
	at += 1ul << 30;
	hole = mmap(at, ST_PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
	if (hole == MAP_FAILED)
		ret = -errno;
	close(fd);
	return ret;
}

static int set_up_write(const struct fail_op *op)
{
	return have_hole();
}

static int run_write(const struct fail_op *op)
{
	const struct file *file = op->arg;
	int fd = open(file->path, O_WRONLY | O_CLOEXEC), ret = 0;
	ssize_t size = strlen(content);

	if (fd < 0)
		return -errno;
	if (write(fd, hole, size) != size)
		ret = -errno;
	close(fd);
	return ret;
}

static const char *settle_write(const struct fail_op *op)
{
	munmap(hole, ST_PAGE);
	return settle(op);
}

static bool is_file(const struct file *file, const char *name)
{
	const char *base = strrchr(file->path, '/') + 1;

	return !strcmp(base, name);
}

/* The first line of numbers, without what is only told. */
static void own_marks(void)
{
	unsigned long long marks[4];
	char zone[16], *line = strchr(text, '\n');
	int node;

	*content = 0;
	if (line && sscanf(line + 1, "%d %15s %llu %llu %llu %llu", &node, zone, &marks[0],
			   &marks[1], &marks[2], &marks[3]) == 6)
		snprintf(content, sizeof(content), "%d %s %llu %llu %llu %llu", node, zone,
			 marks[0], marks[1], marks[2], marks[3]);
}

/* What changes nothing, or what the tidying undoes. */
static void choose_content(const struct file *file)
{
	struct fail_op read_it = { .arg = file };

	memset(text, 0, sizeof(text));
	if (is_file(file, "hwpoison") || is_file(file, "unpoison")) {
		snprintf(content, sizeof(content), "%llu", (unsigned long long)pfn);
		return;
	}
	snprintf(content, sizeof(content), "1");
	if (!(file->mode & 0400) || run_read(&read_it))
		return;
	if (is_file(file, "watermarks"))
		own_marks();
	else
		snprintf(content, sizeof(content), "%.100s", text);
}

static int make_good(const struct fail_op *op)
{
	st_debugfs_write("unpoison", content);
	return have_hole();
}

static int make_bad(const struct fail_op *op)
{
	int ret = st_debugfs_write("hwpoison", content);

	return ret && ret != -EHWPOISON ? ret : have_hole();
}

static const char *settle_good(const struct fail_op *op)
{
	st_debugfs_write("unpoison", content);
	return settle_write(op);
}

/* So many other bad pages that the list of them is full, and grows with the next one. */
static void fill_bad_list(struct __test_metadata *_metadata, const char *file)
{
	char text[24];
	int i;

	for (i = 1; i <= BAD_LIST_SIZE; i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)pfn + i);
		ASSERT_EQ(0, st_debugfs_write(file, text));
	}
}

static void sweep_file(struct __test_metadata *_metadata, const struct file *file)
{
	char name[80];
	struct fail_op op = { .name = name, .tidy = settle, .arg = file };

	choose_content(file);
	snprintf(name, sizeof(name), "read-%s", file->name);
	op.run = run_read;
	if (file->mode & 0400)
		fail_sweep(_metadata, &op);
	snprintf(name, sizeof(name), "write-%s", file->name);
	op.run = run_write;
	op.set_up = is_file(file, "hwpoison") ? make_good :
		    is_file(file, "unpoison") ? make_bad : set_up_write;
	op.tidy = op.set_up == set_up_write ? settle_write : settle_good;
	op.errors[0] = -EFAULT;
	if (!(file->mode & 0200))
		return;
	if (is_file(file, "hwpoison"))
		fill_bad_list(_metadata, "hwpoison");
	fail_sweep(_metadata, &op);
	if (is_file(file, "hwpoison"))
		fill_bad_list(_metadata, "unpoison");
}

static void sweep_folder(struct __test_metadata *_metadata, const char *folder,
			 const char *prefix)
{
	unsigned int i;

	nr_files = 0;
	collect(folder, prefix);
	ASSERT_LT(0, nr_files);
	ASSERT_GT(MAX_FILES, nr_files);
	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < nr_files; i++)
		sweep_file(_metadata, &files[i]);
}

TEST_F_TIMEOUT(mirror, debugfs, FAIL_TIME)
{
	pfn = self->info.start_pfn;
	ASSERT_EQ(0, close(self->fd));
	sweep_folder(_metadata, ST_DEBUGFS, "debugfs");
}

TEST_F_TIMEOUT(mirror, tunables, FAIL_TIME)
{
	sweep_folder(_metadata, TUNABLES, "sysfs");
}

TEST_HARNESS_MAIN
