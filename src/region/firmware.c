// SPDX-License-Identifier: GPL-2.0
/*
 * What the firmware calls RAM.
 *
 * A memmap= argument reserves any address, also that of a device. The firmware's own
 * map, as the kernel got it, tells the two apart. It is /sys/firmware/memmap; where
 * the kernel has no such files, or has them not yet, some kernels for x86 have the
 * same map for single pages.
 *
 * For memory that the map does not know, a person can answer with force=, unless it
 * lies in a window of PCI. A window that a host claims over RAM leads nowhere.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "compat.h"
#include "region.h"

static const char force_word[] = "may-overwrite-device-memory";

/* Entries have numbers; hot-removed memory leaves gaps in them. */
#define MAX_ENTRIES	1024
#define MAX_GAP		64

/**
 * struct entry - a line of the firmware's map
 * @start: first byte
 * @end: last byte
 * @type: as the kernel names it
 */
struct entry {
	u64 start;
	u64 end;
	char type[32];
};

/**
 * struct firmware_map - the map
 * @nr: entries, 0 for none to be had
 * @entry: the entries, in no order
 */
struct firmware_map {
	unsigned int nr;
	struct entry entry[MAX_ENTRIES];
};

/* reading it ------------------------------------------------------------------- */

static int read_field(struct vfsmount *sysfs, unsigned int nr, const char *name,
		      char *value, size_t size)
{
	char path[48], *text;
	int ret;

	snprintf(path, sizeof(path), "firmware/memmap/%u/%s", nr, name);
	ret = mirror_hostfs_read(sysfs, path, &text);
	if (ret)
		return ret;
	strscpy(value, strim(text), size);
	kvfree(text);
	return 0;
}

static int read_number(struct vfsmount *sysfs, unsigned int nr,
		       const char *name, u64 *value)
{
	char text[24];

	return read_field(sysfs, nr, name, text, sizeof(text)) ?:
	       kstrtoull(text, 0, value);
}

static int read_entry(struct vfsmount *sysfs, unsigned int nr, struct entry *e)
{
	return read_number(sysfs, nr, "start", &e->start) ?:
	       read_number(sysfs, nr, "end", &e->end) ?:
	       read_field(sysfs, nr, "type", e->type, sizeof(e->type));
}

static int read_entries(struct vfsmount *sysfs, struct firmware_map *map)
{
	unsigned int i, gap = 0;
	int ret;

	for (i = 0; gap < MAX_GAP; i++) {
		if (map->nr == MAX_ENTRIES)
			return -E2BIG;
		ret = read_entry(sysfs, i, &map->entry[map->nr]);
		gap = ret == -ENOENT ? gap + 1 : 0;
		if (!ret)
			map->nr++;
		else if (ret != -ENOENT)
			return ret;
	}
	return 0;
}

/* Half a map is none. */
static struct firmware_map *read_map(void)
{
	struct firmware_map *map = kvzalloc(sizeof(*map), GFP_KERNEL);
	struct vfsmount *sysfs;

	if (!map)
		return ERR_PTR(-ENOMEM);
	sysfs = mirror_hostfs_open("sysfs");
	if (IS_ERR(sysfs))
		return map;
	if (read_entries(sysfs, map))
		map->nr = 0;
	mirror_hostfs_close(sysfs);
	return map;
}

/* asking it -------------------------------------------------------------------- */

static bool is_ram(const struct entry *e)
{
	return !strcmp(e->type, "System RAM");
}

/* First byte from @from on that no entry calls RAM. */
static u64 ram_until(const struct firmware_map *map, u64 from)
{
	unsigned int i = 0;

	while (i < map->nr) {
		const struct entry *e = &map->entry[i++];

		if (!is_ram(e) || e->start > from || e->end < from)
			continue;
		if (e->end == U64_MAX)
			return U64_MAX;
		from = e->end + 1;
		i = 0;
	}
	return from;
}

static bool map_calls_ram(const struct firmware_map *map,
			  const struct mirror_span *s, struct mirror_user_name *what)
{
	const struct entry *e;

	strscpy(what->s, "nothing", sizeof(what->s));
	for (e = map->entry; e < map->entry + map->nr; e++) {
		if (is_ram(e) || e->start >= mirror_span_end(s) ||
		    e->end < s->start)
			continue;
		snprintf(what->s, sizeof(what->s), "\"%s\" from %#llx to %#llx",
			 e->type, e->start, e->end);
		return false;
	}
	return ram_until(map, s->start) >= mirror_span_end(s);
}

/* Whether a page has RAM is all that this can be asked, so each page is. */
static bool pages_are_ram(const struct mirror_span *s)
{
	u64 at;

	for (at = s->start; at < mirror_span_end(s); at += PAGE_SIZE) {
		if (!mirror_firmware_page_is_ram(at))
			return false;
		if (!(at & (SZ_64M - 1)))
			cond_resched();
	}
	return true;
}

static bool calls_ram(const struct firmware_map *map,
		      const struct mirror_span *s, struct mirror_user_name *what)
{
	if (map->nr)
		return map_calls_ram(map, s, what);
	strscpy(what->s, "no such page", sizeof(what->s));
	return pages_are_ram(s);
}

/* deciding ---------------------------------------------------------------------- */

static int check_span(const struct firmware_map *map,
		      const struct mirror_span *s, bool forced)
{
	struct mirror_user_name what, window;

	if (calls_ram(map, s, &what))
		return 0;
	if (mirror_pci_window(s, &window))
		return mirror_refuse(s, -EBUSY,
				     "it lies in the addresses of PCI devices, wholly or in part: %s; reserve a range that is RAM without the memmap= argument",
				     window.s);
	if (!forced)
		return mirror_refuse(s, -ENXIO,
				     "the firmware's memory map does not call all of it RAM (it has %s there), so it may belong to a device, whose memory would be overwritten; reserve a range that is RAM without the memmap= argument, or take that risk with force=%s",
				     what.s, force_word);
	pr_warn("region %s: not RAM by the firmware's memory map, taken because of force=\n",
		mirror_span_text(s, '@').s);
	return 0;
}

/**
 * mirror_check_force - is force= what it has to be?
 * @force: the parameter, or NULL or empty
 *
 * Context: Any.
 * Return: 0, or -EINVAL with a line in the log.
 */
int mirror_check_force(const char *force)
{
	if (!force || !*force || mirror_is_word(force, force_word))
		return 0;
	pr_err("force=%s: there is only force=%s, which lets region= have what the firmware's memory map does not call RAM\n",
	       force, force_word);
	return -EINVAL;
}

/**
 * mirror_check_firmware - may ranges be written, by the firmware's own map?
 * @spans: the ranges
 * @force: the parameter, sound; it answers for memory that the map does not know
 *
 * Context: Process context; may sleep.
 * Return: 0, or with a line in the log -ENXIO for a range that is not RAM, -EBUSY
 * for one in a window of PCI, -ENOMEM.
 */
int mirror_check_firmware(const struct mirror_spans *spans, const char *force)
{
	struct firmware_map *map = read_map();
	unsigned int i;
	int ret = 0;

	if (IS_ERR(map))
		return PTR_ERR(map);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_span(map, &spans->span[i], force && *force);
	kvfree(map);
	return ret;
}
