#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Turns the coverage that a guest printed into gcov's JSON.

  gcda.py BUILD OUTPUT LOG...

BUILD is the folder that scripts/build.sh faults printed. Each LOG is any text
with the lines of /sys/kernel/debug/mirror_mm_gcov in it; counters of several
dumps and several logs are added up. OUTPUT is made anew: OBJECT.gcda,
OBJECT.gcno and OBJECT.json for each object that counts; those of src/core are named
after their file alone, others FOLDER-OBJECT where a name would come twice.
"""

import os
import shutil
import struct
import subprocess
import sys

MAGIC = 0x67636461  # "gcda"
TAG_FUNCTION = 0x01000000
TAG_ARCS = 0x01A10000
GCOV = os.environ.get("GCOV", "gcov-12")


class Object:
    """An object file: what identifies it, and the counters of its functions."""

    def __init__(self, version, stamp, checksum):
        self.header = (version, stamp, checksum)
        self.functions = {}

    def add(self, key, counters):
        """Adds counters to those of a function, (ident, lineno and cfg checksum)."""
        old = self.functions.get(key, [0] * len(counters))
        if len(old) != len(counters):
            sys.exit(f"gcda.py: function {key[0]} has {len(counters)} counters, had {len(old)}")
        self.functions[key] = [a + b for a, b in zip(old, counters)]

    def data(self):
        """The .gcda file as gcc 12 writes it: words, lengths in bytes."""
        parts = [struct.pack("<4I", MAGIC, *self.header)]
        for key, counters in self.functions.items():
            parts.append(struct.pack("<5I", TAG_FUNCTION, 12, *key))
            parts.append(struct.pack("<2I", TAG_ARCS, 8 * len(counters)))
            parts.append(struct.pack(f"<{len(counters)}q", *counters))
        return b"".join(parts)


def read_logs(paths):
    """The objects in the logs, by the path of their .gcda file."""
    objects = {}
    for path in paths:
        current = None
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if line.startswith("gcov-object "):
                    header = tuple(int(word) for word in words[1:4])
                    current = objects.setdefault(words[4], Object(*header))
                    if current.header != header:
                        sys.exit(f"gcda.py: {path}: another build of {words[4]}")
                elif line.startswith("gcov-function "):
                    numbers = [int(word) for word in words[1:]]
                    current.add(tuple(numbers[:3]), numbers[3:])
    return objects


def convert(build, output, objects):
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    for path, found in objects.items():
        base = os.path.basename(path)[: -len(".gcda")]
        if "/src/" not in path:
            sys.exit(f"gcda.py: {path} is in no folder src/")
        # A build folder may have been moved: only its inside is certain.
        inside = os.path.dirname(path[path.rindex("/src/") + 1 :])
        name = base
        if os.path.exists(os.path.join(output, base + ".gcno")):
            name = f"{os.path.basename(inside)}-{base}"
        shutil.copy(os.path.join(build, inside, base + ".gcno"),
                    os.path.join(output, name + ".gcno"))
        with open(os.path.join(output, name + ".gcda"), "wb") as file:
            file.write(found.data())
        run = subprocess.run(
            [GCOV, "--json-format", "--stdout", "--branch-probabilities", name + ".gcda"],
            cwd=output, capture_output=True, check=False)
        if run.returncode or run.stderr:
            sys.exit(f"gcda.py: gcov, {name}: {run.stderr.decode()}")
        with open(os.path.join(output, name + ".json"), "wb") as file:
            file.write(run.stdout)


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__)
    objects = read_logs(arguments[2:])
    if not objects:
        sys.exit("gcda.py: no coverage in the logs")
    convert(arguments[0], arguments[1], objects)


if __name__ == "__main__":
    main(sys.argv[1:])
