// SPDX-License-Identifier: GPL-2.0
/*
 * Modules, the memory map and the kernel's log.
 */
#include <limits.h>
#include <sys/syscall.h>
#include "loader.h"

static void module_path(char *path, size_t size, const char *name)
{
	const char *dir = getenv("MIRROR_MM_DIR");
	const char *product = getenv("MIRROR_MM_KO");

	if (product && !strcmp(name, "mirror_mm"))
		snprintf(path, size, "%s", product);
	else
		snprintf(path, size, "%s/%s.ko", dir ? dir : "", name);
}

int st_insmod(const char *name, const char *parameters)
{
	char path[PATH_MAX];
	int fd, ret = 0;

	module_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		ret = -errno;
	close(fd);
	return ret;
}

int st_rmmod(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

bool st_loaded_module(const char *name)
{
	char *text = st_read("/proc/modules");
	bool found = text && st_number(text, name) >= 0;

	free(text);
	return found;
}

int st_insmod_default(void)
{
	const char *wanted = getenv("MIRROR_MM_PARAMS");
	struct st_range range;
	char parameters[64];

	if (wanted && *wanted)
		return st_insmod("mirror_mm", wanted);
	if (!st_reserved(&range, 1))
		return -ENOENT;
	snprintf(parameters, sizeof(parameters), "region=%#llx@%#llx",
		 (unsigned long long)range.size, (unsigned long long)range.base);
	return st_insmod("mirror_mm", parameters);
}

/* A number with an optional K, M or G behind it. */
static uint64_t parse_size(const char *text, char **end)
{
	static const char suffixes[] = "KkMmGg";
	uint64_t value = strtoull(text, end, 0);
	const char *suffix = **end ? strchr(suffixes, **end) : NULL;

	if (!suffix)
		return value;
	(*end)++;
	return value << ((suffix - suffixes) / 2 + 1) * 10;
}

unsigned int st_reserved(struct st_range *ranges, unsigned int max)
{
	char *text = st_read("/proc/cmdline"), *at = text;
	unsigned int nr = 0;

	while (at && nr < max && (at = strstr(at, "memmap="))) {
		at += strlen("memmap=");
		do {
			uint64_t size = parse_size(at, &at);

			if (*at != '$')
				break;
			ranges[nr].size = size;
			ranges[nr].base = parse_size(at + 1, &at);
			nr++;
		} while (nr < max && *at++ == ',');
	}
	free(text);
	return nr;
}

unsigned int st_iomem(const char *name, struct st_range *ranges,
		      unsigned int max)
{
	char *text = st_read("/proc/iomem"), *rest = text, *line, *colon;
	unsigned long long start, end;
	unsigned int nr = 0;

	while (nr < max && rest && (line = st_line(&rest))) {
		if (line[0] == ' ' || sscanf(line, "%llx-%llx", &start, &end) != 2)
			continue;
		colon = strstr(line, " : ");
		if (!colon || strcmp(colon + 3, name))
			continue;
		ranges[nr].base = start;
		ranges[nr++].size = end - start + 1;
	}
	free(text);
	return nr;
}

long long st_meminfo(const char *name)
{
	char *text = st_read("/proc/meminfo");
	long long value = text ? st_number(text, name) : -1;

	free(text);
	return value;
}

bool st_is_ram(uint64_t pfn)
{
	struct st_range ram[32];
	unsigned int i, nr = st_iomem("System RAM", ram, 32);

	for (i = 0; i < nr; i++)
		if (pfn * ST_PAGE - ram[i].base < ram[i].size)
			return true;
	return false;
}

int st_log_open(struct st_log *log)
{
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0)
		return -errno;
	return lseek(log->fd, 0, SEEK_END) < 0 ? -errno : 0;
}

/* A record reads "prefix,sequence,time,flags;text\n key=value\n". */
bool st_log_next(struct st_log *log, int *level, char *text, size_t size)
{
	char record[8192], *message;
	unsigned int prefix;
	ssize_t got;

	do {
		got = read(log->fd, record, sizeof(record) - 1);
	} while (got < 0 && errno == EPIPE);
	if (got <= 0)
		return false;
	record[got] = 0;
	message = strchr(record, ';');
	if (!message || sscanf(record, "%u,", &prefix) != 1)
		return false;
	message++;
	message[strcspn(message, "\n")] = 0;
	*level = prefix & 7;
	snprintf(text, size, "%s", message);
	return true;
}

void st_log_close(struct st_log *log)
{
	close(log->fd);
}
