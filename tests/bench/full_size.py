#!/usr/bin/env python3
"""The console with 10,000 mirrors beside a real lab: private memory, loop holds, CPU, bytes.

usage: full_size.py BUILD_DIR [--mirrors N] [--seconds S] [--warm-up S] [--nats-server PATH] [--strict]

A stand-in answers for two more regions as real servers do (standin.c); the shipped program runs on a
pseudo terminal of 200x50, with loop_hold.so before its loop. Keys are typed while it is measured. Figures
count after the warm-up; the first replies are printed beside them. With --strict it ends with 1 when a
target is missed: 44 MiB of private memory, 20 ms of own work at once.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "integration"), os.path.join(HERE, "..", "e2e")]
from labs import Lab, Say  # noqa: E402 # pylint: disable=wrong-import-position
from servers import Servers, free_ports, wait_for_port  # noqa: E402 # pylint: disable=wrong-import-position
from terminal import Terminal  # noqa: E402 # pylint: disable=wrong-import-position

RSS_ANON_KIB = 44 * 1024
HOLD_US = 20000
TICKS = os.sysconf("SC_CLK_TCK")
KEYS = (b"\t", b"s", b"z", b"\x1b[B", b"\x1b[6~", b"\x1b[6~", b"z", b"?", b"\x1b", b"\x1b[5~")
ACCOUNTS = """
accounts {
  SYS { users: [ {user: sys, password: sys}, {user: view, password: view} ] }
}
system_account: SYS
"""


def parse():
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("build")
    words.add_argument("--mirrors", type=int, default=10000)
    words.add_argument("--seconds", type=int, default=60)
    words.add_argument("--warm-up", type=int, default=30)
    words.add_argument("--nats-server", default=None)
    words.add_argument("--keys", type=int, default=len(KEYS), help="how many of the keys to type")
    words.add_argument("--strict", action="store_true")
    return words.parse_args()


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":", 1) for line in file)


def kib(pid, name):
    return int(status_of(pid)[name].split()[0])


def write_config(lab, port):
    """The lab's regions and two more, which the stand-in answers for."""
    with open(lab.config, encoding="utf-8") as file:
        text = file.read()
    more = "".join('  - {name: %s, role: arbiter, nats: {urls: ["nats://127.0.0.1:%d"], view: {user: view, '
                   'password_file: "%s/password.view"}}}\n' % (name, port, lab.dir)
                   for name in ("big1", "big2"))
    path = os.path.join(lab.dir, "full-size.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("controls:", more + "controls:", 1))
    return path


def measure(program, config, hold, options):
    """Run the console so long, typing; its figures."""
    environment = {"LD_PRELOAD": os.path.abspath(hold), "FARSHORE_LOOP_HOLD": config + ".holds",
                   "FARSHORE_LOOP_HOLD_AFTER": str(options.warm_up)}
    terminal = Terminal([program, "--config", config], cols=200, rows=50, env=environment)
    try:
        terminal.read_for(options.warm_up)
        pid = terminal.process.pid
        before, _ = terminal.counters()
        written, most = 0, 0
        end = time.monotonic() + options.seconds
        turn, typed = 0, {}
        while time.monotonic() < end:
            terminal.forget()
            terminal.read_for(1.0)
            written += len(terminal.output)
            most = max(most, kib(pid, "RssAnon"))
            if options.keys > 0:
                typed[round((time.monotonic() - terminal.started) * 1000)] = KEYS[turn % options.keys]
                terminal.type(KEYS[turn % options.keys])
            turn += 1
        after, _ = terminal.counters()
        figures = {"rss_anon_kib": kib(pid, "RssAnon"), "rss_anon_most_kib": most,
                   "rss_kib": kib(pid, "VmRSS"), "rss_peak_kib": kib(pid, "VmHWM"),
                   "threads": int(status_of(pid)["Threads"]),
                   "cpu_percent": round(100.0 * (after - before) / TICKS / options.seconds, 2),
                   "bytes_per_s": written // options.seconds}
        terminal.process.send_signal(signal.SIGTERM)
        figures["exit_code"] = terminal.wait()
    finally:
        terminal.close()
    with open(config + ".holds", encoding="ascii") as file:
        holds = json.load(file)
    at = holds["later"]["longest_at_ms"]
    nearest = min(typed, key=lambda moment: abs(moment - at), default=None)
    if nearest is not None:
        figures["longest_after_key"] = "%r, %d ms" % (typed[nearest], at - nearest)
    return {**figures, **holds}


def look(program, config):
    """What one look at the same regions counts."""
    done = subprocess.run([program, "--config", config, "status", "--json", "--for", "30s"],
                          capture_output=True, text=True, timeout=90, check=False)
    line = json.loads(done.stdout)
    return {"mirrors": len(line["mirrors"]), "servers": len(line["servers"]),
            "links": len(line["links"]), "overflow": line["overflow"],
            "paces_ms": {row["name"]: row["streams_interval_ms"] for row in line["regions"]}}


def main():
    options = parse()
    program = os.path.join(options.build, "bin", "farshore")
    tools = os.path.join(options.build, "tests", "bench")
    if options.nats_server:
        os.environ["FS_NATS_SERVER"] = options.nats_server
    beside = Servers()
    port = free_ports(1)[0]
    say = Say("full size")
    with Lab(program, beside.path, say) as lab:
        beside.start("beside", "server_name: beside\nlisten: 127.0.0.1:%d\nmax_payload: 64MB\n%s"
                     % (port, ACCOUNTS))
        wait_for_port(port)
        # The lab's own two mirrors belong to the number, and 20,000 streams are the limit.
        count = options.mirrors - 8
        life = str(options.seconds + options.warm_up + 120)
        with subprocess.Popen([os.path.join(tools, "standin"), "nats://127.0.0.1:%d" % port, "sys", "3",
                               str(count), life], stdout=subprocess.PIPE) as fake:
            try:
                fake.stdout.readline()
                config = write_config(lab, port)
                figures = {**look(program, config),
                           **measure(program, config, os.path.join(tools, "loop_hold.so"), options)}
            finally:
                fake.kill()
    beside.end()
    for name, value in figures.items():
        print("%-18s %s" % (name, json.dumps(value)))
    is_met = (figures["rss_anon_most_kib"] <= RSS_ANON_KIB
              and figures["later"]["longest_cpu_us"] <= HOLD_US)
    print("targets: RssAnon <= %d KiB, own work at once <= %d us: %s"
          % (RSS_ANON_KIB, HOLD_US, "met" if is_met else "MISSED"))
    sys.exit(1 if options.strict and not is_met else 0)


main()
