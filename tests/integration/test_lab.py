#!/usr/bin/env python3
"""The lab against real servers: everything that its help promises.

usage: test_lab.py PROGRAM... [--nats-server PATH] [--only NAME]

Without --nats-server it runs for every server of FARSHORE_NATS_SERVERS; FARSHORE_TEST_CUT=fast leaves out
what tests/integration/matrix.py sees too, sanitizer keeps a few with the newest server.

PROGRAM... is what runs `lab` words: `farshore lab`, or the test program's `farshore_lab lab`. Every wait is
for a condition with a deadline; every lab is taken down again, whatever happens.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = []
SERVER = None
MIRRORS = {"AGENTESE": "AGENTESE_MIRROR", "EVENTS": "EVENTS_MIRROR"}
failures = []


def check(condition, text):
    print(("ok    " if condition else "FAIL  ") + text, flush=True)
    if not condition:
        failures.append(text)


def wait(what, condition, limit_s):
    """Ask until condition() is true; returns the seconds it took, or None."""
    start = time.monotonic()
    last = None
    while time.monotonic() - start < limit_s:
        try:
            last = condition()
        except (OSError, KeyError, ValueError, urllib.error.URLError) as error:
            last = error
        if last is True or (last and not isinstance(last, Exception)):
            took = time.monotonic() - start
            check(True, "%s (%.1f s)" % (what, took))
            return took
        time.sleep(0.05)
    check(False, "%s: not within %g s, last: %r" % (what, limit_s, last))
    return None


def run(*words, code=0):
    done = subprocess.run(PROGRAM + list(words), capture_output=True, text=True, timeout=180)
    if code is not None and done.returncode != code:
        check(False, "%s: exit %d, wanted %d: %s" % (" ".join(words), done.returncode, code,
                                                     done.stderr.strip()[-400:]))
    return done


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Nats:
    """As much of the protocol as the checks need."""

    def __init__(self, port, user, limit_s=5):
        self.socket = socket.create_connection(("127.0.0.1", port), limit_s)
        self.file = self.socket.makefile("rb")
        self.info = self.file.readline()
        options = {"user": user, "pass": user, "verbose": False, "pedantic": False,
                   "headers": True, "no_responders": True, "name": "test"}
        self.send(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
        assert self.file.readline().strip() == b"PONG"

    def send(self, data):
        self.socket.sendall(data)

    def ping(self):
        start = time.monotonic()
        self.send(b"PING\r\n")
        assert self.file.readline().strip() == b"PONG"
        return time.monotonic() - start

    def message(self):
        """The next message's payload, or the error line."""
        while True:
            line = self.file.readline()
            if line.startswith(b"MSG") or line.startswith(b"HMSG"):
                words = line.split()
                payload = self.file.read(int(words[-1]) + 2)[:-2]
                return payload[int(words[-2]):] if line.startswith(b"HMSG") else payload
            if line.startswith(b"-ERR") or line == b"":
                return line

    def request(self, subject, payload=b"", headers=b""):
        self.send(b"SUB _INBOX.test.> 1\r\n")
        if headers:
            headers = b"NATS/1.0\r\n" + headers + b"\r\n\r\n"
            self.send(b"HPUB %s _INBOX.test.1 %d %d\r\n%s\r\n" % (
                subject, len(headers), len(headers) + len(payload), headers + payload))
        else:
            self.send(b"PUB %s _INBOX.test.1 %d\r\n%s\r\n" % (subject, len(payload), payload))
        return self.message()

    def close(self):
        self.file.close()
        self.socket.close()


class Lab:
    def __init__(self, *options, rate=200, directory=None):
        self.dir = directory or tempfile.mkdtemp(prefix="farshore-lab-test-")
        start = time.monotonic()
        words = ["up", "--dir", self.dir, "--rate", str(rate), *options]
        if SERVER:
            words += ["--nats-server", SERVER]
        done = run(*words)
        self.up_s = time.monotonic() - start
        self.log = done.stderr
        self.config = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else None

    def status(self):
        return json.loads(run("status", "--dir", self.dir, "--json").stdout)

    def fault(self, *words, code=0):
        return run("fault", "--dir", self.dir, *words, code=code)

    def pids(self):
        status = self.status()
        pids = [node["pid"] for node in status["nodes"]] + [status["supervisor_pid"],
                                                            status["workload"]["pid"]]
        with open(os.path.join(self.dir, "processes")) as file:
            pids += [int(line.split()[1]) for line in file]
        return sorted(set(pid for pid in pids if pid > 0))

    def get(self, node, path):
        port = self.ports()[node]["monitor_port"]
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (port, path), timeout=2) as reply:
            return json.load(reply)

    def ports(self):
        if not hasattr(self, "_ports"):
            self._ports = {node["name"]: node for node in self.status()["nodes"]}
        return self._ports

    def nodes(self, region):
        return [name for name in self.ports() if name.startswith(region)]

    def outbound(self, node):
        return self.get(node, "/gatewayz")["outbound_gateways"]

    def links(self, a, b):
        """Servers of a that have an outbound to b."""
        return sum(1 for node in self.nodes(a) if b in self.outbound(node))

    def stream(self, node, name):
        for account in self.get(node, "/jsz?acc=APP&streams=true").get("account_details", []):
            for detail in account.get("stream_detail", []):
                if detail["name"] == name:
                    return detail
        return None

    def last_seq(self, region, name):
        found = [self.stream(node, name) for node in self.nodes(region)]
        return max(detail["state"]["last_seq"] for detail in found if detail)

    def mirror_active_s(self, name):
        for node in self.nodes("rg2"):
            detail = self.stream(node, name)
            if detail and detail.get("mirror") and detail["cluster"].get("leader") == node:
                return detail["mirror"]["active"] / 1e9
        return None

    def lag(self, name):
        return self.last_seq("rg1", name) - self.last_seq("rg2", MIRRORS[name])

    def caught_up(self):
        return all(self.lag(name) <= 20 for name in MIRRORS)

    def meta(self):
        for node in self.ports():
            try:
                meta = self.get(node, "/jsz").get("meta_cluster", {})
            except OSError:
                continue
            if meta.get("leader") == node:
                return meta
        return {}

    def whole(self):
        regions = sorted(set(node["region"] for node in self.ports().values()))
        return all(self.links(a, b) == len(self.nodes(a)) for a in regions for b in regions if a != b)

    def down(self):
        return run("down", "--dir", self.dir)


def test_up_and_status(lab):
    check(lab.config == os.path.join(lab.dir, "farshore.yaml"), "the last line is the config's path")
    check(lab.up_s <= 20, "usable within 20 s: %.1f s" % lab.up_s)
    check(os.stat(lab.dir).st_mode & 0o777 == 0o700, "the directory is 0700")
    for name in os.listdir(lab.dir):
        path = os.path.join(lab.dir, name)
        if os.path.isfile(path):
            check(os.stat(path).st_mode & 0o077 == 0, "%s is private" % name)
    status = lab.status()
    check(len(status["nodes"]) == 7 and all(n["state"] == "running" for n in status["nodes"]),
          "seven servers run")
    check(status["topology"] == "3+3+1" and status["config"] == lab.config, "topology and config")
    check(set(status["workload"]) >= {"published", "acked", "consumed", "errors"}, "workload counts")
    meta = lab.meta()
    check(meta.get("cluster_size") == 7, "the meta group has 7 peers")
    wait("all six links are up", lab.whole, 10)
    wan = {node["wan_gateway_port"] for node in lab.ports().values()}
    used = {link["connection"]["port"] for node in lab.ports()
            for link in lab.outbound(node).values()}
    check(used and used <= wan, "every gateway connection goes through the proxy: %s" % sorted(used - wan))
    acked = status["workload"]["acked"]
    wait("acks come in", lambda: lab.status()["workload"]["acked"] > acked, 5)
    wait("messages are consumed", lambda: lab.status()["workload"]["consumed"] > 0, 10)
    wait("mirrors follow", lab.caught_up, 10)


def test_users(lab):
    port = lab.ports()["rg1-n1"]["wan_client_port"]
    view = Nats(port, "view")
    reply = view.request(b"$SYS.REQ.SERVER.PING.JSZ", b'{"leader_only":true}')
    check(b"meta_cluster" in reply, "view may ask JSZ through the proxy")
    check(b"ermissions" in view.request(b"$JS.API.STREAM.DELETE.AGENTESE"), "view may do nothing else")
    view.close()
    observe = Nats(port, "observe")
    reply = observe.request(b"agentese.farshore-probe", b"",
                            b"Nats-Expected-Last-Sequence: 999999999")
    check(b"10071" in reply and b"AGENTESE" in reply, "the write probe names the stream")
    check(b"ermissions" in observe.request(b"agentese.other", b"x"), "observe may write nothing else")
    observe.close()
    check(b"connect_urls" not in Nats(port, "app").info, "servers do not gossip ways around the WAN")


def app_answer(lab, region):
    port = [app["wan_port"] for app in lab.status()["apps"] if app["region"] == region][0]
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d/healthz" % port, timeout=2) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def test_app_and_control(lab):
    check(app_answer(lab, "rg1") == 200, "the application answers 200 through the proxy")
    lab.fault("app", "503", "rg1")
    check(app_answer(lab, "rg1") == 503, "app 503")
    lab.fault("app", "down", "rg1")
    check(app_answer(lab, "rg1") is None, "app down")
    lab.fault("app", "ok", "rg1")
    wait("app ok", lambda: app_answer(lab, "rg1") == 200, 5)
    port = lab.status()["control"]["port"]
    socket.create_connection(("127.0.0.1", port), 1).close()
    lab.fault("control", "down")
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        check(False, "control down refuses")
    except OSError:
        check(True, "control down refuses")
    lab.fault("control", "up")


def test_names(lab):
    for words, part in (("kil rg1", '"kill"'), ("kill rg9", '"rg'), ("cut rg1-rg4", '"rg'),
                        ("kill rg1/rg1-m2", '"rg1-n2"'), ("delay rg1-rg2", "usage"),
                        ("delay rg1-rg2 -1", "whole number"), ("cut rg1-rg1", "different")):
        done = lab.fault(*words.split(), code=64)
        check(part in done.stderr, "fault %s: %s" % (words, done.stderr.strip()))
    check(run("fautl", code=64).returncode == 64, "an unknown word is usage")
    for word in ("up", "status", "fault", "down"):
        check("usage" in run(word, "--help").stdout, "%s --help" % word)


def test_kill_and_start(lab):
    lab.fault("kill", "rg1")
    status = lab.status()
    check(all(n["state"] == "stopped" and n["pid"] == 0 for n in status["nodes"]
              if n["region"] == "rg1"), "kill rg1: all three are gone on return")
    check(app_answer(lab, "rg1") is None, "the application went with its region")
    took = wait("links to rg1 are down", lambda: lab.links("rg2", "rg1") == 0 and
                lab.links("rg3", "rg1") == 0, 5)
    wait("a new meta leader outside rg1", lambda: not lab.meta().get("leader", "rg1").startswith("rg1"),
         20)
    lab.fault("start", "rg1")
    wait("start rg1: links whole", lab.whole, 20)
    wait("application answers again", lambda: app_answer(lab, "rg1") == 200, 5)
    wait("mirrors caught up after the return", lab.caught_up, 90)
    lab.fault("kill", "rg1/rg1-n2")
    check([n["name"] for n in lab.status()["nodes"] if n["state"] == "stopped"] == ["rg1-n2"],
          "kill rg1/rg1-n2: only that one")
    check(app_answer(lab, "rg1") == 200, "the application stays when a node is killed")
    lab.fault("start", "rg1/rg1-n2")
    wait("node back", lab.whole, 20)
    return took


def test_term_stop_cont(lab):
    lab.fault("term", "rg2/rg2-n1")
    check([n["state"] for n in lab.status()["nodes"] if n["name"] == "rg2-n1"] == ["stopped"],
          "term: ended gracefully")
    with open(os.path.join(lab.dir, "logs", "rg2-n1.log")) as file:
        check("Exiting" in file.read(), "the server said goodbye in its log")
    lab.fault("start", "rg2/rg2-n1")
    wait("rg2-n1 back", lab.whole, 20)
    lab.fault("stop", "rg3")
    check([n["state"] for n in lab.status()["nodes"] if n["region"] == "rg3"] == ["frozen"], "stop: frozen")
    lab.fault("cont", "rg3")
    wait("cont: answers", lambda: lab.get("rg3-n1", "/varz")["server_name"] == "rg3-n1", 5)


def test_crash(lab):
    pid = [n["pid"] for n in lab.status()["nodes"] if n["name"] == "rg3-n1"][0]
    os.kill(pid, signal.SIGKILL)
    wait("a server that dies by itself is `exited`", lambda: [
        n["state"] for n in lab.status()["nodes"] if n["name"] == "rg3-n1"] == ["exited"], 5)
    lab.fault("start", "rg3/rg3-n1")
    wait("rg3 back", lab.whole, 20)


def test_cut(lab):
    lab.fault("cut", "rg1-rg2")
    wait("cut: no link rg1-rg2 in either direction", lambda: lab.links("rg1", "rg2") == 0 and
         lab.links("rg2", "rg1") == 0, 3)
    check(lab.links("rg1", "rg3") == 3 and lab.links("rg3", "rg2") == 1, "other links stay")
    check("cut rg1-rg2" in lab.status()["faults"], "status names the fault")
    lab.fault("heal", "rg2-rg1")
    wait("heal: whole again", lab.whole, 10)
    wait("mirrors caught up after the cut", lab.caught_up, 90)


def test_stall(lab):
    lab.fault("stall", "rg1-rg2")
    wait("stall: the mirror hears nothing", lambda: lab.mirror_active_s("AGENTESE_MIRROR") > 1.5, 5)
    wait("true lag grows", lambda: lab.lag("AGENTESE") > 100, 15)
    check(lab.links("rg2", "rg1") == 3, "GATEWAYZ looks healthy in a black hole")
    status = [way for way in lab.status()["ways"] if (way["a"], way["b"]) == ("rg1", "rg2")][0]
    check(status["state"] == "stalled" and status["connections"] > 0, "connections stay open")
    lab.fault("heal", "rg1-rg2")
    wait("mirrors caught up after the stall", lab.caught_up, 90)


def test_here(lab):
    port = lab.ports()["rg1-n1"]["wan_client_port"]
    client = Nats(port, "app")
    check(client.ping() < 0.2, "here-rg1: a ping is quick")
    lab.fault("delay", "here-rg1", "400")
    rtt = client.ping()
    check(0.39 <= rtt < 1.5, "delay here-rg1 400: ping %.3f s" % rtt)
    lab.fault("delay", "here-rg1", "0")
    lab.fault("stall", "here-rg1")
    client.socket.settimeout(1)
    try:
        client.ping()
        check(False, "stall here-rg1: nothing comes")
    except (TimeoutError, socket.timeout):
        check(True, "stall here-rg1: nothing comes")
    client.close()
    client = socket.create_connection(("127.0.0.1", port), 1)
    client.settimeout(0.5)
    try:
        client.recv(1)
        check(False, "stall: a new connection is accepted and hears nothing")
    except (TimeoutError, socket.timeout):
        check(True, "stall: a new connection is accepted and hears nothing")
    lab.fault("heal", "here-rg1")
    client.settimeout(3)
    check(client.recv(5) == b"INFO ", "after heal the same connection hears the server")
    client.close()
    client = Nats(port, "app")
    lab.fault("bandwidth", "here-rg1", "200000")
    client.send(b"SUB test.echo 9\r\n")
    start = time.monotonic()
    client.send(b"PUB test.echo 600000\r\n" + b"x" * 600000 + b"\r\n")
    size = len(client.message())
    took = time.monotonic() - start
    check(size == 600000 and 5.0 <= took <= 9.0,
          "bandwidth 200000: 600000 bytes there and back in %.1f s" % took)
    lab.fault("cut", "here-rg1")
    try:
        check(client.file.readline() == b"", "cut here-rg1 closes the connection")
    except ConnectionResetError:
        check(True, "cut here-rg1 closes the connection")
    client.close()
    try:
        gone = socket.create_connection(("127.0.0.1", port), 1)
        gone.settimeout(1)
        check(gone.recv(1) == b"", "cut here-rg1 refuses by closing")
    except OSError:
        check(True, "cut here-rg1 refuses by closing")
    check(Nats(lab.ports()["rg1-n1"]["client_port"], "app").ping() < 0.2,
          "the server's own port is untouched")
    lab.fault("heal", "here-rg1")


def test_delay(lab):
    lab.fault("delay", "rg1-rg2", "500")
    wait("true lag under delay 500 at 200/s", lambda: lab.lag("AGENTESE") + lab.lag("EVENTS") >= 25, 10)
    lab.fault("kill", "rg2/rg2-n3")
    lab.fault("start", "rg2/rg2-n3")

    def slow():
        link = lab.outbound("rg2-n3").get("rg1")
        return link and milliseconds(link["connection"].get("rtt", "0s")) >= 490
    wait("GATEWAYZ of a new link shows the round trip", slow, 30)
    lab.fault("delay", "rg1-rg2", "0")
    wait("mirrors caught up without delay", lab.caught_up, 90)


def milliseconds(text):
    total = 0.0
    for number, unit in re.findall(r"([\d.]+)(ms|µs|us|ns|s|m)", text):
        total += float(number) * {"ms": 1, "µs": 1e-3, "us": 1e-3, "ns": 1e-6, "s": 1e3, "m": 6e4}[unit]
    return total


def test_bandwidth(lab):
    lab.fault("bandwidth", "rg1-rg2", "10000")
    wait("true lag grows on a narrow way", lambda: lab.lag("AGENTESE") + lab.lag("EVENTS") > 200, 30)
    lab.fault("heal", "rg1-rg2")
    wait("mirrors caught up after the narrow way", lab.caught_up, 90)


def test_disk(lab):
    done = lab.fault("disk", "full", "rg1", code=None)
    if done.returncode == 1 and "unsupported" in done.stderr:
        check(True, "disk full: said to be unsupported here: %s" % done.stderr.strip())
        return

    def full():
        text = ""
        for node in lab.nodes("rg1"):
            with open(os.path.join(lab.dir, "logs", node + ".log"), errors="replace") as file:
                text += file.read()
        return "no space left" in text or "out of storage" in text.lower()
    wait("disk full: the servers say so", full, 30)
    lab.fault("disk", "ok", "rg1")
    lab.fault("kill", "rg1")
    lab.fault("start", "rg1")
    acked = lab.status()["workload"]["acked"]
    wait("acks again after disk ok and a restart",
         lambda: lab.status()["workload"]["acked"] > acked + 100, 60)


def test_down(lab):
    pids = lab.pids()
    done = lab.down()
    check("is down" in done.stdout, "down: %s" % done.stdout.strip())
    check(not any(alive(pid) for pid in pids), "down: %d processes are gone" % len(pids))
    check(os.listdir(lab.dir) == ["logs"], "only the logs stay: %s" % os.listdir(lab.dir))
    check("no lab runs" in lab.down().stdout, "down again is content")
    check(run("status", "--dir", lab.dir, code=1).returncode == 1, "status of no lab: exit 1")


def test_lost_supervisor():
    lab = Lab()
    try:
        pids = lab.pids()
        os.kill(lab.status()["supervisor_pid"], signal.SIGKILL)
        wait("kill -9 of the supervisor: all %d processes end" % len(pids),
             lambda: not any(alive(pid) for pid in pids), 3)
        check(lab.down().returncode == 0 and os.listdir(lab.dir) == ["logs"], "down cleans up after it")
        again = Lab(directory=lab.dir, rate=0)
        check(again.config is not None, "and a new lab starts there")
        again.down()
    finally:
        finish(lab)


def test_killed_up():
    directory = tempfile.mkdtemp(prefix="farshore-lab-test-")
    words = PROGRAM + ["up", "--dir", directory] + (["--nats-server", SERVER] if SERVER else [])
    up = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in up.stderr:
        if "listen" in line:
            break
    with open(os.path.join(directory, "processes")) as file:
        pids = [int(line.split()[1]) for line in file]
    up.kill()
    up.wait()
    wait("lab up killed half way: all %d processes end" % len(pids),
         lambda: not any(alive(pid) for pid in pids), 5)
    wait("and nothing but logs stays", lambda: os.listdir(directory) == ["logs"], 3)
    shutil.rmtree(directory)


def test_side_by_side():
    first, second = Lab(rate=50), Lab("--topology", "3+3", rate=50)
    try:
        a, b = first.status(), second.status()
        check(a["base_port"] != b["base_port"], "two labs, two blocks of ports")
        check(len(b["nodes"]) == 6 and second.meta().get("cluster_size") == 6, "3+3: six peers")
        done = run("up", "--dir", first.dir, code=1)
        check("lives in" in done.stderr, "a second lab in the same directory is refused")
        other = tempfile.mkdtemp(prefix="farshore-lab-test-")
        done = run("up", "--dir", other, "--base-port", str(a["base_port"]), code=1)
        check("nearest free block" in done.stderr, "taken ports: %s" % done.stderr.strip())
        shutil.rmtree(other)
        first.down()
        check(all(n["state"] == "running" for n in second.status()["nodes"]), "the other one lives on")
    finally:
        finish(first)
        finish(second)


def finish(lab):
    run("down", "--dir", lab.dir, code=None)
    shutil.rmtree(lab.dir, ignore_errors=True)


SHARED = [test_up_and_status, test_users, test_app_and_control, test_names, test_here, test_cut,
          test_stall, test_delay, test_bandwidth, test_kill_and_start, test_term_stop_cont,
          test_crash, test_disk]
ALONE = [test_lost_supervisor, test_killed_up, test_side_by_side]

# What the matrix of faults does not see from outside; the rest is for FARSHORE_TEST_CUT=full.
FAST = [test_up_and_status, test_users, test_app_and_control, test_names, test_here, test_crash,
        test_lost_supervisor, test_killed_up]
SANITIZED = [test_up_and_status, test_names, test_crash, test_lost_supervisor]


def is_in_cut(test):
    cut = os.environ.get("FARSHORE_TEST_CUT", "full")
    return cut == "full" or test in (SANITIZED if cut == "sanitizer" else FAST)


def run_all(only):
    """Every test of the cut, or the ones whose name holds `only`."""
    chosen = [test for test in SHARED if (only in test.__name__ if only else is_in_cut(test))]
    if chosen:
        lab = Lab()
        try:
            print(lab.log, end="")
            for test in chosen:
                print("--- %s" % test.__name__, flush=True)
                test(lab)
            print("--- test_down")
            test_down(lab)
        finally:
            finish(lab)
    for test in ALONE:
        if only in test.__name__ if only else is_in_cut(test):
            print("--- %s" % test.__name__, flush=True)
            test()


def main():
    global SERVER
    words = sys.argv[1:]
    only = None
    while words:
        word = words.pop(0)
        if word == "--nats-server":
            SERVER = words.pop(0)
        elif word == "--only":
            only = words.pop(0)
        else:
            PROGRAM.append(word)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    given = os.environ.get("FARSHORE_NATS_SERVERS", "").split()
    if os.environ.get("FARSHORE_TEST_CUT") == "sanitizer":
        given = given[-1:]
    for server in [SERVER] if SERVER or not given else given:
        SERVER = server
        print("=== %s" % (server or "the nats-server that the lab finds"), flush=True)
        run_all(only)
    print("%d failed" % len(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
