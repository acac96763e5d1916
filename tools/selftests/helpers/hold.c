// SPDX-License-Identifier: GPL-2.0
/*
 * hold COUNT TAG [NODE]: takes COUNT blocks of the largest order, from that node if it
 * is named, and writes every word of them. For each line on its input it then compares
 * all of them and answers how many differ. At the end of the input it gives the blocks
 * back.
 */
#include "selftest.h"

#define MAX_BLOCKS	64

static struct {
	char *addr;
	size_t size;
} held[MAX_BLOCKS];

static int die(const char *what, int error)
{
	fprintf(stderr, "hold: %s: %s\n", what, strerror(error));
	return 1;
}

static int take_block(int fd, unsigned int order, int node, unsigned int i)
{
	struct mirror_mm_alloc block = {
		.order = order,
		.gfp = ST_GFP_MOVABLE | (node < 0 ? 0 : __MIRROR_GFP_THISNODE),
		.node = node < 0 ? MIRROR_MM_NODE_ANY : node,
	};
	int ret = st_ioctl(fd, MIRROR_MM_ALLOC, &block);

	if (ret)
		return die("ALLOC", -ret);
	held[i].size = st_block_size(&block);
	held[i].addr = st_map(fd, &block);
	return held[i].addr == MAP_FAILED ? die("mmap", errno) : 0;
}

static void compare(unsigned int count, uint64_t tag)
{
	size_t differ = 0, words = 0;
	unsigned int i;

	for (i = 0; i < count; i++) {
		differ += st_differs(held[i].addr, held[i].size, tag + i);
		words += held[i].size / sizeof(uint64_t);
	}
	printf("%zu of %zu words differ\n", differ, words);
}

int main(int argc, char **argv)
{
	unsigned int count = argc >= 3 ? strtoul(argv[1], NULL, 0) : 0, i;
	uint64_t tag = argc >= 3 ? strtoull(argv[2], NULL, 0) : 0;
	int node = argc == 4 ? atoi(argv[3]) : -1;
	struct mirror_mm_info info;
	char line[64];
	int fd, ret;

	if (!count || count > MAX_BLOCKS)
		return die("usage: hold COUNT TAG [NODE]", EINVAL);
	setlinebuf(stdout);
	fd = st_open();
	if (fd < 0)
		return die(ST_DEVICE, -fd);
	ret = st_info(fd, &info);
	if (ret)
		return die("INFO", -ret);
	for (i = 0; i < count; i++) {
		if (take_block(fd, info.max_order, node, i))
			return 1;
		st_fill(held[i].addr, held[i].size, tag + i);
	}
	printf("holds %u blocks\n", count);
	while (fgets(line, sizeof(line), stdin))
		compare(count, tag);
	return 0;
}
