// SPDX-License-Identifier: GPL-2.0
/*
 * The mirror, as pages through /dev/conf_mirror or as blocks through
 * /dev/mirror_mm. Settings and state are the same for both.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "targets.h"
#include "util.h"

struct mirror_target {
	struct target t;
	int fd;
	struct blocks *blocks;	/* NULL: as pages */
	struct text_base base;
};

static struct mirror_target *of(struct target *t)
{
	return (struct mirror_target *)t;
}

static int reset(struct target *t)
{
	struct mirror_target *m = of(t);
	int err;

	if (m->blocks)
		blocks_let_go(m->blocks);
	err = driver_reset(m->fd);
	if (!err)
		err = file_write(DEBUGFS "reset", "1");
	if (!err)
		err = tunables_reset_mirror();
	if (!err)
		err = driver_reset(m->fd);
	if (!err && m->blocks)
		err = blocks_begin(m->blocks);
	if (!err)
		text_base(&m->base, false);
	return err;
}

static int run(struct target *t, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags)
{
	struct mirror_target *m = of(t);

	if (m->blocks)
		return blocks_run(m->blocks, op, nr, word);
	return driver_run(m->fd, op, nr, word, nr_words, flags);
}

static int between(struct target *t, const struct conf_op *op)
{
	if (op->opcode == CONF_TUNE)
		return tune_mirror(op);
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

static int set_marks(struct target *t, const struct marks *marks)
{
	(void)t;
	return marks_to_mirror(marks);
}

static char *text(struct target *t)
{
	return text_now(&of(t)->base, false);
}

static const struct target_ops mirror_ops = {
	.reset = reset, .run = run, .between = between, .state = state,
	.events = events, .set_marks = set_marks, .text = text,
};

struct target *mirror_pages_open(void)
{
	struct mirror_target *m = xcalloc(1, sizeof(*m));

	m->t.name = "mirror pages";
	m->t.ops = &mirror_ops;
	m->fd = driver_open("/dev/conf_mirror");
	return &m->t;
}

struct target *mirror_blocks_open(void)
{
	struct mirror_target *m = of(mirror_pages_open());

	m->t.name = "mirror blocks";
	m->blocks = blocks_new();
	return &m->t;
}

void target_close(struct target *t)
{
	struct mirror_target *m = of(t);

	if (!t)
		return;
	driver_reset(m->fd);
	close(m->fd);
	if (m->blocks)
		blocks_free(m->blocks);
	free(m);
}
