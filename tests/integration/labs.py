"""A lab, what `farshore status --watch --json` says of it, and what its servers say themselves.

The product is read by its JSON lines alone; the truth comes from the servers' monitor ports (/jsz,
/gatewayz), past the proxy and past farshore, so that neither can excuse the other. Every wait is for a
condition with a deadline, and every lab checks at its end that none of its processes lives on.
"""
import datetime
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

CUT = os.environ.get("FARSHORE_TEST_CUT", "fast")
SLOWER = 3 if CUT == "sanitizer" else 1
INTERVAL_S = 1.0
ORIGINS = {"AGENTESE_MIRROR": "AGENTESE", "EVENTS_MIRROR": "EVENTS"}


BLOCK = 64  # ports of a lab
FIRST_PORT = int(os.environ.get("FARSHORE_TEST_BASE_PORT", "23000"))
LAST_PORT = 32000  # below the ports that the kernel gives to clients


class Failure(Exception):
    """A row of the matrix that does not hold."""


def nats_servers():
    """The servers to test; ends the test as skipped without one. A sanitizer sees only the newest."""
    servers = os.environ.get("FARSHORE_NATS_SERVERS", "").split()
    if not servers:
        print("no nats-server: FARSHORE_NATS_SERVERS is empty")
        sys.exit(77)
    return servers[-1:] if CUT == "sanitizer" else servers


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Blocks:
    """Blocks of ports, each given once: labs start side by side."""

    def __init__(self):
        self.next, self.lock = FIRST_PORT, threading.Lock()

    def take(self):
        with self.lock:
            while self.next + BLOCK <= LAST_PORT:
                first, self.next = self.next, self.next + BLOCK
                if all(self.is_free(port) for port in range(first, first + BLOCK)):
                    return first
        raise Failure("no block of free ports from %d on" % FIRST_PORT)

    @staticmethod
    def is_free(port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True


blocks = Blocks()


class Say:
    """Lines with the name of their group before them: groups run side by side."""

    def __init__(self, name):
        self.name = name

    def __call__(self, verdict, text):
        sys.stdout.write("%-5s %s: %s\n" % (verdict, self.name, text))
        sys.stdout.flush()

    def check(self, condition, text):
        self("ok" if condition else "FAIL", text)
        if not condition:
            raise Failure(text)

    def wait(self, what, condition, limit_s):
        """Ask until condition() is true; the seconds that it took."""
        start = time.monotonic()
        last = None
        while time.monotonic() - start < limit_s * SLOWER:
            try:
                last = condition()
            except (OSError, KeyError, ValueError) as error:
                last = error
            if last and not isinstance(last, Exception):
                self("ok", "%s after %.2f s" % (what, time.monotonic() - start))
                return time.monotonic() - start
            time.sleep(0.05)
        self("FAIL", "%s: not within %g s; last: %r" % (what, limit_s, last))
        raise Failure(what)


class Lab:
    """One lab; `with` ends it and looks for what it left behind."""

    def __init__(self, farshore, server, say, *options, base_port=None):
        self.farshore, self.say = farshore, say
        self.dir = tempfile.mkdtemp(prefix="farshore-lab-test-")
        self.known_pids = set()
        self.base_port = base_port or blocks.take()
        words = ["up", "--nats-server", server, "--base-port", str(self.base_port), *options]
        start = time.monotonic()
        try:
            self.run(*words)
            took = time.monotonic() - start
            say.check(took <= 20 * SLOWER, "lab up %s after %.1f s" % (" ".join(options), took))
            self.config = os.path.join(self.dir, "farshore.yaml")
            self.nodes = {node["name"]: node for node in self.status()["nodes"]}
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        left = self.end()
        if kind is None:
            self.say.check(not left, "nothing left running %s" % (left or ""))

    def end(self):
        """Take it down; the processes that live on."""
        self.pids()
        subprocess.run([self.farshore, "lab", "down", "--dir", self.dir], check=False, timeout=60,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        left = [pid for pid in sorted(self.known_pids) if is_alive(pid)]
        shutil.rmtree(self.dir, ignore_errors=True)
        return left

    def run(self, *words):
        done = subprocess.run([self.farshore, "lab", *words, "--dir", self.dir], text=True,
                              check=False, timeout=180, capture_output=True)
        if done.returncode != 0:
            raise Failure("lab %s: exit %d: %s" % (" ".join(words), done.returncode,
                                                   done.stderr.strip()[-300:]))
        return done.stdout

    def fault(self, *words):
        """Inject a fault; the moment before it."""
        since = time.monotonic()
        self.run("fault", *words)
        self.pids()
        return since

    def status(self):
        return json.loads(self.run("status", "--json"))

    def pids(self):
        """Every process the lab ever named."""
        try:
            with open(os.path.join(self.dir, "processes"), encoding="ascii") as file:
                self.known_pids |= {int(line.split()[1]) for line in file}
            status = self.status()
            self.known_pids |= {node["pid"] for node in status["nodes"]} - {0}
            self.known_pids |= {status["supervisor_pid"], status["workload"]["pid"]} - {0}
        except (OSError, Failure, KeyError, ValueError):
            pass
        return self.known_pids

    def names(self, region):
        return [name for name in self.nodes if name.startswith(region)]

    def get(self, node, path):
        """What a server says on its monitor port."""
        url = "http://127.0.0.1:%d%s" % (self.nodes[node]["monitor_port"], path)
        with urllib.request.urlopen(url, timeout=2) as reply:
            return json.load(reply)

    def outbounds(self, a, b):
        """Servers of region a that list an outbound gateway to b."""
        return sum(1 for node in self.names(a)
                   if b in (self.get(node, "/gatewayz")["outbound_gateways"] or {}))

    def streams(self, region, names):
        """The named streams by their leaders, once all of them have one."""
        self.say.wait("streams of %s have leaders" % region,
                      lambda: set(names) <= set(self.leading(region)), 30)
        return self.leading(region)

    def leading(self, region):
        """Each stream as its leader in the region knows it: state and mirror."""
        found = {}
        for node in self.names(region):
            try:
                answer = self.get(node, "/jsz?acc=APP&streams=true")
            except OSError:
                continue
            for account in answer.get("account_details") or []:
                for row in account.get("stream_detail") or []:
                    if (row.get("cluster") or {}).get("leader") == node:
                        found[row["name"]] = row
        return found

    def meta_leaders(self):
        """The servers that name themselves leader of the meta group now, and those that answer."""
        leaders, answering = set(), set()
        for node in self.nodes:
            try:
                meta = self.get(node, "/jsz").get("meta_cluster") or {}
            except (OSError, ValueError):
                continue
            answering.add(node)
            if meta.get("leader") == node:
                leaders.add(node)
        return leaders, answering


class Sampler:
    """Calls a function again and again on a thread; keeps (begun, ended, result)."""

    def __init__(self, function, pause_s=0.05):
        self.function, self.pause_s = function, pause_s
        self.rows = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.is_over.is_set():
            begun = time.time()
            try:
                result = self.function()
            except (OSError, ValueError, KeyError):
                result = None
            self.rows.append((begun, time.time(), result))
            self.is_over.wait(self.pause_s)

    def end(self):
        self.is_over.set()
        self.thread.join()
        return self.rows


class Watch:
    """`status --watch --json`: the last line at hand, every line kept."""

    def __init__(self, farshore, config, say, *options):
        self.lines = []
        self.say = say
        self.process = subprocess.Popen(
            [farshore, "--config", config, "status", "--watch", "--json", *options],
            stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.end()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), json.loads(line)))

    def since(self, moment):
        """The lines that came after the moment."""
        return [(at, line) for at, line in list(self.lines) if at >= moment]

    def wait(self, what, condition, limit_s, since=0.0):
        """The first line since the moment (now) of which the condition is true."""
        start = time.monotonic()
        since = since or start
        while time.monotonic() - start < limit_s * SLOWER:
            for at, line in self.since(since):
                if condition(line):
                    self.say("ok", "%s after %.2f s" % (what, at - since))
                    return line
            if self.process.poll() is not None:
                raise Failure("%s: status ended with %d" % (what, self.process.returncode))
            time.sleep(0.02)
        self.say("FAIL", "%s: not within %g s; last: %s"
                 % (what, limit_s, json.dumps(self.lines[-1][1]) if self.lines else None))
        raise Failure(what)

    def see(self, count, limit_s=10):
        """Wait for so many lines more, and give them."""
        before = len(self.lines)
        end = time.monotonic() + limit_s * SLOWER
        while len(self.lines) < before + count and time.monotonic() < end:
            time.sleep(0.02)
        return [line for _, line in self.lines[before:]]

    def end(self):
        """TERM; the exit code, which is the last judgement."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.thread.join()
        return code


def moment(text):
    """Seconds since 1970 of an ISO 8601 time in UTC, also with nanoseconds."""
    whole, _, part = text.rstrip("Z").partition(".")
    at = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return at + float("0." + (part or "0"))


def wall(line):
    """When a line was true."""
    return moment(line["time"])


def verdict(line, name):
    return next((r["verdict"] for r in line["regions"] if r["name"] == name), None)


def region(line, name):
    return next(r for r in line["regions"] if r["name"] == name)


def server_state(line, name):
    return next((s["state"] for s in line["servers"] if s["name"] == name), None)


def links(line):
    return {(link["from"], link["to"]): link["state"] for link in line["links"]}


def mirrors(line):
    return {mirror["stream"]: mirror for mirror in line["mirrors"]}


def mirror_states(line):
    return [mirror["state"] for mirror in line["mirrors"]]


def is_well(line, regions=("rg1", "rg2", "rg3"), peers=7):
    return (all(verdict(line, name) == "OK" for name in regions)
            and [s["state"] for s in line["servers"]] == ["UP"] * peers
            and list(links(line).values()) == ["UP"] * (len(regions) * (len(regions) - 1))
            and len(line["mirrors"]) >= 2 and set(mirror_states(line)) == {"CAUGHT UP"}
            and (line["meta"]["size"], line["meta"]["quorum"]) == (peers, peers // 2 + 1)
            and line["meta"]["has_quorum"] is True and line["meta"]["alive"] == peers)
