// SPDX-License-Identifier: GPL-2.0
/*
 * Where pages come from: this file's memory policy makes the nodes take turns, and
 * then keeps to the last of them.
 */
#include <fcntl.h>
#include <linux/mirror_mm.h>
#include <stdio.h>
#include <sys/ioctl.h>

static int set_policy(int fd, __u32 mode, __u64 nodes)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_SET_MEMPOLICY,
		.mempolicy = { .mode = mode, .nodemask = nodes },
	};

	return ioctl(fd, MIRROR_MM_CTL, &arg);
}

/* Takes a page and tells the node that it is on. It goes with the file. */
static int node_of_a_page(int fd)
{
	struct mirror_mm_alloc block = {
		.gfp = MIRROR_GFP_USER,
		.node = MIRROR_MM_NODE_ANY,
	};

	return ioctl(fd, MIRROR_MM_ALLOC, &block) ? -1 : block.node;
}

int main(void)
{
	struct mirror_mm_info info;
	int fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);
	int i;

	if (fd < 0 || ioctl(fd, MIRROR_MM_INFO, &info)) {
		perror("/dev/mirror_mm");
		return 1;
	}
	if (set_policy(fd, MIRROR_MPOL_INTERLEAVE, ~0ull)) {
		perror("interleave");
		return 1;
	}
	printf("interleave:");
	for (i = 0; i < 6; i++)
		printf(" %d", node_of_a_page(fd));
	if (set_policy(fd, MIRROR_MPOL_BIND, 1ull << (info.nr_nodes - 1))) {
		perror("bind");
		return 1;
	}
	printf("\nbind to the last node: %d\n", node_of_a_page(fd));
	return 0;
}
