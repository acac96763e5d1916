/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON objects over a socket: one line each way, then the connection ends.
 */
#ifndef MIRRORCTL_WIRE_H
#define MIRRORCTL_WIRE_H

#include <json-c/json.h>

/**
 * wire_timeout() - bound how long the other side may keep us waiting
 * @fd: a socket
 * @seconds: for each send, receive or connect
 */
void wire_timeout(int fd, unsigned int seconds);

/**
 * wire_send() - send one object
 * @fd: a socket
 * @obj: stays the caller's
 *
 * Return: 0 or -errno.
 */
int wire_send(int fd, struct json_object *obj);

/**
 * wire_receive() - receive one object
 * @fd: a socket
 * @obj: answer, a new object
 *
 * Return: 0, -EPROTO for something that is no JSON object, or -errno.
 */
int wire_receive(int fd, struct json_object **obj);

#endif
