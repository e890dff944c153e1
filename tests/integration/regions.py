#!/usr/bin/env python3
"""Two real regions as `farshore status` sees them, through a killed region and back.

usage: regions.py FARSHORE

Runs for every server of FARSHORE_NATS_SERVERS (only the newest with FARSHORE_TEST_CUT=sanitizer). Every
wait is for a condition with a deadline; the figures are printed, the deadlines are the contract's.
"""
import os
import sys

from labs import SLOWER, Failure, Lab, Say, Watch, is_well, links, mirror_states, nats_servers, verdict

FARSHORE = sys.argv[1]
IS_SANITIZED = SLOWER > 1


def is_killed(line):
    state = links(line)
    return (verdict(line, "rg1") in ("SUSPECT", "DOWN") and len(state) == 6
            and state["rg2", "rg1"] == "DOWN" and state["rg3", "rg1"] == "DOWN"
            and state["rg1", "rg2"] in ("DOWN", "UNKNOWN")
            and mirror_states(line) == ["LAST KNOWN"] * 2
            and line["meta"]["leader"] is not None and line["meta"]["region"] != "rg1"
            and line["meta"]["alive"] == 4)


def through_a_killed_region(server):
    say = Say(os.path.basename(server))
    with Lab(FARSHORE, server, say) as lab, Watch(FARSHORE, lab.config, say) as watch:
        watch.wait("all well", lambda line: is_well(line)
                   and line["meta"]["survives_loss_of"].get("rg1") is True, 30)
        since = lab.fault("kill", "rg1")
        watch.wait("rg1 SUSPECT", lambda line: verdict(line, "rg1") == "SUSPECT", 3, since)
        watch.wait("links DOWN, mirrors LAST KNOWN, a true leader", is_killed, 20, since)
        watch.wait("rg1 DOWN", lambda line: verdict(line, "rg1") == "DOWN", 14, since)
        since = lab.fault("start", "rg1")
        watch.wait("rg1 OK", lambda line: verdict(line, "rg1") == "OK", 30, since)
        if not IS_SANITIZED:
            watch.wait("meta group whole", lambda line: line["meta"]["alive"] == 7, 60, since)
            since = lab.fault("term", "rg1")
            watch.wait("goodbye of rg1",
                       lambda line: verdict(line, "rg1") == "SUSPECT"
                       and [s["state"] for s in line["servers"]].count("GONE") == 3, 3, since)


def main():
    for server in nats_servers():
        try:
            through_a_killed_region(server)
        except Failure as failure:
            print("FAIL ", failure)
            sys.exit(1)


main()
