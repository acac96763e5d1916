# SPDX-License-Identifier: GPL-2.0
"""C source as tokens, and what the mutants need to know of its structure.

Kernel style is taken for granted: a binary operator has blanks on both sides, a
unary one none behind it, which checkpatch sees to.
"""
import re
from bisect import bisect_right

PUNCTUATION = (
    "<<= >>= ... -> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ## "
    "{ } [ ] ( ) . & * + - ~ ! / % < > ^ | ? : ; = , #").split()
LEXER = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>(?:(?<=\n)|\A)[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<blank>\s+)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>\.?[0-9][0-9a-zA-Z_.]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>%s)
""" % "|".join(re.escape(p) for p in PUNCTUATION), re.X | re.S)
CLOSES = {"(": ")", "[": "]", "{": "}"}
CONTROL = {"if", "for", "while", "switch"}


class Token:
    """A word, number, string or sign, and where it is."""

    def __init__(self, kind, text, start):
        self.kind, self.text, self.start = kind, text, start
        self.end = start + len(text)

    def __repr__(self):
        return f"{self.text}@{self.start}"


class Source:
    """A file's tokens without comments, blanks and directives."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.lines = [0] + [m.end() for m in re.finditer("\n", text)]
        self.tokens = []
        at = 0
        while at < len(text):
            match = LEXER.match(text, at)
            if not match:
                raise ValueError(f"{name}:{self.place(at)[0]}: no C: {text[at:at + 20]!r}")
            if match.lastgroup not in ("comment", "blank", "directive"):
                self.tokens.append(Token(match.lastgroup, match[0], at))
            at = match.end()
        self.partner = self.pair_brackets()
        self.bodies = list(self.find_bodies())

    def place(self, offset):
        """Line and column, counted from one."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def pair_brackets(self):
        """The index of each bracket's other half."""
        partner, opened = {}, []
        for i, token in enumerate(self.tokens):
            if token.text in CLOSES:
                opened.append(i)
            elif token.text in CLOSES.values():
                other = opened.pop()
                partner[i], partner[other] = other, i
        return partner

    def text_at(self, i):
        """A token's text; nothing where there is none."""
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def find_bodies(self):
        """Functions and tables, as (name, first token, last token, is a function)."""
        i = 0
        while i < len(self.tokens):
            if self.text_at(i) != "{":
                i = self.partner[i] + 1 if self.text_at(i) in ("(", "[") else i + 1
                continue
            before = self.text_at(i - 1)
            if before == ")":
                yield self.name_before(self.partner[i - 1]), i, self.partner[i], True
            elif before == "=":
                yield self.name_before(i - 1), i, self.partner[i], False
            i = self.partner[i] + 1

    def name_before(self, i):
        """The word that is declared in front of a token."""
        i -= 1
        while self.text_at(i) == "]":
            i = self.partner[i] - 1
        return self.text_at(i)

    def statement_end(self, i):
        """The last token of the statement that begins with this one."""
        text = self.text_at(i)
        if text == "{":
            return self.partner[i]
        if text == "if":
            end = self.statement_end(self.partner[i + 1] + 1)
            return self.statement_end(end + 2) if self.text_at(end + 1) == "else" else end
        if text == "do":
            i = self.statement_end(i + 1) + 1
        elif text in CONTROL or self.is_loop_macro(i):
            return self.statement_end(self.partner[i + 1] + 1)
        while self.text_at(i) != ";":
            i = self.partner[i] + 1 if self.text_at(i) in CLOSES else i + 1
        return i

    def is_loop_macro(self, i):
        """Is it the for_each of something?"""
        return "for_each_" in self.text_at(i) and self.text_at(i + 1) == "(" and \
            self.text_at(self.partner[i + 1] + 1) != ";"

    def is_binary(self, i):
        """Does a sign stand between two operands?"""
        token = self.tokens[i]
        return self.text[token.start - 1].isspace() and self.text[token.end].isspace() and \
            (self.tokens[i - 1].kind in ("word", "number", "string") and
             self.text_at(i - 1) != "return" or self.text_at(i - 1) in (")", "]", "++", "--"))

    def starts_statement(self, i):
        """Is a token the first of a statement?"""
        before = self.text_at(i - 1)
        if before == ")":
            opener = self.partner[i - 1]
            return self.text_at(opener - 1) in CONTROL or self.is_loop_macro(opener - 1)
        if before == ":":
            return self.follows_label(i - 1)
        return before in (";", "{", "}", "else", "do") and not self.in_brackets(i)

    def follows_label(self, i):
        """Does a colon end a case or a label, rather than divide two values?"""
        i -= 1
        while self.text_at(i) not in (";", "{", "}", "?", ":"):
            if self.text_at(i) in ("case", "default"):
                return True
            i = self.partner[i] - 1 if self.text_at(i) in CLOSES.values() else i - 1
        return False

    def in_brackets(self, i):
        """Is it inside of the brackets of a for?"""
        while i > 0:
            i -= 1
            if self.text_at(i) in CLOSES.values():
                i = self.partner[i]
            elif self.text_at(i) == "(":
                return True
            elif self.text_at(i) == "{":
                return False
        return False
