# SPDX-License-Identifier: GPL-2.0
"""What the operators make of a few lines, and what they leave alone."""
import os
import tempfile
import unittest

from known import Known
from operators import edit, mutants_of


def body(text):
    """A function around statements."""
    return f"static int f(int a, int *p)\n{{\n\t{text}\n}}\n"


def changed(text, operator=None):
    """All that becomes of statements, without the function around them."""
    whole = body(text)
    head, tail = whole.split(text)
    return {edit(whole, m.edits)[len(head):-len(tail)] for m in mutants_of("f.c", whole)
            if operator in (None, m.operator)}


class Operators(unittest.TestCase):
    """One mistake at a time."""

    def test_relation(self):
        """Its neighbour and its opposite."""
        self.assertEqual(changed("return a < 5;") - changed("return a < 5;", "number"),
                         {"return a <= 5;", "return a >= 5;"})

    def test_numbers(self):
        """Both neighbours, none below 0, and suffix and base stay."""
        self.assertEqual(changed("return 5ul;"), {"return 4ul;", "return 6ul;"})
        self.assertEqual(changed("return 0;"), {"return 1;"})
        self.assertEqual(changed("return 0x10;"), {"return 0xf;", "return 0x11;"})

    def test_binary_or_not(self):
        """Pointers and addresses are no arithmetic."""
        self.assertEqual(changed("int b = a * *p;"), {"int b = a / *p;"})
        self.assertEqual(changed("int *q = &a;"), set())
        self.assertEqual(changed("return -a;", "sign"), {"return a;"})
        self.assertEqual(changed("return a - a;"), {"return a + a;"})

    def test_conditions(self):
        """Worked out, but not looked at; each part on its own."""
        found = changed("if (a && *p)\n\t\ta++;")
        self.assertIn("if (((a && *p), 1))\n\t\ta++;", found)
        self.assertIn("if (((a && *p), 0))\n\t\ta++;", found)
        self.assertIn("if (((a), 1) && *p)\n\t\ta++;", found)
        self.assertIn("if (a && ((*p), 1))\n\t\ta++;", found)
        self.assertIn("if (a || *p)\n\t\ta++;", found)
        self.assertIn("if (a && *p)\n\t\t;", found)
        self.assertEqual(changed("return a ? a : *p;", "condition"),
                         {"return ((a), 1) ? a : *p;", "return ((a), 0) ? a : *p;"})

    def test_text(self):
        """That the core says that it is broken is a rule, what it says is none."""
        self.assertEqual(changed('mirror_broken(p, "%d", a + 1);'), {";"})

    def test_loops(self):
        """Bounds with what binds less than minus, and a single round."""
        self.assertEqual(changed("for (; a < *p >> 1; a++)\n\t\tg(a);", "bound"),
                         {"for (; a < ((*p >> 1) - 1); a++)\n\t\tg(a);",
                          "for (; a < ((*p >> 1) + 1); a++)\n\t\tg(a);"})
        self.assertEqual(changed("while (a)\n\t\tif (*p)\n\t\t\tg();\n\t\telse\n\t\t\th();", "once"),
                         {"while (a)\n\t\t{ if (*p)\n\t\t\tg();\n\t\telse\n\t\t\th(); break; }"})
        self.assertEqual(changed("for_each_cpu(a) {\n\t\tg();\n\t}", "once"),
                         {"for_each_cpu(a) {\n\t\tg();\n\tbreak; }"})

    def test_statements(self):
        """Calls and assignments, not declarations."""
        self.assertEqual(changed("int b;\n\tstruct s *q = p;\n\tb = g(a);\n\t*p = b;", "gone"),
                         {"int b;\n\tstruct s *q = p;\n\t;\n\t*p = b;",
                          "int b;\n\tstruct s *q = p;\n\tb = g(a);\n\t;"})

    def test_what_decides_nothing(self):
        """Assertions, messages, comments, macros and declarations."""
        self.assertEqual(changed('lockdep_assert_held(&p[1]);\n\tpr_err("%d < 1", a + 1);'
                                 "\n\t/* a + 1 */"), set())
        self.assertEqual(list(mutants_of("f.h", "#define A (1 + \\\n 2)\nstruct s { int a[2]; };"
                                         "\nint f(int a[1]);\n")), [])
        self.assertEqual(len(mutants_of("f.c", "static const int t[] = { 7 };\n")), 2)

    def test_all_are_different(self):
        """No mutant twice, none that changes nothing."""
        text = body("for (a = 0; a < 3 && !*p; a++) {\n\t\tif (a == 1)\n\t\t\tcontinue;\n\t\tg();"
                    "\n\t}\n\treturn true;")
        made = [edit(text, m.edits) for m in mutants_of("f.c", text)]
        self.assertEqual(len(made), len(set(made)))
        self.assertNotIn(text, made)


class List(unittest.TestCase):
    """The list of those that live."""

    def read(self, text):
        """A list with this text."""
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            file.write(text)
        self.addCleanup(os.unlink, file.name)
        return Known(file.name)

    def test_text_decides(self):
        """Lines above do not matter, the line itself does."""
        known = self.read("equivalent: because\nsrc/f.c f\n- return a < 5;\n+ return a <= 5;\n")
        for text, stale in ((body("return a < 5;"), 0), ("\n\n" + body("return a < 5;"), 0),
                            (body("return a < 6;"), 1)):
            mutants = mutants_of("src/f.c", text)
            self.assertEqual(len(known.stale(mutants, True)), stale)
            self.assertEqual(sum(known.kind(m) == "equivalent" for m in mutants), 1 - stale)

    def test_a_reason_is_needed(self):
        """An entry alone is none."""
        with self.assertRaises(SystemExit):
            self.read("src/f.c f\n- a\n+ b\n")


if __name__ == "__main__":
    unittest.main()
