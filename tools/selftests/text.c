// SPDX-License-Identifier: GPL-2.0
/*
 * Files of text, and what buddyinfo says.
 */
#include "selftest.h"

char *st_read(const char *path)
{
	size_t size = 1 << 16, used = 0;
	char *text = malloc(size + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	ssize_t got = -1;

	if (fd < 0 || !text)
		goto fail;
	while ((got = read(fd, text + used, size - used)) > 0) {
		used += got;
		if (used < size)
			continue;
		size *= 2;
		text = realloc(text, size + 1);
		if (!text)
			goto fail;
	}
	if (got < 0)
		goto fail;
	close(fd);
	text[used] = 0;
	return text;
fail:
	error = errno;
	free(text);
	if (fd >= 0)
		close(fd);
	errno = error;
	return NULL;
}

int st_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;
	ssize_t length = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != length)
		ret = -errno;
	close(fd);
	return ret;
}

char *st_debugfs(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), ST_DEBUGFS "/%s", name);
	return st_read(path);
}

int st_debugfs_write(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), ST_DEBUGFS "/%s", name);
	return st_write(path, text);
}

int st_drain(void)
{
	return st_debugfs_write("drain", "1");
}

const char *st_check(void)
{
	static char said[1024];
	char *text = st_debugfs("check");

	if (!text) {
		snprintf(said, sizeof(said), "cannot be read: %s",
			 strerror(errno));
		return said;
	}
	snprintf(said, sizeof(said), "%s", text);
	free(text);
	return strcmp(said, "check: clean\n") ? said : NULL;
}

char *st_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = 0;
	*text = end;
	return line;
}

long long st_number(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text) {
		if (!strncmp(text, name, length) && text[length] == ' ')
			return strtoll(text + length, NULL, 10);
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return -1;
}

static int parse_row(const char *line, struct st_row *row)
{
	int used, step;

	memset(row, 0, sizeof(*row));
	if (sscanf(line, "Node %d, zone %15s%n", &row->node, row->zone,
		   &used) != 2)
		return -EPROTO;
	while (row->nr_orders < ST_MAX_ORDERS) {
		unsigned long *nr = &row->nr[row->nr_orders];

		if (sscanf(line + used, "%lu%n", nr, &step) < 1)
			break;
		used += step;
		row->nr_orders++;
	}
	used += strspn(line + used, " ");
	return row->nr_orders && !line[used] ? 0 : -EPROTO;
}

int st_parse_buddyinfo(const char *text, struct st_buddyinfo *info)
{
	char *copy = strdup(text), *rest = copy, *line;
	int ret = 0;

	info->nr_rows = 0;
	while (!ret && (line = st_line(&rest))) {
		if (info->nr_rows == ST_MAX_ROWS)
			ret = -E2BIG;
		else
			ret = parse_row(line, &info->row[info->nr_rows++]);
	}
	free(copy);
	return ret ? ret : info->nr_rows ? 0 : -EPROTO;
}

int st_buddyinfo(struct st_buddyinfo *info)
{
	int ret = st_drain();
	char *text;

	memset(info, 0, sizeof(*info));
	if (ret)
		return ret;
	text = st_debugfs("buddyinfo");
	if (!text)
		return -errno;
	ret = st_parse_buddyinfo(text, info);
	free(text);
	return ret;
}

unsigned long st_free_pages(const struct st_buddyinfo *info)
{
	unsigned long pages = 0;
	unsigned int i, order;

	for (i = 0; i < info->nr_rows; i++)
		for (order = 0; order < info->row[i].nr_orders; order++)
			pages += info->row[i].nr[order] << order;
	return pages;
}

static bool same_row(const struct st_row *a, const struct st_row *b)
{
	return a->node == b->node && !strcmp(a->zone, b->zone) &&
	       a->nr_orders == b->nr_orders &&
	       !memcmp(a->nr, b->nr, sizeof(a->nr));
}

bool st_same_buddyinfo(const struct st_buddyinfo *a,
		       const struct st_buddyinfo *b)
{
	unsigned int i;

	if (a->nr_rows != b->nr_rows)
		return false;
	for (i = 0; i < a->nr_rows; i++)
		if (!same_row(&a->row[i], &b->row[i]))
			return false;
	return true;
}

void st_print_buddyinfo(const char *title, const struct st_buddyinfo *info)
{
	unsigned int i, order;

	for (i = 0; i < info->nr_rows; i++) {
		printf("# %s: node %d %s", title, info->row[i].node,
		       info->row[i].zone);
		for (order = 0; order < info->row[i].nr_orders; order++)
			printf(" %lu", info->row[i].nr[order]);
		printf("\n");
	}
}

long st_zoneinfo_number(const char *name)
{
	char *text = st_debugfs("zoneinfo"), *rest = text, *line;
	long value = -1, found;
	char key[32];

	while (value < 0 && rest && (line = st_line(&rest))) {
		if (sscanf(line, " pages %31s %ld", key, &found) != 2 &&
		    sscanf(line, " %31s %ld", key, &found) != 2)
			continue;
		if (!strcmp(key, name) && found > 0)
			value = found;
	}
	free(text);
	return value;
}
