#!/usr/bin/env python3
"""layers.py - hold the includes to the table of layers.

Why:   a dependency that points up or sideways is cheap to add and dear to take away.
How:   every #include of src/ and include/farshore/ is read as text and looked up in the tables
       below; so is every USES of an fs_module() in src/*/CMakeLists.txt. An include that no table
       knows is an error, so that a new library is decided here and not by accident.
Rules: MODULES is the table of docs/ARCHITECTURE.md. A module may always use itself.
Usage: layers.py ROOT        prints file:line: message for each finding; exit 1 when there is one
"""
import pathlib
import re
import sys

MODULES = {
    "base": set(),
    "core": {"base"},
    "net": {"core", "base"},
    "providers": {"net", "core", "base"},
    "feeds": {"providers", "net", "core", "base"},
    "actions": {"providers", "net", "core", "base"},
    "record": {"core", "base"},
    "ui": {"core", "base"},
    "lab": {"net", "core", "base"},
}
MODULES["app"] = set(MODULES)

# Prefix of a library's header: who may include it. ui gets callbacks instead of a loop; core and base
# know no library at all.
LIBRARIES = {
    "ev.h": {"net", "providers", "feeds", "lab", "app"},
    "nats/": {"net", "feeds", "actions", "lab"},
    "cjson/": {"net", "providers", "feeds", "actions", "lab", "app"},
    "curl/": {"net", "providers"},
    "openssl/": {"net", "providers", "record", "actions"},
    "yaml.h": {"net", "app"},
    "curses.h": {"ui"},
    "ncurses.h": {"ui"},
    "ncursesw/": {"ui"},
    "term.h": {"ui"},
    "utf8proc.h": {"ui"},
}

# What core may know of the C library: types, and what works on memory that it is given.
CORE_HEADERS = {"limits.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}

C_LIBRARY = re.compile(
    r"(sys|net|netinet|arpa|linux)/\w+\.h|"
    r"(assert|ctype|dirent|dlfcn|endian|errno|execinfo|fcntl|fnmatch|getopt|glob|grp|ifaddrs|inttypes|"
    r"langinfo|libgen|limits|locale|malloc|math|netdb|paths|poll|pthread|pty|pwd|sched|semaphore|"
    r"setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|"
    r"string|strings|syslog|termios|threads|time|ucontext|unistd|wchar|wctype)\.h")

# Made by the module's CMakeLists.txt in its build folder.
GENERATED = re.compile(r"builtin_\w+\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
USES = re.compile(r"fs_module\(\s*(\w+)(.*?)\)", re.DOTALL)


def library_of(header):
    for prefix in LIBRARIES:
        if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
            return prefix
    return None


class Layers:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.findings = []

    def say(self, path, line, message):
        self.findings.append(f"{path.relative_to(self.root)}:{line}: {message}")

    def check_module(self, path, line, module, used):
        if used not in MODULES:
            self.say(path, line, f"there is no module {used}")
        elif used != module and used not in MODULES[module]:
            allowed = " ".join(sorted(MODULES[module])) or "nothing"
            self.say(path, line, f"{module} may not use {used} (it may use: {allowed})")

    def check_quoted(self, path, line, module, header, is_public):
        parts = header.split("/")
        if parts[0] == "farshore":
            if len(parts) < 3:
                self.say(path, line, f'"{header}" names no module')
                return
            self.check_module(path, line, module, parts[1])
            if not (self.root / "include" / header).is_file():
                self.say(path, line, f'"{header}" does not exist')
        elif is_public:
            self.say(path, line, f'a public header may not include the private "{header}"')
        elif GENERATED.fullmatch(header):
            pass
        elif ".." in parts or not (self.root / "src" / module / header).is_file():
            self.say(path, line, f'"{header}" is no private header of {module}')

    def check_angled(self, path, line, module, header):
        library = library_of(header)
        if library is not None:
            if module not in LIBRARIES[library]:
                allowed = " ".join(sorted(LIBRARIES[library]))
                self.say(path, line, f"{module} may not use <{header}> (only: {allowed})")
        elif not C_LIBRARY.fullmatch(header):
            self.say(path, line, f"<{header}> stands in no table of tests/lint/layers.py")
        elif module == "core" and header not in CORE_HEADERS:
            self.say(path, line, f"core is pure: <{header}> is not for it")

    def check_own_header_first(self, path, module, first):
        if path.suffix != ".c" or first is None:
            return
        own = path.stem + ".h"
        if (self.root / "include/farshore" / module / own).is_file():
            own = f"farshore/{module}/{own}"
        elif not (path.parent / own).is_file():
            return
        if first[1] != own:
            self.say(path, first[0], f'the first include must be the own header "{own}"')

    def check_file(self, path, module, is_public):
        first = None
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            kind, header = match.groups()
            first = first or (number, header)
            if kind == '"':
                self.check_quoted(path, number, module, header, is_public)
            else:
                self.check_angled(path, number, module, header)
        self.check_own_header_first(path, module, first)

    def check_cmake(self, path):
        text = path.read_text(encoding="utf-8")
        for match in USES.finditer(text):
            module, words = match.group(1), match.group(2).split()
            line = text.count("\n", 0, match.start()) + 1
            if module not in MODULES:
                self.say(path, line, f"there is no module {module}")
            elif "USES" in words:
                for used in words[words.index("USES") + 1:]:
                    if used in ("LIBS", "SOURCES"):
                        break
                    self.check_module(path, line, module, used)

    def check_tree(self, folder, is_public):
        for module in sorted(p for p in folder.iterdir() if p.is_dir()):
            files = sorted(p for p in module.rglob("*") if p.suffix in (".c", ".h"))
            if files and module.name not in MODULES:
                self.say(files[0], 1, f"there is no module {module.name}")
                continue
            for path in files:
                self.check_file(path, module.name, is_public)

    def run(self):
        self.check_tree(self.root / "include/farshore", True)
        self.check_tree(self.root / "src", False)
        for path in sorted((self.root / "src").glob("*/CMakeLists.txt")):
            self.check_cmake(path)
        return self.findings


def main():
    findings = Layers(sys.argv[1]).run()
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
