"""The program's words: commands, options, help, and a man page that says the same."""

import os
import re
import stat
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["FARSHORE"]
SOURCE = os.environ["FS_SOURCE_DIR"]
LATER = ("wall", "replay", "plan", "run", "observe", "keep", "export", "verify", "drill")


def run(*arguments, **options):
    """Run the program to its end."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30,
                          stdin=subprocess.DEVNULL, check=False, **options)


def man_text():
    """The man page without its markup, blanks as one."""
    with open(os.path.join(SOURCE, "docs", "farshore.1"), encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"^\.[A-Z]{1,2} ?", "", text, flags=re.M)
    text = re.sub(r"\\f[BIR]", "", text).replace("\\-", "-").replace("\\(ga", "`")
    return re.sub(r"\s+", " ", text.replace('"', ""))


class Words(unittest.TestCase):
    """Everything that needs neither a server nor a terminal."""

    def test_help_is_complete_and_the_man_page_says_the_same(self):
        """Each option and sentence of every help is in the man page."""
        page = man_text()
        overview = run("help").stdout
        commands = re.findall(r"^  farshore ([a-z]+)", overview, flags=re.M)
        self.assertEqual(commands, ["status", "check", "lab", "config", "keymap", "theme", "help"])
        for command in [None] + commands:
            text = overview if command is None else run("help", command).stdout
            for option, value, sentence in re.findall(
                    r"^  (--[a-z-]+)( [A-Z]+)?\s{2,}(.+)$", text, flags=re.M):
                self.assertIn(f"{option}{value}", page)
                self.assertIn(re.sub(r"\s+", " ", sentence).replace('"', ""), page)
            if command is not None:
                self.assertEqual(run(command, "--help").stdout, text)
        keys = run("help", "config").stdout.split("Keys of the file:\n")[1]
        self.assertIn(re.sub(r"\s+", " ", keys).replace('"', "").strip(), page)

    def test_words_of_later_versions_are_refused(self):
        """They are in no list, and say that they are not there."""
        overview = run("help").stdout
        for word in LATER:
            done = run(word)
            self.assertEqual(done.returncode, 64)
            self.assertIn("not in this version", done.stderr)
            self.assertNotRegex(overview, rf"farshore {word}\b")

    def test_output_that_cannot_be_written_is_no_success(self):
        """A full disk and a closed output are told; a reader that has enough is no error."""
        for redirect in ("> /dev/full", ">&-"):
            for words in ("--help", "--version", "theme list"):
                done = subprocess.run(f'"{PROGRAM}" {words} {redirect}', shell=True, timeout=30,
                                      stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(done.returncode, 74, f"{words} {redirect}")
                self.assertIn("the output could be written", done.stderr)
        done = subprocess.run(f'"{PROGRAM}" help | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}', shell=True,
                              executable="/bin/bash", timeout=30, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_deep_nest_is_refused_at_once(self):
        """The YAML library would take minutes over it."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("version: 1\nregions: " + "[" * 200000)
            file.flush()
            done = run("--config", file.name, "config", "check")
        self.assertEqual(done.returncode, 78)
        self.assertIn(":2:41: nested deeper than 32", done.stderr + done.stdout)

    def test_a_theme_or_keymap_that_is_not_there_is_named(self):
        """Before anything begins, with the nearest name."""
        done = run("--theme", "defualt")
        self.assertEqual(done.returncode, 64)
        self.assertIn('did you mean "default"', done.stderr)
        done = run("lab", "--keymap", "nada")
        self.assertEqual(done.returncode, 64)
        self.assertIn('no keymap is called "nada"', done.stderr)

    def test_mistakes_name_the_nearest_word(self):
        """Usage errors end with 64."""
        for arguments, message in ((["statsu"], "did you mean status?"),
                                   (["--confg", "x"], "did you mean --config?"),
                                   (["status", "--force"], "does not take --force"),
                                   (["status", "--json", "--prometheus"], "not both"),
                                   (["status", "--for", "soon"], "needs a duration"),
                                   (["--config"], "needs a value"),
                                   (["config"], "check, init or show"),
                                   (["theme", "paint"], "check [NAME|FILE], or list")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 64, arguments)
            self.assertIn(message, done.stderr)

    def test_version(self):
        """One line."""
        self.assertRegex(run("--version").stdout, r"^farshore \d+\.\d+\.\d+\n$")

    def test_themes_and_keymaps_are_checked(self):
        """The shipped ones are good; a bad line is told with its place and ends with 1."""
        for name in ("default", "mono"):
            self.assertEqual(run("theme", "check", name).returncode, 0)
            self.assertIn(name, run("theme", "list").stdout)
        self.assertEqual(run("keymap", "check").returncode, 0)
        with tempfile.NamedTemporaryFile("w", suffix=".theme") as file:
            file.write("color sev.crit red default\ncolour x\n")
            file.flush()
            done = run("theme", "check", file.name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{file.name}:2:", done.stderr)
        self.assertEqual(run("theme", "check", "no-such").returncode, 1)

    def test_a_wrong_configuration_is_told_with_its_places(self):
        """All mistakes at once, exit 78, and nothing else starts."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("version: 1\nregoins: []\nverdict: {hold: 5}\n")
            file.flush()
            done = run("config", "check", file.name)
            self.assertEqual(done.returncode, 78)
            self.assertIn(f'{file.name}:2:1: unknown key "regoins"', done.stderr)
            self.assertIn(f"{file.name}:3:17: ", done.stderr)
            self.assertEqual(run("--config", file.name, "status").returncode, 78)
            self.assertEqual(run("--config", file.name).returncode, 78)

    def test_init_writes_a_template_once(self):
        """Without a server: a private template that passes its own check; never over a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a", "farshore.yaml")
            done = run("--config", path, "config", "init")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("template", done.stderr)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(run("config", "check", path).returncode, 0)
            with open(path, "a", encoding="utf-8") as file:
                file.write("# mine\n")
            self.assertEqual(run("--config", path, "config", "init").returncode, 78)
            with open(path, encoding="utf-8") as file:
                self.assertIn("# mine", file.read())
            self.assertEqual(run("--config", path, "config", "init", "--force").returncode, 0)

    def test_no_secret_is_shown(self):
        """config show masks what it must."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("version: 1\nregions:\n  - {name: rg1, role: primary, nats: {urls: "
                       '["nats://127.0.0.1:1"], view: {user: u, password: hunter2}}}\n')
            file.flush()
            for word in ("show", "check"):
                done = run("--config", file.name, "config", word)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("hunter2", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
