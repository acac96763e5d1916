#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which calls of the module allocate, and at which of them an allocation failed.

  sites.py MODULE FOLDER [LOG...]

MODULE is mirror_mm.ko with its relocations and line numbers, FOLDER has the files
`calls` and `unreached`, each LOG is a kernel log with stacks of fault injection.

A site is a call of a kernel function that may allocate. They are found in the
module's relocations. Code that was inlined into several functions is a site in
each. A place that reads or writes memory of a program allocates where that
memory has no page yet, and is a site as well.

A site was reached when it is the innermost frame of the module in the stack of an
allocation that fault injection let fail.

Prints TAP: each site is a case. It fails when it was not reached and `unreached` gives no
reason, or when it was reached although there is one.
"""

import collections
import fnmatch
import os
import re
import subprocess
import sys

CODE = re.compile(r"\.(init\.|exit\.)?text")
FRAME = re.compile(r"^(?:\[[ \d.]+\])? *(?:RIP: 0010:)?(?P<func>[\w.]+)\+"
                   r"0x(?P<off>[0-9a-f]+)/0x[0-9a-f]+(?: \[(?P<mod>\w+)\])?")

ACCESS = "access to a program's memory"
CALL_BYTES = 5

# The size that a stack shows counts what lies between functions.
Frame = collections.namedtuple("Frame", "func offset")


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Module:
    """Functions, and the relocations of code, of a relocatable file."""

    def __init__(self, path):
        self.path = path
        self.sections = {}      # index: name
        self.functions = collections.defaultdict(list)  # section: (start, size, name)
        self.undefined = set()
        self.calls = []         # (section, offset of the field, symbol)
        self.accesses = []      # (section, offset of the instruction)
        self.read_sections()
        self.read_symbols()
        self.read_relocations()

    def read_sections(self):
        for line in run("readelf", "-SW", self.path).splitlines():
            m = re.match(r" *\[ *(\d+)\] (\S+)", line)
            if m:
                self.sections[int(m[1])] = m[2]

    def read_symbols(self):
        for line in run("readelf", "-sW", self.path).splitlines():
            f = line.split()
            if len(f) < 8 or not f[0].endswith(":") or f[0] == "Num:":
                continue
            if f[6] == "UND":
                self.undefined.add(f[7])
            elif f[3] == "FUNC" and f[6].isdigit():
                section = self.sections[int(f[6])]
                self.functions[section].append((int(f[1], 16), int(f[2], 0), f[7]))

    def read_relocations(self):
        section = ""
        for line in run("readelf", "-rW", self.path).splitlines():
            m = re.match(r"Relocation section '\.rela(\S+)'", line)
            if m:
                section = m[1]
                continue
            m = re.match(r"([0-9a-f]+) +[0-9a-f]+ (R_X86_64_\w+) +[0-9a-f]+ (\S+) ([+-]) ([0-9a-f]+)",
                         line)
            if not m:
                continue
            where, kind, symbol = int(m[1], 16), m[2], m[3]
            addend = int(m[5], 16) * (-1 if m[4] == "-" else 1)
            if CODE.match(section) and symbol in self.undefined:
                # A call or a jump; data has relocations of other kinds.
                if kind == "R_X86_64_PLT32":
                    self.calls.append((section, where, symbol))
            elif section == "__ex_table" and where % 12 == 0:
                self.accesses.append(self.resolve(symbol, addend))

    def resolve(self, symbol, addend):
        if symbol in self.sections.values():
            return symbol, addend
        for section, functions in self.functions.items():
            for start, _, name in functions:
                if name == symbol:
                    return section, start + addend
        sys.exit(f"sites: {symbol} of __ex_table is nowhere")

    def frame(self, section, address):
        """How a stack names an address; a return address belongs to what is before it."""
        for start, size, name in self.functions[section]:
            if start < address <= start + size:
                return Frame(name, address - start)
        sys.exit(f"sites: no function at {section}+{address:#x}")

    def lines(self, section, addresses):
        """The places in the source of each address, the innermost one first."""
        text = run("addr2line", "-e", self.path, "-j", section, "-i", "-f", "-a",
                   *(hex(a) for a in addresses))
        places = {}
        for block in re.split(r"^0x", text, flags=re.M)[1:]:
            address, *rest = block.splitlines()
            pairs = zip(rest[::2], rest[1::2])
            places[int(address, 16)] = [(f, self.own(p)) for f, p in pairs]
        return places

    def own(self, place):
        """The file and line, where it is one of ours and no header of the kernel."""
        folder = os.path.dirname(os.path.realpath(self.path)) + "/src/"
        m = re.match(re.escape(folder) + r"([^:]*:\d+)", place)
        return f"src/{m[1]}" if m else ""


class Site:
    """A place in the source. The compiler may have made several calls of it."""

    def __init__(self, callee, frame, chain):
        self.callee = callee
        own = [(f, p) for f, p in chain if p]
        self.function, place = own[0] if own else (frame.func, "?")
        self.place = place
        self.outer = [f"{f} {p}" for f, p in own[1:]]
        self.operations = collections.Counter()

    def name(self):
        inside = "".join(f" in {o.split()[0]}()" for o in self.outer)
        return f"{self.place} {self.function}(){inside}: {self.callee}"

    def key(self):
        return f"{self.place.split(':')[0]} {self.function} {self.callee}"


class Calls:
    """What functions of the kernel do, by `calls`."""

    def __init__(self, path):
        self.rules = []
        with open(path, encoding="utf-8") as f:
            for line in f:
                words = line.split("#")[0].split()
                if words:
                    self.rules += [(words[0], pattern) for pattern in words[1:]]

    def kind(self, symbol):
        for kind, pattern in self.rules:
            if fnmatch.fnmatchcase(symbol, pattern):
                return kind
        return None


def find_sites(module, calls):
    wanted = collections.defaultdict(list)
    unknown = {s for s in module.undefined if s and not calls.kind(s)}
    for section, where, symbol in module.calls:
        if calls.kind(symbol) in ("allocates", "touches"):
            wanted[section].append((where + 4, symbol))
    for section, where in module.accesses:
        wanted[section].append((where, ACCESS))
    sites, by_place = {}, {}
    for section, entries in wanted.items():
        places = module.lines(section, [max(a - 1, 0) for a, _ in entries])
        for address, symbol in entries:
            frame = module.frame(section, address)
            # Of words side by side the first one met decides: one site in a function.
            chain = [] if symbol == ACCESS else places[max(address - 1, 0)]
            site = Site(symbol, frame, chain)
            if symbol == ACCESS:
                site.place = next((p for _, p in places[address - 1][::-1] if p), "?")
            key = (site.function if symbol == ACCESS else site.place, *site.outer, symbol)
            site = by_place.setdefault(key, site)
            if sites.setdefault(frame, site) is not site:
                sys.exit(f"sites: two functions {frame.func}() cannot be told apart")
    # Where the CPU has no fast string instruction, a call stands in its place, whose
    # return address is behind it.
    for section, where in module.accesses:
        frame = module.frame(section, where)
        sites.setdefault(Frame(frame.func, frame.offset + CALL_BYTES), sites[frame])
    return sites, unknown


def stacks(path):
    """The innermost frame of the module in each stack, and the operation it belongs to."""
    operation, inside = "boot", False
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.search(r"fail-nth: (\S+) \d+", line)
            if m:
                operation = m[1]
            if "FAULT_INJECTION: forcing a failure" in line:
                inside = True
            m = inside and FRAME.match(line)
            if m and m["mod"] == "mirror_mm":
                inside = False
                yield Frame(m["func"], int(m["off"], 16)), operation
            if "</TASK>" in line:
                inside = False


def read_reasons(path):
    reasons = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            key, colon, reason = line.strip().partition(": ")
            if key and not key.startswith("#"):
                if not colon or not reason:
                    sys.exit(f"sites: {path}: no reason in: {line.strip()}")
                reasons[key] = reason
    return reasons


def judge(sites, reasons):
    """One case for each site; a reason that nothing needs is a failure, too."""
    cases, used = [], set()
    for site in sorted(sites, key=lambda s: (s.place.split(":")[0],
                                             int(s.place.partition(":")[2] or 0), s.name())):
        reason = reasons.get(site.key())
        if site.operations:
            most = ", ".join(f"{n} {c}" for n, c in site.operations.most_common(3))
            cases.append((True, f"{site.name()} ({most})"))
        elif reason:
            used.add(site.key())
            cases.append((True, f"{site.name()} not reached: {reason}"))
        else:
            cases.append((False, f"{site.name()} was not reached"))
    for key in sorted(set(reasons) - used):
        cases.append((False, f"unreached has a reason that nothing needs: {key}"))
    return cases


def main():
    module = Module(sys.argv[1])
    folder, logs = sys.argv[2], sys.argv[3:]
    sites, unknown = find_sites(module, Calls(f"{folder}/calls"))
    strange = collections.Counter()
    for log in logs:
        for frame, operation in stacks(log):
            if frame in sites:
                sites[frame].operations[operation] += 1
            else:
                strange[frame, operation] += 1
    places = set(sites.values())
    cases = judge(places, read_reasons(f"{folder}/unreached"))
    for symbol in sorted(unknown):
        cases.append((False, f"calls says nothing of {symbol}"))
    for (frame, operation), _ in sorted(strange.items()):
        cases.append((False, f"{frame.func}+{frame.offset:#x} allocates during {operation}, "
                             "and is no site: is there a function missing in calls?"))
    print(f"TAP version 13\n1..{len(cases)}")
    for number, (good, text) in enumerate(cases, 1):
        print(f"{'' if good else 'not '}ok {number} {text.replace('#', '')}")
    reached = [s for s in places if s.operations]
    print(f"# {len(reached)} of {len(places)} sites reached, by "
          f"{sum(sum(s.operations.values()) for s in reached)} failed allocations")
    sys.exit(any(not good for good, _ in cases))


if __name__ == "__main__":
    main()
