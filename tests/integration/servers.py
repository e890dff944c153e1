"""Real nats-servers on loopback for tests: found, started, waited for, and always ended."""
import atexit
import ctypes
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def server_path():
    """The nats-server to test with; ends the test as skipped without one."""
    given = os.environ.get("FARSHORE_NATS_SERVERS", "").split()
    path = os.environ.get("FS_NATS_SERVER") or (given[-1] if given else None) or shutil.which("nats-server") or "/usr/sbin/nats-server"
    if not os.path.exists(path):
        print("no nats-server: skipped")
        sys.exit(77)
    return path


PORTS = range(12000, 20000)  # below those that the system hands out, and below the labs'
claims = []  # locked files, one a port, as long as this process lives


def claim(port):
    """Is the port free, and did no other test take it?"""
    folder = os.path.join(tempfile.gettempdir(), f"farshore-test-ports-{os.getuid()}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    file = open(os.path.join(folder, str(port)), "w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as one:
            one.bind(("127.0.0.1", port))
    except OSError:
        file.close()
        return False
    claims.append(file)
    return True


def free_ports(count):
    """Ports that are free, and stay this test's: other tests run beside it."""
    found = []
    for port in random.sample(PORTS, len(PORTS)):
        if len(found) == count:
            break
        if claim(port):
            found.append(port)
    return found


def die_with_parent():
    """In the child before exec: a test that is killed leaves no server behind (Linux)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Servers:
    """Some nats-servers by name, in a folder of their own; all are ended with the test."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="farshore-test-")
        self.path = server_path()
        self.running = {}
        atexit.register(self.end)

    def start(self, name, config=None):
        file = os.path.join(self.dir, name + ".conf")
        if config is not None:
            with open(file, "w", encoding="utf-8") as out:
                out.write(config)
        with open(os.path.join(self.dir, name + ".log"), "a", encoding="utf-8") as log:
            self.running[name] = subprocess.Popen([self.path, "-c", file], stdout=log, stderr=log,
                                                  preexec_fn=die_with_parent)

    def signal(self, name, number):
        process = self.running.pop(name)
        process.send_signal(number)
        process.wait()

    def end(self):
        for process in self.running.values():
            process.kill()
            process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def wait_for_port(port, seconds=10):
    until = time.time() + seconds
    while time.time() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


class Client:
    """The few words of the NATS protocol that a test needs."""

    def __init__(self, port, user):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        options = {"user": user, "pass": user, "verbose": False, "protocol": 1}
        self.send(f"CONNECT {json.dumps(options)}\r\nPING\r\n")
        while self.file.readline().strip() != b"PONG":
            pass
        self.send("SUB _INBOX.test 1\r\n")

    def send(self, text):
        self.socket.sendall(text.encode())

    def request(self, subject, body):
        """One answer as JSON; None when nothing came in 5 s."""
        data = json.dumps(body)
        self.socket.settimeout(5)
        self.send(f"PUB {subject} _INBOX.test {len(data)}\r\n{data}\r\n")
        try:
            while True:
                words = self.file.readline().split()
                if words and words[0] == b"PING":
                    self.send("PONG\r\n")
                elif words and words[0] == b"MSG":
                    answer = self.file.read(int(words[-1]) + 2)
                    return json.loads(answer) if answer.strip() else None
        except (TimeoutError, socket.timeout):
            self.file = self.socket.makefile("rb")
            return None


KILL, TERM = signal.SIGKILL, signal.SIGTERM
