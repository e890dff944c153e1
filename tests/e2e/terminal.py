"""A program on a pseudo terminal: started, sized, typed to, read, and judged when it ended."""

import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import termios
import time


def become_session_leader(slave_name):
    """In the child: the terminal is ours, as a login shell's; no core files."""
    os.setsid()
    descriptor = os.open(slave_name, os.O_RDWR)
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Terminal:
    """One program on one pseudo terminal."""

    def __init__(self, arguments, cols=120, rows=36, env=None):
        self.master, self.slave = pty.openpty()
        self.resize(cols, rows, tell=False)
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        name = os.ttyname(self.slave)
        suppressions = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.supp")
        variables = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
                     "HOME": "/nonexistent",
                     "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0"}
        for option in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if option in os.environ:
                variables[option] = os.environ[option]
        variables.update(env or {})
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            arguments, stdin=self.slave, stdout=self.slave, stderr=self.slave, env=variables,
            preexec_fn=lambda: become_session_leader(name), close_fds=True)

    def resize(self, cols, rows, tell=True):
        """A new window size; the kernel signals the foreground program only when it is one."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def read_some(self, wait):
        """Take what comes within `wait` seconds; False when nothing did."""
        ready, _, _ = select.select([self.master], [], [], wait)
        if not ready:
            return False
        try:
            chunk = os.read(self.master, 65536)
        except OSError:
            return False
        self.output += chunk
        return bool(chunk)

    def read_until(self, text, limit=10.0):
        """Read until the text was written since the last forget(); True when it was."""
        end = time.monotonic() + limit
        while text not in self.output:
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.read_some(min(left, 0.2))
        return True

    def read_for(self, seconds):
        """Read whatever comes for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read_some(max(0.0, min(0.1, end - time.monotonic())))

    def forget(self):
        """From here on only new output counts."""
        self.output = b""

    def type(self, text):
        """Type bytes."""
        os.write(self.master, text)

    def is_alive(self):
        """Does the program still run?"""
        return self.process.poll() is None

    def wait(self, limit=15.0):
        """Wait for the end while reading; the exit code, None when it does not end."""
        end = time.monotonic() + limit
        while self.is_alive() and time.monotonic() < end:
            self.read_some(0.05)
        while self.read_some(0.05):
            pass
        return self.process.poll()

    def is_restored(self):
        """Are the terminal's modes as they were before?"""
        return termios.tcgetattr(self.slave) == self.before

    def counters(self):
        """CPU ticks and how often the program slept by itself."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            lines = dict(line.rstrip("\n").split(":", 1) for line in file)
        return int(fields[11]) + int(fields[12]), int(lines["voluntary_ctxt_switches"])

    def close(self):
        """End the program if it still runs, and the terminal."""
        if self.is_alive():
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
