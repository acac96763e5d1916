// SPDX-License-Identifier: GPL-2.0
/*
 * JSON objects over a socket: one line each way, then the connection ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "wire.h"

/* No list of blocks that one machine can hold is longer than this. */
#define LINE_MAX_BYTES	(512u << 20)

void wire_timeout(int fd, unsigned int seconds)
{
	struct timeval limit = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = send(fd, data, len, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= done;
	}
	return 0;
}

int wire_send(int fd, struct json_object *obj)
{
	const char *line;
	size_t len;
	int err;

	line = json_object_to_json_string_length(obj, JSON_C_TO_STRING_PLAIN,
						 &len);
	err = send_all(fd, line, len);
	return err ? err : send_all(fd, "\n", 1);
}

struct line {
	char *data;
	size_t len;
	size_t size;
};

static int make_room(struct line *line)
{
	size_t size = line->size ? line->size * 2 : 4096;
	char *data;

	if (line->len + 1 < line->size)
		return 0;
	if (size > LINE_MAX_BYTES)
		return -EMSGSIZE;
	data = realloc(line->data, size);
	if (!data)
		return -ENOMEM;
	line->data = data;
	line->size = size;
	return 0;
}

/* Until the newline; an end before it means that the other side went away. */
static int receive_line(int fd, struct line *line)
{
	ssize_t got;
	int err;

	for (;;) {
		err = make_room(line);
		if (err)
			return err;
		got = recv(fd, line->data + line->len,
			   line->size - line->len - 1, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return -ECONNRESET;
		line->len += got;
		if (line->data[line->len - 1] == '\n')
			break;
	}
	line->data[line->len] = '\0';
	return 0;
}

int wire_receive(int fd, struct json_object **obj)
{
	struct line line = { 0 };
	int err = receive_line(fd, &line);

	*obj = err ? NULL : json_tokener_parse(line.data);
	free(line.data);
	if (err)
		return err;
	if (json_object_is_type(*obj, json_type_object))
		return 0;
	json_object_put(*obj);
	*obj = NULL;
	return -EPROTO;
}
