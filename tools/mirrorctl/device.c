// SPDX-License-Identifier: GPL-2.0
/*
 * Calls to /dev/mirror_mm, and what their errors mean to a user.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "output.h"
#include "words.h"

static void hint_at_loading(void)
{
	out_hint("The module is not loaded. Reserve a range with the boot argument");
	out_hint("memmap=256M$4G, then: modprobe mirror_mm region=auto  (or insmod).");
}

/* The module may be there and its device all the same not where it is looked for. */
static void explain_missing(const char *path)
{
	if (access("/sys/class/misc/mirror_mm", F_OK)) {
		hint_at_loading();
		return;
	}
	out_hint("The module is loaded, but %s is not its device. The number is in", path);
	out_hint("/sys/class/misc/mirror_mm/dev; is /dev a devtmpfs, and no container's?");
}

static void explain_denied(const char *path)
{
	struct stat st;

	if (!geteuid())
		out_hint("Not even root may: a security module or a container forbids it.");
	else if (stat(path, &st))
		out_hint("A folder above it is closed to you.");
	else
		out_hint("It belongs to user %u, group %u, mode %04o: run this as that user,",
			 (unsigned int)st.st_uid, (unsigned int)st.st_gid, st.st_mode & 07777);
	if (geteuid())
		out_hint("or let root give you the device with chown or a udev rule.");
}

static void explain_open(const char *path, int err)
{
	out_error("cannot open %s: %s", path, strerror(err));
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		explain_missing(path);
		break;
	case EACCES:
	case EPERM:
		explain_denied(path);
		break;
	}
}

static void explain_info(const char *path, int err)
{
	if (err == ENOTTY || err == EINVAL)
		out_error("%s is not a mirror_mm device", path);
	else
		out_error("%s does not answer INFO: %s", path, strerror(err));
}

int device_open(const struct options *opts, struct mirror_mm_info *info)
{
	int fd = open(opts->device, O_RDWR | O_CLOEXEC);
	int err;

	if (fd < 0) {
		err = errno;
		explain_open(opts->device, err);
		return -err;
	}
	err = device_info(fd, info);
	if (!err)
		return fd;
	explain_info(opts->device, -err);
	close(fd);
	return err;
}

int device_info(int fd, struct mirror_mm_info *info)
{
	memset(info, 0, sizeof(*info));
	return ioctl(fd, MIRROR_MM_INFO, info) < 0 ? -errno : 0;
}

int device_alloc(int fd, struct mirror_mm_alloc *alloc)
{
	return ioctl(fd, MIRROR_MM_ALLOC, alloc) < 0 ? -errno : 0;
}

int device_set_policy(int fd, unsigned int mode, __u64 nodes)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_SET_MEMPOLICY,
		.mempolicy = { .mode = mode, .nodemask = nodes },
	};

	return ioctl(fd, MIRROR_MM_CTL, &arg) < 0 ? -errno : 0;
}

int device_free(int fd, __u64 id)
{
	struct mirror_mm_free arg = { .id = id };

	return ioctl(fd, MIRROR_MM_FREE, &arg) < 0 ? -errno : 0;
}

int device_map(int fd, const struct mirror_mm_alloc *alloc, __u32 page_size,
	       void **map)
{
	*map = mmap(NULL, (size_t)page_size << alloc->order,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, alloc->offset);
	return *map == MAP_FAILED ? -errno : 0;
}

static void explain_invalid(const struct mirror_mm_alloc *alloc,
			    const struct mirror_mm_info *info)
{
	if (alloc->order > info->max_order) {
		out_hint("The largest order here is %u.", info->max_order);
		return;
	}
	out_hint("Flags that exclude each other: MOVABLE with RECLAIMABLE, and");
	out_hint("two of the zone bits DMA, DMA32 and HIGHMEM.");
}

static void explain_permission(void)
{
	out_hint("HIGH, ATOMIC (which contains HIGH) and MEMALLOC touch the");
	out_hint("reserves: open to CAP_SYS_ADMIN only%s.", geteuid() ?
		 ", so run this as root" : ", which root lacks in this container");
}

static void explain_node(const struct mirror_mm_info *info)
{
	if (info->nr_nodes == 1)
		out_hint("Node 0 is the only one here.");
	else
		out_hint("The nodes here are 0 to %u.", info->nr_nodes - 1);
}

static void explain_no_memory(const struct mirror_mm_alloc *alloc,
			      const struct mirror_mm_info *info)
{
	out_hint("%llu of %llu pages are free. See in what blocks they lie:",
		 (unsigned long long)info->nr_free,
		 (unsigned long long)info->nr_pages);
	out_hint("mirrorctl buddyinfo --summary%s",
		 alloc->order ? "  (or try a smaller order)" : "");
	if (alloc->gfp & (MIRROR_GFP_DMA | MIRROR_GFP_DMA32))
		out_hint("DMA and DMA32 need such a zone; it may be empty here.");
}

void device_explain_alloc(int err, const struct mirror_mm_alloc *alloc,
			  const struct mirror_mm_info *info)
{
	out_error("cannot allocate a block of order %u: %s", alloc->order,
		  strerror(-err));
	switch (-err) {
	case EINVAL:
		explain_invalid(alloc, info);
		break;
	case ENODEV:
		explain_node(info);
		break;
	case E2BIG:
		out_hint("The module is older than mirrorctl: it knows no --nodes.");
		break;
	case EPERM:
		explain_permission();
		break;
	case ENOMEM:
		explain_no_memory(alloc, info);
		break;
	case EDQUOT:
		out_hint("One open file may hold %llu pages; this one holds %llu.",
			 (unsigned long long)info->page_limit,
			 (unsigned long long)info->held_pages);
		break;
	case EIO:
		out_hint("The mirror is out of service: it found its own state");
		out_hint("broken. \"dmesg | grep mirror_mm\" has the picture.");
		break;
	}
}

void device_explain_policy(int err, unsigned int mode,
			   const struct mirror_mm_info *info)
{
	out_error("cannot set the memory policy %s: %s", words_policy(mode),
		  strerror(-err));
	switch (-err) {
	case ENOTTY:
		out_hint("The module is older than mirrorctl: it knows no policies.");
		break;
	case EINVAL:
		if (mode == MIRROR_MPOL_DEFAULT || mode == MIRROR_MPOL_LOCAL)
			out_hint("This one takes no nodes: leave --nodes out.");
		else
			out_hint("It needs --nodes with a node that has memory.");
		explain_node(info);
		break;
	}
}
