/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a program that runs the core in userspace calls besides the core itself.
 *
 * A program includes "core/mirror.h" or "core/internal.h" and this header, is
 * compiled with the harness's flags and linked with libcore.a; see Makefile.
 * Start-up needs nothing. Before the first mirror harness_set_nr_cpus() may be
 * called; each further thread calls harness_set_cpu() first.
 */
#ifndef _HARNESS_H
#define _HARNESS_H

#include <stdbool.h>
#include <stddef.h>

#define HARNESS_MAX_CPUS	64

void harness_set_nr_cpus(unsigned int nr);
void harness_set_cpu(unsigned int cpu);

void harness_set_quiet(bool quiet);
void harness_set_warn_fatal(bool fatal);
unsigned long harness_warnings(void);
void harness_expect_warnings(bool on);
unsigned long harness_expected_warnings(void);
unsigned long harness_messages(void);
unsigned long harness_allocations(void);
unsigned long long harness_requested(void);
void harness_set_content_error(int error);
void harness_catch_log(char *text, size_t size);
unsigned int harness_held(void);
unsigned long harness_relaxed(void);
void harness_set_nr_nodes(unsigned int nr);

#endif /* _HARNESS_H */
