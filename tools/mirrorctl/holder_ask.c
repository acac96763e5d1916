// SPDX-License-Identifier: GPL-2.0
/*
 * Talking to holders, and showing what they hold.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block.h"
#include "holder.h"
#include "output.h"
#include "rundir.h"
#include "wire.h"

#define ANSWER_SECONDS	10

static int connect_to(unsigned int number)
{
	struct sockaddr_un addr;
	int fd, err;

	err = rundir_address(&addr, number);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	wire_timeout(fd, ANSWER_SECONDS);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int holder_ask(unsigned int number, struct json_object *request,
	       struct json_object **reply)
{
	int fd = connect_to(number);
	int err;

	if (fd < 0)
		return fd;
	err = wire_send(fd, request);
	if (!err)
		err = wire_receive(fd, reply);
	close(fd);
	return err;
}

static int take_blocks(struct json_object *list, struct holder *h)
{
	size_t nr = json_object_array_length(list);
	int err;

	h->blocks = calloc(nr, sizeof(*h->blocks));
	if (nr && !h->blocks)
		return -ENOMEM;
	for (h->nr = 0; h->nr < nr; h->nr++) {
		err = block_from_json(json_object_array_get_idx(list, h->nr),
				      &h->blocks[h->nr]);
		if (err)
			return err;
	}
	return 0;
}

static int take_answer(struct json_object *reply, struct holder *h)
{
	struct json_object *list = json_object_object_get(reply, "blocks");

	if (!json_object_is_type(list, json_type_array))
		return -EPROTO;
	h->pid = json_object_get_int(json_object_object_get(reply, "pid"));
	h->page_size = json_object_get_int(json_object_object_get(reply,
								  "page_size"));
	return take_blocks(list, h);
}

static int ask_list(unsigned int number, struct holder *h)
{
	struct json_object *request = json_object_new_object();
	struct json_object *reply = NULL;
	int err;

	memset(h, 0, sizeof(*h));
	h->number = number;
	json_object_object_add(request, "op", json_object_new_string("list"));
	err = holder_ask(number, request, &reply);
	json_object_put(request);
	if (!err)
		err = take_answer(reply, h);
	json_object_put(reply);
	if (err)
		free(h->blocks);
	return err;
}

/* Context: under the lock of the folder. */
static bool is_gone(unsigned int number, int err)
{
	struct sockaddr_un addr;

	if (err == -ECONNREFUSED && !rundir_address(&addr, number))
		unlink(addr.sun_path);
	return err == -ECONNREFUSED || err == -ENOENT || err == -ECONNRESET;
}

static int ask_each(const unsigned int *numbers, int nr,
		    struct holder *holders)
{
	int found = 0;

	for (int i = 0; i < nr; i++) {
		int err = ask_list(numbers[i], &holders[found]);

		if (!err)
			found++;
		else if (!is_gone(numbers[i], err))
			out_error("holder h%u does not answer: %s", numbers[i],
				  err == -EAGAIN ? "is it stopped?" :
				  strerror(-err));
	}
	return found;
}

int holder_list(struct holder **holders)
{
	unsigned int *numbers;
	int dir, nr;

	*holders = NULL;
	dir = rundir_lock(false);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	nr = rundir_numbers(dir, &numbers);
	if (nr > 0) {
		*holders = calloc(nr, sizeof(**holders));
		nr = *holders ? ask_each(numbers, nr, *holders) : -ENOMEM;
	}
	if (nr < 0)
		out_error("cannot list %s: %s", rundir_path(), strerror(-nr));
	free(numbers);
	close(dir);
	return nr;
}

void holder_list_free(struct holder *holders, int nr)
{
	for (int i = 0; i < nr; i++)
		free(holders[i].blocks);
	free(holders);
}

static struct json_object *holder_to_json(const struct holder *h)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *blocks = json_object_new_array();
	char handle[16];

	snprintf(handle, sizeof(handle), "h%u", h->number);
	for (size_t i = 0; i < h->nr; i++)
		json_object_array_add(blocks, block_to_json(&h->blocks[i]));
	json_object_object_add(obj, "holder", json_object_new_string(handle));
	json_object_object_add(obj, "pid", json_object_new_int(h->pid));
	json_object_object_add(obj, "blocks", blocks);
	return obj;
}

struct json_object *holders_to_json(const struct holder *holders, int nr)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < nr; i++)
		json_object_array_add(list, holder_to_json(&holders[i]));
	return list;
}

void holders_table(const struct holder *holders, int nr)
{
	char size[OUT_BYTES_LEN];

	for (int i = 0; i < nr; i++) {
		const struct holder *h = &holders[i];
		unsigned long long pages = block_pages(h->blocks, h->nr);

		printf("%sh%u (pid %d) holds %zu block%s, %llu page%s (%s)\n",
		       i ? "\n" : "", h->number, h->pid, h->nr,
		       h->nr == 1 ? "" : "s", pages, pages == 1 ? "" : "s",
		       out_bytes(size, pages * h->page_size));
		block_table(stdout, h->blocks, h->nr, h->page_size);
	}
}
