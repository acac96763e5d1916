/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MIRROR_DT_DRIVER_H
#define _MIRROR_DT_DRIVER_H

#include "instance.h"

#ifdef CONFIG_OF
struct mirror_instance *mirror_dt_create(const struct mirror_params *p);
void mirror_dt_exit(void);
#else
static inline struct mirror_instance *
mirror_dt_create(const struct mirror_params *p)
{
	return NULL;
}

static inline void mirror_dt_exit(void)
{
}
#endif

#endif /* _MIRROR_DT_DRIVER_H */
