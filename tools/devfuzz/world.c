// SPDX-License-Identifier: GPL-2.0
/*
 * What a program has: descriptors, opens of the device, blocks.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "admin.h"
#include "devfuzz.h"

#define DEVICE		"/dev/mirror_mm"
#define NR_HEADS	0x1000u
/* Pages that plain requests may not get: marks, and lists of other CPUs. */
#define SPARE_PART	4

struct world world;

/* Blocks by id, so that an id's block is found among many. */
static uint32_t heads[NR_HEADS];
static uint32_t *next;

/* opens ----------------------------------------------------------------------------- */

static void set_admin(bool on)
{
	int error = admin_set(on);

	if (error)
		give_up("CAP_SYS_ADMIN: %s", strerror(error));
}

/**
 * open_device - open it
 * @kind: how
 *
 * Return: descriptor, or minus the errno.
 */
int open_device(enum file_kind kind)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDONLY, O_WRONLY };
	int fd;

	if (kind == FILE_USER)
		set_admin(false);
	fd = open(DEVICE, modes[kind] | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (kind == FILE_USER)
		set_admin(true);
	return fd;
}

static uint32_t rights_of(enum file_kind kind)
{
#if HAS_RIGHTS
	return kind == FILE_READER ? MIRROR_MM_RIGHT_ADMIN :
	       kind == FILE_USER ? MIRROR_MM_RIGHTS & ~MIRROR_MM_RIGHT_ADMIN :
	       MIRROR_MM_RIGHTS;
#else
	return kind == FILE_USER ? 0 : 1;
#endif
}

static struct slot *open_slot(struct slot *slot, enum file_kind kind)
{
	struct mirror_mm_info info;
	struct file *file;
	int fd;

	if (world.nr_files == NR_FILES)
		return NULL;
	fd = open_device(kind);
	if (fd < 0 || call(fd, MIRROR_MM_INFO, &info))
		found("the device cannot be opened any more: %d", fd);
	file = &world.files[world.nr_files];
	*file = (struct file){
		.kind = kind, .rights = rights_of(kind), .nr_fds = 1, .twin = -1,
		.limit = info.page_limit,
	};
	*slot = (struct slot){ .fd = fd, .file = world.nr_files++, .block = NO_BLOCK };
	return slot;
}

/**
 * get_slot - the descriptor that a record is about
 * @r: the record
 *
 * Return: it, or NULL where there can be no more.
 */
struct slot *get_slot(const struct record *r)
{
	struct slot *slot = &world.slots[r->ctl & CTL_SLOT];

	if (slot->fd < 0 && slot >= &world.slots[NR_FILE_KINDS])
		slot -= NR_FILE_KINDS;
	if (slot->fd < 0)
		return open_slot(slot, slot - world.slots);
	return slot;
}

/**
 * slot_for_new - where to put another descriptor; one that is there is closed
 * @r: the record that makes it
 *
 * Return: the slot.
 */
struct slot *slot_for_new(const struct record *r)
{
	struct slot *slot = &world.slots[NR_FILE_KINDS + r->arg[NR_ARGS - 1] % NR_FILE_KINDS];

	if (slot->fd >= 0)
		slot_close(slot);
	return slot;
}

struct file *slot_file(const struct slot *slot)
{
	return &world.files[slot->file];
}

/**
 * file_end - a file is gone, and with it its blocks
 * @file: its number
 */
void file_end(int file)
{
	uint32_t i;

	if (world.files[file].ended)
		return;
	world.files[file].ended = true;
	for (i = 0; i < world.nr_blocks && world.files[file].blocks; i++)
		if (world.blocks[i].file == file && world.blocks[i].live)
			block_gone(&world.blocks[i]);
}

/**
 * slot_close - close a descriptor
 * @slot: its place
 */
void slot_close(struct slot *slot)
{
	struct file *file = slot_file(slot);

	close(slot->fd);
	slot->fd = -1;
	if (slot->block != NO_BLOCK)
		return;
	/* Mappings that were left anywhere keep a file as those in the windows do. */
	if (!--file->nr_fds && !file->left && !windows_show(slot->file))
		file_end(slot->file);
}

/**
 * file_twin - another open like this one, for second opinions
 * @file: like which
 *
 * Return: its descriptor.
 */
int file_twin(struct file *file)
{
	if (file->twin >= 0)
		return file->twin;
	file->twin = open_device(file->kind);
	if (file->twin < 0)
		found("the device cannot be opened any more: %d", file->twin);
#if HAS_RIGHTS
	if (file->rights != rights_of(file->kind)) {
		struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_DROP_RIGHTS };

		arg.drop_rights.rights = MIRROR_MM_RIGHTS & ~file->rights;
		if (call(file->twin, MIRROR_MM_CTL, &arg))
			found("DROP_RIGHTS of rights that are there fails");
	}
#endif
	return file->twin;
}

/**
 * may_change - what a request that changes something has to be answered with
 * @slot: who asks
 * @right: the right that it takes: 1 ALLOC, 2 FREE, 3 GRANT, as bits of the uapi
 *
 * Return: 0, or the errno that is due whatever else is wrong.
 */
int may_change(const struct slot *slot, uint32_t right)
{
	const struct file *file = slot_file(slot);

	if (slot->block != NO_BLOCK)
		return -ENOTTY;
#if HAS_RIGHTS
	if (file->kind == FILE_READER)
		return -EBADF;
	if (!(file->rights & 1u << right))
		return -EPERM;
#else
	(void)file;
	(void)right;
#endif
	return 0;
}

/* blocks ----------------------------------------------------------------------------- */

static uint32_t *head_of(uint64_t id)
{
	return &heads[(id ^ id >> 29) * 0x9e3779b97f4a7c15ull >> 52];
}

/**
 * block_by_id - the live block of an id
 * @file: in which file, its number
 * @id: any number
 *
 * Return: it, or NULL.
 */
struct block *block_by_id(int file, uint64_t id)
{
	uint32_t i;

	for (i = *head_of(id); i; i = next[i - 1]) {
		struct block *block = &world.blocks[i - 1];

		if (block->id == id && block->file == file && block->live)
			return block;
	}
	return NULL;
}

static void check_new(int file, const struct mirror_mm_alloc *arg)
{
	bool hidden = arg->pfn == MIRROR_MM_PFN_HIDDEN;

	if (!arg->id || block_by_id(file, arg->id))
		found("id %#llx was given out twice, or is 0", (unsigned long long)arg->id);
	if (arg->offset % PAGE)
		found("offset %#llx", (unsigned long long)arg->offset);
	if (arg->migratetype >= MIRROR_MIGRATE_TYPES || arg->zone >= MIRROR_MAX_NR_ZONES)
		found("zone %u, type %u", arg->zone, arg->migratetype);
	if (arg->node < 0 || arg->node >= (int)world.info.nr_nodes)
		found("node %d", arg->node);
	if (hidden == (world.files[file].rights & 1))
		found("pfn %#llx with rights %#x", (unsigned long long)arg->pfn,
		      world.files[file].rights);
	if (!hidden && (arg->pfn < world.info.start_pfn ||
			arg->pfn + (1ull << arg->order) > world.info.end_pfn))
		found("pfn %#llx is none of the mirror's", (unsigned long long)arg->pfn);
}

/**
 * block_add - note a block
 * @file: who got it
 * @arg: the answer
 * @unknown: its content was not cleared
 */
void block_add(int file, const struct mirror_mm_alloc *arg, bool unknown)
{
	uint32_t *head = head_of(arg->id);

	check_new(file, arg);
	world.files[file].pages += 1ull << arg->order;
	if (++world.files[file].blocks > world.files[file].most_blocks)
		world.files[file].most_blocks = world.files[file].blocks;
	if (world.nr_blocks == MAX_BLOCKS)
		give_up("a program got too many blocks");
	world.blocks[world.nr_blocks] = (struct block){
		.id = arg->id, .offset = arg->offset, .pfn = arg->pfn, .order = arg->order,
		.file = file, .live = true, .unknown = unknown, .model = NO_MODEL,
	};
	next[world.nr_blocks] = *head;
	*head = ++world.nr_blocks;
}

/**
 * block_gone - note that a block was freed
 * @block: the block
 */
void block_gone(struct block *block)
{
	block->live = false;
	world.files[block->file].pages -= 1ull << block->order;
	world.files[block->file].blocks--;
	model_revoke(block);
}

/**
 * pick_block - one of the last blocks
 * @r: record
 * @i: argument that says which
 *
 * Return: it, freed ones as well, or NULL.
 */
struct block *pick_block(const struct record *r, unsigned int i)
{
	uint32_t back = r->arg[i % NR_ARGS] % 12;

	return back < world.nr_blocks ? &world.blocks[world.nr_blocks - 1 - back] : NULL;
}

/**
 * pick_id - an id to try: a block's, one near to it, or an extreme one
 * @r: record
 * @i: argument that says which
 * @block: set to the block of that id, where it is the id of one
 *
 * Return: the id.
 */
uint64_t pick_id(const struct record *r, unsigned int i, struct block **block)
{
	uint8_t b = field(r, i);

	*block = pick_block(r, i);
	if (*block && b & 0x80)
		return (*block)->id;
	if (*block && b & 0x40) {
		static const uint64_t steps[] = {
			1, -1ull, 1ull << 32, -(1ull << 32), 2ull << 32, 128, 1ull << 63,
		};

		return (*block)->id + steps[b % ARRAY_SIZE(steps)];
	}
	return field_u64(r, i);
}

/* beginning and end --------------------------------------------------------------------- */

static bool is_bare(void)
{
	struct mirror_mm_alloc arg = { .gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY };
	int fd = open_device(FILE_ADMIN);
	void *addr = MAP_FAILED;
	bool bare;

	if (!call(fd, MIRROR_MM_ALLOC, &arg))
		addr = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, arg.offset);
	bare = addr == MAP_FAILED && errno == ENODEV;
	if (addr != MAP_FAILED)
		munmap(addr, PAGE);
	close(fd);
	return bare;
}

void world_init(void)
{
	int i;

	world.blocks = mmap(NULL, MAX_BLOCKS * sizeof(*world.blocks), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	next = mmap(NULL, MAX_BLOCKS * sizeof(*next), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (world.blocks == MAP_FAILED || next == MAP_FAILED)
		give_up("memory for blocks");
	world.neighbour = open_device(FILE_ADMIN);
	if (world.neighbour < 0 || call(world.neighbour, MIRROR_MM_INFO, &world.info))
		give_up("%s: %s", DEVICE, strerror(errno));
	world.bare = is_bare();
	world.free_at_start = world.info.nr_free;
	world.spare = world.info.nr_pages / SPARE_PART;
	for (i = 0; i < NR_SLOTS; i++)
		world.slots[i].fd = -1;
}

void world_begin(void)
{
	world.nr_files = 0;
	world.tuned = world.hardware;
	world.poisoned = world.hardware;
	world.waited = false;
	world.user_pfn = 0;
}

/* All files are gone but the neighbour, and so is all that they had. */
static void check_end(void)
{
	struct mirror_mm_info info;
	const char *said = text_check();

	if (said)
		found("check: %s", said);
	if (call(world.neighbour, MIRROR_MM_INFO, &info))
		found("INFO of the neighbour fails");
	/* What hardware has reported stays away, and there is no way back from then on. */
#if HAS_RIGHTS
	if (world.hardware)
		info.nr_free += info.bad_pages;
#endif
	if (info.nr_free != world.free_at_start)
		found("%llu pages are free, at the beginning %llu were",
		      (unsigned long long)info.nr_free,
		      (unsigned long long)world.free_at_start);
}

void world_end(void)
{
	uint32_t i;
	int f;

	windows_compare();
	check_neighbour();
	windows_reset();
	unmap_left();
	for (f = 0; f < NR_SLOTS; f++)
		if (world.slots[f].fd >= 0)
			slot_close(&world.slots[f]);
	for (f = 0; f < world.nr_files; f++) {
		if (world.files[f].twin >= 0)
			close(world.files[f].twin);
		file_end(f);
	}
	for (i = 0; i < world.nr_blocks; i++)
		*head_of(world.blocks[i].id) = 0;
	world.nr_blocks = 0;
	cpu_restore();
	kernel_release();
	text_restore();
	check_end();
}
