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

/* open and release ------------------------------------------------------------- */

static int mirror_open(struct inode *inode, struct file *filp)
{
	struct mirror_device *dev = container_of(filp->private_data,
						 struct mirror_device, misc);
	struct mirror_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	file->dev = dev;
	file->admin = capable(CAP_SYS_ADMIN);
	mirror_owner_init(&file->owner, READ_ONCE(dev->page_limit));
	mirror_mempolicy_init(&file->mempolicy);
	filp->private_data = file;
	filp->f_mapping = dev->inode->i_mapping;
	mirror_all_offsets(filp);
	return nonseekable_open(inode, filp);
}

/* Comes when the last descriptor is closed and the last mapping is gone. */
static int mirror_release(struct inode *inode, struct file *filp)
{
	struct mirror_file *file = filp->private_data;

	mirror_owner_release(file->dev->blocks, &file->owner);
	kfree(file);
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
		.metadata_bytes = m->metadata_bytes,
		.block_bytes = sizeof(struct mirror_block),
	};

	if (_IOC_SIZE(cmd) < sizeof(info))
		return -EINVAL;
	fill_ranges(m, &info, file->admin);
	fill_held(&file->owner, &info);
	return copy_answer(user, cmd, &info, sizeof(info));
}

static void fill_alloc(const struct mirror_file *file,
		       const struct mirror_block *block,
		       struct mirror_mm_alloc *arg)
{
	const struct mirror_answer answer = mirror_answer(file, file->dev->blocks, block);

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
	struct mirror_block *block;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), FIRST_ALLOC_SIZE, user, cmd) ?:
	      mirror_prepare_request(file, &arg, &req);
	if (ret)
		return ret;
	mirror_block_call_begin(&call, file->dev->blocks, &file->owner, 1);
	block = mirror_do_request(&call, &req);
	ret = PTR_ERR_OR_ZERO(block);
	if (!ret) {
		fill_alloc(file, block, &arg);
		ret = copy_answer(user, cmd, &arg, sizeof(arg));
		if (ret)
			mirror_take_back(&call, arg.id);
	}
	mirror_block_call_end(&call);
	return ret;
}

static long ioctl_free(struct mirror_file *file, unsigned int cmd,
		       void __user *user)
{
	struct mirror_block_call call;
	struct mirror_mm_free arg;
	struct mirror_block *block;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), sizeof(arg), user, cmd) ?:
	      mirror_check_free(&arg);
	if (ret)
		return ret;
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	mirror_block_call_begin(&call, file->dev->blocks, &file->owner, 0);
	block = mirror_block_detach(&call, arg.id);
	if (!block)
		return -ENOENT;
	mirror_block_end(&call, block);
	mirror_block_call_end(&call);
	return 0;
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
	struct mirror_mm_ctl arg;
	int ret;

	ret = copy_arg(&arg, sizeof(arg), sizeof(arg), user, cmd) ?:
	      mirror_do_ctl(file, &arg);
	return ret ?: copy_answer(user, cmd, &arg, sizeof(arg));
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

/* the inode that all mappings hang on ---------------------------------------------- */

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

static int create_inode(struct mirror_device *dev)
{
	int ret;

	ret = simple_pin_fs(&mirror_fs_type, &dev->mnt, &dev->mnt_count);
	if (ret)
		return ret;
	dev->inode = alloc_anon_inode(dev->mnt->mnt_sb);
	if (!IS_ERR(dev->inode))
		return 0;
	simple_release_fs(&dev->mnt, &dev->mnt_count);
	return PTR_ERR(dev->inode);
}

static void destroy_inode(struct mirror_device *dev)
{
	iput(dev->inode);
	simple_release_fs(&dev->mnt, &dev->mnt_count);
}

/**
 * mirror_device_register - make the device appear
 * @dev: with @dev->m and @dev->blocks set
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno of misc_register().
 */
int mirror_device_register(struct mirror_device *dev)
{
	int ret;

	ret = create_inode(dev);
	if (ret)
		return ret;
	dev->blocks->mapping = dev->inode->i_mapping;
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = "mirror_mm";
	dev->misc.mode = DEVICE_MODE;
	dev->misc.fops = &mirror_fops;
	dev->misc.groups = mirror_sysfs_groups;
	ret = misc_register(&dev->misc);
	if (ret) {
		pr_err("/dev/mirror_mm cannot be made (%d)\n", ret);
		destroy_inode(dev);
		return ret;
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
	destroy_inode(dev);
}
