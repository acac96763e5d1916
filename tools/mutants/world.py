# SPDX-License-Identifier: GPL-2.0
"""Where a mutant lives and dies: a copy of the tree, and its programs there.

A mutant's file, or each file that includes it, is compiled alone and linked with the
objects of the others.
"""
import filecmp
import hashlib
import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

from operators import edit

MEMORY = 6 << 30	# of a program without a sanitizer
OUTPUT = 64 << 20
# What the compiler refuses in the module's build is no mistake that a test has to find.
# Two of its warnings are about the form of a mutant alone.
WARNINGS = "-g0 -Werror -Wno-unused-value -Wno-empty-body"
# Seconds of a CPU: the suites take a fraction of one, and several with sanitizers.
CPU_TIME = {"plain": 5, "asan": 60, "corpus": 120, "fuzz": 120, "explore": 120}
# Of the clock, which may be ten times as much where others work, too.
PATIENCE = 10


def read(path):
    """A file's text."""
    with open(path, encoding="utf-8") as file:
        return file.read()


class Stillborn(Exception):
    """It does not compile."""


class Equivalent(Exception):
    """The compiler makes the same code of it."""


def limits(seconds, sanitized):
    """A mutant may run, write and allocate without end."""
    return ["prlimit", f"--cpu={seconds}", f"--fsize={OUTPUT}", "--core=0",
            *([] if sanitized else [f"--as={MEMORY}"])]


class Build:
    """One way to compile the suites and the core in a tree.

    What has no mutant is compiled once, in the first tree, which is @base of the others.
    """

    def __init__(self, tree, out, variant, flags, base=None):
        self.tree, self.variant, self.flags, self.base = tree, variant, flags, base
        self.folder = os.path.join(out, variant + flags.replace(" ", ""))
        what = self.ask_make(out)
        core = what["core"].split()
        self.core, self.units = core, core + what["rest"].split()
        self.compile, self.link = what["compile"].split(), what["link"].split()
        self.program = os.path.join(self.folder, "harness-kunit")
        self.needs = {}

    def ask_make(self, out):
        """The lines of "make what", by their first word."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("M")}
        lines = subprocess.run(
            ["make", "-s", "-C", os.path.join(self.tree, "tools/mutants"), f"OUT={out}",
             f"VARIANT={self.variant}", f"CFLAGS={WARNINGS} {self.flags}", "what"],
            check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout
        return dict(line.split(" ", 1) for line in lines.splitlines())

    def object(self, unit, mutated=False):
        """Where a unit's object goes, or that of the mutant's."""
        folder = self.folder if mutated or not self.base else self.base.folder
        return os.path.join(folder, "mutant" if mutated else "as-is", unit.replace("/", "+")[:-2] + ".o")

    def make_object(self, unit, mutated=False):
        """Compiles one unit as it is in the tree now."""
        target = self.object(unit, mutated)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            done = subprocess.run(
                [*self.compile, "-c", "-o", target, os.path.join(self.tree, unit)],
                cwd=self.folder, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired as late:
            raise Stillborn("the compiler needs too long") from late
        if done.returncode:
            raise Stillborn(done.stderr[:2000])
        return target

    def prepare(self, units):
        """Compiles what is not there yet, and remembers which headers it reads."""
        if self.base:
            self.needs = self.base.needs
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            self.needs.update(zip(units, pool.map(self.prepare_one, units)))

    def prepare_one(self, unit):
        """The files of the tree from which a unit's object was made."""
        target, stamp = self.object(unit), self.object(unit) + ".sum"
        if not os.path.exists(stamp) or read(stamp) != self.sum_of(target):
            self.make_object(unit)
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(self.sum_of(target))
        return {os.path.relpath(path, self.tree) for path in self.read_by(target)}

    def read_by(self, target):
        """The files of the tree from which an object was made."""
        words = read(target[:-2] + ".d").replace("\\\n", " ").split()
        return sorted({word.rstrip(":") for word in words if word.startswith(self.tree)})

    def sum_of(self, target):
        """What these hold, in short; make's times do not tell a mutant from the core."""
        whole = hashlib.sha256(" ".join(self.compile).encode())
        for path in self.read_by(target):
            if os.path.exists(path):
                whole.update(read(path).encode())
        return whole.hexdigest()

    def units_with(self, name):
        """What has to be compiled again where a file is changed."""
        return [unit for unit in self.units if unit == name or name in self.needs[unit]]

    def make_program(self, name):
        """The suites with the mutant."""
        units = self.units_with(name)
        core = [unit for unit in units if unit in self.core]
        changed = {unit: self.make_object(unit, True) for unit in core}
        if all(filecmp.cmp(self.object(unit), changed[unit], shallow=False) for unit in core):
            raise Equivalent
        changed.update((unit, self.make_object(unit, True))
                       for unit in units if unit not in changed)
        self.link_program(changed)

    def link_program(self, changed):
        """changed has the objects that are the mutant's, by unit."""
        subprocess.run([*self.link, "-o", self.program,
                        *(changed.get(unit) or self.object(unit) for unit in self.units)],
                       check=True, capture_output=True)

    def compare(self, name):
        """Is the core's code the same?"""
        affected = [unit for unit in self.core if unit == name or name in self.needs[unit]]
        if all(filecmp.cmp(self.object(unit), self.make_object(unit, True), shallow=False)
               for unit in affected):
            raise Equivalent


class World:
    """A tree for one mutant at a time."""

    def __init__(self, root, folder, base=None):
        self.root, self.tree = root, os.path.join(folder, "tree")
        self.out = os.path.join(folder, "out")
        os.makedirs(self.out, exist_ok=True)
        self.plain = Build(self.tree, self.out, "plain", "-O1 -DHARNESS_FENCED",
                           base and base.plain)
        self.asan = Build(self.tree, self.out, "asan", "-O1", base and base.asan)
        self.exact = Build(self.tree, self.out, "plain", "-O2", base and base.exact)
        self.log = os.path.join(folder, "log")

    def files(self):
        """What can have mutants: all that the core is made of but the twin of its host."""
        self.plain.prepare(self.plain.units)
        names = set()
        for unit in self.plain.core:
            names.update(self.plain.needs[unit])
        return sorted(name for name in names if re.match(r"src/.*\.[ch]$", name))

    def prepare(self, stages):
        """Compiles what the stages compare or link with, before there is a mutant."""
        self.plain.prepare(self.plain.units)
        if "sanitized" in stages:
            self.asan.prepare(self.asan.units)
        if "optimized" in stages:
            self.exact.prepare(self.exact.core)

    def path(self, name):
        """A file of the tree."""
        return os.path.join(self.tree, name)

    def read(self, name):
        """Its text."""
        return read(os.path.join(self.root, name))

    def put_in(self, mutant):
        """The tree has this mutant from here on."""
        with open(self.path(mutant.file), "w", encoding="utf-8") as file:
            file.write(edit(self.read(mutant.file), mutant.edits))

    def take_out(self, mutant):
        """The tree is the repository's again."""
        shutil.copyfile(os.path.join(self.root, mutant.file), self.path(mutant.file))

    def run(self, name, command, sanitized=False, environment=None):
        """Returns None where the program ends well, otherwise what it said of its death."""
        seconds = CPU_TIME[name]
        with open(self.log, "w", encoding="utf-8") as log:
            try:
                status = subprocess.run(
                    limits(seconds, sanitized) + command, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, cwd=self.out, timeout=seconds * PATIENCE,
                    env={**os.environ, **(environment or {})}).returncode
            except subprocess.TimeoutExpired:
                return f"no end within {seconds * PATIENCE} s"
        if status == -signal.SIGXCPU or status == -signal.SIGKILL:
            return f"no end after {seconds} s of work"
        return None if status == 0 else self.last_words(status)

    def last_words(self, status):
        """The first thing that went wrong."""
        suite = ""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            for line in log:
                if line.startswith("    # Subtest: "):
                    suite = line.split(":", 1)[1].strip()
                match = re.match(r"    not ok \d+ (\S+)", line)
                if match:
                    return f"{suite}.{match[1]}"
                match = re.search(r"FOUND: .*|ERROR: \w+: .*|runtime error: .*", line)
                if match:
                    return match[0].replace(self.tree + "/", "")[:100]
        return f"{suite + ': ' if suite else ''}exit status {status}"

    def suites(self, build, name, seed, sanitized):
        """KUnit in a process."""
        build.make_program(name)
        return self.run(build.variant, [build.program, f"seed={seed}", "stop=1"], sanitized,
                        {"ASAN_OPTIONS": "hard_rss_limit_mb=4000"})

    def kunit(self, mutant, seed):
        """The first stage."""
        return self.suites(self.plain, mutant.file, seed, False)

    def sanitized(self, mutant, seed):
        """The second, with another seed."""
        return self.suites(self.asan, mutant.file, seed + 1, True)

    def optimized(self, mutant, _seed):
        """The third: with -O2 the compiler sees more."""
        self.exact.compare(mutant.file)

    def make_fuzzer(self, variant, program):
        """By make, in the tree as it is now."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("M")}
        done = subprocess.run(
            ["make", "-s", "-f", self.path("tools/harness/fuzz/Makefile"), f"OUT={self.out}",
             f"VARIANT={variant}", "WERROR=-w", program],
            env=environment, capture_output=True, text=True, cwd=self.out)
        if done.returncode:
            raise Stillborn(done.stderr[:2000])
        return os.path.join(self.out, variant, program)

    def fuzz(self, _mutant, seed):
        """The fuzzer's corpus, then a few seconds of fuzzing from it."""
        program = self.make_fuzzer("fuzz", "fuzz")
        corpus = self.path("tools/harness/fuzz/corpus")
        inputs = sorted(os.path.join(corpus, name) for name in os.listdir(corpus))
        options = ["-timeout=20", "-rss_limit_mb=4000", f"-artifact_prefix={self.out}/found-"]
        found = self.run("corpus", [program, *options, *inputs], True)
        if found:
            return found
        fresh = os.path.join(self.out, "fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        os.mkdir(fresh)
        return self.run("fuzz", [program, *options, "-max_total_time=10", "-len_control=0",
                                 "-max_len=4096", f"-seed={seed}", fresh, corpus], True)

    def explore(self, _mutant, _seed):
        """All states of the tiny mirrors to a small depth."""
        program = self.make_fuzzer("plain", "explore")
        names = subprocess.run([program, "--list"], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        for number in range(1, len(names) + 1):
            found = self.run("explore", [program, str(number), "2"])
            if found:
                return found
        return None
