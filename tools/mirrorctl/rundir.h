/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The folder in which holders can be reached: one socket hN.sock for holder hN.
 */
#ifndef MIRRORCTL_RUNDIR_H
#define MIRRORCTL_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

/**
 * rundir_path() - where the folder is
 *
 * Return: $MIRRORCTL_RUN_DIR; else /run/mirrorctl for root, and for others
 * "mirrorctl" in $XDG_RUNTIME_DIR or /run/user/UID, where that is the user's, or
 * /tmp/mirrorctl-UID.
 */
const char *rundir_path(void);

/**
 * rundir_lock() - open the folder and keep other mirrorctls out
 * @create: make the folder where it is missing
 *
 * Refuses a folder that others can enter or replace, and a link to one: who
 * reaches a socket can free what its holder holds. Explains failures on stderr,
 * except that the folder is missing and is not to be made, which is how it looks
 * without holders.
 *
 * Return: a descriptor that is the lock until it is closed, or -errno.
 */
int rundir_lock(bool create);

/**
 * rundir_address() - the socket of a holder
 * @addr: answer
 * @number: N in hN
 *
 * Return: 0, or -ENAMETOOLONG after saying so on stderr.
 */
int rundir_address(struct sockaddr_un *addr, unsigned int number);

/**
 * rundir_numbers() - all holders that have a socket, living or not
 * @dir: from rundir_lock()
 * @numbers: answer, in ascending order; to be freed by the caller
 *
 * Return: how many, or -errno.
 */
int rundir_numbers(int dir, unsigned int **numbers);

/* Largest N in hN. */
#define HANDLE_MAX	1000000

/**
 * handle_parse() - the number in a handle
 * @handle: "h3"
 * @number: answer
 *
 * Return: true if @handle is one.
 */
bool handle_parse(const char *handle, unsigned int *number);

#endif
