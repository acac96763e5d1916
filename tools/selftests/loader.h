/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading modules, and reading what the kernel said about it.
 */
#ifndef SELFTEST_LOADER_H
#define SELFTEST_LOADER_H

#include "selftest.h"

/* 0, or minus the errno. @name is the file without its folder and ".ko". */
int st_insmod(const char *name, const char *parameters);
int st_rmmod(const char *name);
bool st_loaded_module(const char *name);
/*
 * mirror_mm with the parameters in $MIRROR_MM_PARAMS, or else with "region=" and
 * the first range that memmap= reserved.
 */
int st_insmod_default(void);

/**
 * struct st_range - physical addresses
 * @base: first byte
 * @size: bytes
 */
struct st_range {
	uint64_t base;
	uint64_t size;
};

/* The memmap=SIZE$BASE arguments of the kernel's command line; how many. */
unsigned int st_reserved(struct st_range *ranges, unsigned int max);
/* Lines of /proc/iomem with that name, outermost ones only; how many. */
unsigned int st_iomem(const char *name, struct st_range *ranges,
		      unsigned int max);
/* KiB, from /proc/meminfo; -1 for a kernel that has no such line. */
long long st_meminfo(const char *name);
/* Does this page frame lie in the host's RAM? */
bool st_is_ram(uint64_t pfn);

/**
 * struct st_log - a place in the kernel's log
 * @fd: of /dev/kmsg
 */
struct st_log {
	int fd;
};

/* From here on. */
int st_log_open(struct st_log *log);
/*
 * The next message, without its prefix; false at the end. @level is 3 for
 * pr_err, as in the kernel. Only its first line.
 */
bool st_log_next(struct st_log *log, int *level, char *text, size_t size);
void st_log_close(struct st_log *log);

#endif /* SELFTEST_LOADER_H */
