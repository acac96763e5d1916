// SPDX-License-Identifier: GPL-2.0
/*
 * A file's table of blocks as a whole: many are freed at a time, and the chunks that are
 * empty then go back a moment later.
 */
#include <time.h>
#include <unistd.h>
#include "devfuzz.h"

/* A little more than the module waits before it gives chunks back. */
#define WAIT_US		650000
/* What waiting may take of the time, one part in so many. */
#define WAIT_PART	25
#define SLOTS_OF_CHUNK	127u

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* All blocks of the file, each second one, the older half, all but the newest. */
static bool is_meant(uint8_t how, uint32_t i)
{
	switch (how % 5) {
	case 0:
		return true;
	case 1:
		return i % 2;
	case 2:
		return i < world.nr_blocks / 2;
	case 3:
		return i + 1 < world.nr_blocks;
	default:
		return i % 200;
	}
}

void op_free_many(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct mirror_mm_free arg = {};
	uint32_t i, nr = 0;
	long ret, due;

	if (!slot || slot->block != NO_BLOCK)
		return;
	if (r->arg[1] & 0x80)
		unmap_left();
	for (i = 0; i < world.nr_blocks && world.steps; i++) {
		struct block *block = &world.blocks[i];

		if (!block->live || block->file != slot->file || !is_meant(r->arg[0], i))
			continue;
		arg.id = block->id;
		due = due_of_free(slot, &arg, block);
		ret = call(slot->fd, MIRROR_MM_FREE, &arg);
		if (ret != due)
			found("FREE of %#llx gives %ld, not %ld", (unsigned long long)arg.id, ret,
			      due);
		world.steps--;
		nr++;
		if (ret)
			break;
		block_gone(block);
	}
	say("FREE of %u blocks", nr);
	check_books(slot);
}

/*
 * The chunks go back in a task of the kernel's own, of which KCOV tells nothing. So the
 * inputs that leave some are told apart here.
 */
static void note_chunks(void)
{
	unsigned int f, note = 0;

	for (f = 0; f < (unsigned int)world.nr_files; f++) {
		struct file *file = &world.files[f];
		uint64_t chunks = (file->most_blocks - file->blocks) / SLOTS_OF_CHUNK;

		if (!file->nr_fds || chunks < 2)
			continue;
		note = 1 + (chunks > 8) + 2 * !!file->blocks;
		file->most_blocks = file->blocks;
		coverage_note(note);
	}
}

/* Once in a program, and not for more than a small part of the time. */
void op_wait(const struct record *r)
{
	static double begun, spent;
	double before = now();

	if (!begun)
		begun = before;
	if (world.waited || (!may_be_slow() && spent > 1 + (before - begun) / WAIT_PART))
		return;
	world.waited = true;
	say("WAIT");
	usleep(WAIT_US);
	note_chunks();
	spent += now() - before;
}
