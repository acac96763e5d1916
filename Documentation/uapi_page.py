# SPDX-License-Identifier: GPL-2.0
"""Sphinx extension: the header of the protocol as sections and tables.

The comments of the header are the only description of the protocol. Three
directives, each with the path of the header as its argument, make text of it:

    uapi-prose      the comment at the top: a section for each heading in it
    uapi-known    a section for each struct with a kernel-doc comment
    uapi-constants  a section for each group of macros, and one for each enum

What the comments must look like: headings of the first comment begin behind
" * ", what belongs to them is three columns further in. A name, two blanks or
more, and text is an entry of a list. "Errors:" or "Errors, WHERE:" begins a list
of errno names with their meanings, which semicolons end, up to the end of the
paragraph. What cannot be read is an error of the build, and so is a header of
which nothing is found.
"""

import errno
import os
import re

from docutils.parsers.rst import Directive

ERRNOS = set(errno.errorcode.values()) | {"EOPNOTSUPP"}
MARKS = re.compile(
    r"@(?P<field>\w+)"
    r"|(?P<kind>struct|enum) (?P<tag>mirror_\w+)"
    r"|(?P<code>(?:__)?MIRROR_\w+\*?|CAP_\w+|MAP_\w+|<linux/\w+\.h>"
    r"|/(?:dev|proc)/\w+|2\^order|region=test:|\w+\(\d?\))"
    r"|(?P<errno>\bE[A-Z0-9]{2,}\b)"
    r"|(?P<special>[*`|\\]|\b_|_\b)")
ENTRY = re.compile(r"(\S+)\s{2,}(\S.*)")
ERRORS = re.compile(r"Errors(?:, ([^:]*))?:\s*(.*)", re.DOTALL)
ERRNO_LIST = re.compile(r"((?:E[A-Z0-9]+(?:, | and |$))*E[A-Z0-9]+)(?:\s+|$)(.*)", re.DOTALL)


class Unreadable(Exception):
    """The header does not look as it must."""


def uncomment(text):
    """The lines of a comment without its stars."""
    lines = text.strip().removeprefix("/**").removeprefix("/*").removesuffix("*/")
    return [re.sub(r"^\s*\*( |$)", "", line).rstrip() for line in lines.split("\n")]


def label(name):
    return "uapi-" + name.replace("_", "-").strip("-").lower()


def marked(text, known=()):
    """Text with the names of code in it marked as such."""
    def mark(match):
        if match["field"]:
            return f"``{match['field']}``"
        if match["tag"]:
            name = f"{match['kind']} {match['tag']}"
            return f":ref:`{name} <{label(match['tag'])}>`" if match["tag"] in known \
                else f"``{name}``"
        if match["code"]:
            # Markup ends before a letter only with a separator, which does not show.
            after = match.string[match.end():match.end() + 1]
            return f"``{match['code']}``" + ("\\ " if after.isalnum() else "")
        if match["errno"]:
            name = match["errno"]
            return f"``{name}``" if name in ERRNOS else name
        return "\\" + match["special"]
    return MARKS.sub(mark, " ".join(text.split()))


def heading(text, line, name=None):
    out = [f".. _{label(name)}:", ""] if name else []
    return out + [text, line * len(text), ""]


def table(head, rows, widths):
    """A list-table; a cell is a list of paragraphs."""
    out = [".. list-table::", "   :header-rows: 1",
           "   :widths: " + " ".join(map(str, widths)), "   :class: uapi", ""]
    for row in [[[cell] for cell in head]] + rows:
        for column, cell in enumerate(row):
            first = "   * - " if column == 0 else "     - "
            for number, paragraph in enumerate(cell):
                out += [""] if number else []
                out.append((first if number == 0 else "       ") + paragraph)
    return out + [""]


def paragraphs(lines):
    """Blocks of lines with text, with the indentation that all have taken off."""
    blocks = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    for block in filter(None, blocks):
        shift = min(len(line) - len(line.lstrip()) for line in block)
        yield [line[shift:] for line in block]


def entries(block):
    """(name, text) of a block that is a list of names, None for another block."""
    found = []
    for line in block:
        match = ENTRY.fullmatch(line)
        if match:
            found.append([match[1], match[2]])
        elif found and line.startswith(" "):
            found[-1][1] += " " + line.strip()
        else:
            return None
    return found


def errors_table(block, known):
    """The table of a paragraph that begins with "Errors:", None for another."""
    match = ERRORS.fullmatch(" ".join(line.strip() for line in block))
    if not match:
        return None
    rows, rest = [], []
    for item in match[2].rstrip(".").split("; "):
        named = ERRNO_LIST.fullmatch(item)
        names = re.findall(r"E[A-Z0-9]+", named[1]) if named else []
        if not named or set(names) - ERRNOS:
            rest.append(item)
            continue
        rows.append([[", ".join(f"``{name}``" for name in names)],
                     [marked(named[2], known) or "as the system has it"]])
    out = [f"Errors, {match[1]}:", ""] if match[1] else []
    out += table(["errno", "meaning"], rows, [20, 80]) if rows else []
    for item in rest:
        out += ["Also: " + marked(item, known) + ".", ""]
    return out


def body(lines, known, name="name"):
    out = []
    for block in paragraphs(lines):
        listed = entries(block)
        if listed:
            name = "errno" if {key for key, _ in listed} <= ERRNOS else name
            out += table([name, "meaning"],
                         [[[f"``{key}``"], [marked(text, known)]] for key, text in listed],
                         [20, 80])
            continue
        out += errors_table(block, known) or [marked(" ".join(block), known), ""]
    return out


class Struct:
    """A struct with its kernel-doc comment: fields in the order of the comment."""

    def __init__(self, comment, code):
        lines = uncomment(comment)
        while not lines[0]:
            lines.pop(0)
        first = re.fullmatch(r"struct (\w+) - (.*)", lines[0])
        if not first:
            raise Unreadable(f"{lines[0]!r} does not begin the comment of a struct")
        self.name, self.brief = first.groups()
        self.fields, self.text = [], []
        rest = iter(lines[1:])
        for line in rest:
            field = re.fullmatch(r"@(\w+): (.*)", line)
            if field:
                self.fields.append(list(field.groups()))
            elif line and self.fields:
                self.fields[-1][1] += " " + line.strip()
            else:
                break
        self.text = list(rest)
        self.types = {name: kind + (size or "") for kind, name, size in re.findall(
            r"\t((?:struct )?\w+) (\w+)(\[\d+\])?;", code)}
        missing = {name for name, _ in self.fields} ^ set(self.types)
        if missing:
            raise Unreadable(f"struct {self.name}: comment and fields differ in {missing}")

    def page(self, known):
        out = heading(f"struct {self.name}", "-", self.name)
        out += [marked(self.brief[0].upper() + self.brief[1:], known) + ".", ""]
        rows = []
        for name, text in self.fields:
            kind = re.match(r"(in|out|in; out): ", text)
            text = text[kind.end():] if kind else text
            kind = f", {kind[1]}" if kind else ""
            of = self.types[name]
            of = marked(of, known) if " " in of else f"*{of}*"
            rows.append([[f"``{name}`` {of}{kind}"],
                         [marked(text, known)]])
        out += table(["field", "meaning"], rows, [30, 70])
        return out + body(self.text, known, "mode")


class Header:
    def __init__(self, text):
        self.text = text
        pieces = re.findall(r"(/\*\*\n.*?\*/)\n(struct \w+ \{\n.*?\n\};)", text, re.DOTALL)
        parts = [Struct(comment, code) for comment, code in pieces]
        self.structs = parts
        # What has a section of its own, so that the text can point there.
        self.known = {part.name for part in parts} | set(re.findall(r"enum (\w+) \{", text))

    def prose(self):
        """The first comment that has more than one line; its first line is the title."""
        comment = re.search(r"/\*\n.*?\*/", self.text, re.DOTALL)
        lines = uncomment(comment[0]) if comment else []
        out, section = [], None
        for line in lines[2:] + ["end"]:
            if not line or line.startswith("  "):
                if section is not None:
                    section.append(line)
                continue
            if section is not None:
                out += body(section, self.known)
            section = []
            if line != "end":
                out += heading(line, "=")
        return out

    def struct_pages(self):
        return [line for part in self.structs for line in part.page(self.known)]

    def constants(self):
        """Groups of macros, and enums, in order; a comment is the meaning of the next."""
        bare = re.sub(r"/\*\*.*?\*/\nstruct \w+ \{.*?\n\};", "", self.text, flags=re.DOTALL)
        bare = bare.split("#include <linux/types.h>")[-1].replace("\\\n", " ")
        out = []
        for block in re.split(r"\n\n+", bare):
            enum = re.search(r"enum (\w+) \{\n(.*?)\n\};", block, re.DOTALL)
            if enum:
                out += self.enum(block[:enum.start()], *enum.groups())
            elif "#define" in block:
                out += self.macros(block)
        return out

    def intro(self, comment):
        text = " ".join(" ".join(uncomment(comment)).split())
        return [marked(text, self.known), ""] if text else []

    def enum(self, comment, name, members):
        out = heading(f"enum {name}", "-", name) + self.intro(comment)
        rows, number = [], 0
        for line in members.split("\n"):
            if line.strip().startswith("/*"):
                continue
            rows.append([[f"``{line.strip().rstrip(',')}``"], [str(number)]])
            number += 1
        return out + table(["name", "value"], rows, [70, 30])

    def macros(self, block):
        """One comment for several macros is about all of them."""
        tokens = re.findall(r"(/\*(?:.|\n)*?\*/)|#define\s+(\w+)[ \t]+(.*)", block)
        comments = [comment for comment, _, _ in tokens if comment]
        names = [name for _, name, _ in tokens if name]
        shared = comments if len(comments) == 1 and len(names) > 2 else []
        rows, meaning = [], ""
        for comment, name, value in tokens:
            if comment:
                meaning = "" if shared else " ".join(" ".join(uncomment(comment)).split())
                continue
            rows.append([[f"``{name}``", f"``{' '.join(value.split())}``"],
                         [marked(meaning, self.known)]])
            meaning = ""
        out = heading(self.title(names), "-") + (self.intro(shared[0]) if shared else [])
        if any(row[1] != [""] for row in rows):
            return out + table(["name and value", "meaning"], rows, [50, 50])
        return out + table(["name", "value"], [[[cell] for cell in row[0]] for row in rows],
                           [50, 50])

    @staticmethod
    def title(names):
        return ", ".join(names) if len(names) < 3 else f"{names[0]} to {names[-1]}"


class Insert(Directive):
    """Reads its argument's file and puts text in the place of the directive."""

    required_arguments = 1
    make = None

    def run(self):
        document = self.state.document
        source = document.settings.env.doc2path(document.settings.env.docname)
        path = os.path.normpath(os.path.join(os.path.dirname(source), self.arguments[0]))
        document.settings.env.note_dependency(path)
        try:
            with open(path, encoding="utf-8") as header:
                lines = self.make(Header(header.read()))
        except (OSError, Unreadable) as error:
            raise self.error(f"{path}: {error}")
        if not lines:
            raise self.error(f"{path}: there is nothing for {self.name}")
        self.state_machine.insert_input(lines, path)
        return []


class Prose(Insert):
    make = staticmethod(Header.prose)


class Structs(Insert):
    make = staticmethod(Header.struct_pages)


class Constants(Insert):
    make = staticmethod(Header.constants)


def setup(app):
    app.add_directive("uapi-prose", Prose)
    app.add_directive("uapi-structs", Structs)
    app.add_directive("uapi-constants", Constants)
    return {"parallel_read_safe": True}
