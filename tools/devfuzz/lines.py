#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""How many lines of the device's source ran, and which did not, from gcov's JSON.

  lines.py JSON...     files of tools/conformance/gcda.py

Counted are all files of src/interface and src/blocks.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "conformance"))
import gcov_json

FOLDERS = ("interface", "blocks")


def runs(numbers):
    """Numbers as text, with those that follow each other as a range."""
    words, first, last = [], None, None
    for number in sorted(numbers) + [None]:
        if last is not None and number == last + 1:
            last = number
            continue
        if last is not None:
            words.append(str(first) if first == last else f"{first}-{last}")
        first = last = number
    return " ".join(words)


def share(counts, names):
    total = sum(len(counts[name]) for name in names)
    ran = sum(1 for name in names for count in counts[name].values() if count)
    return f"{ran} of {total} lines, {100 * ran / max(total, 1):.1f} %"


def main(paths):
    if not paths:
        sys.exit(__doc__)
    counts = gcov_json.read_counts(paths, FOLDERS)
    if not counts:
        sys.exit("lines.py: nothing of the device was counted")
    for name in sorted(counts):
        never = [line for line, count in counts[name].items() if not count]
        print(f"{name:<28} {share(counts, [name]):<26} {runs(never)}")
    print(f"the device: {share(counts, counts)}")


if __name__ == "__main__":
    main(sys.argv[1:])
