// SPDX-License-Identifier: GPL-2.0
/*
 * The device: open, release, and the single calls INFO, ALLOC, FREE, CTL.
 *
 * include/uapi/linux/mirror_mm.h is the protocol; every errno below stands
 * there. A request is told by its number alone, its struct's size may differ.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "calls.h"
#include "compat.h"

#define DEVICE_MODE	0600
#define FS_MAGIC	0x6d6d6d69

/* What the first version of the interface had. */
#define FIRST_ALLOC_SIZE	offsetof(struct mirror_mm_alloc, nodemask)
#define FIRST_INFO_SIZE		offsetof(struct mirror_mm_info, waiting_blocks)

/* open and release ------------------------------------------------------------- */

static u32 rights_of_opener(const struct file *filp)
{
	u32 rights = MIRROR_MM_RIGHTS;

	if (!(filp->f_mode & FMODE_WRITE))
		rights &= MIRROR_MM_RIGHT_ADMIN;
	if (!capable(CAP_SYS_ADMIN))
		rights &= ~MIRROR_MM_RIGHT_ADMIN;
	return rights;
}

static struct mirror_file *new_file(struct mirror_device *dev)
{
	struct mirror_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->dev = dev;
	refcount_set(&file->users, 1);
	mirror_mempolicy_init(&file->mempolicy);
	file->inode = alloc_anon_inode(dev->mnt->mnt_sb);
	if (IS_ERR(file->inode)) {
		ret = PTR_ERR(file->inode);
		goto free;
	}
	ret = mirror_owner_init(&file->owner, dev->blocks, READ_ONCE(dev->page_limit));
	if (ret)
		goto put;
	file->owner.mapping = file->inode->i_mapping;
	return file;
put:
	iput(file->inode);
free:
	kfree(file);
	return ERR_PTR(ret);
}

static int mirror_open(struct inode *inode, struct file *filp)
{
	struct mirror_file *file = new_file(container_of(filp->private_data,
							 struct mirror_device, misc));

	if (IS_ERR(file))
		return PTR_ERR(file);
	file->writable = filp->f_mode & FMODE_WRITE;
	atomic_set(&file->rights, rights_of_opener(filp));
	filp->private_data = file;
	filp->f_mapping = file->inode->i_mapping;
	mirror_all_offsets(filp);
	return nonseekable_open(inode, filp);
}

/**
 * mirror_file_put - let go of what stands behind an open of the device
 * @file: with a reference
 *
 * Context: Process context; may sleep.
 */
void mirror_file_put(struct mirror_file *file)
{
	if (!refcount_dec_and_test(&file->users))
		return;
	mirror_owner_destroy(&file->owner);
	iput(file->inode);
	kfree(file);
}

/*
 * Comes when the last descriptor is closed and the last mapping is gone. Granted
 * descriptors may still be there; the blocks are not.
 */
static int mirror_release(struct inode *inode, struct file *filp)
{
	struct mirror_file *file = filp->private_data;

	mirror_owner_end_blocks(&file->owner);
	mirror_file_put(file);
	return 0;
}

/* struct sizes ------------------------------------------------------------------ */

/* What the caller's struct has beyond ours must be zero; what it lacks is zero. */
static int copy_arg(void *arg, size_t size, size_t first_size,
		    const void __user *user, unsigned int cmd)
{
	if (_IOC_SIZE(cmd) < first_size)
		return -EINVAL;
	return copy_struct_from_user(arg, size, user, _IOC_SIZE(cmd));
}

static int copy_answer(void __user *user, unsigned int cmd, const void *arg,
		       size_t size)
{
	size_t known = min_t(size_t, size, _IOC_SIZE(cmd));

	if (copy_to_user(user, arg, known) ||
	    clear_user(user + known, _IOC_SIZE(cmd) - known))
		return -EFAULT;
	return 0;
}

/* calls --------------------------------------------------------------------------- */

static void fill_ranges(const struct mirror *m, struct mirror_mm_info *info,
			bool admin)
{
	info->nr_ranges = m->nr_ranges;
	info->start_pfn = MIRROR_MM_PFN_HIDDEN;
	info->end_pfn = MIRROR_MM_PFN_HIDDEN;
	if (!admin)
		return;
	info->start_pfn = m->ranges[0].start_pfn;
	info->end_pfn = m->ranges[m->nr_ranges - 1].end_pfn;
}

static void fill_held(struct mirror_owner *owner, struct mirror_mm_info *info)
{
	spin_lock(&owner->lock);
	info->held_pages = atomic_long_read(&owner->nr_pages);
	info->held_blocks = owner->nr_blocks;
	/* What is between its slot and its attaching counts as waiting. */
	info->waiting_blocks = owner->nr_slots - owner->nr_blocks;
	info->page_limit = owner->limit;
	spin_unlock(&owner->lock);
}

static long ioctl_info(struct mirror_file *file, unsigned int cmd,
		       void __user *user)
{
	const struct mirror *m = file->dev->m;
	struct mirror_mm_info info = {
		.api_version = MIRROR_MM_API_VERSION,
		.state = mirror_is_broken(m) ? MIRROR_MM_OUT_OF_SERVICE :
					       MIRROR_MM_IN_SERVICE,
		.page_size = PAGE_SIZE,
		.max_order = m->max_order,
		.pb_order = m->pb_order,
		.nr_nodes = m->nr_nodes,
		.max_submit = MIRROR_MM_SUBMIT_MAX,
		.nr_pages = m->managed,
		/* What is on its way from one list to another is counted twice. */
		.nr_free = min(mirror_nr_free(m), m->managed),
		.metadata_bytes = READ_ONCE(m->metadata_bytes),
		.block_bytes = MIRROR_BLOCK_BYTES,
		.bad_pages = mirror_nr_hwpoison(m),
		.rights = atomic_read(&file->rights),
	};

	if (_IOC_SIZE(cmd) < FIRST_INFO_SIZE)
		return -EINVAL;
	fill_ranges(m, &info, mirror_file_may(file, MIRROR_MM_RIGHT_ADMIN));
	fill_held(&file->owner, &info);
	return copy_answer(user, cmd, &info, sizeof(info));
}

static void fill_alloc(const struct mirror_file *file,
		       const struct mirror_new_block *new,
		       struct mirror_mm_alloc *arg)
{
	const struct mirror_answer answer = mirror_answer(file, new);

	arg->id = answer.id;
	arg->offset = answer.offset;
	arg->pfn = answer.pfn;
	arg->node = answer.node;
	arg->zone = answer.zone;
	arg->migratetype = answer.migratetype;
}

static long ioctl_alloc(struct mirror_file *file, unsigned int cmd,
			void __user *user)
{
	struct mirror_block_call call;
	struct mirror_mm_alloc arg;
	struct mirror_request req;
	struct mirror_new_block new;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), FIRST_ALLOC_SIZE, user, cmd) ?:
	      mirror_prepare_request(file, &arg, &req);
	if (ret)
		return ret;
	mirror_block_call_begin(&call, &file->owner);
	ret = mirror_do_request(&call, &req, &new);
	if (!ret) {
		fill_alloc(file, &new, &arg);
		ret = copy_answer(user, cmd, &arg, sizeof(arg));
		if (ret)
			mirror_take_back(&call, arg.id);
	}
	mirror_block_call_end(&call);
	return ret;
}

static int do_free(struct mirror_file *file, u64 id)
{
	struct mirror_block_call call;
	struct mirror_block *block;
	int ret;

	mirror_block_call_begin(&call, &file->owner);
	block = mirror_block_detach(&call, id);
	if (!block)
		return -ENOENT;
	ret = mirror_block_end(&call, block);
	mirror_block_call_end(&call);
	return ret;
}

static long ioctl_free(struct mirror_file *file, unsigned int cmd,
		       void __user *user)
{
	struct mirror_mm_free arg;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), sizeof(arg), user, cmd) ?:
	      mirror_check_free(file, &arg);
	if (ret)
		return ret;
	return mirror_is_broken(file->dev->m) ? -EIO : do_free(file, arg.id);
}

static long ioctl_submit(struct mirror_file *file, unsigned int cmd,
			 void __user *user)
{
	struct mirror_mm_submit arg;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), sizeof(arg), user, cmd);
	return ret ?: mirror_submit(file, &arg);
}

static long ioctl_ctl(struct mirror_file *file, unsigned int cmd,
		      void __user *user)
{
	struct mirror_granted made = { .filp = NULL };
	struct mirror_mm_ctl arg;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), sizeof(arg), user, cmd) ?:
	      mirror_do_ctl(file, &arg, &made);
	if (ret)
		return ret;
	ret = copy_answer(user, cmd, &arg, sizeof(arg));
	mirror_grant_end(&made, !ret);
	return ret;
}

static long mirror_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct mirror_file *file = filp->private_data;
	void __user *user = (void __user *)arg;

	if (_IOC_TYPE(cmd) != MIRROR_MM_IOC_MAGIC ||
	    _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return -ENOTTY;
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(MIRROR_MM_INFO):
		return ioctl_info(file, cmd, user);
	case _IOC_NR(MIRROR_MM_ALLOC):
		return ioctl_alloc(file, cmd, user);
	case _IOC_NR(MIRROR_MM_FREE):
		return ioctl_free(file, cmd, user);
	case _IOC_NR(MIRROR_MM_SUBMIT):
		return ioctl_submit(file, cmd, user);
	case _IOC_NR(MIRROR_MM_CTL):
		return ioctl_ctl(file, cmd, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations mirror_fops = {
	.owner		= THIS_MODULE,
	.open		= mirror_open,
	.release	= mirror_release,
	.unlocked_ioctl	= mirror_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.mmap		= mirror_mmap,
	MIRROR_ALL_OFFSETS,
};

/* where the files' inodes live -------------------------------------------------- */

static int mirror_init_fs_context(struct fs_context *fc)
{
	return init_pseudo(fc, FS_MAGIC) ? 0 : -ENOMEM;
}

/*
 * Without an owner: the mount would pin the module, and the module's exit is
 * what takes the mount away.
 */
static struct file_system_type mirror_fs_type = {
	.name			= "mirror_mm",
	.init_fs_context	= mirror_init_fs_context,
	.kill_sb		= kill_anon_super,
};

/**
 * mirror_device_register - make the device appear
 * @dev: with @dev->m and @dev->blocks set
 *
 * Context: Process context; may sleep.
 * Return: 0; -EBUSY where a device of that name exists; or an errno of misc_register().
 */
int mirror_device_register(struct mirror_device *dev)
{
	int ret;

	ret = simple_pin_fs(&mirror_fs_type, &dev->mnt, &dev->mnt_count);
	if (ret)
		return ret;
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = "mirror_mm";
	dev->misc.mode = DEVICE_MODE;
	dev->misc.fops = &mirror_fops;
	dev->misc.groups = mirror_sysfs_groups;
	ret = misc_register(&dev->misc);
	if (ret) {
		pr_err("/dev/mirror_mm cannot be made (%d)\n", ret);
		simple_release_fs(&dev->mnt, &dev->mnt_count);
		/* EEXIST would tell insmod that this module is loaded already. */
		return ret == -EEXIST ? -EBUSY : ret;
	}
	mirror_debugfs_create(dev);
	mirror_mce_register(dev);
	return 0;
}

/**
 * mirror_device_unregister - make it go
 * @dev: registered, with no file open
 *
 * Context: Process context; may sleep.
 */
void mirror_device_unregister(struct mirror_device *dev)
{
	mirror_mce_unregister(dev);
	mirror_debugfs_remove(dev);
	misc_deregister(&dev->misc);
	simple_release_fs(&dev->mnt, &dev->mnt_count);
}
