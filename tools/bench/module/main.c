// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what the mirror costs beside other allocators of the kernel.
 *
 *   insmod mirror_mm_bench.ko node=1 rows=pair,comp
 *
 * Everything happens while it is loaded. Then debugfs' mirror_mm_bench has a
 * line "bench WHAT TARGET VALUE" for each figure, instructions with the empty
 * loop taken off, and what was taken off as target "empty". Nothing is printed
 * earlier: a console would be counted too. A row that does not come about for a
 * peer that should have it makes the load fail.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include "bench.h"

#define MAX_FIGURES	256
#define NAME_LENGTH	24
#define STARTS		8

int bench_node = 1;
module_param_named(node, bench_node, int, 0444);
MODULE_PARM_DESC(node, "the node whose memory is the kernel's to hand out");

static char *rows = "pair,comp,bulk,burst,outstanding,trace";
module_param(rows, charp, 0444);
MODULE_PARM_DESC(rows, "groups of rows, separated by commas; also: init, occ70, set, cross");

struct mirror *bench_instance;

struct figure {
	char name[NAME_LENGTH];
	u64 values[BENCH_PEERS];
};

static const struct bench_peer *const peers[BENCH_PEERS] = {
	[BENCH_EMPTY] = &bench_empty,
	[BENCH_MIRROR] = &bench_mirror,
	[BENCH_KERNEL] = &bench_kernel,
	[BENCH_GEN_POOL] = &bench_gen_pool,
#ifdef CONFIG_GPU_BUDDY
	[BENCH_GPU_BUDDY] = &bench_gpu_buddy,
#endif
};

static struct figure *figures;
static unsigned int nr_figures;
static unsigned int permille;
static struct bench_refusal refusals[BENCH_REFUSALS];
static u64 init_costs[BENCH_PEERS];
static struct dentry *file;

static bool is_wanted(const char *group)
{
	const size_t length = strlen(group);
	const char *at = rows;

	while ((at = strstr(at, group))) {
		if ((at == rows || at[-1] == ',') &&
		    (!at[length] || at[length] == ','))
			return true;
		at += length;
	}
	return false;
}

static struct figure *new_figure(unsigned int at, const char *name,
				 unsigned int param)
{
	struct figure *figure = &figures[at];

	if (WARN_ON(at >= MAX_FIGURES))
		return NULL;
	snprintf(figure->name, sizeof(figure->name), name, param);
	return figure;
}

static unsigned int next_param(const struct bench_row *row, unsigned int param)
{
	if (row->factor)
		return min(param * row->factor, row->last);
	return param < row->last ? param + 1 : param - 1;
}

/* All figures of a row, from number @at on. Returns how many, or an error. */
static int measure_row(const struct bench_row *row, enum bench_peer_id id,
		       struct bench_room *room, unsigned int at)
{
	unsigned int param = row->first, i, nr = 0;
	struct figure *figure;
	u64 results[BENCH_FIGURES];
	int ret;

	for (;;) {
		ret = row->measure(peers[id], room, param, results);
		if (ret) {
			pr_err("%s, parameter %u, of %s: error %d\n",
			       row->names[0], param, peers[id]->name, ret);
			return ret;
		}
		for (i = 0; i < ARRAY_SIZE(row->names) && row->names[i]; i++) {
			figure = new_figure(at + nr++, row->names[i], param);
			if (!figure)
				return -ENOSPC;
			figure->values[id] = results[i];
		}
		if (param == row->last)
			return nr;
		param = next_param(row, param);
	}
}

static int measure_start(const struct bench_peer *peer, unsigned long bytes,
			 u64 *least)
{
	unsigned int i;
	u64 ticks;
	int ret;

	*least = U64_MAX;
	for (i = 0; i < STARTS; i++) {
		ticks = get_cycles();
		ret = peer->start(bytes);
		ticks = get_cycles() - ticks;
		if (ret)
			return ret;
		peer->stop();
		*least = min(*least, ticks);
	}
	return 0;
}

/* What each page of the second half costs. It may sleep, and so may be disturbed. */
static int measure_init(enum bench_peer_id id)
{
	const struct bench_peer *peer = peers[id];
	u64 half, whole;
	int ret;

	if (!peer->stop || !is_wanted("init"))
		return 0;
	ret = measure_start(peer, BENCH_BYTES / 2, &half);
	if (!ret)
		ret = measure_start(peer, BENCH_BYTES, &whole);
	if (!ret)
		init_costs[id] = bench_each(whole - min(half, whole),
					    BENCH_PAGES / 2);
	return ret;
}

static int measure_peer(enum bench_peer_id id, struct bench_room *room)
{
	const struct bench_peer *peer = peers[id];
	const struct bench_row *row;
	unsigned int at = 0;
	int ret = peer->start ? peer->start(BENCH_BYTES) : 0;

	if (ret) {
		pr_err("%s cannot start: error %d\n", peer->name, ret);
		return ret;
	}
	for (row = bench_rows; row < bench_rows + bench_nr_rows; row++) {
		if (!is_wanted(row->group))
			continue;
		ret = row->enter ? row->enter(peer, room) : 0;
		if (!ret)
			ret = measure_row(row, id, room, at);
		if (row->leave)
			row->leave(peer, room);
		if (ret < 0)
			break;
		at += ret;
	}
	nr_figures = at;
	if (peer->stop)
		peer->stop();
	return ret < 0 ? ret : 0;
}

static void free_room(struct bench_room *room)
{
	kvfree(room->slots);
	kvfree(room->held);
	kvfree(room->orders);
	kvfree(room->ops);
}

static int make_room(struct bench_room *room)
{
	room->slots = kvcalloc(BENCH_PAGES, sizeof(*room->slots), GFP_KERNEL);
	room->held = kvcalloc(BENCH_PAGES, sizeof(*room->held), GFP_KERNEL);
	room->orders = kvcalloc(BENCH_PAGES, sizeof(*room->orders), GFP_KERNEL);
	room->ops = kvcalloc(BENCH_OPS, sizeof(*room->ops), GFP_KERNEL);
	if (!room->slots || !room->held || !room->orders || !room->ops)
		return -ENOMEM;
	bench_make_trace(room->ops);
	return 0;
}

static int measure_all(void)
{
	struct bench_room room = { };
	unsigned int id;
	int ret;

	ret = bench_calibrate(&permille);
	if (ret) {
		pr_err("the cycle counter does not count instructions: %u for a thousand; run QEMU with -icount shift=0,sleep=off\n",
		       permille);
		return ret;
	}
	ret = make_room(&room);
	for (id = 0; id < BENCH_PEERS && !ret; id++)
		if (peers[id])
			ret = measure_init(id) ?: measure_peer(id, &room);
	free_room(&room);
	if (ret)
		return ret;
	if (!nr_figures) {
		pr_err("rows=%s names no row\n", rows);
		return -EINVAL;
	}
	ret = bench_misuse(refusals);
	if (ret)
		pr_err("misuse was not refused: double free %d, wrong order %d, foreign page %d\n",
		       refusals[0].seen, refusals[1].seen, refusals[2].seen);
	return ret;
}

static void show_value(struct seq_file *seq, u64 value)
{
	u32 rest;

	value = div_u64_rem(value, 100, &rest);
	seq_printf(seq, "%llu.%02u\n", value, rest);
}

/* The loop is the same for all; rounding may show in the last digit. */
static void show_figure(struct seq_file *seq, const struct figure *figure)
{
	const u64 empty = figure->values[BENCH_EMPTY];
	unsigned int id;
	u64 value;

	seq_printf(seq, "bench %s empty ", figure->name);
	show_value(seq, empty);
	for (id = BENCH_EMPTY + 1; id < BENCH_PEERS; id++) {
		if (!peers[id])
			continue;
		value = figure->values[id];
		seq_printf(seq, "bench %s %s ", figure->name, peers[id]->name);
		if (value == BENCH_NONE)
			seq_puts(seq, "-\n");
		else
			show_value(seq, value - min(value, empty));
	}
}

static int bench_show(struct seq_file *seq, void *unused)
{
	unsigned int i;

	seq_printf(seq, "# %u ticks for each 1000 instructions\n", permille);
	for (i = 0; i < nr_figures; i++)
		show_figure(seq, &figures[i]);
	for (i = 0; i < BENCH_PEERS; i++) {
		if (!peers[i] || !peers[i]->stop || !is_wanted("init"))
			continue;
		seq_printf(seq, "bench init-per-page %s ", peers[i]->name);
		show_value(seq, init_costs[i]);
	}
	for (i = 0; i < BENCH_REFUSALS; i++)
		seq_printf(seq, "refused %s %d\n", refusals[i].what,
			   refusals[i].seen);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bench);

static int __init bench_init(void)
{
	int ret;

	bench_instance = mirror_mm_get();
	if (!bench_instance)
		return -ENODEV;
	figures = kvcalloc(MAX_FIGURES, sizeof(*figures), GFP_KERNEL);
	ret = figures ? measure_all() : -ENOMEM;
	mirror_mm_put(bench_instance);
	if (ret) {
		kvfree(figures);
		return ret;
	}
	file = debugfs_create_file("mirror_mm_bench", 0400, NULL, NULL,
				   &bench_fops);
	return 0;
}

static void __exit bench_exit(void)
{
	debugfs_remove(file);
	kvfree(figures);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Counts what mirror_mm costs beside other allocators");
MODULE_LICENSE("GPL");
MIRROR_MM_IMPORT_NS();
