# SPDX-License-Identifier: GPL-2.0
"""The mistakes: what a mutant has in another token's place.

Left out, since no test can be asked to see them:

* comments, strings, directives with the macros they define, and declarations
  outside of functions other than tables;
* assertions and what the core says to a log (SILENT): without them nothing is
  decided otherwise, and the text of a message is no rule; for the same reason what
  mirror_broken() prints (TEXT), but not that it is called;
* hints (likely(), prefetches) and the kind of access (READ_ONCE()), though not
  what stands in their brackets.
"""
import re
from collections import namedtuple

from ctokens import CLOSES, CONTROL, Source

# Edits are (start, end, text) in the file; where is the function or table.
Mutant = namedtuple("Mutant", "file line column operator where edits before after")

SILENT = re.compile(
    r"lockdep_\w+|might_sleep\w*|static_assert|BUILD_BUG_ON|WARN\w*|pr_\w+|"
    r"OPTIMIZER_HIDE_VAR|mutex_destroy|prefetch\w*|barrier|cond_resched|cpu_relax|"
    r"mirror_host_(relax|pause)|EXPORT_SYMBOL\w*|sizeof")
TEXT = {"mirror_broken"}
SWAPS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",),
    "<<": (">>",), ">>": ("<<",), "&": ("|",), "|": ("&",), "^": ("|",),
    "&&": ("||",), "||": ("&&",),
    "++": ("--",), "--": ("++",), "+=": ("-=", "="), "-=": ("+=", "="),
    "<<=": (">>=",), ">>=": ("<<=",), "|=": ("&=", "="), "&=": ("|=", "="), "^=": ("|=",),
}
RELATIONS = {"<", "<=", ">", ">=", "==", "!="}
WORDS = {
    "true": "false", "false": "true", "min": "max", "max": "min", "min_t": "max_t",
    "max_t": "min_t", "break": "continue", "continue": "break",
}
ALWAYS_BINARY = {"->"} | (set(SWAPS) - {"+", "-", "*", "&", "++", "--"})
NUMBER = re.compile(r"(0x[0-9a-fA-F]+|[0-9]+)([uUlL]*)\Z")
NO_STATEMENT = CONTROL | {"do", "else", "return", "break", "continue", "goto", "case",
                          "default", "struct", "enum", "union", "const", "static", "unsigned"}
ENDS_OPERAND = {"&&", "||", "?", ":", ",", ";", "=", "return", "{", "}"}


class Finder:
    """All mutants of one file."""

    def __init__(self, name, text):
        self.source = Source(name, text)
        self.found = []
        self.where = ""

    def add(self, i, operator, *edits):
        """edits are (first token, last token, text), in the order of the file."""
        tokens = self.source.tokens
        self.change(i, operator, [(tokens[a].start, tokens[b].end, text)
                                  for a, b, text in edits])

    def change(self, i, operator, edits):
        """edits are (start, end, text) in the file, in its order."""
        source = self.source
        line, column = source.place(source.tokens[i].start)
        first = source.lines[source.place(edits[0][0])[0] - 1]
        whole = source.text[first:source.text.find("\n", edits[-1][1])]
        here = [(start - first, end - first, text) for start, end, text in edits]
        self.found.append(Mutant(source.name, line, column, operator, self.where, edits,
                                 squeeze(whole), squeeze(edit(whole, here))))

    def replace(self, i, text, operator):
        """One token by another."""
        self.add(i, operator, (i, i, text))

    def force(self, first, last, value, operator):
        """Works a condition out and does not look at it."""
        self.add(first, operator, (first, first, "((" + self.source.text_at(first)),
                 (last, last, f"{self.source.text_at(last)}), {value})")) \
            if first != last else \
            self.replace(first, f"(({self.source.text_at(first)}), {value})", operator)

    def find(self):
        """All there are, in the order of the file."""
        for name, first, last, is_function in self.source.bodies:
            self.where = name
            i = first + 1
            while i < last:
                if self.is_silent(i):
                    i = self.source.partner[i + 1] + 1
                    continue
                self.token(i)
                if is_function:
                    self.structure(i, last)
                i = self.source.partner[i + 1] + 1 if self.source.text_at(i) in TEXT else i + 1
        return sorted(self.found, key=lambda m: (m.line, m.column))

    def is_silent(self, i):
        """Is it a call that decides nothing?"""
        return self.source.text_at(i + 1) == "(" and SILENT.fullmatch(self.source.text_at(i))

    def token(self, i):
        """What depends on one token only."""
        token, text = self.source.tokens[i], self.source.text_at(i)
        if token.kind == "number":
            self.number(i)
        elif token.kind == "word" and text in WORDS:
            self.replace(i, WORDS[text], "word")
        elif text == "!":
            self.replace(i, "", "not")
        elif text == "~":
            self.replace(i, "", "complement")
        elif text in SWAPS and (text in ALWAYS_BINARY or text in ("++", "--") or
                                self.source.is_binary(i)):
            for other in SWAPS[text]:
                self.replace(i, other, f"{text}:{other}")
        elif text == "-":
            self.replace(i, "", "sign")

    def number(self, i):
        """Its neighbours."""
        match = NUMBER.match(self.source.text_at(i))
        if not match:
            return
        value = int(match[1], 0)
        for other in [1] if value == 0 else [value - 1, value + 1]:
            digits = hex(other) if match[1].startswith("0x") else str(other)
            self.replace(i, digits + match[2], "number")

    def structure(self, i, end):
        """Conditions, loops and whole statements."""
        text = self.source.text_at(i)
        if text in ("if", "while") and self.source.text_at(i + 1) == "(":
            first, last = i + 2, self.source.partner[i + 1] - 1
            for value in ("1", "0") if text == "if" else ("0",):
                self.force(first, last, value, "condition")
        elif text == "?":
            first, last = self.operand(i, -1), i - 1
            for value in "1", "0":
                self.force(first, last, value, "condition")
        elif text in ("&&", "||"):
            self.operands(i)
        elif text == "for":
            self.bounds(i)
        if text in ("for", "while") or self.source.is_loop_macro(i):
            self.only_once(i)
        if self.source.starts_statement(i):
            self.statement(i, end)

    def operand(self, i, step):
        """The far end of the operand beside a sign."""
        brackets = CLOSES if step > 0 else CLOSES.values()
        while True:
            i += step
            if self.source.text_at(i) in brackets:
                i = self.source.partner[i]
            if self.source.text_at(i + step) in ENDS_OPERAND or self.outside(i + step, step):
                return i

    def outside(self, i, step):
        """Does a bracket end here that was not begun?"""
        return self.source.text_at(i) in (CLOSES.values() if step > 0 else CLOSES)

    def operands(self, i):
        """A part of a condition is left out."""
        value = "1" if self.source.text_at(i) == "&&" else "0"
        self.force(i + 1, self.operand(i, 1), value, "operand")
        if self.source.text_at(self.operand(i, -1) - 1) not in ("&&", "||"):
            self.force(self.operand(i, -1), i - 1, value, "operand")

    def bounds(self, i):
        """A loop that ends one step early or late, or at once."""
        source = self.source
        close = source.partner[i + 1]
        first = i + 2
        while source.text_at(first - 1) != ";":
            first = source.partner[first] + 1 if source.text_at(first) in CLOSES else first + 1
        last = first
        while source.text_at(last + 1) != ";":
            last = source.partner[last + 1] if source.text_at(last + 1) in CLOSES else last + 1
        if last >= close or source.text_at(first) == ";":
            return
        self.force(first, last, "0", "condition")
        signs = [j for j in range(first, last) if source.text_at(j) in RELATIONS]
        if len(signs) != 1:
            return
        start, stop = signs[0] + 1, self.operand(signs[0], 1)
        for change in "- 1", "+ 1":
            if start == stop:
                self.replace(start, f"({source.text_at(start)} {change})", "bound")
            else:
                self.add(start, "bound", (start, start, "((" + source.text_at(start)),
                         (stop, stop, f"{source.text_at(stop)}) {change})"))

    def only_once(self, i):
        """A loop that ends after its first round."""
        source = self.source
        first = source.partner[i + 1] + 1
        if source.text_at(first) == ";":
            return
        last = source.statement_end(first)
        if source.text_at(first) == "{":
            self.replace(last, "break; }", "once")
        elif first == last:
            return
        else:
            self.add(first, "once", (first, first, "{ " + source.text_at(first)),
                     (last, last, "; break; }"))

    def statement(self, i, end):
        """A statement that is not there."""
        source, text = self.source, self.source.text_at(i)
        if text in ("break", "continue"):
            self.replace(i, "", "gone")
        elif text == "return":
            last = source.statement_end(i)
            if last + 1 < end and source.text_at(i - 1) in (";", "}"):
                self.erase(i, last)
        elif text not in NO_STATEMENT and not self.is_declaration(i) and \
                source.tokens[i].kind in ("word", "sign") and text not in ("{", "}", ";"):
            if not self.is_silent(i) and not source.is_loop_macro(i) and \
                    source.text_at(i + 1) != ":":
                self.erase(i, source.statement_end(i))

    def erase(self, i, last):
        """All tokens of a statement but its end."""
        tokens = self.source.tokens
        self.change(i, "gone", [(tokens[i].start, tokens[last - 1].end, "")])

    def is_declaration(self, i):
        """type name, type *name"""
        source = self.source
        if source.tokens[i].kind != "word":
            return False
        i += 1
        while source.text_at(i) == "*":
            i += 1
        return source.tokens[i].kind == "word"


def squeeze(text):
    """A line without what its indentation says."""
    return " ".join(re.sub(r"/\*.*?\*/", " ", text, flags=re.S).split())


def edit(text, edits):
    """What a text becomes."""
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def mutants_of(name, text):
    """All mutants of a file, each with a difference of its own."""
    seen, found = set(), []
    for mutant in Finder(name, text).find():
        if tuple(mutant.edits) not in seen:
            seen.add(tuple(mutant.edits))
            found.append(mutant)
    return found
