# SPDX-License-Identifier: GPL-2.0
"""Reads the JSON that gcov makes of counters: see gcda.py."""

import collections
import json
import os


def read_counts(paths, folders):
    """Counts by FOLDER/FILE and line, of the folders named; a line may be in several
    functions."""
    counts = collections.defaultdict(collections.Counter)
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for entry in json.load(file)["files"]:
                folder, name = os.path.split(entry["file"])
                folder = os.path.basename(folder)
                if folder not in folders:
                    continue
                for line in entry["lines"]:
                    counts[f"{folder}/{name}"][line["line_number"]] += line["count"]
    return counts
