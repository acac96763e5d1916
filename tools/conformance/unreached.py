#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Lists the functions of the core with lines that never ran, each below a reason.

  unreached.py REASONS JSON...

REASONS is a file like the one named "unreached" beside this one, whose head says how it
is written. JSON files are those of gcda.py. Prints an rst table, and on stderr the
functions that have no reason and the reasons that have no function; fails where there
are any.
"""

import collections
import fnmatch
import sys

import gcov_json

Reason = collections.namedtuple("Reason", "number text tested patterns")


def read_reasons(path):
    """The reasons, in their order; patterns are pairs of file and function."""
    reasons = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "reason:":
                reasons.append(Reason(number, words[1:], [], []))
            elif not reasons:
                sys.exit(f"{path}:{number}: no reason yet")
            elif words[0] == "tested:":
                reasons[-1].tested.extend(words[1:])
            elif line[0].isspace():
                (reasons[-1].tested or reasons[-1].text).extend(words)
            elif len(words) > 1:
                reasons[-1].patterns.extend((words[0], function) for function in words[1:])
            else:
                sys.exit(f"{path}:{number}: no function of {words[0]}")
    for reason in reasons:
        if not (reason.text and reason.tested and reason.patterns):
            sys.exit(f"{path}:{reason.number}: not a reason, what tests it, and functions")
    return reasons


def count(paths):
    """By file and function: lines that never ran, and lines."""
    ran = collections.Counter()
    for (name, function, line), times in gcov_json.read_lines(paths, {"core"}).items():
        ran[name.removeprefix("core/"), function, line] += times
    sums = collections.defaultdict(lambda: [0, 0])
    for (name, function, _), times in ran.items():
        sums[name, function][0] += not times
        sums[name, function][1] += 1
    return sums


def sort(sums, reasons):
    """The functions of each reason, those without one, and patterns that are of no use."""
    found = [[] for _ in reasons]
    used, strays = set(), []
    for key in sorted(key for key, (never, _) in sums.items() if never):
        for index, reason in enumerate(reasons):
            pattern = next((p for p in reason.patterns if key[0] == p[0] and
                            fnmatch.fnmatchcase(key[1], p[1])), None)
            if pattern:
                found[index].append(key)
                used.add((index, pattern))
                break
        else:
            strays.append(key)
    idle = [(reason.number, *pattern) for index, reason in enumerate(reasons)
            for pattern in reason.patterns if (index, pattern) not in used]
    return found, strays, idle


def entry(reason, keys, sums):
    """A row of the table: the functions by file, with what is missing of those that ran."""
    files = collections.defaultdict(list)
    for name, function in keys:
        never, lines = sums[name, function]
        part = "" if never == lines else f" ({never} of {lines})"
        files[name].append(f"``{function}``{part}" if function != "-" else f"headers{part}")
    cell = "; ".join(f"{name}: {', '.join(names)}" for name, names in files.items())
    return f"   * - {' '.join(reason.text)}\n     - {cell}\n     - {' '.join(reason.tested)}"


def main(arguments):
    """Returns the exit status."""
    if len(arguments) < 2:
        sys.exit(__doc__)
    reasons, sums = read_reasons(arguments[0]), count(arguments[1:])
    found, strays, idle = sort(sums, reasons)
    print(".. list-table::\n   :header-rows: 1\n   :widths: 34 36 30\n")
    print("   * - what it is, and why it does not run\n"
          "     - functions; in brackets how many lines, where others do run\n"
          "     - tested by")
    for reason, keys in zip(reasons, found):
        if keys:
            print(entry(reason, keys, sums))
    print(f"\n{sum(never for never, _ in sums.values())} of "
          f"{sum(lines for _, lines in sums.values())} lines with code were not reached.")
    for name, function in strays:
        never, lines = sums[name, function]
        print(f"{name} {function}: {never} of {lines} lines did not run, and nothing says why",
              file=sys.stderr)
    for number, name, function in idle:
        print(f"{arguments[0]}:{number}: {name} {function}: all of it ran", file=sys.stderr)
    return 1 if strays or idle else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
