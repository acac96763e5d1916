// SPDX-License-Identifier: GPL-2.0
/*
 * The single requests: each field of each of them, sizes and places of the argument.
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "devfuzz.h"

#define WHERE	(NR_ARGS - 2)	/* argument that says where the struct lies */
#define NTH	(NR_ARGS - 3)

/* INFO of a file agrees with what we know of it. */
void check_books(const struct slot *slot)
{
	const struct file *file = slot_file(slot);
	struct mirror_mm_info info;
	long ret;

	if (slot->block != NO_BLOCK)
		return;
	ret = call(slot->fd, MIRROR_MM_INFO, &info);
	if (ret)
		found("INFO gives %ld", ret);
	if (info.held_pages != file->pages || info.held_blocks != file->blocks)
		found("the file holds %llu pages in %llu blocks, not %llu in %llu",
		      (unsigned long long)info.held_pages,
		      (unsigned long long)info.held_blocks,
		      (unsigned long long)file->pages, (unsigned long long)file->blocks);
#if HAS_RIGHTS
	if (info.rights != file->rights)
		found("the file has rights %#x, not %#x", info.rights, file->rights);
#endif
}

/* A request whose struct may lie anywhere; its answer is in @arg. */
static long call_at(const struct record *r, const struct slot *slot, unsigned long request,
		    void *arg, size_t size, bool *good)
{
	void *at = arena_place(r->arg[WHERE], arg, size, good);
	long ret = call(slot->fd, request, at);

	if (*good && at) {
		try_copy(arg, at, size);
		windows_adopt(at, size);
	}
	return ret;
}

void op_alloc(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct mirror_mm_alloc arg, asked;
	bool good, injected;
	long ret;

	if (!slot)
		return;
	field_alloc(r, &arg);
	asked = arg;
	inject_begin(r, NTH);
	ret = call_at(r, slot, MIRROR_MM_ALLOC, &arg, sizeof(arg), &good);
	injected = inject_end();
	say("ALLOC order %#x gfp %#x node %d flags %#x mask %#llx%s: %ld id %#llx", asked.order,
	    asked.gfp, asked.node, asked.flags, (unsigned long long)asked.nodemask,
	    good ? "" : " at a bad address", ret, (unsigned long long)arg.id);
	if (good && ret == -EFAULT)
		found("ALLOC gives EFAULT for good memory");
	if (!good && !ret && slot->block == NO_BLOCK)
		found("ALLOC succeeds with an argument in bad memory");
	if (!good) {
		check_books(slot);
		return;
	}
	check_alloc(slot, &asked, ret, injected);
	if (!ret)
		block_add(slot->file, &arg, asked.flags & MIRROR_MM_ALLOC_NOZERO &&
			  !(asked.gfp & __MIRROR_GFP_ZERO));
}

long due_of_free(const struct slot *slot, const struct mirror_mm_free *arg,
		 const struct block *block)
{
	long may = may_change(slot, 2);

	if (may == -ENOTTY)
		return may;
	if (arg->flags || arg->reserved)
		return -EINVAL;
	return may ? may : block ? 0 : -ENOENT;
}

void op_free(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct mirror_mm_free arg = {};
	struct block *block;
	long ret, due;
	bool good;

	if (!slot)
		return;
	arg.id = pick_id(r, 0, &block);
	arg.flags = field_is_sound(r, 1) ? 0 : field_u32(r, 1);
	arg.reserved = field_is_sound(r, 2) ? 0 : field_u32(r, 2);
	block = block_by_id(slot->file, arg.id);
	inject_begin(r, NTH);
	ret = call_at(r, slot, MIRROR_MM_FREE, &arg, sizeof(arg), &good);
	inject_end();
	due = due_of_free(slot, &arg, block);
	say("FREE id %#llx flags %#x reserved %#x%s: %ld", (unsigned long long)arg.id, arg.flags,
	    arg.reserved, good ? "" : " at a bad address", ret);
	/* Of a struct that is not whole the flags may be others. */
	if (!good && ret != due && ret != -EFAULT && ret != -EINVAL && ret != -ENOENT && ret)
		found("FREE at a bad address gives %ld", ret);
	if (good && ret != due)
		found("FREE of %#llx gives %ld, not %ld", (unsigned long long)arg.id, ret, due);
	if (!ret && !block)
		found("FREE of an id that is no block's succeeds");
	if (!ret)
		block_gone(block);
}

void op_info(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct mirror_mm_info arg;
	bool good;
	long ret;

	if (!slot)
		return;
	memset(&arg, r->arg[0], sizeof(arg));
	ret = call_at(r, slot, MIRROR_MM_INFO, &arg, sizeof(arg), &good);
	say("INFO%s: %ld", good ? "" : " at a bad address", ret);
	if (good && ret != (slot->block == NO_BLOCK ? 0 : -ENOTTY))
		found("INFO gives %ld", ret);
	check_books(slot);
}

/* CTL; the commands after the last one there is are tried as well. */
void op_ctl(const struct record *r)
{
	struct slot *slot = get_slot(r);
	struct mirror_mm_ctl arg = {}, twin_arg;
	bool good, injected;
	long ret;

	if (!slot)
		return;
	arg.cmd = field_is_sound(r, 0) ? field(r, 0) % 2 : field_u32(r, 0);
#if HAS_RIGHTS
	/* These have operations of their own, in which they are followed. */
	if (arg.cmd == MIRROR_MM_CTL_DROP_RIGHTS || arg.cmd == MIRROR_MM_CTL_GRANT)
		arg.flags = 1;
#endif
	arg.flags |= field_is_sound(r, 1) ? 0 : field_u32(r, 1);
	arg.mempolicy.mode = field_is_sound(r, 2) ? field(r, 2) % MIRROR_MPOL_MAX : field_u32(r, 2);
	arg.mempolicy.next_node = field_is_sound(r, 3) ? 0 : field_u32(r, 3);
	arg.mempolicy.nodemask = field_nodemask(r, 4);
	if (!field_is_sound(r, 5))
		arg.reserved[2 + field(r, 5) % 5] = field_u64(r, 6);
	twin_arg = arg;
	inject_begin(r, NTH);
	ret = call_at(r, slot, MIRROR_MM_CTL, &arg, sizeof(arg), &good);
	injected = inject_end();
	say("CTL cmd %#x flags %#x mode %#x next %d mask %#llx%s: %ld", twin_arg.cmd,
	    twin_arg.flags, twin_arg.mempolicy.mode, twin_arg.mempolicy.next_node,
	    (unsigned long long)twin_arg.mempolicy.nodemask, good ? "" : " at a bad address",
	    ret);
	/* A policy that was set stays set, though its answer could not be written. */
	if (twin_arg.cmd == MIRROR_MM_CTL_SET_MEMPOLICY && (!ret || !good))
		slot_file(slot)->policy = true;
	if (good && !injected && slot->block == NO_BLOCK &&
	    call(file_twin(slot_file(slot)), MIRROR_MM_CTL, &twin_arg) != ret)
		found("CTL gives %ld, and something else to a twin", ret);
}

/* Any number of a request, with a size that it may not have. */
void op_ioctl(const struct record *r)
{
	static const uint16_t sizes[] = {
		0, 4, 8, 15, 16, 24, 32, 55, 56, 57, 63, 64, 65, 72, 79, 80, 81, 95, 96, 104,
		112, 128, 256, 1024, 4096, 8192, 16383,
	};
	static uint8_t buf[16384];
	struct slot *slot = get_slot(r);
	unsigned int nr = r->arg[0] % 7, size = sizes[r->arg[1] % ARRAY_SIZE(sizes)];
	unsigned int magic = r->arg[2] & 0x80 ? MIRROR_MM_IOC_MAGIC : r->arg[2];
	unsigned int dir = r->arg[3] & 0x80 ? _IOC_READ | _IOC_WRITE : r->arg[3] % 4;
	size_t used = r->arg[4] & 0x80 ? 56 : size;
	struct mirror_mm_alloc *alloc = (void *)buf;
	struct mirror_mm_info info;
	bool good;
	void *at;
	long ret;

	if (!slot)
		return;
	memset(buf, 0, sizeof(buf));
	if (r->arg[5] & 0x80)
		field_alloc(r, alloc);
	else if (r->arg[5] & 0x40)
		memset(buf, r->arg[6], used);
	if (size > 256 && r->arg[7] & 0x80)
		buf[size - 1] = 1;
	/* Blocks that come of this are not followed: the file is one of its own. */
	at = arena_place(size > 4096 ? 0xff : r->arg[WHERE], buf, size > 4096 ? 4096 : size, &good);
	if (size > 4096)
		at = buf;
	if (nr == _IOC_NR(MIRROR_MM_FREE) || nr == _IOC_NR(MIRROR_MM_SUBMIT) ||
	    nr == _IOC_NR(MIRROR_MM_ALLOC) || nr == _IOC_NR(MIRROR_MM_CTL)) {
		int fd = open_device(slot_file(slot)->kind);

		inject_begin(r, NTH);
		ret = call(fd, _IOC(dir, magic, nr, size), at);
		inject_end();
		if (fd >= 0 && call(fd, MIRROR_MM_INFO, &info))
			found("INFO fails after a request of another size");
		if (!ret && nr == _IOC_NR(MIRROR_MM_ALLOC) && info.held_blocks != 1)
			found("ALLOC of size %u succeeds, and %llu blocks are there", size,
			      (unsigned long long)info.held_blocks);
		if (ret < 0 && info.held_blocks)
			found("request %u of size %u fails with %ld and leaves a block", nr, size,
			      ret);
		close(fd);
	} else {
		ret = call(slot->fd, _IOC(dir, magic, nr, size), at);
	}
	say("request %u magic %#x dir %u size %u: %ld", nr, magic, dir, size, ret);
	if ((magic != MIRROR_MM_IOC_MAGIC || dir != 3 || nr > 4) && ret != -ENOTTY && ret)
		say("  which is another file's or the kernel's own");
}

void op_grant(const struct record *r)
{
#if HAS_RIGHTS
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_GRANT };
	struct slot *slot = get_slot(r), *new;
	struct block *block;
	bool good, injected;
	long ret, due;

	if (!slot)
		return;
	arg.grant.id = pick_id(r, 0, &block);
	arg.grant.flags = field_is_sound(r, 1) ? field(r, 1) & 1 : field_u32(r, 1);
	arg.grant.fd = field_is_sound(r, 2) ? 0 : field_u32(r, 2);
	block = block_by_id(slot->file, arg.grant.id);
	due = may_change(slot, 3);
	if (!due && (arg.grant.flags > 1 || arg.grant.fd))
		due = -EINVAL;
	if (!due && arg.grant.flags && !(slot_file(slot)->rights & MIRROR_MM_RIGHT_WRITE))
		due = -EACCES;
	if (!due && !block)
		due = -ENOENT;
	if (!due && world.bare)
		due = -ENODEV;
	inject_begin(r, NTH);
	ret = call_at(r, slot, MIRROR_MM_CTL, &arg, sizeof(arg), &good);
	injected = inject_end();
	say("GRANT id %#llx flags %#x fd %d%s: %ld", (unsigned long long)arg.grant.id,
	    arg.grant.flags, arg.grant.fd, good ? "" : " at a bad address", ret);
	if (good && ret != due && !(injected && (ret == -ENOMEM || ret == -ENFILE)))
		found("GRANT gives %ld, not %ld", ret, due);
	if (ret || !good)
		return;
	/* Closing what the slot had may take other files down, not this one. */
	new = slot_for_new(r);
	*new = (struct slot){
		.fd = arg.grant.fd, .file = slot->file, .block = block - world.blocks,
		.writable = arg.grant.flags,
	};
#else
	op_ctl(r);
#endif
}

void op_drop(const struct record *r)
{
#if HAS_RIGHTS
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_DROP_RIGHTS }, twin_arg;
	struct slot *slot = get_slot(r);
	struct file *file;
	bool good;
	long ret, due;

	if (!slot)
		return;
	file = slot_file(slot);
	arg.drop_rights.rights = field_is_sound(r, 0) ? 1u << field(r, 0) % 5 : field_u64(r, 0);
	twin_arg = arg;
	ret = call_at(r, slot, MIRROR_MM_CTL, &arg, sizeof(arg), &good);
	say("DROP %#llx%s: %ld", (unsigned long long)twin_arg.drop_rights.rights,
	    good ? "" : " at a bad address", ret);
	if (slot->block != NO_BLOCK)
		return;
	due = twin_arg.drop_rights.rights & ~(uint64_t)MIRROR_MM_RIGHTS ? -EINVAL : 0;
	if (good && ret != due)
		found("DROP_RIGHTS gives %ld", ret);
	if (!good) {
		struct mirror_mm_info info;

		if (call(slot->fd, MIRROR_MM_INFO, &info))
			found("INFO fails");
		if (info.rights & ~file->rights)
			found("rights came back");
		twin_arg.drop_rights.rights = file->rights & ~info.rights;
		ret = 0;
	}
	if (ret)
		return;
	file->rights &= ~twin_arg.drop_rights.rights;
	if (file->twin >= 0 && call(file->twin, MIRROR_MM_CTL, &twin_arg))
		found("DROP_RIGHTS fails for a twin");
	check_books(slot);
#else
	op_info(r);
#endif
}
