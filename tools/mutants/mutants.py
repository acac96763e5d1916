#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tests the tests: a mistake in one token of the core, which some suite has to notice.

  mutants.py [--seed N] [--count N] [--file PATTERN] [--work FOLDER] [--stages LIST]
  mutants.py --list [--file PATTERN]      all mutants there are
  mutants.py --only ID                    one of them, with what it says

Prints TAP; FOLDER/results.tsv has a line for each. See Documentation/mutants.rst.
"""
import argparse
import fnmatch
import os
import queue
import random
import sys
import time
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor, as_completed

import known
from operators import mutants_of
from world import Equivalent, Stillborn, World

STAGES = ("kunit", "sanitized", "optimized", "explore", "fuzz")
WANTED = 97	# percent of those that are not equivalent
Result = namedtuple("Result", "mutant fate stage words seconds")


def name_of(mutant):
    """FILE:LINE:COLUMN:OPERATOR, with a number where these are the same."""
    return f"{mutant.file}:{mutant.line}:{mutant.column}:{mutant.operator}"


def with_names(mutants):
    """All mutants by their name."""
    names, seen = {}, Counter()
    for mutant in mutants:
        name = name_of(mutant)
        seen[name] += 1
        names[name if seen[name] == 1 else f"{name}:{seen[name]}"] = mutant
    return names


def try_mutant(world, mutant, seed, stages):
    """What becomes of it."""
    start, fate, stage, words = time.monotonic(), "lives", "-", ""
    world.put_in(mutant)
    try:
        for stage in stages:
            words = getattr(world, stage)(mutant, seed)
            if words:
                fate = "killed"
                break
        else:
            stage = "-"
    except Equivalent:
        fate = "equivalent"
    except Stillborn as reason:
        fate, words = "stillborn", str(reason).splitlines()[0] if str(reason) else ""
    finally:
        world.take_out(mutant)
    return Result(mutant, fate, stage, words or "", time.monotonic() - start)


def try_all(worlds, chosen, args):
    """Yields names and results, as they come."""
    idle = queue.Queue()
    for world in worlds:
        idle.put(world)

    def try_next(mutant):
        world = idle.get()
        try:
            return try_mutant(world, mutant, args.seed, args.stages)
        finally:
            idle.put(world)

    with ThreadPoolExecutor(len(worlds)) as pool:
        waiting = {pool.submit(try_next, mutant): name for name, mutant in chosen.items()}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def choose(names, args):
    """COUNT of them, at random."""
    order = sorted(names)
    random.Random(args.seed).shuffle(order)
    order = order[:args.count] if args.count else order
    return {name: names[name] for name in order}


class Tap:
    """Cases and their number."""

    def __init__(self):
        self.count = self.failed = 0
        print("TAP version 13", flush=True)

    def case(self, fine, name, *comments):
        """One result."""
        self.count += 1
        self.failed += not fine
        print(f"{'' if fine else 'not '}ok {self.count} {name}")
        for comment in filter(None, comments):
            print(f"#   {comment}")
        sys.stdout.flush()

    def end(self):
        """The plan; returns the exit status."""
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def suites_pass(worlds, tap, args):
    """Without a mutant nothing may be found."""
    for world in worlds:
        world.prepare(args.stages)
    world = worlds[0]
    world.plain.link_program({})
    found = world.run("plain", [world.plain.program, f"seed={args.seed}"])
    tap.case(not found, "the suites pass on the core as it is", found)
    return not found


def judge(tap, results, listed, args, complete):
    """The cases about all of them."""
    fates = Counter(result.fate for result in results.values())
    alive = {n: r for n, r in results.items() if r.fate == "lives"}
    same = {n for n, r in alive.items() if listed.kind(r.mutant) == "equivalent"}
    excused = {n for n in alive if listed.kind(alive[n].mutant) == "lives"}
    fresh = [n for n in alive if n not in same and n not in excused]
    real = fates["killed"] + len(alive) - len(same)
    share = 100 * fates["killed"] / real if real else 0
    stages = Counter(r.stage for r in results.values() if r.fate == "killed")
    lines = [f"seed {args.seed}, {len(results)} mutants: {fates['stillborn']} do not compile, "
             f"{fates['equivalent']} are the same code, {len(same)} listed as equivalent",
             "killed by " + ", ".join(f"{s}: {stages[s]}" for s in args.stages if stages[s])]
    for name in sorted(fresh):
        mutant = alive[name].mutant
        lines += [f"lives: {name} in {mutant.where}()", f"    - {mutant.before}",
                  f"    + {mutant.after}"]
    tap.case(share >= WANTED, f"{share:.1f} % of {real} mutants that are not equivalent "
             f"are killed, {WANTED} % at least", *lines)
    wrong = [n for n, r in results.items() if r.fate == "killed" and
             listed.kind(r.mutant) and (listed.kind(r.mutant) == "equivalent" or complete)]
    tap.case(not wrong, "none that is listed as equivalent is killed",
             *(f"{n}: {results[n].words}" for n in wrong))


def arguments():
    """Of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "../.."))
    parser.add_argument("--work", default="build/mutants")
    parser.add_argument("--seed", type=lambda text: int(text, 0), default=1)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--file", default="*")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--stages", type=lambda text: text.split(","), default=list(STAGES))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only")
    return parser.parse_args()


def read_names(world, args):
    """All mutants of the files that are asked for."""
    files = [name for name in world.files() if fnmatch.fnmatch(name, f"*{args.file}")]
    if not files:
        sys.exit(f"mutants.py: the core has no file {args.file}")
    return with_names(m for name in files for m in mutants_of(name, world.read(name)))


def write_result(file, name, result):
    """A line of the table."""
    mutant = result.mutant
    print(name, mutant.where, result.fate, result.stage, f"{result.seconds:.1f}", mutant.before,
          mutant.after, result.words, sep="\t", file=file, flush=True)


def main():
    """Returns the exit status."""
    args = arguments()
    args.root, args.work = os.path.realpath(args.root), os.path.realpath(args.work)
    number = 1 if args.list or args.only else args.workers
    worlds = []
    for i in range(number):
        worlds.append(World(args.root, os.path.join(args.work, str(i)), worlds[0] if i else None))
    names = read_names(worlds[0], args)
    if args.list:
        for name, mutant in names.items():
            print(name, mutant.where, mutant.before, mutant.after, sep="\t")
        return 0
    if args.only:
        chosen = {n: m for n, m in names.items() if fnmatch.fnmatchcase(n, args.only)}
    else:
        chosen = choose(names, args)
    if not chosen:
        sys.exit("mutants.py: there is no such mutant")
    listed = known.Known(os.path.join(args.root, "tools/mutants/known"))
    tap = Tap()
    stale = listed.stale(names.values(), args.file == "*")
    tap.case(not stale, "each listed mutant is one of the core's", *stale)
    if not suites_pass(worlds, tap, args):
        return tap.end()
    results = {}
    with open(os.path.join(args.work, "results.tsv"), "w", encoding="utf-8") as table:
        for name, result in try_all(worlds, chosen, args):
            results[name] = result
            write_result(table, name, result)
            if args.only:
                print(f"# {name}: {result.fate} ({result.stage}) {result.words}")
    judge(tap, results, listed, args, args.stages == list(STAGES))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
