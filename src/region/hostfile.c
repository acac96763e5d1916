// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the kernel itself, read past all mounts.
 *
 * Whatever is mounted on /proc or /sys, or on a file there, is for the programs that
 * see it. What a claim rests on is read in a mount of our own, in which no other can
 * be; so it works as well where nothing is mounted yet.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "region.h"

/* No file that we read comes near it. */
#define FILE_MAX	SZ_4M

/**
 * mirror_hostfs_open - mount a file system of the kernel, for us alone
 * @type: "proc" or "sysfs"
 *
 * Context: Process context; may sleep.
 * Return: the mount, for mirror_hostfs_close(), or ERR_PTR(): -ENODEV where the
 * kernel has no such file system, or what mounting gave.
 */
struct vfsmount *mirror_hostfs_open(const char *type)
{
	struct file_system_type *fs = get_fs_type(type);
	struct vfsmount *mnt;

	if (!fs)
		return ERR_PTR(-ENODEV);
	mnt = kern_mount(fs);
	module_put(fs->owner);
	return mnt;
}

/**
 * mirror_hostfs_close - unmount it
 * @mnt: from mirror_hostfs_open()
 *
 * Context: Process context; may sleep.
 */
void mirror_hostfs_close(struct vfsmount *mnt)
{
	kern_unmount(mnt);
}

/* All of the file, or -EFBIG: a part of it is worse than nothing. */
static ssize_t read_all(struct file *file, char *text, size_t size)
{
	loff_t pos = 0;
	ssize_t len;

	do {
		len = kernel_read(file, text + pos, size - 1 - pos, &pos);
		if (len < 0)
			return len;
		if (pos == size - 1)
			return -EFBIG;
	} while (len);
	text[pos] = '\0';
	/* A byte 0 in it would hide what follows. */
	return strlen(text) == pos ? pos : -EINVAL;
}

static int read_growing(struct file *file, char **text)
{
	size_t size;
	ssize_t len;

	for (size = SZ_4K; size <= FILE_MAX; size *= 4) {
		*text = kvmalloc(size, GFP_KERNEL);
		if (!*text)
			return -ENOMEM;
		len = read_all(file, *text, size);
		if (len >= 0)
			return 0;
		kvfree(*text);
		if (len != -EFBIG)
			return len;
	}
	return -EFBIG;
}

/**
 * mirror_hostfs_read - read a file of the kernel
 * @mnt: from mirror_hostfs_open()
 * @path: from the root of that file system, without a leading slash
 * @text: gets all of its text; to be freed with kvfree()
 *
 * Context: Process context; may sleep.
 * Return: 0, -ENOMEM, -EFBIG past 4 MiB, -EINVAL for a file that is no text, or
 * what opening or reading it gave.
 */
int mirror_hostfs_read(struct vfsmount *mnt, const char *path, char **text)
{
	struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };
	struct file *file = file_open_root(&root, path, O_RDONLY, 0);
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = read_growing(file, text);
	filp_close(file, NULL);
	return ret;
}

/**
 * mirror_host_read - read one file of the kernel
 * @type: "proc" or "sysfs"
 * @path: as for mirror_hostfs_read()
 * @text: gets all of its text; to be freed with kvfree()
 *
 * Context: Process context; may sleep.
 * Return: 0, or an error of mirror_hostfs_open() or mirror_hostfs_read().
 */
int mirror_host_read(const char *type, const char *path, char **text)
{
	struct vfsmount *mnt = mirror_hostfs_open(type);
	int ret;

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	ret = mirror_hostfs_read(mnt, path, text);
	mirror_hostfs_close(mnt);
	return ret;
}
