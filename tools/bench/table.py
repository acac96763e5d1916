#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""From what the guests of the benchmark printed to one table.

    table.py make OUT HEADER OUTPUT...   OUT.txt and OUT.csv
    table.py check OUT                   do these two say the same?

HEADER is a file with lines that go before the table. A run that is not whole is an
error, and then nothing is written: a row that must be there and is not, a target
that has no figure at all, a mistake that was not refused, memory that did not come
back.
"""

import csv
import os
import re
import sys

TARGETS = ["mirror", "kernel", "gen_pool", "gpu_buddy"]
COLUMNS = ["what"] + TARGETS + ["ratio", "best_ratio", "empty"]
OF_MODULE = ([f"pair-{n}" for n in range(11)] +
             ["comp-3", "comp-9", "bulk64-alloc", "bulk64-free", "trace-100k"])
OF_PROGRAMS = ["submit-256"]
MANDATORY = OF_MODULE + ["init-per-page"] + OF_PROGRAMS
REFUSALS = {"double-free": -22, "wrong-order": -22, "foreign-page": -6}
NONE = "-"
WIDTH = {"what": 20, "ratio": 9, "best_ratio": 11, "empty": 8}


class Run:
    """What was printed: rows[what][target], and all that is wrong with it."""

    def __init__(self):
        self.rows = {}
        self.facts = []
        self.refused = []
        self.wrong = []

    def take_figure(self, words):
        if len(words) != 3:
            self.wrong.append(f"no figure: bench {' '.join(words)}")
            return
        what, target, value = words
        row = self.rows.setdefault(what, {})
        if target not in TARGETS + ["empty"]:
            self.wrong.append(f"{what} is for '{target}', which is no target")
        elif target in row:
            self.wrong.append(f"{what} of {target} came twice")
        elif value != NONE and not re.fullmatch(r"-?\d+(\.\d+)?", value):
            self.wrong.append(f"{what} of {target} is '{value}', which is no number")
        else:
            row[target] = None if value == NONE else float(value)

    def read(self, path):
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if words[:1] == ["bench"]:
                    self.take_figure(words[1:])
                elif words[:1] == ["refused"] and len(words) == 3:
                    self.refused.append((words[1], words[2]))
                elif words[:1] == ["fact"]:
                    self.facts.append(words[1:])

    def check_rows(self):
        for what in MANDATORY:
            if self.rows.get(what, {}).get("mirror") is None:
                self.wrong.append(f"{what} of mirror is missing")
        for what, row in self.rows.items():
            # Programs know of no others than these two; the module knows all.
            wanted = TARGETS if "empty" in row else TARGETS[:2]
            self.wrong += [f"{what} of {target} is missing"
                           for target in wanted if target not in row]
        for what in OF_MODULE:
            if what in self.rows and self.rows[what].get("kernel") is None:
                self.wrong.append(f"{what} of kernel is missing")

    def check_columns(self):
        for target in TARGETS:
            if all(row.get(target) is None for row in self.rows.values()):
                self.wrong.append(f"there is no figure at all for {target}")

    def check_state(self):
        for what, wanted in REFUSALS.items():
            seen = [value for name, value in self.refused if name == what]
            if not seen or any(value != str(wanted) for value in seen):
                self.wrong.append(f"{what}: {seen or 'never tried'}, not {wanted}")
        held = [fact for fact in self.facts if fact[0] == "held"]
        clean = [fact for fact in self.facts if fact[0] == "check"]
        if not held or any(fact[-1] != "0" for fact in held):
            self.wrong.append(f"memory did not come back: {held}")
        if not clean or any(fact[-1] != "clean" for fact in clean):
            self.wrong.append(f"the mirror is not sound: {clean}")


def ratio(value, others):
    """Of a value to the least of others; None where that says nothing."""
    others = [other for other in others if other is not None]
    if value is None or not others or min(others) <= 0:
        return None
    return value / min(others)


def in_order(names):
    """Rows that differ by a number only stand together, the lowest first."""
    first = {}
    for i, name in enumerate(names):
        first.setdefault(re.sub(r"\d+", "#", name), i)

    def key(name):
        number = re.search(r"\d+", name)
        return (first[re.sub(r"\d+", "#", name)], int(number.group()) if number else 0)
    return sorted(names, key=key)


def table_of(rows):
    """Dictionaries by COLUMNS, the empty loop of a pair as a row of its own."""
    table = []
    empty = rows.get("pair-0", {}).get("empty")
    if empty is not None:
        table.append(dict({target: empty for target in TARGETS}, what="empty-loop",
                          ratio=None, best_ratio=None, empty=None))
    for what in in_order(rows):
        row = {target: rows[what].get(target) for target in TARGETS}
        peers = [row[target] for target in TARGETS[1:]]
        row.update(what=what, ratio=ratio(row["mirror"], peers[:1]),
                   best_ratio=ratio(row["mirror"], peers), empty=rows[what].get("empty"))
        table.append(row)
    return table


def text_of(column, value):
    if column == "what":
        return value
    if value is None:
        return NONE
    return f"{value:.3f}" if column.endswith("ratio") else f"{value:.2f}"


def write_csv(table, path):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in table:
            writer.writerow([text_of(column, row[column]) for column in COLUMNS])


def write_text(table, header, path):
    def line(cells):
        return "".join(cell.ljust(WIDTH[column]) if column == "what" else
                       cell.rjust(WIDTH.get(column, 11))
                       for column, cell in zip(COLUMNS, cells)) + "\n"
    with open(path, "w", encoding="utf-8") as out:
        out.write(header)
        out.write("\n" + line(COLUMNS))
        family = None
        for row in table:
            if family not in (None, re.split(r"[-\d]", row["what"])[0]):
                out.write("\n")
            family = re.split(r"[-\d]", row["what"])[0]
            out.write(line([text_of(column, row[column]) for column in COLUMNS]))


def make(out, header, outputs):
    run = Run()
    for path in outputs:
        run.read(path)
    run.check_rows()
    run.check_columns()
    run.check_state()
    for wrong in run.wrong:
        print(f"error: {wrong}", file=sys.stderr)
    if run.wrong:
        return 1
    with open(header, encoding="utf-8") as lines:
        header = lines.read()
    table = table_of(run.rows)
    write_csv(table, out + ".csv")
    write_text(table, header, out + ".txt")
    return 0


def check(out):
    with open(out + ".csv", encoding="utf-8", newline="") as lines:
        wanted = list(csv.reader(lines))
    with open(out + ".txt", encoding="utf-8") as lines:
        seen = [line.split() for line in lines if not line.startswith("#")]
    seen = [words for words in seen if words]
    if seen != wanted or len(wanted) < 2:
        print(f"{out}.txt has {len(seen)} lines, {out}.csv {len(wanted)}; these differ:",
              [pair for pair in zip(seen, wanted) if pair[0] != pair[1]])
        return 1
    return 0


def main(arguments):
    if arguments[:1] == ["make"] and len(arguments) >= 4:
        return make(*arguments[1:3], arguments[3:])
    if arguments[:1] == ["check"] and len(arguments) == 2:
        return check(arguments[1])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit(f"error: {os.path.basename(sys.argv[0])}: {error}")
