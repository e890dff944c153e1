#!/usr/bin/env python3
"""junit_results.py - one line a test of a CTest JUnit file: pass, fail or skip, and its name.

Usage: junit_results.py FILE SUITE      prints "pass<TAB>SUITE name" and so on; exit 1 without a file
"""
import sys
import xml.etree.ElementTree as ElementTree


def verdict_of(case):
    # CTest: "run" passed, "fail" failed, "notrun" could not be started or returned its skip code,
    # "disabled" is switched off by a property. What could not be started is no skip.
    status = case.get("status")
    if status == "run":
        return "pass"
    if status == "disabled":
        return "skip"
    skipped = case.find("skipped")
    if status == "notrun" and skipped is not None:
        if skipped.get("message", "").startswith("SKIP_"):
            return "skip"
    return "fail"


def main():
    path, suite = sys.argv[1:]
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    for case in root.iter("testcase"):
        print(f"{verdict_of(case)}\t{suite} {case.get('name')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
