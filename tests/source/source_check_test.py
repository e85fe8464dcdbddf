#!/usr/bin/env python3
"""Proves that the checks of the source refuse what they say they refuse, and let pass what is right."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import contract_check
import include_check
import proto_check
import size_check
import target_check
import text_check
from source_tree import SourceFile


def header(path, body=""):
    guard = include_check.expected_guard(path)
    return SourceFile(path, f"// A header.\n#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n")


def source(path, *includes):
    return SourceFile(path, "".join(f"#include {include}\n" for include in includes))


# What exists, for includes to find.
WORLD = [header("include/keyfold/record.h"), SourceFile("proto/keyfold/v1/account_event.proto", "")] + [
    header(f"src/{folder}/thing.h") for folder in include_check.ARROWS] + [
    header("tests/support/builder.h"), header("tests/event/examples.h")]


class Includes(unittest.TestCase):

    def refusals(self, *files):
        return [str(finding) for finding in include_check.check(WORLD + list(files))]

    def assert_refused(self, path, include, why):
        found = self.refusals(source(path, "<vector>", include))
        self.assertEqual(len(found), 1, found)
        self.assertIn(why, found[0])
        self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])

    def assert_allowed(self, path, *includes):
        self.assertEqual(self.refusals(source(path, *includes)), [])

    def test_the_world_is_right(self):
        self.assertEqual(self.refusals(), [])

    def test_each_arrow_that_is_not_in_the_table_is_refused(self):
        for owner, allowed in include_check.ARROWS.items():
            for target in include_check.ARROWS:
                if target == owner or target in allowed:
                    self.assert_allowed(f"src/{owner}/other.cc", f'"{target}/thing.h"')
                else:
                    self.assert_refused(f"src/{owner}/other.cc", f'"{target}/thing.h"', f"must not include {target}")

    def test_the_table_is_the_house(self):
        for rim in ("store", "kafka", "gateway"):
            for other in ("store", "kafka", "gateway", "fold", "engine", "run", "cli"):
                self.assertNotIn(other, include_check.ARROWS[rim])
        for folder in ("store", "kafka", "gateway", "ask", "run", "cli"):
            self.assertNotIn(folder, include_check.ARROWS["engine"])
        self.assertEqual(include_check.ARROWS["base"], set())

    def test_ports_and_contract(self):
        self.assert_allowed("src/kafka/other.cc", '"keyfold/record.h"')
        self.assert_refused("src/account/other.cc", '"keyfold/record.h"', "must not include ports")
        self.assert_allowed("src/account/other.cc", '"keyfold/v1/account_event.pb.h"')
        self.assert_refused("src/base/other.cc", '"keyfold/v1/account_event.pb.h"', "must not include proto")
        self.assert_refused("src/event/other.cc", '"keyfold/v1/no_such.pb.h"', "no file of this project")
        self.assert_refused("include/keyfold/other.cc", '"base/thing.h"', "ports must not include base")

    def test_libraries_belong_to_their_rim(self):
        for library, owners in (("<librdkafka/rdkafka.h>", {"kafka"}), ("<rocksdb/db.h>", {"store"}),
                                ('"httplib.h"', {"gateway"}), ('"CLI/CLI.hpp"', {"cli", "config", "mapped"})):
            for folder in include_check.ARROWS:
                if folder in owners:
                    self.assert_allowed(f"src/{folder}/other.cc", library)
                else:
                    self.assert_refused(f"src/{folder}/other.cc", library, "must not know")

    def test_unknown_libraries_are_refused(self):
        self.assert_refused("src/cli/other.cc", "<fancy/fancy.hpp>", "does not know")
        self.assert_refused("src/cli/other.cc", '"fancy/fancy.h"', "no file of this project")
        self.assert_refused("src/engine/other.cc", "<gtest/gtest.h>", "for tests only")

    def test_the_middle_is_pure(self):
        for pure in ("account", "kpi", "base"):
            for impure in ("<fstream>", "<iostream>", "<thread>", "<chrono>", "<mutex>", "<unistd.h>", "<random>"):
                self.assert_refused(f"src/{pure}/other.cc", impure, "is pure")
            self.assert_refused(f"src/{pure}/other.cc", '"absl/time/clock.h"', "is pure")
            asking = SourceFile(f"src/{pure}/other.cc", "// getenv in a comment is fine\nauto home = std::getenv(name);\n")
            self.assertEqual(self.refusals(asking), [f"src/{pure}/other.cc:2: {pure} is pure: no std::getenv"])
        self.assert_allowed("src/engine/other.cc", "<thread>", '"absl/time/clock.h"')

    def test_what_is_used_of_abseil_is_included(self):
        use = 'auto text = absl::StrCat(1);\n'
        without = SourceFile("src/engine/other.cc", use)
        self.assertEqual(self.refusals(without),
                         ['src/engine/other.cc:1: absl::StrCat needs #include "absl/strings/str_cat.h"'])
        include = '#include "absl/strings/str_cat.h"'
        self.assertEqual(self.refusals(SourceFile("src/engine/other.cc", f"{include}\n{use}")), [])
        by_its_header = [header("src/engine/other.h", include),
                         SourceFile("src/engine/other.cc", f'#include "engine/other.h"\n{use}')]
        self.assertEqual(self.refusals(*by_its_header), [])

    def test_a_new_folder_needs_a_place_in_the_table(self):
        self.assertIn("is not in the table", self.refusals(source("src/helpers/other.cc"))[0])

    def test_tests(self):
        self.assert_refused("src/event/other.cc", '"support/builder.h"', "of the tests")
        self.assert_allowed("tests/account/other.cc", '"support/builder.h"', '"account/thing.h"', '"base/thing.h"')
        self.assert_refused("tests/account/other.cc", '"engine/thing.h"', "must not include engine")
        self.assert_refused("tests/account/other.cc", '"event/examples.h"', "must not include tests/event")
        self.assert_allowed("tests/engine/other.cc", '"event/examples.h"')
        self.assert_refused("tests/engine/other.cc", "<librdkafka/rdkafka.h>", "must not know librdkafka")
        self.assert_allowed("tests/kafka/other.cc", "<librdkafka/rdkafka.h>")
        self.assert_refused("tests/engine/other.cc", '"engine/no_such.h"', "no file of this project")

    def test_circles_of_folders_and_of_files(self):
        one = source("src/kpi/other.cc", '"account/thing.h"')
        other = source("src/account/other.cc", '"kpi/thing.h"')
        self.assertTrue(any("account -> kpi -> account" in line for line in self.refusals(one, other)))
        first = header("src/event/first.h", '#include "event/second.h"')
        second = header("src/event/second.h", '#include "event/first.h"')
        self.assertTrue(any("in a circle: src/event/first.h -> src/event/second.h" in line
                            for line in self.refusals(first, second)))

    def test_guards(self):
        wrong = SourceFile("src/event/other.h", "// A.\n#ifndef OTHER_H\n#define OTHER_H\n#endif  // OTHER_H\n")
        self.assertIn("should be KEYFOLD_EVENT_OTHER_H_", self.refusals(wrong)[0])
        for missing in ("// A.\n", "// A.\n#pragma once\n"):
            self.assertIn("include guard", self.refusals(SourceFile("src/event/other.h", missing))[0])
        guard = "KEYFOLD_TESTS_SUPPORT_OTHER_H_"
        unsaid = SourceFile("tests/support/other.h", f"// A.\n#ifndef {guard}\n#define {guard}\n#endif\n")
        self.assertIn(f"#endif  // {guard}", self.refusals(unsaid)[0])


def body(lines, open_line="int F(int x) {"):
    """A function of so many lines, the braces' included."""
    return open_line + "\n" + "  x();\n" * (lines - 2) + "}\n"


class Sizes(unittest.TestCase):

    def refusals(self, text, path="src/event/other.cc"):
        return [str(finding) for finding in size_check.check([SourceFile(path, text)])]

    def test_files(self):
        for path in ("src/a/b.cc", "src/a/b.h", "tools/b.py", "web/b.ts", "web/b.tsx", "web/b.css"):
            self.assertEqual(self.refusals("\n" * 400, path), [])
            self.assertEqual(len(self.refusals("\n" * 401, path)), 1, path)
        self.assertEqual(len(self.refusals("#!/bin/bash\n" + "\n" * 400, "tools/b")), 1)
        self.assertEqual(self.refusals("\n" * 401, "README.md"), [])

    def test_folders(self):
        files = [SourceFile(f"src/event/other{i}.cc", "int x;\n" * 300) for i in range(10)]
        self.assertEqual(list(size_check.check(files)), [])
        more = list(size_check.check(files + [SourceFile("src/event/one_more.h", "int y;\n")]))
        self.assertEqual([str(finding) for finding in more],
                         ["src/event:1: 3001 lines, at most 3000: it wants to be two folders"])

    def test_functions_of_each_form(self):
        for begin in ("int F(int x) {", "template <class T>\nint F(T x) {", "struct S F() {"[7:],
                      "Thing::Thing(int a) : a_{a}, b_(a), c_{1} {", "auto f = [](int x) {", "TEST(Suite, Name) {",
                      "bool operator==(const A& a) {", "int F(A a = {}) {", "absl::Status F() const override {",
                      'extern "C" int F() {', "Thing::~Thing() {", "std::vector<int> F(std::map<int, int> a) {"):
            extra = begin.count("\n")
            self.assertEqual(self.refusals(body(70 - extra, begin)), [], begin)
            found = self.refusals(body(71 - extra, begin))
            self.assertEqual(len(found), 1, begin)
            self.assertIn("71 lines", found[0])

    def test_functions_within_scopes(self):
        for scope in ("namespace keyfold {\nnamespace {\n%s}\n}\n", "class A final : public B<int> {\n public:\n%s};\n",
                      "template <class T>\nstruct A {\n%s};\n", "class A {\n int a_{3};\n enum class E : int { kA };\n%s};\n"):
            self.assertEqual(self.refusals(scope % body(70)), [], scope)
            self.assertEqual(len(self.refusals(scope % (body(3) + body(71) + body(3)))), 1, scope)

    def test_the_line_is_where_the_function_begins(self):
        self.assertTrue(self.refusals("\n\n" + body(71))[0].startswith("src/event/other.cc:3: 71 lines"))

    def test_data_and_scopes_may_be_long(self):
        long = "  {1, 2},\n" * 100
        self.assertEqual(self.refusals("constexpr int kTable[] = {\n" + long + "};\n"), [])
        self.assertEqual(self.refusals("class A {\n" + "  int F();\n" * 100 + "};\n"), [])
        self.assertEqual(self.refusals("enum class A {\n" + "  kA,\n" * 100 + "};\n"), [])

    def test_braces_that_are_no_code(self):
        for line in ('  x("{");', "  x('{');", "  // {", "  /* { */", '  x(R"({)");', "#define OPEN {", "  x(1'000'000);",
                     '  x("\\"{");', "  x('\\'', '{');"):
            text = f"int F() {{\n{line}\n}}\n" * 30
            self.assertEqual(self.refusals(text), [], line)
        self.assertEqual(len(self.refusals("int F() {\n" + '  x("}");\n' * 70 + "}\n")), 1)

    def test_functions_of_the_page(self):
        for begin in ("function f() {", "export function F({\n  a,\n}: A) {", "export async function f<T>() {"):
            lines = 68 - begin.count("\n")
            self.assertEqual(self.refusals(begin + "\n" + "  g({});\n" * lines + "}\n", "web/b.tsx"), [], begin)
            self.assertEqual(len(self.refusals(begin + "\n" + "  g({});\n" * (lines + 1) + "}\n", "web/b.tsx")), 1, begin)

    def test_python_functions(self):
        self.assertEqual(self.refusals("def f():\n" + "    g()\n" * 69, "tools/b.py"), [])
        self.assertEqual(len(self.refusals("def f():\n" + "    g()\n" * 70, "tools/b.py")), 1)


class Texts(unittest.TestCase):

    def refusals(self, text, path="src/event/other.cc"):
        return [str(finding) for finding in text_check.check([SourceFile(path, text)])]

    def test_each_rule(self):
        for line in ("// TO" + "DO: later", "// FIX" + "ME", "// XX" + "X: hm", "XX" + "X(name): hm", "a\tb", "a ", "a\r",
                     "<<<<<<< HEAD", "=======", ">>>>>>> other"):
            found = self.refusals(f"first\n{line}\n")
            self.assertEqual(len(found), 1, line)
            self.assertTrue(found[0].startswith("src/event/other.cc:2: "))
        self.assertEqual(self.refusals('Currency("XXX");\nmktemp /tmp/XXXXXX\n======== title\n'), [])

    def test_the_end_of_the_file(self):
        self.assertEqual(len(self.refusals("int a;")), 1)

    def test_names_of_files(self):
        self.assertEqual(self.refusals("// What it is (docs/events.md).\n"),
                         ["src/event/other.cc:1: there is no docs/events.md"])
        there = [SourceFile("docs/events.md", "See [kpis.md](kpis.md), `event/other.cc` and src/event/*.h.\n"),
                 SourceFile("docs/kpis.md", "All of docs/events.md.\n"), SourceFile("src/event/other.cc", "")]
        self.assertEqual(list(text_check.check(there)), [])
        for name in ("missing.md", "../missing.md", "`event/missing.cc`", "tests/event/missing.py"):
            found = list(text_check.check(there + [SourceFile("docs/other.md", f"first\n({name})\n")]))
            self.assertEqual([finding.line for finding in found], [2], name)

    def test_the_opening(self):
        self.assertEqual(self.refusals("// What it is.\n", "src/event/other.h"), [])
        self.assertEqual(len(self.refusals("#ifndef A\n", "src/event/other.h")), 1)
        self.assertEqual(self.refusals('#!/usr/bin/env python3\n"""What it is."""\n', "tools/x"), [])
        self.assertEqual(len(self.refusals("#!/usr/bin/env python3\nimport sys\n", "tools/x")), 1)
        self.assertEqual(len(self.refusals("import sys\n", "tools/x.py")), 1)
        self.assertEqual(self.refusals("#!/bin/bash\n# What it does.\n", "tools/x"), [])
        self.assertEqual(len(self.refusals("#!/bin/bash\nset -e\n", "tools/x")), 1)
        self.assertEqual(self.refusals("// What it is.\n", "web/x.tsx"), [])
        self.assertEqual(len(self.refusals('import "y";\n', "web/x.ts")), 1)


class Targets(unittest.TestCase):

    TOP = SourceFile("tests/CMakeLists.txt", "foreach(folder event\n  kpi)\n  add_subdirectory(${folder})\nendforeach()\n")
    TEST = SourceFile("tests/event/a_test.cc", "")

    def refusals(self, *files):
        return [str(finding) for finding in target_check.check(files)]

    def cmake(self, text, folder="event"):
        return SourceFile(f"tests/{folder}/CMakeLists.txt", text)

    def test_named_or_matched(self):
        self.assertEqual(self.refusals(self.TOP, self.TEST, self.cmake("keyfold_tests(keyfold_event)\n")), [])
        self.assertEqual(self.refusals(self.TOP, self.TEST, self.cmake("file(GLOB sources *_test.cc)\n")), [])

    def test_forgotten(self):
        for text in ("keyfold_test_program(b SOURCES b_test.cc)\n", "# keyfold_tests() a_test.cc\n", "file(GLOB sources *_tests.cc)\n", ""):
            found = self.refusals(self.TOP, self.TEST, self.cmake(text))
            self.assertEqual(len(found), 1, text)
            self.assertIn("no target", found[0])
        self.assertIn("without a CMakeLists.txt", self.refusals(self.TOP, self.TEST)[0])

    def test_a_folder_that_is_not_entered(self):
        found = self.refusals(self.TOP, SourceFile("tests/store/a_test.cc", ""), self.cmake("a_test.cc", "store"))
        self.assertIn("tests/store is not in the list", found[0])

    def test_a_library_names_what_it_includes(self):
        def refusals(linked):
            return self.refusals(
                SourceFile("src/CMakeLists.txt", "add_subdirectory(ask fold state)"),
                SourceFile("src/ask/CMakeLists.txt", f"target_link_libraries(keyfold_ask PUBLIC {linked})  # keyfold_fold"),
                SourceFile("src/state/CMakeLists.txt", "target_link_libraries(keyfold_state)"),
                SourceFile("src/fold/CMakeLists.txt", "target_link_libraries(keyfold_fold\n  PUBLIC keyfold_state)"),
                SourceFile("src/ask/a.h", '#include "fold/cause.h"\n#include "state/b.h"\n#include "ask/c.h"\n'))
        self.assertEqual(refusals("keyfold_fold"), [])
        self.assertEqual(refusals("keyfold_state"), ["src/ask/a.h:1: src/ask/CMakeLists.txt does not link keyfold_fold"])

    def test_python_tests(self):
        test = SourceFile("tests/source/a_test.py", "")
        self.assertEqual(self.refusals(test, self.cmake("add_test(NAME a COMMAND python3 a_test.py)\n", "source")), [])
        self.assertEqual(len(self.refusals(test, self.cmake("add_test(NAME a COMMAND python3 b.py)\n", "source"))), 1)
        self.assertEqual(len(self.refusals(test)), 1)


class Contract(unittest.TestCase):

    def refusals(self, text):
        return [str(finding) for finding in contract_check.check([SourceFile("proto/keyfold/v1/a.proto", text)])]

    def test_enums(self):
        self.assertEqual(self.refusals("enum SaleType {\n  SALE_TYPE_UNSPECIFIED = 0;  // x = 9\n  BASE = 1;\n}\n"), [])
        for wrong in ("BASE = 0;", "SALE_TYPE_UNSPECIFIED = 1;", "UNSPECIFIED = 0;", "BASE = 1; SALE_TYPE_UNSPECIFIED = 0;"):
            self.assertEqual(len(self.refusals(f"enum SaleType {{\n  {wrong}\n}}\n")), 1, wrong)

    def test_payloads(self):
        text = "message OrderPlaced {}\nmessage E {\n  oneof payload {\n    %s = 16;\n  }\n}\n"
        self.assertEqual(self.refusals(text % "OrderPlaced order_placed"), [])
        self.assertEqual(len(self.refusals(text % "OrderPlaced placed")), 1)
        self.assertEqual(len(self.refusals(text % "OrderMoved order_moved")), 1)

    def test_whoever_has_to_know_a_payload(self):
        proto = "message A {}\nmessage FxRateSet {}\nmessage E {\n  oneof payload { A a = 1; FxRateSet fx_rate_set = 2; }\n}\n"
        told = {"docs/events.md": "`a`, `fx_rate_set`", "tests/support/entity_generator.h": '"a {}"',
                "tests/reference/schema.py": '"a": (), "fx_rate_set": ()'}
        for forgotten in (None, *told):
            files = [SourceFile("proto/keyfold/v1/a.proto", proto)] + [
                SourceFile(path, "aa" if path == forgotten else text) for path, text in told.items()]
            found = [str(finding) for finding in contract_check.check(files)]
            expected = 0 if forgotten is None else 1 if "generator" in forgotten else 2
            self.assertEqual(len(found), expected, forgotten)

    def test_kpis_have_a_definition(self):
        catalogue = SourceFile("deploy/catalog.yaml", "components:\n  - id: a\nkpis:\n  - id: b\n    rollup: {id: c, x: 1}\nmore:\n  - id: d\n")
        for text, expected in (("`b`, `c`", 0), ("`bb`, `c`", 1), ("", 2)):
            found = list(contract_check.check([catalogue, SourceFile("docs/kpis.md", text)]))
            self.assertEqual(len(found), expected, text)

    def test_verbs_have_a_line_and_are_in_the_list(self):
        verb = SourceFile("src/cli/a.cc", 'void AddGoOn(CLI::App& app, int& exit_status) {\n  app.add_subcommand(\n      "go-on", "...");\n')
        for path, *texts in (("README.md", "| `go-on ID` | ... |", "| `go` | ... |"), ("src/cli/verbs.cc", "  AddGoOn(app, s);", "")):
            self.assertEqual([len(list(contract_check.check([verb, SourceFile(path, text)]))) for text in texts], [0, 1])


class Compatibility(unittest.TestCase):

    PROTO = """message Sale {  // text = 9;
      oneof payload { Order order = 3; }
      repeated string notes = 1;
      enum Kind { KIND_UNSPECIFIED = 0; BASE = 1; }
      Kind kind = 2;
    }
    """

    def refusals(self, now, before=PROTO):
        listed = "\n".join(proto_check.lines_of([SourceFile("proto/keyfold/v1/sale.proto", before)])) + "\n"
        files = [SourceFile("proto/keyfold/v1/sale.proto", now), SourceFile(proto_check.LIST, listed)]
        return [finding.what for finding in proto_check.check(files)]

    def test_what_is_listed(self):
        self.assertEqual(proto_check.lines_of([SourceFile("proto/keyfold/v1/sale.proto", self.PROTO)]),
                         ["sale.proto Sale kind 2 Kind", "sale.proto Sale notes 1 repeated string",
                          "sale.proto Sale order 3 Order", "sale.proto Sale.Kind BASE 1",
                          "sale.proto Sale.Kind KIND_UNSPECIFIED 0"])
        self.assertEqual(self.refusals(self.PROTO), [])

    def test_a_field_that_changes(self):
        for now in (self.PROTO.replace("notes = 1", "notes = 7"), self.PROTO.replace("repeated string", "string")):
            self.assertIn("Sale.notes was 1 repeated string: it stays so", self.refusals(now))

    def test_a_field_that_goes(self):
        gone = self.PROTO.replace("repeated string notes = 1;", "")
        self.assertEqual(self.refusals(gone), ['Sale.notes is gone: reserved 1; reserved "notes";'])
        self.assertEqual(self.refusals(gone.replace("Kind kind", 'reserved 1; reserved "notes"; Kind kind')), [])
        self.assertIn("is gone", self.refusals("")[0])

    def test_a_field_that_comes(self):
        more = self.PROTO.replace("Kind kind", "int64 size = 4; Kind kind")
        self.assertEqual(self.refusals(more),
                         ["sale.proto Sale size 4 int64 is missing: tests/source/proto_check.py ROOT --write"])


class CommandLine(unittest.TestCase):
    """The program itself, on a directory: what it finds, prints and returns."""

    def run_checks(self, root, *checks):
        program = pathlib.Path(__file__).with_name("source_check.py")
        return subprocess.run([sys.executable, str(program), str(root), *checks], capture_output=True, text=True,
                              check=False)

    def test_status(self):
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            (root / "src/account").mkdir(parents=True)
            (root / "src/CMakeLists.txt").write_text("add_subdirectory(account)\n")
            (root / "src/account/CMakeLists.txt").write_text("add_library(a cost.cc)\n")
            cost = root / "src/account/cost.cc"
            cost.write_text("#include <vector>\n")
            (root / "build").mkdir()
            (root / "build/made.cc").write_text("// TO" + "DO is not looked at here\n")
            self.assertEqual(self.run_checks(root).returncode, 0)
            cost.write_text("#include <fstream>\n")
            refused = self.run_checks(root)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("src/account/cost.cc:1: account is pure: no <fstream> [includes]", refused.stdout)
            self.assertEqual(self.run_checks(root, "sizes", "texts").returncode, 0)
            self.assertEqual(self.run_checks(root, "nonsense").returncode, 2)

    def test_no_source_is_an_error(self):
        with tempfile.TemporaryDirectory() as scratch:
            self.assertEqual(self.run_checks(scratch).returncode, 2)


if __name__ == "__main__":
    unittest.main()
