// SPDX-License-Identifier: GPL-2.0
/*
 * The background process: keeps the device open and answers on its socket.
 *
 * Where a request leaves it without blocks it closes the device and removes its
 * socket before it answers. Who has the answer can rely on both.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "block.h"
#include "device.h"
#include "holder.h"
#include "names.h"
#include "output.h"
#include "rundir.h"
#include "wire.h"

/* How long one client may keep the others waiting. */
#define CLIENT_SECONDS	5

struct service {
	struct holder_seat seat;
	int dev;
	__u32 page_size;
	struct mirror_mm_alloc *blocks;
	size_t nr;
};

static struct json_object *answer_list(const struct service *s)
{
	struct json_object *reply = json_object_new_object();
	struct json_object *blocks = json_object_new_array();

	for (size_t i = 0; i < s->nr; i++)
		json_object_array_add(blocks, block_to_json(&s->blocks[i]));
	json_object_object_add(reply, "pid", json_object_new_int(getpid()));
	json_object_object_add(reply, "page_size",
			       json_object_new_int(s->page_size));
	json_object_object_add(reply, "blocks", blocks);
	return reply;
}

static int free_block(struct service *s, __u64 id)
{
	size_t i = 0;
	int err;

	while (i < s->nr && s->blocks[i].id != id)
		i++;
	if (i == s->nr)
		return -ENOENT;
	err = device_free(s->dev, id);
	if (err)
		return err;
	memmove(&s->blocks[i], &s->blocks[i + 1],
		(s->nr - i - 1) * sizeof(*s->blocks));
	s->nr--;
	return 0;
}

static struct json_object *failure(__u64 id, int err)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "id", out_json_hex(id));
	json_object_object_add(obj, "errno", json_object_new_int(-err));
	json_object_object_add(obj, "error",
			       json_object_new_string(strerror(-err)));
	return obj;
}

static void free_ids(struct service *s, struct json_object *ids,
		     struct json_object *freed, struct json_object *failed)
{
	for (size_t i = 0; i < json_object_array_length(ids); i++) {
		const char *text =
			json_object_get_string(json_object_array_get_idx(ids, i));
		unsigned long long id;
		int err;

		if (!text || !number_parse(text, ~0ull, &id))
			continue;
		err = free_block(s, id);
		if (err)
			json_object_array_add(failed, failure(id, err));
		else
			json_object_array_add(freed, out_json_hex(id));
	}
}

/* Closing the file gives all blocks back, even where FREE would fail. */
static void free_everything(struct service *s, struct json_object *freed)
{
	for (size_t i = 0; i < s->nr; i++)
		json_object_array_add(freed, out_json_hex(s->blocks[i].id));
	s->nr = 0;
}

static struct json_object *answer_free(struct service *s,
				       struct json_object *ids)
{
	struct json_object *reply = json_object_new_object();
	struct json_object *freed = json_object_new_array();
	struct json_object *failed = json_object_new_array();

	if (json_object_is_type(ids, json_type_array))
		free_ids(s, ids, freed, failed);
	else
		free_everything(s, freed);
	json_object_object_add(reply, "freed", freed);
	json_object_object_add(reply, "failed", failed);
	json_object_object_add(reply, "left", json_object_new_uint64(s->nr));
	return reply;
}

static struct json_object *answer(struct service *s,
				  struct json_object *request)
{
	const char *op = json_object_get_string(json_object_object_get(request, "op"));
	struct json_object *reply;

	if (op && !strcmp(op, "list"))
		return answer_list(s);
	if (op && !strcmp(op, "free"))
		return answer_free(s, json_object_object_get(request, "ids"));
	reply = json_object_new_object();
	json_object_object_add(reply, "error",
			       json_object_new_string("no such request"));
	return reply;
}

static void serve_client(struct service *s, int client)
{
	struct json_object *request, *reply;

	wire_timeout(client, CLIENT_SECONDS);
	if (wire_receive(client, &request))
		return;
	reply = answer(s, request);
	json_object_put(request);
	if (!s->nr) {
		close(s->dev);
		holder_unseat(&s->seat);
	}
	wire_send(client, reply);
	json_object_put(reply);
}

static void serve(struct service *s)
{
	while (s->nr) {
		int client = accept4(s->seat.socket, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0) {
			/* Out of descriptors or memory: let it pass. */
			if (errno != EINTR && errno != ECONNABORTED)
				sleep(1);
			continue;
		}
		serve_client(s, client);
		close(client);
	}
}

/* Whoever waits for the end of our output must not wait for the holder. */
static void cut_ties(struct service *s)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char name[16];

	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != s->seat.socket && fd != s->dev)
			close(fd);
	/* Nor must a file system stay busy; sockets may need it all the same. */
	if (*rundir_path() == '/' && chdir("/"))
		_exit(EXIT_FAILED);
	signal(SIGPIPE, SIG_IGN);
	snprintf(name, sizeof(name), "mirrorctl-h%u", s->seat.number);
	prctl(PR_SET_NAME, name);
}

/* Runs in the first child, which ends at once and so orphans the second. */
static void detach(struct service *s)
{
	pid_t pid;

	setsid();
	pid = fork();
	if (pid)
		_exit(pid < 0 ? EXIT_FAILED : EXIT_OK);
	cut_ties(s);
	serve(s);
	_exit(EXIT_OK);
}

int holder_spawn(struct holder_seat *seat, int dev, __u32 page_size,
		 const struct mirror_mm_alloc *blocks, size_t nr)
{
	struct service s = {
		.seat = *seat,
		.dev = dev,
		.page_size = page_size,
		.blocks = (struct mirror_mm_alloc *)blocks,
		.nr = nr,
	};
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		detach(&s);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (pid < 0 || status) {
		holder_unseat(seat);
		close(dev);
		return -EAGAIN;
	}
	close(seat->socket);
	close(dev);
	return 0;
}
