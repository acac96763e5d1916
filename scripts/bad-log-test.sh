#!/bin/bash
# What BAD_LOG in scripts/lib.sh makes of lines as kernels print them. Run by
# scripts/check.sh.

. "$(dirname "$0")/lib.sh"

# The first line of each checker's report, and of what only a broken kernel says.
BAD=(
	"BUG: KASAN: slab-use-after-free in mirror_drain_cpu+0x1f/0x90 [mirror_mm]"
	"BUG: sleeping function called from invalid context at kernel/locking/mutex.c:585"
	"BUG: spinlock recursion on CPU#1, stress/312"
	"BUG: unable to handle page fault for address: ffffc90000f21000"
	"WARNING: possible circular locking dependency detected"
	"WARNING: possible recursive locking detected"
	"WARNING: inconsistent lock state"
	"WARNING: suspicious RCU usage"
	"[ BUG: Invalid wait context ]"
	"INFO: trying to register non-static key."
	"WARNING: CPU: 0 PID: 91 at src/core/free.c:88 mirror_free+0x8d/0x120 [mirror_mm]"
	"UBSAN: array-index-out-of-bounds in src/core/free.c:301:19"
	"UBSAN: invalid-load in src/alloc.c:77:12"
	"ODEBUG: free active (active state 0) object: ffff888004d1c0a8 object type: timer_list hint: tick+0x0/0x90 [mirror_mm]"
	"ODEBUG: Out of memory. ODEBUG disabled"
	"kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)"
	"unreferenced object 0xffff888003a8d000 (size 4096):"
	"Oops: general protection fault, probably for non-canonical address 0xdffffc0000000002: 0000 [#1]"
	"Kernel panic - not syncing: kernel: panic_on_warn set ..."
	"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
	"INFO: task stress:311 blocked for more than 120 seconds."
)

# What a good run says as well.
GOOD=(
	"kmemleak: Automatic memory scanning thread started"
	"kmemleak: Kernel memory leak detector initialized (mem pool available: 33181)"
	"kasan: KernelAddressSanitizer initialized"
	"Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar"
	"FAULT_INJECTION: forcing a failure."
	"Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF"
	"mirror_mm: region 8M@4G: another driver has it, wholly or in part: mirror_mm"
	"debug_objects: object is a timer"
)

is_bad() { grep -qE "$BAD_LOG" <<<"[   12.345678] $1"; }
is_good() { ! is_bad "$1"; }

tap_start
for line in "${BAD[@]}"; do
	tap_case "bad: ${line:0:60}" is_bad "$line"
done
for line in "${GOOD[@]}"; do
	tap_case "good: ${line:0:60}" is_good "$line"
done
tap_end
