#!/usr/bin/env python3
"""core_symbols.py - hold core to the symbols that a pure module may reach.

Why:   a replay equals the live run only when core has no clock, no I/O, no heap and no locale.
How:   nm over the archive; what one object of it defines is known to the others, every other
       undefined symbol must stand in the allow file (one a line, * at the end means any ending).
Usage: core_symbols.py ARCHIVE ALLOW [NM]    prints each finding; exit 1 when there is one
"""
import subprocess
import sys


def read_allowed(path):
    with open(path, encoding="utf-8") as file:
        words = [line.split("#", 1)[0].strip() for line in file]
    return [word for word in words if word]


def is_allowed(symbol, allowed):
    for word in allowed:
        if symbol == word or (word.endswith("*") and symbol.startswith(word[:-1])):
            return True
    return False


def read_symbols(archive, nm):
    """Returns the defined names, and the undefined ones with the objects that want them."""
    output = subprocess.run([nm, "-A", "-P", archive], capture_output=True, text=True, check=True).stdout
    defined, wanted = set(), {}
    for line in output.splitlines():
        place, _, rest = line.partition(": ")
        fields = rest.split()
        if len(fields) < 2:
            continue
        name, kind = fields[0], fields[1]
        if kind in "Uvw":
            wanted.setdefault(name, set()).add(place[place.rfind("[") + 1:].rstrip("]"))
        else:
            defined.add(name)
    return defined, wanted


def check(archive, allow, nm="nm"):
    allowed = read_allowed(allow)
    defined, wanted = read_symbols(archive, nm)
    if not defined:
        return [f"{archive}: nothing is defined in it"]
    findings = []
    for name in sorted(set(wanted) - defined):
        if not is_allowed(name, allowed):
            findings.append(f"{', '.join(sorted(wanted[name]))}: core may not reach {name}()")
    return findings


def main():
    findings = check(*sys.argv[1:])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
