#!/usr/bin/env python3
"""references.py - what comments and help texts point at is there.

Why:   a comment that sends its reader to a file or section that does not exist costs more than none.
How:   in the sources' comments and texts, docs/NAME.md (and its "Section" after it) and the paths of
       this project are looked up; so is every file that a "See:" names.
Usage: references.py ROOT    prints file:line: message for each finding; exit 1 when there is one
"""
import pathlib
import re
import sys

FOLDERS = ("cmake", "include", "scripts", "src", "tests")
SUFFIXES = (".c", ".h", ".cmake", ".py", ".sh", ".txt", "")
DOC = re.compile(r'\b((?:docs/)?[A-Z]{3,}\.md)(?:(?:,)? "([^"\n]+)")?')
PATH = re.compile(r"(?<![\w/.$}~-])((?:src|include|tests|scripts|cmake|docs|keymaps|themes)"
                  r"/[\w./-]*\w\.(?:c|h|py|md|txt|cmake|yaml|conf))\b")
SCRIPT = re.compile(r"(?<![\w/.$}~-])(scripts/[a-z-]+)\b(?![./])")
SEE = re.compile(r"^ ?[*#]?\s*See:\s*(.*)$")
NAME = re.compile(r"\b([a-z][a-z0-9_]*\.(?:c|h|py))\b")


def sections(path):
    text = path.read_text(encoding="utf-8")
    return {match.strip().strip("`") for match in re.findall(r"^#+ (.*)$", text, flags=re.M)}


def find_doc(root, name):
    for path in (root / name, root / "docs" / pathlib.Path(name).name):
        if path.is_file():
            return path
    return None


def check_line(root, path, line, names):
    for name, section in DOC.findall(line):
        doc = find_doc(root, name)
        if doc is None:
            yield f"{name} does not exist"
        elif section and section not in sections(doc):
            yield f'{name} has no section "{section}"'
    for name in PATH.findall(line) + SCRIPT.findall(line):
        if not name.startswith("docs/") and not (root / name).exists():
            yield f"{name} does not exist"
    see = SEE.match(line)
    for name in NAME.findall(see.group(1)) if see else []:
        if name not in names:
            yield f"no file is named {name}"


def check(root):
    files = [p for folder in FOLDERS for p in sorted((root / folder).rglob("*"))
             if p.is_file() and p.suffix in SUFFIXES and "corpus" not in p.parts
             and "lint" not in p.parts and "__pycache__" not in p.parts]
    names = {p.name for p in files}
    findings = []
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            for message in check_line(root, path, line, names):
                findings.append(f"{path.relative_to(root)}:{number}: {message}")
    return findings


def main():
    findings = check(pathlib.Path(sys.argv[1]))
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
