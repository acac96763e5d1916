#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reads what a guest that fuzzes the device has left in the memory of its card.

  devfuzz.py counts BOX          what was run, in words
  devfuzz.py runs BOX            programs, a number
  devfuzz.py operations BOX      operations, entries of SUBMIT included, a number
  devfuzz.py found BOX           what was found, or nothing
  devfuzz.py inputs BOX FOLDER   the last inputs as FOLDER/NUMBER, the last one as
                                 FOLDER/last
  devfuzz.py units BOX FOLDER    inputs that reached something new

BOX is the file; struct mailbox in tools/devfuzz/mailbox.h is its layout.
"""

import hashlib
import os
import struct
import sys

MAGIC = 0x78626C6961766564
RING, KINDS, INPUT = 256, 48, 2032
HEAD = struct.Struct(f"<4Q{KINDS}QQ1024s")
SLOT = struct.Struct(f"<2Q{INPUT}s")
NAMES = """alloc free info submit ctl ioctl map unmap protect remap advise touch access copy
map-anywhere map-raw grant drop dup pass close fork race file read-text write-text poison
cpu repeat free-many wait kernel syscall open entries""".split()


class Box:
    """A mailbox, read from a file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        magic, self.runs, self.edges, self.seconds, *rest = HEAD.unpack_from(self.data)
        if magic != MAGIC:
            sys.exit(f"devfuzz.py: {path}: nothing was run")
        self.kinds = rest[:KINDS]
        self.end = rest[KINDS]
        self.text = rest[KINDS + 1].split(b"\0")[0].decode(errors="replace")

    def operations(self):
        return sum(self.kinds)

    def inputs(self):
        """The last inputs by number."""
        found = {}
        for slot in range(RING):
            number, size, data = SLOT.unpack_from(self.data, HEAD.size + slot * SLOT.size)
            if number:
                found[number] = data[:size]
        return dict(sorted(found.items()))

    def units(self):
        at = HEAD.size + RING * SLOT.size
        end = at + self.end
        while at < end:
            (size,) = struct.unpack_from("<I", self.data, at)
            yield self.data[at + 4 : at + 4 + size]
            at += 4 + size


def counts(box):
    print(f"{box.runs} programs, {box.operations()} operations, {box.edges} edges, "
          f"{box.seconds} s")
    print(" ".join(f"{name} {count}" for name, count in zip(NAMES, box.kinds)))


def write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    command, path, *folder = arguments
    box = Box(path)
    if command == "counts":
        counts(box)
    elif command == "runs":
        print(box.runs)
    elif command == "operations":
        print(box.operations())
    elif command == "found":
        print(box.text)
    elif command == "inputs" and folder:
        for number, data in box.inputs().items():
            write(folder[0], str(number), data)
            write(folder[0], "last", data)
    elif command == "units" and folder:
        for data in box.units():
            write(folder[0], hashlib.sha1(data).hexdigest(), data)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
