# SPDX-License-Identifier: GPL-2.0
#
# How src/core, the entries above it, the calls for modules that need no more than these,
# and their twin of the kernel become libcore.a. For
# Makefiles of programs that run the core in userspace: set OUT and VARIANT,
# include this file, compile with $(HARNESS_CFLAGS), link $(LIBCORE) with
# $(HARNESS_LDFLAGS). Objects go to OUT/VARIANT.
#
#   VARIANT=plain   gcc -O2, locks checked
#   VARIANT=asan    the same under AddressSanitizer and UBSan
#   VARIANT=tsan    the same under ThreadSanitizer
#   VARIANT=time    gcc -O2, nothing checked but what the module checks
#   VARIANT=fuzz    clang, ASan, UBSan and libFuzzer's coverage
#
# CFLAGS=-DHARNESS_FENCED, with plain alone, puts a page that nobody may touch behind all
# memory that the core takes.
#
# FAULTS=1 adds the deliberate faults of tools/conformance/faults as policies.

OUT	?= .
VARIANT	?= plain
FAULTS	?=

HARNESS	:= $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
TOP	:= $(abspath $(HARNESS)/../..)
OBJ	:= $(OUT)/$(VARIANT)$(if $(FAULTS),-faults)
SHIM	:= $(OUT)/include

sanitize := -fno-omit-frame-pointer -fno-sanitize-recover=undefined
# What the kernel's own build takes for granted of the compiler.
kernel_c := -fno-strict-aliasing -fno-delete-null-pointer-checks -fgnu89-inline
cflags_plain	:= -O2 -DHARNESS_CHECKED -fno-strict-overflow
cflags_asan	:= -O1 -DHARNESS_CHECKED -fsanitize=address,undefined $(sanitize)
cflags_tsan	:= -O1 -DHARNESS_CHECKED -fsanitize=thread
cflags_time	:= -O2 -DHARNESS_KEYS_OFF -fno-strict-overflow \
		   $(if $(filter x86_64,$(shell uname -m)),-mpopcnt)
cflags_fuzz	:= -O1 -DHARNESS_CHECKED -Wno-c2x-extensions $(sanitize) \
		   -fsanitize=fuzzer-no-link,address,undefined
ifndef cflags_$(VARIANT)
$(error VARIANT=$(VARIANT) is not known; give plain, asan, tsan, time or fuzz)
endif

CC	= $(if $(filter fuzz,$(VARIANT)),clang,gcc)
CFLAGS	?=
HARNESS_CFLAGS = -g -std=gnu11 -D_GNU_SOURCE -pthread $(kernel_c) $(cflags_$(VARIANT)) \
	-fmacro-prefix-map=$(TOP)/= \
	-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wstrict-prototypes -MMD -MP \
	$(if $(FAULTS),-DCONFIG_MIRROR_MM_FAULTS=1) -DCONFIG_SMP=1 \
	-I$(SHIM) -I$(TOP)/include -I$(TOP)/src -iquote $(HARNESS) \
	-include $(HARNESS)/host.h $(CFLAGS)
HARNESS_LDFLAGS = -pthread $(filter -fsanitize=%,$(cflags_$(VARIANT)))

# The core's files are those that the module is made of.
src	:= $(TOP)
include $(TOP)/Kbuild
core	:= $(filter src/core/% src/hot.o src/alloc.o src/slowpath.o src/interface/kapi_exact.o \
	   src/interface/kapi_frag.o,$(mirror_mm-y)) \
	   $(if $(FAULTS),tools/conformance/faults/faults.o)
twin	:= $(patsubst $(HARNESS)/%.c,tools/harness/%.o, \
	   $(addprefix $(HARNESS)/,host.c lock.c print.c kapi.c))

LIBCORE	:= $(OBJ)/libcore.a
.DEFAULT_GOAL := $(LIBCORE)

# Kernel headers by whose names files above the core ask for what host.h has.
shims	:= $(addprefix $(SHIM)/,$(addsuffix .h,$(addprefix linux/,err list log2 mm_types \
	   module mutex numa prandom random ratelimit refcount sched sizes spinlock \
	   xarray) kunit/resource kunit/test))

$(SHIM)/kunit/%.h:
	@mkdir -p $(@D)
	echo '#include "kunit.h"' >$@

$(SHIM)/linux/%.h:
	@mkdir -p $(@D)
	echo '#include "host.h"' >$@

$(OBJ)/%.o: $(TOP)/%.c $(HARNESS)/core.mk | $(shims)
	@mkdir -p $(@D)
	$(CC) $(HARNESS_CFLAGS) -c -o $@ $<

$(LIBCORE): $(addprefix $(OBJ)/,$(core) $(twin))
	rm -f $@
	ar rcs $@ $^

-include $(patsubst %.o,$(OBJ)/%.d,$(core) $(twin))
