// SPDX-License-Identifier: GPL-2.0
/*
 * The device as the tests see it.
 */
#include <dirent.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "selftest.h"

static int result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

int st_open_mode(int mode)
{
	return result(open(ST_DEVICE, mode | O_CLOEXEC));
}

int st_open(void)
{
	return st_open_mode(O_RDWR);
}

/* Takes CAP_SYS_ADMIN out of the effective set, or puts it back. */
static int set_admin(bool on)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t bit = CAP_TO_MASK(CAP_SYS_ADMIN);

	if (syscall(SYS_capget, &head, data))
		return -errno;
	if (on)
		data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective |= bit;
	else
		data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~bit;
	return result(syscall(SYS_capset, &head, data));
}

int st_open_unprivileged(void)
{
	int fd, ret = set_admin(false);

	if (ret)
		return ret;
	fd = st_open();
	ret = set_admin(true);
	if (!ret)
		return fd;
	if (fd >= 0)
		close(fd);
	return ret;
}

int st_ioctl(int fd, unsigned long request, void *arg)
{
	return result(ioctl(fd, request, arg));
}

int st_info(int fd, struct mirror_mm_info *info)
{
	memset(info, 0, sizeof(*info));
	return st_ioctl(fd, MIRROR_MM_INFO, info);
}

int st_alloc_flags(int fd, unsigned int order, unsigned int gfp,
		   unsigned int flags, struct mirror_mm_alloc *block)
{
	memset(block, 0, sizeof(*block));
	block->order = order;
	block->gfp = gfp;
	block->node = MIRROR_MM_NODE_ANY;
	block->flags = flags;
	return st_ioctl(fd, MIRROR_MM_ALLOC, block);
}

int st_alloc(int fd, unsigned int order, unsigned int gfp,
	     struct mirror_mm_alloc *block)
{
	return st_alloc_flags(fd, order, gfp, 0, block);
}

int st_free(int fd, uint64_t id)
{
	struct mirror_mm_free arg = { .id = id };

	return st_ioctl(fd, MIRROR_MM_FREE, &arg);
}

int st_grant(int fd, uint64_t id, unsigned int flags)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_GRANT,
		.grant = { .id = id, .flags = flags },
	};
	int ret = st_ioctl(fd, MIRROR_MM_CTL, &arg);

	return ret ? ret : arg.grant.fd;
}

int st_drop_rights(int fd, uint64_t rights)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_DROP_RIGHTS,
		.drop_rights = { .rights = rights },
	};

	return st_ioctl(fd, MIRROR_MM_CTL, &arg);
}

int st_submit(int fd, struct mirror_mm_op *ops, unsigned int nr)
{
	struct mirror_mm_submit arg = { .ops = (uintptr_t)ops, .nr = nr };

	return st_ioctl(fd, MIRROR_MM_SUBMIT, &arg);
}

void st_op_alloc(struct mirror_mm_op *op, unsigned int order, unsigned int gfp)
{
	memset(op, 0, sizeof(*op));
	op->opcode = MIRROR_MM_OP_ALLOC;
	op->result = ST_NOT_DONE;
	op->alloc.order = order;
	op->alloc.gfp = gfp;
	op->alloc.node = MIRROR_MM_NODE_ANY;
}

void st_op_free(struct mirror_mm_op *op, uint64_t id)
{
	memset(op, 0, sizeof(*op));
	op->opcode = MIRROR_MM_OP_FREE;
	op->result = ST_NOT_DONE;
	op->free.id = id;
}

static struct mirror_mm_info info_or_nothing(int fd)
{
	struct mirror_mm_info info;

	if (st_info(fd, &info))
		memset(&info, 0xff, sizeof(info));
	return info;
}

uint64_t st_held_pages(int fd)
{
	return info_or_nothing(fd).held_pages;
}

uint64_t st_held_blocks(int fd)
{
	return info_or_nothing(fd).held_blocks;
}

uint64_t st_waiting_blocks(int fd)
{
	return info_or_nothing(fd).waiting_blocks;
}

uint64_t st_nr_free(int fd)
{
	return info_or_nothing(fd).nr_free;
}

void *st_map_at(int fd, uint64_t offset, size_t length)
{
	return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

void *st_map(int fd, const struct mirror_mm_alloc *block)
{
	return st_map_at(fd, block->offset, st_block_size(block));
}

int st_map_errno(int fd, uint64_t offset, size_t length, int prot, int flags)
{
	void *addr = mmap(NULL, length, prot, flags, fd, offset);

	if (addr == MAP_FAILED)
		return errno;
	munmap(addr, length);
	return 0;
}

int st_make_node(unsigned int mode)
{
	struct stat st;

	if (stat(ST_DEVICE, &st))
		return -errno;
	unlink(ST_NODE);
	if (mknod(ST_NODE, S_IFCHR | mode, st.st_rdev))
		return -errno;
	/* Whatever the umask is. */
	return chmod(ST_NODE, mode) ? -errno : 0;
}

/* Of the device, of a node of the tests, or of a granted descriptor. */
static bool is_ours(const char *name)
{
	return strstr(name, ST_DEVICE) || strstr(name, ST_NODE) ||
	       (strstr(name, "anon_inode:") && strstr(name, "mirror_mm"));
}

void st_unmap_all(void)
{
	char *text = st_read("/proc/self/maps"), *rest = text, *line;

	while (rest && (line = st_line(&rest))) {
		unsigned long start, end;

		if (!is_ours(line))
			continue;
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			munmap((void *)start, end - start);
	}
	free(text);
}

void st_close_all(void)
{
	char target[256];
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");

	while (dir && (entry = readdir(dir))) {
		ssize_t length = readlinkat(dirfd(dir), entry->d_name, target,
					    sizeof(target) - 1);

		if (length <= 0)
			continue;
		target[length] = 0;
		if (is_ours(target))
			close(atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
}
