/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request's way through the reserves depends on in the task that asks. Bits of
 * mirror_host_task().
 */
#ifndef _MIRROR_CORE_HOST_TASK_H
#define _MIRROR_CORE_HOST_TASK_H

#define MIRROR_TASK_MEMALLOC	0x01	/* PF_MEMALLOC, where it counts: not in hard interrupts */
#define MIRROR_TASK_REALTIME	0x02	/* in a task of a real-time or deadline class */
#define MIRROR_TASK_VICTIM	0x04	/* killed by the OOM killer */
#define MIRROR_TASK_DUMPCORE	0x08	/* writes a core dump */
#define MIRROR_TASK_NOIO	0x10	/* memalloc_noio_save() */
#define MIRROR_TASK_NOFS	0x20	/* memalloc_nofs_save() */

#endif /* _MIRROR_CORE_HOST_TASK_H */
