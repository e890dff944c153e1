#!/usr/bin/env python3
"""test_lint.py - the lint tests fail on what they are there to catch.

Usage: CC=cc NM=nm test_lint.py      (unittest's exit code)
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

import core_symbols
import form
import headers
import layers

HERE = pathlib.Path(__file__).resolve().parent


class Tree(unittest.TestCase):
    """A small project in a temporary folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="farshore-lint-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.put("include/farshore/base/text.h", "/* text */\nint text(void);\n")
        self.put("include/farshore/ui/grid.h", "/* grid */\nint grid(void);\n")
        self.put("include/farshore/feeds/nats.h", "/* nats */\nint feed(void);\n")
        self.put("src/base/text.c", '/* text */\n#include "farshore/base/text.h"\n')

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


class LayersTest(Tree):
    def findings(self, name, text):
        self.put(name, text)
        return layers.Layers(self.root).run()

    def check_one(self, name, text, part):
        findings = self.findings(name, text)
        self.assertEqual(len(findings), 1, findings)
        self.assertIn(part, findings[0])
        self.assertTrue(findings[0].startswith(name), findings[0])

    def test_good_tree_is_quiet(self):
        self.put("src/ui/cell.h", "/* cell */\n")
        self.assertEqual(self.findings("src/ui/grid.c", '/* g */\n#include "farshore/ui/grid.h"\n'
                                       '\n#include <string.h>\n\n#include <curses.h>\n\n'
                                       '#include "cell.h"\n#include "farshore/base/text.h"\n'), [])

    def test_base_may_not_use_ui(self):
        self.check_one("src/base/a.c", '#include "farshore/ui/grid.h"\n', "base may not use ui")

    def test_ui_may_not_use_feeds(self):
        self.check_one("src/ui/a.c", '#include "farshore/feeds/nats.h"\n', "ui may not use feeds")

    def test_public_headers_are_held_too(self):
        self.check_one("include/farshore/core/a.h", '#include "farshore/ui/grid.h"\n',
                       "core may not use ui")

    def test_public_header_may_not_include_a_private_one(self):
        self.put("src/ui/cell.h", "/* cell */\n")
        self.check_one("include/farshore/ui/a.h", '#include "cell.h"\n', "private")

    def test_private_header_of_another_module(self):
        self.put("src/ui/cell.h", "/* cell */\n")
        self.check_one("src/lab/a.c", '#include "cell.h"\n', "no private header of lab")
        self.check_one("src/lab/a.c", '#include "../ui/cell.h"\n', "no private header of lab")

    def test_curses_outside_ui(self):
        self.check_one("src/app/a.c", "#include <curses.h>\n", "app may not use <curses.h>")

    def test_nats_in_ui_and_loop_in_core(self):
        self.check_one("src/ui/a.c", "#include <nats/nats.h>\n", "ui may not use <nats/nats.h>")
        (self.root / "src/ui/a.c").unlink()
        self.check_one("src/core/a.c", "#include <ev.h>\n", "core may not use <ev.h>")

    def test_core_may_not_know_stdio(self):
        self.check_one("src/core/a.c", "#  include <stdio.h>\n", "core is pure")

    def test_unknown_library_is_refused(self):
        self.check_one("src/app/a.c", "#include <glib.h>\n", "no table")

    def test_missing_header_and_unknown_module(self):
        self.check_one("src/app/a.c", '#include "farshore/base/gone.h"\n', "does not exist")
        (self.root / "src/app/a.c").unlink()
        self.check_one("src/extra/a.c", "/* nothing */\n", "no module extra")

    def test_own_header_comes_first(self):
        self.check_one("src/base/text.c", '#include <string.h>\n#include "farshore/base/text.h"\n',
                       "own header")

    def test_cmake_uses_are_held_too(self):
        self.check_one("src/ui/CMakeLists.txt", "fs_module(ui\n SOURCES a.c\n USES core lab LIBS x)\n",
                       "ui may not use lab")


class FormTest(Tree):
    def findings(self, name, text):
        self.put(name, text)
        return form.check(self.root)

    def test_good_tree_is_quiet(self):
        body = "    a();\n" * form.FUNCTION_LINES
        self.assertEqual(self.findings("src/base/a.c", "/* a */\nvoid f(void)\n{\n" + body + "}\n"), [])

    def test_long_function(self):
        body = "    a();\n" * (form.FUNCTION_LINES + 1)
        findings = self.findings("src/base/a.c", "/* a */\nvoid f(void)\n{\n" + body + "}\n")
        self.assertEqual(findings, ["src/base/a.c:3: function of 61 lines, at most 60"])

    def test_long_file_and_long_header(self):
        self.put("include/farshore/base/b.h", "/* b */\n" * 151)
        findings = self.findings("src/base/a.c", "/* a */\n" * 501)
        self.assertEqual([f.split(": ")[1] for f in findings],
                         ["151 lines, at most 150", "501 lines, at most 500"])

    def test_marks_paths_and_typedefs(self):
        self.assertIn("later", self.findings("docs/a.md", "TO" + "DO: write\n")[0])
        (self.root / "docs/a.md").unlink()
        self.assertIn("machine", self.findings("scripts/a", "cd /ho" + "me/bob/farshore\n")[0])
        (self.root / "scripts/a").unlink()
        self.assertIn("typedef", self.findings("src/base/a.c", "/* a */\ntypedef struct a a;\n")[0])

    def test_file_without_a_purpose(self):
        self.assertIn("comment", self.findings("src/base/a.c", "int a;\n")[0])


class HeadersTest(Tree):
    def test_header_that_needs_another_one(self):
        compiler = os.environ.get("CC", "cc")
        self.assertEqual(headers.check(self.root, compiler), [])
        self.put("include/farshore/base/bad.h", "/* bad */\nsize_t bad(void);\n")
        findings = headers.check(self.root, compiler)
        self.assertEqual(len(findings), 1)
        self.assertIn("farshore/base/bad.h: does not compile alone", findings[0])

    def test_header_without_a_guard(self):
        self.put("include/farshore/base/bad.h", "/* bad */\nstruct bad {\n    int a;\n};\n")
        self.assertEqual(len(headers.check(self.root, os.environ.get("CC", "cc"))), 1)


class CoreSymbolsTest(Tree):
    def archive(self, **sources):
        objects = []
        for name, text in sources.items():
            source = self.put(f"{name}.c", text)
            objects.append(str(source.with_suffix(".o")))
            subprocess.run([os.environ.get("CC", "cc"), "-O0", "-c", str(source), "-o", objects[-1]],
                           check=True)
        archive = str(self.root / "libcore.a")
        subprocess.run(["ar", "rcs", archive, *objects], check=True)
        return archive

    def findings(self, **sources):
        return core_symbols.check(self.archive(**sources), HERE / "core_symbols.allow",
                                  os.environ.get("NM", "nm"))

    def test_pure_objects_that_use_each_other_are_quiet(self):
        self.assertEqual(self.findings(
            one="#include <string.h>\nsize_t one(const char *t) { return strlen(t); }",
            two="int one(const char *);\nint hash_text(void);\n"
                "int two(void) { return one(\"\") + hash_text(); }"), [])

    def test_io_clock_heap_and_printf_are_caught(self):
        for call in ("puts(\"\")", "(int)time(0)", "malloc(1) != 0", "printf(\"%d\", 1)",
                     "setlocale(0, 0) != 0", "log_write()", "strbuf_printf()", "alloc_heap()"):
            code = ("#include <locale.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <time.h>\n"
                    "int log_write(void);\nint strbuf_printf(void);\nint alloc_heap(void);\n"
                    f"int f(void) {{ return {call}; }}")
            findings = self.findings(bad=code)
            self.assertEqual(len(findings), 1, (call, findings))
            self.assertIn("bad.o: core may not reach", findings[0])

    def test_empty_archive_is_no_success(self):
        self.assertEqual(len(self.findings(empty="extern int nothing;\n")), 1)


if __name__ == "__main__":
    unittest.main()
