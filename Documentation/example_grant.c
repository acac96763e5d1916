// SPDX-License-Identifier: GPL-2.0
/*
 * Share one block with a process that has no right to the device: the child gets a
 * descriptor that can map the block for reading, and nothing else.
 */
#include <fcntl.h>
#include <linux/mirror_mm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE	(4ul * sysconf(_SC_PAGESIZE))

static int grant(int fd, __u64 id)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_GRANT,
		.grant = { .id = id },		/* without GRANT_WRITE: for reading */
	};

	return ioctl(fd, MIRROR_MM_CTL, &arg) ? -1 : arg.grant.fd;
}

/* What nobody who uses the file may do from now on. */
static int drop(int fd, __u64 rights)
{
	struct mirror_mm_ctl arg = {
		.cmd = MIRROR_MM_CTL_DROP_RIGHTS,
		.drop_rights = { .rights = rights },
	};

	return ioctl(fd, MIRROR_MM_CTL, &arg);
}

static int child(int fd)
{
	const char *text = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);

	if (text == MAP_FAILED) {
		perror("mmap of the granted descriptor");
		return 1;
	}
	printf("the other process reads: %s\n", text);
	return 0;
}

int main(void)
{
	struct mirror_mm_alloc block = {
		.order = 2, .gfp = MIRROR_GFP_USER, .node = MIRROR_MM_NODE_ANY,
	};
	int fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC), granted, status = 1;
	char *text;

	if (fd < 0 || ioctl(fd, MIRROR_MM_ALLOC, &block)) {
		perror("/dev/mirror_mm");
		return 1;
	}
	text = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, block.offset);
	granted = grant(fd, block.id);
	if (text == MAP_FAILED || granted < 0 ||
	    drop(fd, MIRROR_MM_RIGHT_ADMIN | MIRROR_MM_RIGHT_ALLOC)) {
		perror("grant");
		return 1;
	}
	snprintf(text, SIZE, "contiguous, and not yours to write");
	fflush(stdout);
	if (!fork()) {
		close(fd);
		_exit(child(granted) | fflush(stdout));
	}
	wait(&status);
	return status ? 1 : 0;
}
