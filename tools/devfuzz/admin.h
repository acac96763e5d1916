/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CAP_SYS_ADMIN, which an open of the device keeps from its opener, for both fuzzers.
 */
#ifndef DEVFUZZ_ADMIN_H
#define DEVFUZZ_ADMIN_H

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Takes the capability, or drops it and stays able to take it again; 0 or an errno. */
static inline int admin_set(bool on)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return errno;
	if (on)
		data[0].effective |= 1u << CAP_SYS_ADMIN;
	else
		data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	return syscall(SYS_capset, &head, data) ? errno : 0;
}

#endif /* DEVFUZZ_ADMIN_H */
