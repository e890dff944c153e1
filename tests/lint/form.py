#!/usr/bin/env python3
"""form.py - hold the sources to the sizes and words of CONTRIBUTING.md.

Why:   a file that may grow a little grows a lot; a mark left for later is never read again.
How:   files are read as text. A function is what stands between a { and a } in column 1 (the
       formatter sees to that); its length is the number of lines between them.
Usage: form.py ROOT          prints file:line: message for each finding; exit 1 when there is one
"""
import pathlib
import re
import sys

FOLDERS = (".ci", "cmake", "docs", "include", "keymaps", "scripts", "src", "tests", "themes")
FUNCTION_LINES = 60
FILE_LINES = {".c": 500, ".h": 150}

# Words are split so that this file passes its own check.
MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
PLACES = re.compile(r"(?<![\w.:/-])/(home|root|Users|wo" + r"rk)/\w")
INVENTED = re.compile(r"/home/(ana|user|x)\b")  # the operator of our examples and fixtures
STRUCT_TYPEDEF = re.compile(r"^\s*typedef\s+(struct|union|enum)\b")


def say(root, path, line, message):
    return f"{path.relative_to(root)}:{line}: {message}"


def check_functions(root, path, lines):
    start = None
    for number, line in enumerate(lines, start=1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            length = number - start - 1
            if line == "}" and length > FUNCTION_LINES:
                yield say(root, path, start, f"function of {length} lines, at most {FUNCTION_LINES}")
            start = None


def check_source(root, path, lines):
    limit = FILE_LINES[path.suffix]
    if len(lines) > limit:
        yield say(root, path, len(lines), f"{len(lines)} lines, at most {limit}")
    if not lines or not lines[0].startswith("/*"):
        yield say(root, path, 1, "the file does not begin with a comment that says why it exists")
    for number, line in enumerate(lines, start=1):
        if STRUCT_TYPEDEF.match(line):
            yield say(root, path, number, "a struct, union or enum is not hidden behind a typedef")
    yield from check_functions(root, path, lines)


def check_words(root, path, lines):
    for number, line in enumerate(lines, start=1):
        if MARKS.search(line):
            yield say(root, path, number, "a mark left for later: do it, or say it in the changelog")
        if PLACES.search(INVENTED.sub("", line)):
            yield say(root, path, number, "a path of somebody's own machine")


def files_of(root):
    yield from sorted(p for p in root.iterdir() if p.is_file() and p.suffix in (".md", ".txt", ".json"))
    for folder in FOLDERS:
        yield from sorted(p for p in (root / folder).rglob("*") if p.is_file())


def check(root):
    findings = []
    for path in files_of(root):
        if "__pycache__" in path.parts or "golden" in path.parts or "corpus" in path.parts:
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        findings.extend(check_words(root, path, lines))
        if path.suffix in FILE_LINES:
            findings.extend(check_source(root, path, lines))
    return findings


def main():
    findings = check(pathlib.Path(sys.argv[1]))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
