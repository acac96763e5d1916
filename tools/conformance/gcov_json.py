# SPDX-License-Identifier: GPL-2.0
"""Reads the JSON that gcov makes of counters: see gcda.py."""

import collections
import json
import os


def read_lines(paths, folders):
    """Counts by FOLDER/FILE, function and line, of the folders named. A function is "-"
    where gcov knows none, as of what a header has outside of its functions."""
    counts = collections.Counter()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for entry in json.load(file)["files"]:
                folder, name = os.path.split(entry["file"])
                folder = os.path.basename(folder)
                if folder not in folders:
                    continue
                for line in entry["lines"]:
                    function = line.get("function_name") or "-"
                    counts[f"{folder}/{name}", function, line["line_number"]] += line["count"]
    return counts


def read_counts(paths, folders):
    """The same by FOLDER/FILE and line, which may be in several functions."""
    counts = collections.defaultdict(collections.Counter)
    for (name, _, line), times in read_lines(paths, folders).items():
        counts[name][line] += times
    return counts
