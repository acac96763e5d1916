// SPDX-License-Identifier: GPL-2.0
/*
 * CTL: the settings of a file.
 *
 * A command has a member of the argument's union for itself. What that leaves of
 * the union must be zero, so that the member can grow.
 */
#include <linux/string.h>
#include "device.h"

static bool rest_is_zero(const struct mirror_mm_ctl *arg, size_t used)
{
	return !memchr_inv((const char *)arg->reserved + used, 0,
			   sizeof(arg->reserved) - used);
}

/**
 * mirror_do_ctl - the CTL request
 * @file: who asks
 * @arg: request and answer
 *
 * Context: Process context.
 * Return: 0 or an errno of struct mirror_mm_ctl.
 */
int mirror_do_ctl(struct mirror_file *file, struct mirror_mm_ctl *arg)
{
	if (arg->cmd > MIRROR_MM_CTL_GET_MEMPOLICY)
		return -EOPNOTSUPP;
	if (arg->flags || !rest_is_zero(arg, sizeof(arg->mempolicy)))
		return -EINVAL;
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	if (arg->cmd == MIRROR_MM_CTL_SET_MEMPOLICY)
		return mirror_mempolicy_set(&file->mempolicy, file->dev->m,
					    &arg->mempolicy);
	mirror_mempolicy_get(&file->mempolicy, &arg->mempolicy);
	return 0;
}
