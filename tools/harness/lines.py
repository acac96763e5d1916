#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Cache lines that one operation of the core writes to, from a trace of its accesses.

  valgrind --tool=lackey --trace-mem=yes --log-fd=9 harness-time --lines WHAT... 9>&1 |
      lines.py

What the program prints says where the mirror's structures are. Lines of its stack and of
the array of the caller's pointers are not counted. The figures do not depend on the machine.
"""

import collections
import sys

LINE = 64


class Trace:
    """What has been read so far, and the lines of the operation that goes on."""

    def __init__(self):
        self.regions = []
        self.mark = None
        self.inside = False
        self.lines = set()
        self.operations = 0
        self.sums = collections.Counter()
        self.most = 0

    def name_of(self, line):
        """Which structure lies in the line; None for memory of the program's own."""
        for name, begin, end in self.regions:
            if line < end and line + LINE > begin:
                return name
        return None

    def end_operation(self):
        """Counts the operation's lines by structure."""
        named = [name for name in map(self.name_of, self.lines) if name]
        self.sums.update(named)
        self.most = max(self.most, len(named))
        self.operations += 1
        self.lines = set()

    def write(self, address, size):
        """A write access; those to the mark begin and end operations."""
        if self.mark is not None and address & ~4095 == self.mark:
            if self.inside:
                self.end_operation()
            self.inside = not self.inside
        elif self.inside:
            first = address & -LINE
            self.lines.update(range(first, address + size, LINE))

    def read(self, text):
        """One line of the trace or of what the program prints."""
        if text.startswith((" S ", " M ")):
            address, size = text[3:].split(",")
            self.write(int(address, 16), int(size))
        elif text.startswith("region "):
            _, name, begin, end = text.split()
            self.regions.append((name, int(begin, 16), int(end, 16)))
        elif text.startswith("mark "):
            self.mark = int(text.split()[1], 16)


def main():
    trace = Trace()
    for text in sys.stdin:
        trace.read(text)
    if not trace.operations or trace.inside:
        sys.exit("lines.py: the trace has no operation that ends")
    parts = [f"{trace.sums[name] / trace.operations:.2f} {name}"
             for name in ("descriptors", "lists", "counters", "zone")]
    total = sum(trace.sums.values()) / trace.operations
    print(f"{total:.2f} lines ({', '.join(parts)}), at most {trace.most}")


if __name__ == "__main__":
    main()
