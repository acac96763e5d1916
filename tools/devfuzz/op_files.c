// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors, mappings where the kernel puts them, and children.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "windows.h"

#define NTH	(NR_ARGS - 3)

/* mappings ------------------------------------------------------------------------- */

#define MOST_LEFT	65000u

static struct {
	void *addr;
	size_t size;
	int file;
} left[MOST_LEFT];

/**
 * unmap_left - undo the mappings that were left
 */
void unmap_left(void)
{
	while (world.left) {
		world.left--;
		munmap(left[world.left].addr, left[world.left].size);
		if (left[world.left].file >= 0)
			world.files[left[world.left].file].left--;
	}
}

/* The mapping stays until the end of the program. */
void op_map_anywhere(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct block *block;
	bool granted;
	size_t size;
	void *addr;

	if (!slot)
		return;
	granted = slot->block != NO_BLOCK;
	block = granted ? &world.blocks[slot->block] : pick_block(r, 0);
	if (!block || world.left == MOST_LEFT)
		return;
	size = r->arg[1] & 0x80 ? PAGE : PAGE << block->order;
	inject_begin(r, NTH);
	addr = mmap(NULL, size, r->arg[2] & 0x80 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED,
		    slot->fd, granted ? 0 : block->offset);
	inject_end();
	say("MAP %zu bytes of block %#llx: %s", size, (unsigned long long)block->id,
	    addr == MAP_FAILED ? strerror(errno) : "done");
	if (addr == MAP_FAILED)
		return;
	if (!block->live || (!granted && block->file != slot->file))
		found("a block is mapped that is not there");
	left[world.left].addr = addr;
	left[world.left].size = size;
	left[world.left++].file = granted ? -1 : slot->file;
	if (!granted)
		world.files[slot->file].left++;
	if (r->arg[3] & 0x80)
		try_read(addr, &(uint64_t){ 0 });
}

static bool may_show(const struct slot *slot, uint64_t offset, uint64_t size)
{
	uint32_t i;

	if (slot->block != NO_BLOCK)
		return offset + size <= PAGE << world.blocks[slot->block].order;
	for (i = 0; i < world.nr_blocks; i++) {
		const struct block *b = &world.blocks[i];

		if (b->live && b->file == slot->file && offset >= b->offset &&
		    offset + size <= b->offset + (PAGE << b->order))
			return true;
	}
	return false;
}

/* Any offset, length, protection and kind. */
void op_map_raw(const struct record *r)
{
	static const int kinds[] = {
		MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_SHARED | MAP_SYNC, 0,
		MAP_SHARED_VALIDATE | MAP_SYNC, MAP_SHARED | MAP_GROWSDOWN,
		MAP_SHARED | MAP_HUGETLB, MAP_SHARED | MAP_NONBLOCK,
	};
	uint64_t offset = field_u64(r, 0), size = field_u64(r, 1);
	int prot = r->arg[2] % 8, kind = kinds[r->arg[3] % ARRAY_SIZE(kinds)];
	struct block *block = pick_block(r, 4);
	struct slot *slot = get_slot(r);
	void *addr;

	if (!slot)
		return;
	if (block && r->arg[5] & 0x80)
		offset = block->offset + (offset << 12);
	if (r->arg[6] & 0x80)
		offset <<= 12;
	if (r->arg[7] & 0x80)
		size <<= 12;
	addr = mmap(NULL, size, prot, kind, slot->fd, offset);
	say("MAP %#llx bytes at offset %#llx, prot %d flags %#x: %s", (unsigned long long)size,
	    (unsigned long long)offset, prot, kind, addr == MAP_FAILED ? strerror(errno) : "done");
	if (addr == MAP_FAILED)
		return;
	munmap(addr, size);
	if (!may_show(slot, offset & ~(PAGE - 1), size))
		found("%#llx bytes at offset %#llx were mapped", (unsigned long long)size,
		      (unsigned long long)offset);
}

/* descriptors ----------------------------------------------------------------------- */

static void add_slot(const struct record *r, const struct slot *like, int fd)
{
	struct slot *new;

	if (fd < 0)
		return;
	if (like->block == NO_BLOCK)
		slot_file(like)->nr_fds++;
	new = slot_for_new(r);
	/* It may have taken the place of what it is a copy of. */
	*new = (struct slot){
		.fd = fd, .file = like->file, .block = like->block, .writable = like->writable,
	};
}

void op_dup(const struct record *r)
{
	struct slot *slot = get_slot(r), like;

	if (!slot)
		return;
	like = *slot;
	say("DUP");
	add_slot(r, &like, fcntl(slot->fd, F_DUPFD_CLOEXEC, 0));
}

/* Through a socket, and back. */
void op_pass(const struct record *r)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = "";
	struct slot *slot = get_slot(r), like;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int ends[2], fd = -1;

	if (!slot)
		return;
	like = *slot;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &slot->fd, sizeof(int));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends))
		return;
	/* One that is never received goes with the socket. */
	if (sendmsg(ends[0], &msg, 0) == 1 && r->arg[0] & 0x80 &&
	    recvmsg(ends[1], &msg, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	say("PASS: %s", fd < 0 ? "not received" : "received");
	close(ends[0]);
	close(ends[1]);
	add_slot(r, &like, fd);
}

void op_close(const struct record *r)
{
	struct slot *slot = &world.slots[r->ctl & CTL_SLOT];

	if (slot->fd < 0)
		return;
	say("CLOSE");
	slot_close(slot);
}

/* Another open of the device, which may fail half-way. */
void op_open(const struct record *r)
{
	int fd;

	inject_begin(r, NTH);
	fd = open_device(r->arg[0] % NR_FILE_KINDS);
	if (!inject_end() && fd < 0)
		found("the device cannot be opened: %d", fd);
	say("OPEN: %d", fd);
	if (fd >= 0)
		close(fd);
}

/* What a device without reading, writing and seeking answers. */
void op_file(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct pollfd poll_fd;
	struct stat st;
	char byte[8];

	if (!slot)
		return;
	say("FILE call %u", r->arg[0] % 8);
	switch (r->arg[0] % 8) {
	case 0:
		if (read(slot->fd, byte, sizeof(byte)) > 0)
			found("the device can be read");
		break;
	case 1:
		if (write(slot->fd, byte, sizeof(byte)) > 0)
			found("the device can be written to");
		break;
	case 2:
		lseek(slot->fd, field_u64(r, 1), r->arg[2] % 5);
		break;
	case 3:
		poll_fd = (struct pollfd){ slot->fd, POLLIN | POLLOUT, 0 };
		poll(&poll_fd, 1, 0);
		break;
	case 4:
		if (!ftruncate(slot->fd, field_u64(r, 1)))
			found("the device can be truncated");
		break;
	case 5:
		fstat(slot->fd, &st);
		break;
	case 6:
		fallocate(slot->fd, r->arg[1] % 8, 0, 4096);
		break;
	case 7:
		fcntl(slot->fd, F_SETFL, r->arg[1] & 1 ? O_NONBLOCK | O_APPEND : 0);
		break;
	}
}

/* children -------------------------------------------------------------------------- */

/* What a child does to what it has from its parent comes to nothing here. */
static int child(const struct record *r, const struct slot *slot)
{
	struct mirror_mm_alloc arg = {
		.gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};
	struct mirror_mm_free arg_free = {};
	uint8_t what = r->arg[2];
	uint64_t word;
	int ret;

	if (what & 1 && slot && !call(slot->fd, MIRROR_MM_ALLOC, &arg)) {
		void *addr = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, slot->fd, arg.offset);

		if (addr != MAP_FAILED && what & 2)
			try_read(addr, &word);
		arg_free.id = arg.id;
		/* The right may be missing, and the block stays with the file. */
		if (call(slot->fd, MIRROR_MM_FREE, &arg_free))
			return 100;
	}
	if (what & 4)
		munmap(window[DEVICE] + r->arg[3] % WINDOW_PAGES * PAGE, PAGE);
	ret = what & 4 ? 0 : windows_child(r);
	if (what & 8 && slot)
		close(slot->fd);
	return ret;
}

void op_fork(const struct record *r)
{
	struct slot *slot = r->arg[2] & 1 ? get_slot(r) : NULL;
	int status = 0;
	pid_t pid;

	/* It must be able to free what it gets. */
	if (slot && (may_change(slot, 1) || may_change(slot, 2)))
		slot = NULL;
	inject_begin(r, NTH);
	pid = fork();
	if (!pid) {
		signal(SIGALRM, SIG_IGN);
		_exit(child(r, slot));
	}
	inject_end();
	if (pid < 0)
		return;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	say("FORK: %#x", status);
	if (status)
		found("a child ended with status %#x", status);
}
