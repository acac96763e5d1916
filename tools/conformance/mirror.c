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

/* One mirror: what one way of asking holds, the other has to give back. */
static struct {
	int fd;
	struct blocks *blocks;
} mirror = { .fd = -1 };

struct mirror_target {
	struct target t;
	bool as_blocks;
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

	blocks_let_go(mirror.blocks);
	err = driver_reset(mirror.fd);
	if (!err)
		err = file_write(DEBUGFS "reset", "1");
	if (!err)
		err = tunables_reset_mirror();
	if (!err)
		err = driver_reset(mirror.fd);
	if (!err && m->as_blocks)
		err = blocks_begin(mirror.blocks);
	if (!err)
		text_base(&m->base, false);
	return err;
}

static int run(struct target *t, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags)
{
	if (of(t)->as_blocks)
		return blocks_run(mirror.blocks, op, nr, word);
	return driver_run(mirror.fd, op, nr, word, nr_words, flags);
}

/* The driver does not see on which CPU the blocks are asked for. */
static int tell_cpu(void)
{
	const struct conf_op op = {
		.opcode = CONF_GO_ON,
		.arg = CONF_ONE_CPU(blocks_cpu(mirror.blocks)),
	};
	uint32_t word;

	return driver_run(mirror.fd, &op, 1, &word, 1, 0);
}

static int between(struct target *t, const struct conf_op *op)
{
	int err = of(t)->as_blocks ? tell_cpu() : 0;

	if (err)
		return err;
	if (op->opcode == CONF_TUNE)
		return tune_mirror(op);
	return driver_between(mirror.fd, op);
}

static int state(struct target *t, struct words *words)
{
	(void)t;
	return driver_state(mirror.fd, words);
}

static int events(struct target *t, struct conf_events *out)
{
	(void)t;
	return driver_events(mirror.fd, out);
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

static struct mirror_target pages = {
	.t = { .name = "mirror pages", .ops = &mirror_ops },
};

static struct mirror_target blocks = {
	.t = { .name = "mirror blocks", .ops = &mirror_ops },
	.as_blocks = true,
};

void mirror_open(struct target **as_pages, struct target **as_blocks)
{
	mirror.fd = driver_open("/dev/conf_mirror");
	mirror.blocks = blocks_new();
	*as_pages = &pages.t;
	*as_blocks = &blocks.t;
}

void mirror_close(void)
{
	blocks_free(mirror.blocks);
	driver_reset(mirror.fd);
	close(mirror.fd);
}
