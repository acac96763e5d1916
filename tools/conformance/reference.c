// SPDX-License-Identifier: GPL-2.0
/*
 * The reference: the kernel's own allocator, on the memory of node 1, or 1 and 2.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "targets.h"
#include "util.h"

struct reference {
	struct target t;
	int fd;
	struct text_base base;
};

static struct reference *of(struct target *t)
{
	return (struct reference *)t;
}

/* Lets go of the pages, so that the memory can go offline. */
static int renew(struct reference *ref)
{
	int err = driver_reset(ref->fd);

	/* Before the first time there may be no memory yet. */
	return err && err != -ENODEV ? err : hotplug_renew();
}

/* The second reset of the driver forgets what the way back has counted. */
static int reset(struct target *t)
{
	struct reference *ref = of(t);
	int err = renew(ref);

	if (!err)
		err = tunables_reset_reference();
	if (!err)
		err = driver_reset(ref->fd);
	if (!err)
		text_base(&ref->base, true);
	return err;
}

static int run(struct target *t, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags)
{
	return driver_run(of(t)->fd, op, nr, word, nr_words, flags);
}

static int between(struct target *t, const struct conf_op *op)
{
	if (op->opcode == CONF_TUNE)
		return tune_reference(op);
	return driver_between(of(t)->fd, op);
}

static int state(struct target *t, struct words *words)
{
	return driver_state(of(t)->fd, words);
}

static int events(struct target *t, struct conf_events *out)
{
	return driver_events(of(t)->fd, out);
}

static int get_marks(struct target *t, struct marks *marks)
{
	(void)t;
	return marks_of_reference(marks);
}

static char *text(struct target *t)
{
	return text_now(&of(t)->base, true);
}

struct target *reference_open(void)
{
	static const struct target_ops ops = {
		.reset = reset, .run = run, .between = between, .state = state,
		.events = events, .get_marks = get_marks, .text = text,
	};
	struct reference *ref = xcalloc(1, sizeof(*ref));

	ref->t.name = "reference";
	ref->t.ops = &ops;
	ref->fd = driver_open("/dev/conf_reference");
	/* The kernel's own settings are those for a guest with all its memory. */
	if (renew(ref))
		die("the memory of node %d does not go offline and online again",
		    CONF_FIRST_NODE);
	tunables_remember();
	return &ref->t;
}
