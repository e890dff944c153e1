#!/usr/bin/env python3
"""Two real regions as `farshore status` sees them, through a killed region and back.

usage: regions.py FARSHORE

Runs for every server of FARSHORE_NATS_SERVERS (only the newest with FARSHORE_TEST_CUT=sanitizer). Every
wait is for a condition with a deadline; the figures are printed, the deadlines are the contract's.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

FARSHORE = sys.argv[1]
IS_SANITIZED = os.environ.get("FARSHORE_TEST_CUT") == "sanitizer"
SLOWER = 3 if IS_SANITIZED else 1


class Watch:
    """`status --watch --json`, the last line at hand and every line kept."""

    def __init__(self, config):
        self.lines = []
        self.process = subprocess.Popen([FARSHORE, "--config", config, "status", "--watch", "--json"],
                                        stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), json.loads(line)))

    def wait(self, what, condition, limit_s, since=0.0):
        start = time.monotonic()
        since = since or start
        while time.monotonic() - start < limit_s * SLOWER:
            for at, line in list(self.lines):
                if at >= since and condition(line):
                    print("ok    %s after %.2f s" % (what, at - since), flush=True)
                    return line
            if self.process.poll() is not None:
                raise SystemExit("FAIL  %s: status ended with %d" % (what, self.process.returncode))
            time.sleep(0.02)
        raise SystemExit("FAIL  %s: not within %g s; last: %s"
                         % (what, limit_s, json.dumps(self.lines[-1][1]) if self.lines else None))

    def end(self):
        self.process.terminate()
        self.process.wait(10)


def verdict(line, region):
    return next((r["verdict"] for r in line["regions"] if r["name"] == region), None)


def links(line):
    return {(l["from"], l["to"]): l["state"] for l in line["links"]}


def mirror_states(line):
    return [m["state"] for m in line["mirrors"]]


def is_well(line):
    return (all(verdict(line, r) == "OK" for r in ("rg1", "rg2", "rg3"))
            and [s["state"] for s in line["servers"]] == ["UP"] * 7
            and list(links(line).values()) == ["UP"] * 6
            and mirror_states(line) == ["CAUGHT UP"] * 2
            and (line["meta"]["size"], line["meta"]["quorum"], line["meta"]["has_quorum"]) == (7, 4, True)
            and line["meta"]["survives_loss_of"].get("rg1") is True)


def is_killed(line):
    state = links(line)
    return (verdict(line, "rg1") in ("SUSPECT", "DOWN") and len(state) == 6
            and state["rg2", "rg1"] == "DOWN" and state["rg3", "rg1"] == "DOWN"
            and state["rg1", "rg2"] in ("DOWN", "UNKNOWN")
            and mirror_states(line) == ["LAST KNOWN"] * 2
            and line["meta"]["leader"] is not None and line["meta"]["region"] != "rg1"
            and line["meta"]["alive"] == 4)


def lab(folder, *words):
    subprocess.run([FARSHORE, "lab", *words, "--dir", folder], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def through_a_killed_region(server):
    print("--    %s" % server, flush=True)
    folder = tempfile.mkdtemp(prefix="farshore-regions-")
    watch = None
    try:
        start = time.monotonic()
        lab(folder, "up", "--nats-server", server)
        print("ok    lab up after %.1f s" % (time.monotonic() - start), flush=True)
        watch = Watch(os.path.join(folder, "farshore.yaml"))
        watch.wait("all well", is_well, 30)
        since = time.monotonic()
        lab(folder, "fault", "kill", "rg1")
        watch.wait("rg1 SUSPECT", lambda line: verdict(line, "rg1") == "SUSPECT", 3, since)
        watch.wait("links DOWN, mirrors LAST KNOWN, a true leader", is_killed, 20, since)
        watch.wait("rg1 DOWN", lambda line: verdict(line, "rg1") == "DOWN", 14, since)
        since = time.monotonic()
        lab(folder, "fault", "start", "rg1")
        watch.wait("rg1 OK", lambda line: verdict(line, "rg1") == "OK", 30, since)
        if not IS_SANITIZED:
            watch.wait("meta group whole", lambda line: line["meta"]["alive"] == 7, 60, since)
            since = time.monotonic()
            lab(folder, "fault", "term", "rg1")
            watch.wait("goodbye of rg1",
                       lambda line: verdict(line, "rg1") == "SUSPECT"
                       and [s["state"] for s in line["servers"]].count("GONE") == 3, 3, since)
    finally:
        if watch is not None:
            watch.end()
        lab(folder, "down")
        shutil.rmtree(folder, ignore_errors=True)


def main():
    servers = os.environ.get("FARSHORE_NATS_SERVERS", "").split()
    if not servers:
        print("no nats-server: FARSHORE_NATS_SERVERS is empty")
        sys.exit(77)
    for server in servers[-1:] if IS_SANITIZED else servers:
        through_a_killed_region(server)


main()
