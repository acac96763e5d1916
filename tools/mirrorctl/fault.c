// SPDX-License-Identifier: GPL-2.0
/*
 * Touching memory that may answer with SIGBUS or SIGSEGV, and living on.
 */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "fault.h"

static sigjmp_buf back;

static void jump_back(int signal)
{
	siglongjmp(back, signal);
}

static void handle(struct sigaction *bus, struct sigaction *segv)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = jump_back;
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, bus);
	sigaction(SIGSEGV, &action, segv);
}

int fault_guard(int (*fn)(void *arg), void *arg, int *ret)
{
	struct sigaction bus, segv;
	int signal;

	handle(&bus, &segv);
	signal = sigsetjmp(back, 1);
	if (!signal)
		*ret = fn(arg);
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return signal;
}

/* Atomic, so that the compiler cannot do without the access. */
static int read_byte(void *addr)
{
	return __atomic_load_n((unsigned char *)addr, __ATOMIC_RELAXED);
}

int fault_on_touch(void *addr)
{
	int byte;

	return fault_guard(read_byte, addr, &byte);
}
