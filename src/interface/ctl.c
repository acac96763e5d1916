// SPDX-License-Identifier: GPL-2.0
/*
 * CTL: the settings of a file.
 *
 * A command has a member of the argument's union for itself. What that leaves of
 * the union must be zero, so that the member can grow.
 */
#include <linux/string.h>
#include "calls.h"

static bool rest_is_zero(const struct mirror_mm_ctl *arg, size_t used)
{
	return !memchr_inv((const char *)arg->reserved + used, 0,
			   sizeof(arg->reserved) - used);
}

/* What the command's member takes of the union, 0 for no such command. */
static size_t size_of_member(u32 cmd)
{
	switch (cmd) {
	case MIRROR_MM_CTL_SET_MEMPOLICY:
	case MIRROR_MM_CTL_GET_MEMPOLICY:
		return sizeof_field(struct mirror_mm_ctl, mempolicy);
	case MIRROR_MM_CTL_DROP_RIGHTS:
		return sizeof_field(struct mirror_mm_ctl, drop_rights);
	case MIRROR_MM_CTL_GRANT:
		return sizeof_field(struct mirror_mm_ctl, grant);
	default:
		return 0;
	}
}

/* A SUBMIT under way notices by the count, which is raised behind the change. */
static int drop_rights(struct mirror_file *file, u64 rights)
{
	if (rights & ~(u64)MIRROR_MM_RIGHTS)
		return -EINVAL;
	atomic_andnot((u32)rights, &file->rights);
	smp_mb__before_atomic();	/* pairs with the smp_rmb() in submit.c */
	atomic_inc(&file->settings);
	return 0;
}

static int set_mempolicy(struct mirror_file *file, const struct mirror_mm_mempolicy *arg)
{
	int ret = mirror_file_check(file, MIRROR_MM_RIGHT_ALLOC) ?:
		  mirror_mempolicy_set(&file->mempolicy, file->dev->m, arg);

	if (ret)
		return ret;
	smp_mb__before_atomic();	/* pairs with the smp_rmb() in submit.c */
	atomic_inc(&file->settings);
	return 0;
}

/**
 * mirror_do_ctl - the CTL request
 * @file: who asks
 * @arg: request and answer
 * @made: for mirror_grant_end(), once the answer was written
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno of struct mirror_mm_ctl.
 */
int mirror_do_ctl(struct mirror_file *file, struct mirror_mm_ctl *arg,
		  struct mirror_granted *made)
{
	size_t size = size_of_member(arg->cmd);

	if (!size)
		return -EOPNOTSUPP;
	if (arg->flags || !rest_is_zero(arg, size))
		return -EINVAL;
	if (arg->cmd == MIRROR_MM_CTL_DROP_RIGHTS)
		return drop_rights(file, arg->drop_rights.rights);
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	if (arg->cmd == MIRROR_MM_CTL_GRANT)
		return mirror_grant(file, &arg->grant, made);
	if (arg->cmd == MIRROR_MM_CTL_SET_MEMPOLICY)
		return set_mempolicy(file, &arg->mempolicy);
	mirror_mempolicy_get(&file->mempolicy, &arg->mempolicy);
	return 0;
}
