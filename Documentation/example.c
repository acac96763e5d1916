// SPDX-License-Identifier: GPL-2.0
/*
 * The whole protocol of /dev/mirror_mm in one program: ask, take a block, use
 * its memory, give it back, and do many operations in one call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/mirror_mm.h>

#define NR_OPS	64

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ask(int fd, struct mirror_mm_info *info)
{
	if (ioctl(fd, MIRROR_MM_INFO, info))
		die("MIRROR_MM_INFO");
}

/* One block of 2^3 pages: take it, map it, write and read it, free it. */
static void one_block(int fd, const struct mirror_mm_info *info)
{
	struct mirror_mm_alloc alloc = {
		.order = 3,
		.gfp = MIRROR_GFP_KERNEL,
		.node = MIRROR_MM_NODE_ANY,
	};
	struct mirror_mm_free end = {};
	size_t size = (size_t)info->page_size << alloc.order;
	char *memory;
	size_t i;

	if (ioctl(fd, MIRROR_MM_ALLOC, &alloc))
		die("MIRROR_MM_ALLOC");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      alloc.offset);
	if (memory == MAP_FAILED)
		die("mmap");

	/* A new block shows zeros, whoever had its pages before. */
	for (i = 0; i < size; i++) {
		if (memory[i]) {
			fprintf(stderr, "byte %zu is not zero\n", i);
			exit(1);
		}
	}
	memset(memory, 0x5a, size);
	printf("block %#llx: %zu bytes of zone %u, written\n",
	       (unsigned long long)alloc.id, size, alloc.zone);

	/* Unmap first: a touch after the FREE would give SIGBUS. */
	munmap(memory, size);
	end.id = alloc.id;
	if (ioctl(fd, MIRROR_MM_FREE, &end))
		die("MIRROR_MM_FREE");
}

/* Carries all of @ops out; a signal may cut the call short. */
static void submit(int fd, struct mirror_mm_op *ops, unsigned int nr)
{
	unsigned int done = 0;

	while (done < nr) {
		struct mirror_mm_submit batch = {
			.ops = (unsigned long)(ops + done),
			.nr = nr - done,
		};
		int ret = ioctl(fd, MIRROR_MM_SUBMIT, &batch);

		if (ret < 0 && errno != EINTR)
			die("MIRROR_MM_SUBMIT");
		if (ret > 0)
			done += ret;
	}
}

/* Many blocks with two calls: one takes them all, one gives them all back. */
static unsigned int many_blocks(int fd)
{
	struct mirror_mm_op ops[NR_OPS] = {};
	unsigned int i, taken = 0;
	__u64 id;

	for (i = 0; i < NR_OPS; i++) {
		ops[i].opcode = MIRROR_MM_OP_ALLOC;
		ops[i].alloc.order = i % 4;
		ops[i].alloc.gfp = MIRROR_GFP_HIGHUSER_MOVABLE;
		ops[i].alloc.node = MIRROR_MM_NODE_ANY;
	}
	submit(fd, ops, NR_OPS);

	/* Each operation has its own result: 0, or minus an errno. */
	for (i = 0; i < NR_OPS; i++) {
		if (ops[i].result) {
			fprintf(stderr, "operation %u: %s\n", i,
				strerror(-ops[i].result));
			exit(1);
		}
		taken++;
		id = ops[i].alloc.id;
		memset(&ops[i], 0, sizeof(ops[i]));
		ops[i].opcode = MIRROR_MM_OP_FREE;
		ops[i].free.id = id;
	}
	submit(fd, ops, NR_OPS);
	return taken;
}

int main(void)
{
	struct mirror_mm_info info = {};
	int fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/mirror_mm");
	ask(fd, &info);
	printf("%llu of %llu pages are free, orders 0 to %u\n",
	       (unsigned long long)info.nr_free,
	       (unsigned long long)info.nr_pages, info.max_order);

	one_block(fd, &info);
	printf("%u blocks taken and given back with SUBMIT\n", many_blocks(fd));

	ask(fd, &info);
	close(fd);
	if (info.held_blocks) {
		fprintf(stderr, "%llu blocks are still held\n",
			(unsigned long long)info.held_blocks);
		return 1;
	}
	puts("example: everything was given back");
	return 0;
}
