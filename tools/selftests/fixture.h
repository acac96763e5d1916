/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of nearly all programs: an open device, and the proof afterwards
 * that nothing was lost.
 *
 * What `buddyinfo` said before the first test is kept. After each test all that
 * the test still has is let go, the per-CPU lists are drained, and the free
 * counts of every order have to be the same again, with `check` clean.
 */
#ifndef SELFTEST_FIXTURE_H
#define SELFTEST_FIXTURE_H

#include "harness.h"
#include "selftest.h"

static struct st_buddyinfo st_loaded;

__attribute__((constructor)) static void st_remember_loaded(void)
{
	int ret = st_buddyinfo(&st_loaded);

	if (!ret)
		return;
	printf("TAP version 13\nBail out! buddyinfo: %s; is the module loaded?\n",
	       strerror(-ret));
	exit(KSFT_FAIL);
}

/*
 * What a test gets: the device, opened with CAP_SYS_ADMIN, and what INFO said
 * then. A test that makes HIGHATOMIC pageblocks sets @reserves: they stay apart
 * until a reset, so only the sum of free pages is compared before it.
 */
FIXTURE(mirror)
{
	int fd;
	struct mirror_mm_info info;
	bool reserves;
};

FIXTURE_SETUP(mirror)
{
	self->fd = st_open();
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, st_info(self->fd, &self->info));
	ASSERT_EQ(MIRROR_MM_IN_SERVICE, self->info.state);
	ASSERT_EQ(0, self->info.held_pages);
}

FIXTURE_TEARDOWN(mirror)
{
	struct st_buddyinfo now;
	const char *said;

	st_unmap_all();
	st_close_all();
	said = st_check();
	EXPECT_EQ(NULL, said) {
		TH_LOG("check: %s", said);
	}
	EXPECT_EQ(0, st_buddyinfo(&now));
	EXPECT_EQ(st_free_pages(&st_loaded), st_free_pages(&now));
	if (self->reserves) {
		EXPECT_EQ(0, st_debugfs_write("reset", "1"));
		EXPECT_EQ(0, st_buddyinfo(&now));
	}
	EXPECT_TRUE(st_same_buddyinfo(&st_loaded, &now)) {
		st_print_buddyinfo("after load", &st_loaded);
		st_print_buddyinfo("after test", &now);
	}
}

#endif /* SELFTEST_FIXTURE_H */
