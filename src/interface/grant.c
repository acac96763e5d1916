// SPDX-License-Identifier: GPL-2.0
/*
 * GRANT: a descriptor that maps one block and can do nothing else.
 *
 * It refers to what stands behind the file that the block belongs to, and to the block,
 * so its slot is not used again. Its mappings hang on the address space of that file, at
 * the block's offset there, and FREE finds them. It keeps no block: they all end with
 * the file that allocated them, whoever has a granted descriptor.
 *
 * A mapping keeps the granted descriptor as its file. Were it that of the device,
 * remap_file_pages() would let its user reach other blocks of it.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "calls.h"
#include "region/region.h"

/**
 * struct grant - what stands behind such a descriptor
 * @file: that the block belongs to, with a reference
 * @block: with a reference
 */
struct grant {
	struct mirror_file *file;
	struct mirror_block *block;
};

static bool is_live(const struct mirror_block *block)
{
	struct mirror_owner *owner = mirror_block_owner(block);
	bool live;

	spin_lock(&owner->lock);
	live = block->live;
	spin_unlock(&owner->lock);
	return live;
}

/* Freed behind the look, it shows nothing: the mapping then gives SIGBUS. */
static int grant_mmap(struct file *filp, struct vm_area_struct *vma)
{
	const struct grant *grant = filp->private_data;
	struct mirror_block *block = grant->block;
	int ret;

	if (!is_live(block))
		return -ENXIO;
	/* It may exceed the block; mirror_map_block() finds that out by the difference. */
	vma->vm_pgoff += mirror_block_pgoff(mirror_block_owner(block)->blocks, block);
	refcount_inc(&block->refs);
	ret = mirror_map_block(vma, block, filp->f_mode & FMODE_WRITE);
	if (ret)
		mirror_block_put(block);
	return ret;
}

static int grant_release(struct inode *inode, struct file *filp)
{
	struct grant *grant = filp->private_data;

	mirror_block_put(grant->block);
	mirror_file_put(grant->file);
	kfree(grant);
	return 0;
}

static const struct file_operations grant_fops = {
	.owner		= THIS_MODULE,
	.mmap		= grant_mmap,
	.release	= grant_release,
	.llseek		= noop_llseek,
};

static int check_grant(const struct mirror_file *file, const struct mirror_mm_grant *arg)
{
	int ret = mirror_file_check(file, MIRROR_MM_RIGHT_GRANT);

	if (ret)
		return ret;
	if (arg->flags & ~MIRROR_MM_GRANT_FLAGS || arg->fd)
		return -EINVAL;
	if (arg->flags & MIRROR_MM_GRANT_WRITE &&
	    !mirror_file_may(file, MIRROR_MM_RIGHT_WRITE))
		return -EACCES;
	return 0;
}

/* Takes over what @grant refers to, where it succeeds. */
static struct file *open_grant(struct grant *grant, u32 flags)
{
	struct file *filp;

	filp = anon_inode_getfile("[mirror_mm-block]", &grant_fops, grant,
				  flags & MIRROR_MM_GRANT_WRITE ? O_RDWR : O_RDONLY);
	if (!IS_ERR(filp))
		filp->f_mapping = grant->file->inode->i_mapping;
	return filp;
}

static struct file *make_grant(struct mirror_file *file, struct mirror_block *block,
			       u32 flags)
{
	struct grant *grant = kmalloc(sizeof(*grant), GFP_KERNEL_ACCOUNT);
	struct file *granted;

	if (!grant)
		return ERR_PTR(-ENOMEM);
	refcount_inc(&file->users);
	grant->file = file;
	grant->block = block;
	granted = open_grant(grant, flags);
	if (IS_ERR(granted)) {
		mirror_file_put(file);
		kfree(grant);
	}
	return granted;
}

/**
 * mirror_grant - make a descriptor for one block
 * @file: who asks
 * @arg: request and answer
 * @made: the descriptor, for mirror_grant_end()
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno of struct mirror_mm_grant.
 */
int mirror_grant(struct mirror_file *file, struct mirror_mm_grant *arg,
		 struct mirror_granted *made)
{
	const struct mirror *m = file->dev->m;
	struct mirror_block *block;
	int ret = check_grant(file, arg);

	if (ret)
		return ret;
	block = mirror_block_by_id(&file->owner, arg->id);
	if (!block)
		return -ENOENT;
	ret = mirror_content_exists(m->region, mirror_block_pfn(m, block)) ?
	      get_unused_fd_flags(O_CLOEXEC) : -ENODEV;
	if (ret < 0)
		goto put;
	made->fd = ret;
	made->filp = make_grant(file, block, arg->flags);
	if (!IS_ERR(made->filp)) {
		arg->fd = made->fd;
		return 0;
	}
	put_unused_fd(made->fd);
	ret = PTR_ERR(made->filp);
	made->filp = NULL;
put:
	mirror_block_put(block);
	return ret;
}

/**
 * mirror_grant_end - put the descriptor into use, or undo it
 * @made: from mirror_grant(); nothing happens where there is none
 * @told: the program knows its number
 *
 * Context: Process context; may sleep.
 */
void mirror_grant_end(const struct mirror_granted *made, bool told)
{
	if (!made->filp)
		return;
	if (told) {
		fd_install(made->fd, made->filp);
		return;
	}
	put_unused_fd(made->fd);
	fput(made->filp);
}
