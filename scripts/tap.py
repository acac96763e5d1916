#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Counts the test cases of TAP and KTAP text.

  tap.py count FILE...    prints passed, failed and skipped, one line a file
  tap.py extract FILE     cuts the KTAP documents out of a kernel console log
  tap.py failures FILE    prints the names of the failed cases

A case is a result line without subtests of its own. What should have run and
did not is a failure: a plan that was not met, a missing plan, a file without
any case, a group that failed although each of its cases passed.
"""

import re
import sys

RESULT = re.compile(r"^(?P<not>not )?ok (?P<number>\d+)\b\s*(?:-\s)?\s*(?P<rest>.*)$")
PLAN = re.compile(r"^1\.\.(?P<count>\d+)")
VERSION = re.compile(r"^K?TAP version \d+\s*$")
# What KUnit prints after a test with parameters, which has no plan of its own.
STATS = re.compile(r"^# \S+: pass:\d+ fail:\d+ skip:\d+ total:(?P<count>\d+)$")
# The kernel's time stamp, with or without the caller of CONFIG_PRINTK_CALLER.
STAMP = re.compile(r"^(?:<\d>)?\[\s*\d+\.\d+\](?:\[\s*\w+\])? ?")
KTAP_LINE = re.compile(r"^\s*(K?TAP version|1\.\.\d+|(not )?ok\b|# Subtest)")


class Group:
    """The results seen at one indentation since the last line further out."""

    def __init__(self):
        self.plan = None
        self.kunit = False
        self.results = 0
        self.passed = 0
        self.skipped = 0
        self.failed = []

    def add(self, other, prefix):
        self.passed += other.passed
        self.skipped += other.skipped
        self.failed += [f"{prefix}{name}" for name in other.failed]

    def close(self):
        """Turns a plan that was not met into failures."""
        if self.plan is None:
            self.failed.append("(no plan: the program did not finish)")
        elif self.results < self.plan:
            for number in range(self.results, self.plan):
                self.failed.append(f"(case {number + 1} of {self.plan} did not run)")
        elif self.results > self.plan:
            self.failed.append(f"({self.results} results, {self.plan} planned)")
        return self


class Parser:
    def __init__(self):
        self.total = Group()
        self.stack = []  # (indentation, Group), outermost first

    def group_at(self, indent):
        while self.stack and self.stack[-1][0] > indent:
            # A group that no result line follows: its parent died.
            _, orphan = self.stack.pop()
            self.parent().add(orphan.close(), "")
        if not self.stack or self.stack[-1][0] < indent:
            self.stack.append((indent, Group()))
        return self.stack[-1][1]

    def parent(self):
        return self.stack[-1][1] if self.stack else self.total

    def take_subtests(self, indent):
        """The closed group directly inside the result line at indent, if any."""
        inner = None
        while self.stack and self.stack[-1][0] > indent:
            _, group = self.stack.pop()
            if inner is not None:
                group.add(inner, "")
            # KUnit counts parameters out loud only where there are several.
            if group.kunit and group.plan is None and group.results == 1:
                group.plan = 1
            inner = group.close()
        return inner

    def result(self, indent, match):
        inner = self.take_subtests(indent)
        group = self.group_at(indent)
        group.results += 1
        name, _, directive = match["rest"].partition("#")
        name = name.strip() or f"case {group.results}"
        skip = directive.strip().upper().startswith("SKIP")
        if inner is not None:
            group.add(inner, f"{name}: ")
            if match["not"] and not inner.failed:
                group.failed.append(f"{name}: (failed as a whole)")
            elif not skip and not inner.failed and not inner.passed and not inner.skipped:
                group.failed.append(f"{name}: (no case ran)")
        elif match["not"]:
            group.failed.append(name)
        elif skip:
            group.skipped += 1
        else:
            group.passed += 1

    def stats(self, indent, count):
        """The plan of the open group inside, where it has none."""
        if self.stack and self.stack[-1][0] > indent and self.stack[-1][1].plan is None:
            self.stack[-1][1].plan = count

    def line(self, text):
        text = text.rstrip("\r\n").expandtabs(8)
        body = text.lstrip(" ")
        indent = len(text) - len(body)
        if body.startswith("# Subtest"):
            self.group_at(indent).kunit = True
            return
        if VERSION.match(body):
            if indent == 0:
                self.finish_document()
            return
        if body.startswith("Bail out!"):
            self.group_at(indent).failed.append(body)
            return
        plan, result, stats = PLAN.match(body), RESULT.match(body), STATS.match(body)
        if stats:
            self.stats(indent, int(stats["count"]))
        elif plan:
            self.group_at(indent).plan = int(plan["count"])
        elif result:
            self.result(indent, result)

    def finish_document(self):
        while self.stack:
            _, group = self.stack.pop()
            if group.plan == 0 and group.results == 0 and not self.stack:
                continue
            self.parent().add(group.close(), "")

    def finish(self):
        self.finish_document()
        total = self.total
        if not (total.passed or total.failed or total.skipped):
            total.failed.append("(no test case in the output)")
        return total


def parse(path):
    parser = Parser()
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                parser.line(line)
    except OSError as error:
        parser.total.failed.append(str(error))
    return parser.finish()


def extract(path):
    """Prints a console log from its first KTAP line on; the rest as comments."""
    started = False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = STAMP.sub("", line.rstrip("\r\n"))
            started = started or bool(VERSION.match(line))
            if started and line:
                known = KTAP_LINE.match(line) or line.lstrip().startswith("#")
                print(line if known else f"# {line}")


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    command, files = arguments[0], arguments[1:]
    for path in files:
        if command == "extract":
            extract(path)
        elif command == "count":
            total = parse(path)
            print(total.passed, len(total.failed), total.skipped)
        elif command == "failures":
            print("\n".join(parse(path).failed))
        else:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
