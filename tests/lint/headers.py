#!/usr/bin/env python3
"""headers.py - every public header compiles alone.

Usage: headers.py ROOT COMPILER      prints what fails; exit 1 when there is one
"""
import pathlib
import subprocess
import sys

FLAGS = ["-x", "c", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic",
         "-Werror"]


def check(root, compiler):
    root = pathlib.Path(root)
    findings = []
    for header in sorted((root / "include").rglob("*.h")):
        name = header.relative_to(root / "include")
        # Included twice: the guard is tested too. A header alone would warn that it is the main file.
        unit = f'#include "{name}"\n#include "{name}"\n'
        command = [compiler, *FLAGS, "-I", str(root / "include"), "-"]
        result = subprocess.run(command, input=unit, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            findings.append(f"include/{name}: does not compile alone\n{result.stderr.rstrip()}")
    return findings


def main():
    findings = check(sys.argv[1], sys.argv[2])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
