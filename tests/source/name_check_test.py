#!/usr/bin/env python3
"""What the check of names refuses."""

import unittest

import name_check
from source_tree import SourceFile


class Names(unittest.TestCase):

    def refusals(self, first, second):
        files = [SourceFile("src/event/a.h", first), SourceFile("src/live/b.cc", second)]
        return [str(finding) for finding in name_check.check(files)]

    def test_one_definition(self):
        self.assertEqual(self.refusals("struct Change {\n};\n", "\nclass Change final : public A {\n};\n"),
                         ["src/live/b.cc:2: Change is also defined in src/event/a.h"])

    def test_declared_elsewhere_or_in_an_unnamed_namespace(self):
        self.assertEqual(self.refusals("struct Change {\n};\n", "struct Change;\n"), [])
        self.assertEqual(self.refusals("struct Change {\n};\n", "namespace {\nstruct Change {\n};\n}  // namespace\n"), [])


if __name__ == "__main__":
    unittest.main()
