# SPDX-License-Identifier: GPL-2.0
# Commands for people. What the kernel's build reads is in Kbuild.

KERNEL ?=
KDIR ?=
ARCH ?= um
FILES ?=
GUEST ?=
IMAGE ?=
FUZZ_SECONDS ?=
DEPTH ?=
# For conformance; scripts/conformance.sh says what they mean.
export DESTDIR PREFIX
export SEED OPS MIX NODES SEQUENCES SHRINK POLICY REPLAY
# For mutants, with SEED; scripts/mutants.sh says what they mean.
mutants: export COUNT := $(COUNT)
mutants: export FILE := $(FILE)

S := scripts

.PHONY: help modules tools install run shell test quick test-long kunit vmtest conformance bench check dkms-test docs \
	docs-test harness mutants fuzz fuzz-device explore setup update clean

help: ## list these commands (the default)
	@echo "make TARGET [KERNEL=6.12|6.1|newest|6.12-rt|newest-rt]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo "run, shell and vmtest boot a kernel of yours with IMAGE=bzImage KDIR=TREE."
	@echo "Kernels and test builds are kept in MIRROR_MM_CACHE (/var/cache/mirror_mm)."

# A kernel of one's own comes with its image.
run shell vmtest: export IMAGE := $(IMAGE)
run shell vmtest: export KDIR := $(KDIR)
SERIES = $(or $(KERNEL),$(if $(IMAGE),own,6.12))

run: ## the main job: boot a guest, load the module, run mirrorctl demo
	@$(S)/run.sh "$(SERIES)"

shell: export FILES := $(FILES)
shell: export GUEST := $(GUEST)
shell: ## a prompt in that guest [FILES="a.out script.py" GUEST=debian MACHINE="-M q35 -m 8G"], or stdin's commands
	@$(S)/shell.sh "$(SERIES)"

modules: export KDIR := $(KDIR)
modules: ## mirror_mm.ko for KERNEL=, or for a kernel tree of yours with KDIR=
	@$(S)/setup.sh build
	@$(S)/build.sh module "$(or $(KERNEL),6.12)"

tools: ## mirrorctl for this machine, in build/tools/
	@$(S)/setup.sh tools
	@$(S)/build.sh tools

install: ## mirrorctl, man pages, header, completions [DESTDIR= PREFIX=/usr/local]
	@$(S)/setup.sh tools
	@$(S)/build.sh install

test: ## all tests but the longest; ends with "N passed, N failed"
	@$(S)/test.sh

quick: ## some of each kind, in less than three minutes, while you work
	@$(S)/test.sh quick

test-long: ## what takes hours, before a release; see Documentation/testing.rst
	@$(S)/test.sh long

kunit: ## KUnit suites, ARCH=um (default), x86_64, i386, arm64, arm64-64k
	@$(S)/setup.sh test
	@$(S)/part.sh "kunit-$(ARCH)"

vmtest: ## selftests in a guest, KERNEL=6.1, 6.12, both (default) or debug; ONLY=memory
	@$(S)/setup.sh test
	@$(S)/part.sh $(if $(filter memory,$(ONLY)),memory,$(addprefix vmtest-,$(if \
		$(filter-out both,$(KERNEL)),$(KERNEL),$(if $(IMAGE),own,6.1 6.12))))

dkms-test: ## DKMS add, build, install, remove, in folders of its own
	@$(S)/setup.sh test
	@$(S)/part.sh dkms-6.1 dkms-6.12

conformance: ## call by call against Linux 6.12: [SEED= OPS= MIX= NODES= POLICY=]
	@$(S)/setup.sh test
	@$(S)/conformance.sh

bench: ## what it costs beside other allocators, in instructions; build/bench.*
	@$(S)/bench.sh

fuzz: export FUZZ_SECONDS := $(FUZZ_SECONDS)
fuzz: ## the core against a model, in userspace, for FUZZ_SECONDS= (600)
	@$(S)/setup.sh fuzz
	@$(S)/fuzz.sh

fuzz-device: export FUZZ_SECONDS := $(FUZZ_SECONDS)
fuzz-device: ## programs of operations on /dev/mirror_mm, in a guest, for FUZZ_SECONDS= (600)
	@$(S)/setup.sh test
	@$(S)/fuzz-device.sh

explore: export DEPTH := $(DEPTH)
explore: ## every state of tiny mirrors, to a depth [DEPTH=]
	@$(S)/setup.sh fuzz
	@$(S)/part.sh explore

check: ## W=1, sparse, checkpatch --strict, kernel-doc, shellcheck
	@$(S)/setup.sh test
	@$(S)/part.sh check

harness: ## nanoseconds of each call in userspace; COUNT=1 for instructions
	@$(S)/setup.sh harness
	@$(S)/harness.sh $(if $(COUNT),--callgrind,--timing)

mutants: ## mistakes in the core, which the suites have to notice: [SEED= COUNT= FILE=]
	@$(S)/setup.sh fuzz
	@$(S)/part.sh mutants

docs: ## Documentation/ as HTML, in build/docs/
	@$(S)/setup.sh docs
	@$(S)/docs.sh

docs-test: ## the documentation builds without a warning, counted as a test
	@$(S)/setup.sh test
	@$(S)/part.sh docs

setup: ## install the Debian packages for everything here
	@$(S)/setup.sh run test docs

update: ## forget the cached kernels; the next use takes Debian's newest
	@$(S)/fetch.sh update

clean: ## remove build/ (the cache stays)
	rm -rf build
