/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's test harness, with more patience: an emulated guest on a busy
 * machine is slow, and no test here is about time. The limit is for hangs.
 */
#ifndef SELFTEST_HARNESS_H
#define SELFTEST_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	200

#endif /* SELFTEST_HARNESS_H */
