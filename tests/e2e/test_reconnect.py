"""Nothing answers: the console stays, `status` says so, and both find the servers by themselves.

A lab is started at the very ports that were dead, ended under the console, and started again. Skipped
without a nats-server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import Terminal

sys.path.insert(0, os.path.join(os.environ["FS_SOURCE_DIR"], "tests", "integration"))
import labs  # noqa: E402 # pylint: disable=wrong-import-position

PROGRAM = os.environ["FARSHORE"]
WAN_CLIENT = 5  # of a node's eight ports, the one that the console reaches through the proxy
NODE_PORTS = 8
REGIONS = (("rg1", "primary", range(0, 3)), ("rg2", "standby", range(3, 6)),
           ("rg3", "arbiter", range(6, 7)))


class Reconnect(unittest.TestCase):
    """One block of ports, dead at first."""

    def setUp(self):
        server = os.environ.get("FARSHORE_NATS_SERVERS", "").split()
        if not server:
            self.skipTest("no nats-server")
        self.server = server[-1]
        self.folder = tempfile.mkdtemp(prefix="farshore-reconnect-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.base = labs.blocks.take()
        self.config = os.path.join(self.folder, "farshore.yaml")
        self.environment = {"VIEW_PASSWORD": "view"}
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("version: 1\ninterval: 500ms\nregions:\n")
            for name, role, nodes in REGIONS:
                urls = ", ".join('"nats://127.0.0.1:%d"' % (self.base + NODE_PORTS * node + WAN_CLIENT)
                                 for node in nodes)
                file.write("  - {name: %s, role: %s, nats: {urls: [%s], view: {user: view, "
                           "password_env: VIEW_PASSWORD}}}\n" % (name, role, urls))

    def lab(self, *words):
        subprocess.run([PROGRAM, "lab", *words, "--dir", os.path.join(self.folder, "lab")], check=True,
                       timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def up(self):
        self.addCleanup(self.lab, "down")
        self.lab("up", "--nats-server", self.server, "--base-port", str(self.base))

    def status(self):
        """One look's exit code."""
        done = subprocess.run([PROGRAM, "--config", self.config, "status", "--json", "--for", "2s"],
                              env={**os.environ, **self.environment}, capture_output=True, text=True,
                              timeout=30, check=False)
        return done.returncode

    def seen(self, terminal, text, what, limit):
        """Read on until the text was drawn; the seconds it took are printed."""
        begun = time.monotonic()
        self.assertTrue(terminal.read_until(text, limit * labs.SLOWER),
                        "%s: %r" % (what, terminal.output[-2000:]))
        print("%s after %.1f s" % (what, time.monotonic() - begun), file=sys.stderr)

    def test_finds_the_servers_once_they_are_there(self):
        """Dead, alive, dead, alive; the console never ends by itself."""
        self.assertEqual(self.status(), 3)
        terminal = Terminal([PROGRAM, "--config", self.config], env=self.environment)
        self.addCleanup(terminal.close)
        self.seen(terminal, b"UNKNOWN", "nothing answers: said", 10)
        terminal.read_for(3)
        self.assertTrue(terminal.is_alive())
        terminal.forget()
        self.up()
        self.seen(terminal, b"CAUGHT UP", "lab up: mirrors shown", 30)
        self.assertIn(b"rg1-n1", terminal.output)
        self.assertLess(self.status(), 2)
        terminal.forget()
        self.lab("down")
        self.seen(terminal, b"BLIND", "lab down: BLIND", 15)
        self.assertEqual(self.status(), 3)
        self.assertTrue(terminal.is_alive())
        terminal.forget()
        self.up()
        self.seen(terminal, b"CAUGHT UP", "lab up again: mirrors shown", 60)
        terminal.type(b"q")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.is_restored())


if __name__ == "__main__":
    unittest.main()
