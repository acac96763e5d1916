#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Counts how often each rule of the allocator fired, from gcov's JSON.

  rules.py check SOURCE JSON...     fails where a rule fired too rarely
  rules.py tap SOURCE JSON...       the same as TAP, a case for each rule
  rules.py lines SOURCE             only looks for each rule's line

SOURCE is the repository, or the folder that was built. The table is the file
"rules" beside this one, or what RULES= names; its head says how it is written.
JSON files are those of gcda.py.
"""

import collections
import os
import re
import sys

import gcov_json

Rule = collections.namedtuple("Rule", "name minimum file texts")


class Problem(Exception):
    """The table and the source do not fit."""


def read_rules(path):
    """The rules of the table."""
    rules = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            fields = re.split(r" {2,}|\t+", line, maxsplit=3)
            if len(fields) != 4 or not re.fullmatch(r"\d+|-", fields[1]):
                raise Problem(f"{path}:{number}: not NAME  MINIMUM  FILE  TEXT")
            minimum = None if fields[1] == "-" else int(fields[1])
            texts = [text.strip() for text in fields[3].split(" ~ ")]
            if len(texts) > 2:
                raise Problem(f"{path}:{number}: more than two texts")
            rules.append(Rule(fields[0], minimum, fields[2], texts))
    return rules


class Source:
    """A file with its white space squeezed, and the line of each character."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")
        text, self.line_of = [], []
        for number, line in enumerate(self.lines, 1):
            line = " ".join(line.split())
            if line:
                text.append(line)
                self.line_of += [number] * (len(line) + 1)
        self.text = " ".join(text)

    def find(self, wanted):
        """The number of the line on which the only occurrence ends."""
        wanted = " ".join(wanted.split())
        count = self.text.count(wanted)
        if count != 1:
            raise Problem(f"stands {count} times in it: {wanted}")
        return self.line_of[self.text.index(wanted) + len(wanted) - 1]


class Core:
    """The sources of src/core, each read once."""

    def __init__(self, root):
        self.root = os.path.join(root, "src", "core")
        self.files = {}

    def __getitem__(self, name):
        if name not in self.files:
            path = os.path.join(self.root, name)
            if not os.path.exists(path):
                raise Problem("no such file")
            self.files[name] = Source(path)
        return self.files[name]


def core_counts(paths):
    """Counts by file name of the core and line."""
    counts = collections.defaultdict(collections.Counter)
    for name, lines in gcov_json.read_counts(paths, ["core"]).items():
        counts[os.path.basename(name)] = lines
    return counts


def count_rule(rule, core, counts):
    """How often a rule fired; None without counts."""
    numbers = [core[rule.file].find(text) for text in rule.texts]
    if counts is None:
        return None
    for number in numbers:
        if number not in counts[rule.file]:
            raise Problem(f"no code begins in line {number}")
    first, *rest = [counts[rule.file][number] for number in numbers]
    return first - sum(rest)


def check(rules, core, counts):
    """Prints the table; returns how many rules failed."""
    failed = 0
    print(f"{'rule':<36} {'count':>12} {'minimum':>8}")
    for rule in rules:
        minimum = "-" if rule.minimum is None else rule.minimum
        try:
            count = count_rule(rule, core, counts)
        except Problem as problem:
            failed += 1
            print(f"{rule.name:<36} {'?':>12} {minimum:>8}  {rule.file}: {problem}")
            continue
        if count is None:
            continue
        low = count < (rule.minimum or 0)
        failed += low
        print(f"{rule.name:<36} {count:>12} {minimum:>8}{'  TOO RARE' if low else ''}")
    print(f"rules: {len(rules)}, failed: {failed}")
    return failed


def tap(rules, core, counts):
    """Prints a case for each rule; returns how many failed."""
    failed = 0
    print(f"TAP version 13\n1..{len(rules)}")
    for number, rule in enumerate(rules, 1):
        try:
            count = count_rule(rule, core, counts)
            if rule.minimum is None:
                print(f"ok {number} rule: {rule.name} # SKIP no minimum, fired {count} times")
                continue
            good = count >= rule.minimum
            said = f"fired {count} times, at least {rule.minimum}"
        except Problem as problem:
            good, said = False, str(problem)
        failed += not good
        print(f"{'' if good else 'not '}ok {number} rule: {rule.name}\n# {said}")
    return failed


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("check", "tap", "lines"):
        sys.exit(__doc__)
    command, root, paths = arguments[0], arguments[1], arguments[2:]
    table = os.environ.get("RULES") or os.path.join(os.path.dirname(__file__), "rules")
    core = Core(root)
    counts = None if command == "lines" else core_counts(paths)
    try:
        if (tap if command == "tap" else check)(read_rules(table), core, counts):
            sys.exit(1)
    except Problem as problem:
        sys.exit(f"rules.py: {problem}")


if __name__ == "__main__":
    main(sys.argv[1:])
