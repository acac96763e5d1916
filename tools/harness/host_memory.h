/* SPDX-License-Identifier: GPL-2.0 */
/* Memory, CPUs, and the memory of each CPU. */
#ifndef _HARNESS_HOST_MEMORY_H
#define _HARNESS_HOST_MEMORY_H

#include "harness.h"
#include "host_lock.h"

/* memory ------------------------------------------------------------------- */

#define GFP_KERNEL	0x01u
#define GFP_ATOMIC	0x02u
#define __GFP_ZERO	0x04u
#define __GFP_NOWARN	0x08u

/* Which allocation from now on fails, 1 for the next one; 0 for none. */
extern unsigned int mirror_host_refuse_nth;
bool mirror_host_refuses(void);

void *harness_alloc(size_t n, size_t size, gfp_t gfp);
void *kmemdup(const void *p, size_t size, gfp_t gfp);
void kfree(const void *p);

#define kmalloc(size, gfp)		harness_alloc(1, size, gfp)
#define kzalloc(size, gfp)		harness_alloc(1, size, (gfp) | __GFP_ZERO)
#define kmalloc_array(n, size, gfp)	harness_alloc(n, size, gfp)
#define kcalloc(n, size, gfp)		harness_alloc(n, size, (gfp) | __GFP_ZERO)
#define kvmalloc(size, gfp)		harness_alloc(1, size, gfp)
#define kvzalloc(size, gfp)		harness_alloc(1, size, (gfp) | __GFP_ZERO)
#define kvmalloc_array(n, size, gfp)	harness_alloc(n, size, gfp)
#define kvcalloc(n, size, gfp)		harness_alloc(n, size, (gfp) | __GFP_ZERO)
#define vmalloc(size)			harness_alloc(1, size, GFP_KERNEL)
#define vzalloc(size)			harness_alloc(1, size, GFP_KERNEL | __GFP_ZERO)
#define kvfree(p)			kfree(p)
#define vfree(p)			kfree(p)

/* CPUs: all that are possible are online, on nodes in turn from the last one -- */

#define NUMA_NO_NODE	(-1)

extern unsigned int harness_nr_cpus;
extern unsigned int harness_nr_nodes;
extern __thread unsigned int harness_cpu;

#define nr_cpu_ids		harness_nr_cpus
#define nr_node_ids		harness_nr_nodes
#define num_possible_cpus()	harness_nr_cpus
#define num_online_cpus()	harness_nr_cpus
#define cpu_online(cpu)		((cpu) < harness_nr_cpus)
#define cpu_to_node(cpu) \
	((int)(harness_nr_nodes - 1 - (cpu) % harness_nr_nodes))
#define raw_smp_processor_id()	harness_cpu
#define smp_processor_id()	harness_cpu
#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (cpu) < harness_nr_cpus; (cpu)++)
#define for_each_online_cpu(cpu)	for_each_possible_cpu(cpu)

/* Threads stay what harness_set_cpu() made them. */
struct cpumask {
	unsigned int cpu;
};

#define cpumask_of(c)			(&(const struct cpumask){ .cpu = (c) })
#define set_cpus_allowed_ptr(task, mask) \
	((void)(task), (mask)->cpu == harness_cpu ? 0 : -EINVAL)

/*
 * Per-CPU memory: a copy for each CPU, at the same distance in every allocation,
 * so that a thread finds its own by one addition.
 */
#define HARNESS_PERCPU_STRIDE	1024ul

extern __thread unsigned long harness_cpu_offset;

void *harness_alloc_percpu(size_t size);
void free_percpu(void *p);

#define alloc_percpu(type)		((type *)harness_alloc_percpu(sizeof(type)))
#define __alloc_percpu(size, align)	((void)(align), harness_alloc_percpu(size))
#define HARNESS_SHIFT_PTR(p, bytes)	((typeof(p))((char *)(p) + (bytes)))
#define per_cpu_ptr(p, cpu)		HARNESS_SHIFT_PTR(p, (cpu) * HARNESS_PERCPU_STRIDE)
#define this_cpu_ptr(p)			HARNESS_SHIFT_PTR(p, harness_cpu_offset)
#define raw_cpu_ptr(p)			this_cpu_ptr(p)

#define this_cpu_read(var)		READ_ONCE(*this_cpu_ptr(&(var)))
#define this_cpu_write(var, value)	WRITE_ONCE(*this_cpu_ptr(&(var)), value)
#define this_cpu_add(var, nr)		((void)(*this_cpu_ptr(&(var)) += (nr)))
#define this_cpu_sub(var, nr)		((void)(*this_cpu_ptr(&(var)) -= (nr)))
#define this_cpu_inc(var)		this_cpu_add(var, 1)
#define this_cpu_dec(var)		this_cpu_sub(var, 1)
#define this_cpu_add_return(var, nr)	(*this_cpu_ptr(&(var)) += (nr))
#define this_cpu_inc_return(var)	this_cpu_add_return(var, 1)
#define __this_cpu_read			this_cpu_read
#define __this_cpu_write		this_cpu_write
#define __this_cpu_add			this_cpu_add
#define __this_cpu_inc			this_cpu_inc
#define raw_cpu_read			this_cpu_read
#define raw_cpu_write			this_cpu_write
#define raw_cpu_add			this_cpu_add
#define raw_cpu_inc			this_cpu_inc

#endif /* _HARNESS_HOST_MEMORY_H */
