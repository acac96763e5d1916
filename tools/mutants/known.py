# SPDX-License-Identifier: GPL-2.0
"""The list of mutants that nothing can or does kill, each with its reason.

An entry is one or more mutants of one function, as differences, below the reason
for which they live. Text decides, not the number of a line:

    equivalent: the loop ends at the break
    src/core/buddy.c some_function
    - the line or lines, indentation aside
    + what the mutant makes of them
    - another
    + another
"""
from collections import defaultdict

KINDS = ("equivalent", "lives")


class Known:
    """What the list says."""

    def __init__(self, path):
        self.entries = {}
        kind = place = before = None
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.rstrip("\n")
                word, _, rest = line.partition(" ")
                if not line or word == "#":
                    continue
                if word.rstrip(":") in KINDS and word.endswith(":"):
                    kind, place = word[:-1], None
                    if not rest:
                        raise SystemExit(f"{path}:{number}: an entry without a reason")
                elif word == "-" and place:
                    before = rest
                elif word == "+" and place and before is not None:
                    self.entries[(*place, before, rest)] = (kind, number)
                elif word.startswith("src/") and kind:
                    place, before = (word, rest), None
                elif line.startswith("  ") and kind and not place:
                    continue	# more of the reason
                else:
                    raise SystemExit(f"{path}:{number}: what is this? {line}")

    @staticmethod
    def key(mutant):
        """How an entry names it."""
        return (mutant.file, mutant.where, mutant.before, mutant.after)

    def kind(self, mutant):
        """equivalent, lives, or None."""
        return self.entries.get(self.key(mutant), (None, 0))[0]

    def stale(self, mutants, complete):
        """Entries that no mutant has; of the files that were read alone."""
        found, files = defaultdict(int), set()
        for mutant in mutants:
            found[self.key(mutant)] += 1
            files.add(mutant.file)
        return [f"line {number}: no mutant of {key[1]}() in {key[0]}: {key[3]}"
                for key, (_, number) in self.entries.items()
                if not found[key] and (complete or key[0] in files)]
