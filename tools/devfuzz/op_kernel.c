// SPDX-License-Identifier: GPL-2.0
/*
 * Another module of the kernel that holds pages of the mirror: module/mirror_mm_user.c.
 * Without it the operation does nothing.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "devfuzz.h"
#include "module/user.h"

static int fd = -1;

void kernel_init(void)
{
	fd = open("/dev/mirror_mm_user", O_RDWR | O_CLOEXEC);
}

/* Bits of a machine check's status that decide what it is about. */
static uint64_t status(const struct record *r)
{
	/* VAL UC EN ADDRV MISCV, and an error of a memory controller. */
	uint64_t all = 0xbc00000000000000ull | 8ull << 16;

	return field_is_sound(r, 6) ? all : all ^ 1ull << r->arg[6] % 64;
}

static uint64_t address(const struct record *r)
{
	if (r->arg[7] & 0x80)
		return (world.info.start_pfn + r->arg[8]) * PAGE + r->arg[9];
	return field_u64(r, 8);
}

void op_kernel(const struct record *r)
{
	struct user_call c = {
		.what = r->arg[5] % USER_RELEASE,
		.slot = r->ctl & CTL_SLOT,
		.order = field_order(r, ARG_ORDER),
		.gfp = field_gfp(r, ARG_GFP),
		.node = field_node(r, ARG_NODE),
		.mask = field_nodemask(r, ARG_MASK),
		.nr = r->arg[10],
		.value = field_u64(r, 8),
	};
	long ret;

	if (fd < 0)
		return;
	if (c.what == USER_PFN && r->arg[7] & 0x80)
		c.value += world.info.start_pfn;
	if (c.what == USER_MACHINE_CHECK) {
		c.value = address(r);
		c.status = status(r);
		c.nr = r->arg[10] & 0x80 ? 0xff : r->arg[10] % 8;
	}
	inject_begin(r, NR_ARGS - 3);
	ret = call(fd, USER_CALL, &c);
	inject_end();
	say("KERNEL call %u slot %u order %#x gfp %#x node %d mask %#llx value %#llx: %ld", c.what,
	    c.slot, c.order, c.gfp, c.node, (unsigned long long)c.mask,
	    (unsigned long long)c.value, ret);
	if (c.pfn)
		world.user_pfn = c.pfn;
	if (c.what == USER_MACHINE_CHECK && !ret && getenv("DEVFUZZ_HARDWARE")) {
		world.poisoned = true;
		world.tuned = true;
		world.hardware = true;
	}
}

/**
 * kernel_release - the module gives all back
 */
void kernel_release(void)
{
	struct user_call c = { .what = USER_RELEASE };

	if (fd >= 0 && call(fd, USER_CALL, &c))
		found("the module that uses the mirror cannot give its pages back");
}
