// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the tests of the program's own logic.
 */
#include <stdio.h>

#include "check.h"

static unsigned int checks, failures;

void check_that(bool ok, const char *what, const char *file, int line)
{
	checks++;
	if (ok)
		return;
	failures++;
	printf("%s:%d: not true: %s\n", file, line, what);
}

int main(void)
{
	test_state();
	test_generator();
	test_mixtext();
	test_finding();
	test_blocks();
	test_session();
	printf("conformance check: %u checks, %u failures\n", checks, failures);
	return failures || !checks;
}
