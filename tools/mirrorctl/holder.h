/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holders: background processes that keep blocks for somebody who has left.
 *
 * A block belongs to the open file that allocated it and goes back when that
 * file closes. "mirrorctl alloc" would therefore lose its blocks as it ends. So
 * it leaves a copy of itself behind, which keeps the file open and answers on
 * a socket. It knows two requests, one JSON object each:
 *
 *   {"op":"list"}               {"pid":7,"page_size":4096,"blocks":[...]}
 *   {"op":"free","ids":[...]}   {"freed":[...],"failed":[...],"left":0}
 *   {"op":"free"}               the same for all of them
 *
 * A holder that holds nothing any more ends.
 */
#ifndef MIRRORCTL_HOLDER_H
#define MIRRORCTL_HOLDER_H

#include <json-c/json.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/mirror_mm.h>

/**
 * struct holder_seat - a handle that is taken, with its socket
 * @number: N in hN
 * @socket: listens
 */
struct holder_seat {
	unsigned int number;
	int socket;
};

/**
 * holder_seat() - take the smallest free handle
 * @seat: answer
 *
 * Return: 0, or -errno after saying on stderr what is wrong.
 */
int holder_seat(struct holder_seat *seat);

/**
 * holder_unseat() - give a handle back that got no process
 * @seat: closed by this
 */
void holder_unseat(struct holder_seat *seat);

/**
 * holder_spawn() - leave a process behind that keeps the blocks
 * @seat: closed by this in the caller
 * @dev: the open device, likewise
 * @page_size: from INFO
 * @blocks: what the device's file holds
 * @nr: how many
 *
 * Return: 0 or -errno, silent. On failure nothing is left behind.
 */
int holder_spawn(struct holder_seat *seat, int dev, __u32 page_size,
		 const struct mirror_mm_alloc *blocks, size_t nr);

/**
 * struct holder - a living holder, as it answered "list"
 * @number: N in hN
 * @pid: of the process
 * @page_size: bytes
 * @nr: how many blocks
 * @blocks: the blocks
 */
struct holder {
	unsigned int number;
	pid_t pid;
	__u32 page_size;
	size_t nr;
	struct mirror_mm_alloc *blocks;
};

/**
 * holder_list() - all living holders, by number
 * @holders: answer, to be given to holder_list_free()
 *
 * Removes the sockets of dead ones. One that does not answer is reported on
 * stderr and left out.
 *
 * Return: how many, or -errno after saying on stderr what is wrong.
 */
int holder_list(struct holder **holders);

/**
 * holder_list_free() - drop what holder_list() gave
 * @holders: the array
 * @nr: how many
 */
void holder_list_free(struct holder *holders, int nr);

/**
 * holder_ask() - send one request and wait for the answer
 * @number: N in hN
 * @request: stays the caller's
 * @reply: answer, a new object
 *
 * Return: 0, -ECONNREFUSED or -ENOENT where no such process lives, or -errno;
 * silent.
 */
int holder_ask(unsigned int number, struct json_object *request,
	       struct json_object **reply);

/**
 * holders_to_json() - all holders with their blocks
 * @holders: from holder_list()
 * @nr: how many
 *
 * Return: a new array object.
 */
struct json_object *holders_to_json(const struct holder *holders, int nr);

/**
 * holders_table() - print all holders with their blocks
 * @holders: from holder_list()
 * @nr: how many
 */
void holders_table(const struct holder *holders, int nr);

#endif
