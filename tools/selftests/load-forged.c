// SPDX-License-Identifier: GPL-2.0
/*
 * What a claim rests on is read from the kernel, past whatever is mounted over it.
 * The guest has RAM behind its reservation.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include "refuse.h"

#define CMDLINE	"/proc/cmdline"
#define FORGED	"/tmp/forged"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len = strlen(text);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, len) == len ? 0 : -EIO;
	close(fd);
	return ret;
}

/* Mounts a file of this content, or another file, over the kernel's boot line. */
static int cover(const char *text, const char *file)
{
	int ret = text ? write_file(FORGED, text) : 0;

	if (!ret && mount(text ? FORGED : file, CMDLINE, NULL, MS_BIND, NULL))
		ret = -errno;
	return ret;
}

static int uncover(void)
{
	return umount2(CMDLINE, MNT_DETACH) ? -errno : 0;
}

/* The words are what a load without the forgery says. */
TEST_F(load, forged_reservation)
{
	ASSERT_EQ(0, cover("console=ttyS0 memmap=64M$32G memmap=4M$0xb0000000\n",
			   NULL));
	REFUSED(-ENXIO, "no memmap= argument", "region=64M@32G");
	REFUSED(-ENXIO, "no memmap= argument", "region=4M@0xb0000000");
	EXPECT_EQ(0, uncover());
	REFUSED(-ENXIO, "no memmap= argument", "region=64M@32G");
}

TEST_F(load, reservation_that_a_forgery_hides)
{
	ASSERT_EQ(0, cover("console=ttyS0\n", NULL));
	EXPECT_EQ(0, st_insmod("mirror_mm", "region=auto"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_EQ(0, uncover());
}

/* A file that is read elsewhere as if it were the boot line, and an endless one. */
TEST_F(load, another_file_of_the_kernel)
{
	static const char * const files[] = {
		"/proc/version", "/proc/kmsg", "/dev/zero", "/proc/self/mem",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		ASSERT_EQ(0, cover(NULL, files[i])) {
			TH_LOG("%s", files[i]);
		}
		EXPECT_EQ(0, st_insmod("mirror_mm", "region=256M@4G")) {
			TH_LOG("%s", files[i]);
		}
		EXPECT_EQ(0, st_rmmod("mirror_mm"));
		EXPECT_EQ(0, uncover());
	}
}

/* Neither file system has to be mounted, and an empty one over it hides nothing. */
TEST_F(load, nothing_mounted_on_proc_and_sys)
{
	ASSERT_EQ(0, mount("none", "/proc", "tmpfs", 0, NULL));
	ASSERT_EQ(0, mount("none", "/sys", "tmpfs", 0, NULL));
	EXPECT_EQ(0, st_insmod("mirror_mm", "region=auto"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_EQ(-ENXIO, st_insmod("mirror_mm", "region=64M@32G"));
	EXPECT_EQ(0, umount("/sys"));
	EXPECT_EQ(0, umount("/proc"));
	ASSERT_EQ(0, umount2("/proc", MNT_DETACH));
	EXPECT_EQ(0, st_insmod("mirror_mm", "region=auto"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_EQ(0, mount("proc", "/proc", "proc", 0, NULL));
}

/* The firmware's map, of which a program sees what it likes. */
TEST_F(load, forged_map_of_the_firmware)
{
	ASSERT_EQ(0, mount("none", "/sys/firmware/memmap", "tmpfs", 0, NULL));
	EXPECT_EQ(0, st_insmod("mirror_mm", "region=256M@4G"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_EQ(0, umount("/sys/firmware/memmap"));
}

TEST_HARNESS_MAIN
