#!/usr/bin/env python3
"""Every fault that a lab can inject, as `farshore status` tells it, against what the servers say.

usage: matrix.py FARSHORE [GROUP...]

Each group has a lab of its own, two at a time; for every server of FARSHORE_NATS_SERVERS. With
FARSHORE_TEST_CUT=sanitizer only the newest server, without the rows under load and those of single nodes;
with full everything three times.
"""
import concurrent.futures
import os
import statistics
import sys
import time
import traceback

from labs import (CUT, INTERVAL_S, ORIGINS, SLOWER, Failure, Lab, Sampler, Say, Watch, is_well, links,
                  mirror_states, mirrors, moment, nats_servers, region, server_state, verdict, wall)

FARSHORE = sys.argv[1]
SIDE_BY_SIDE = 2
BACK = {"CAUGHT UP"}
# Messages of half a KiB, more of them than the way takes; half of the contract's figures where several
# labs share a small machine.
LOAD, BYTES_PER_S = (3000, 1000000) if CUT == "full" else (1500, 500000)


def are_back(line):
    return set(mirror_states(line)) == BACK


# --- the way between the regions -----------------------------------------------------------------


class Truth:
    """Each stream's sequence over time, as the leader of its replicas says on its monitor port."""

    def __init__(self, lab):
        self.samplers = {}
        for place, names in (("rg1", ORIGINS.values()), ("rg2", ORIGINS)):
            rows = lab.streams(place, names)
            for node in {rows[name]["cluster"]["leader"] for name in names}:
                led = [name for name in names if rows[name]["cluster"]["leader"] == node]
                self.samplers[node] = led, Sampler(lambda node=node: lab.get(
                    node, "/jsz?acc=APP&streams=true"))

    def end(self):
        """{stream: [(seconds, last_seq)]}, the moment by the server's own clock; the longest turn."""
        found = {}
        for led, sampler in self.samplers.values():
            for _, _, answer in sampler.end():
                for account in (answer or {}).get("account_details") or []:
                    for row in account.get("stream_detail") or []:
                        if row["name"] in led:
                            found.setdefault(row["name"], []).append(
                                (moment(answer["now"]), row["state"]["last_seq"]))
        return found


def sequence_at(rows, at):
    """What a stream held at a moment; None outside of what was sampled."""
    for before, after in zip(rows, rows[1:]):
        if before[0] <= at <= after[0]:
            part = (at - before[0]) / max(1e-9, after[0] - before[0])
            return before[1] + part * (after[1] - before[1])
    return None


def moments_of(rows, sequence, since, until):
    """First and last moment between the two at which a stream may have stood at the sequence."""
    fits = [(max(before[0], since), min(after[0], until)) for before, after in zip(rows, rows[1:])
            if before[1] <= sequence <= after[1] and after[0] >= since and before[0] <= until]
    return (fits[0][0], fits[-1][1]) if fits else None


def true_lag(truth, name, line):
    """Least and greatest lag at the moment of the older one of the line's two samples."""
    mirror = mirrors(line)[name]
    is_origins = is_between_answers(mirror)
    stood = mirror["origin_last_seq"] if is_origins else mirror["last_seq"]
    here, there = (ORIGINS[name], name) if is_origins else (name, ORIGINS[name])
    # The sample that a line shows is at most an interval and its answer's way old.
    found = moments_of(truth[here], stood, wall(line) - 1.5 * INTERVAL_S, wall(line))
    held = [sequence_at(truth[there], at) for at in found] if found else [None]
    if None in held:
        return None
    return sorted(stood - number if is_origins else number - stood for number in held)


def slack_of(truth, name):
    """What the origin writes in a turn of the sampler, and in a quarter of an interval: between two of
    its own samples the console takes the origin's writes as even, which they are to about that."""
    rows = truth[ORIGINS[name]]
    rate = (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0])
    turn_s = statistics.median(after[0] - before[0] for before, after in zip(rows, rows[1:]))
    return rate * (turn_s + 0.25 * INTERVAL_S) * SLOWER


def unevenness(rows, sequence, line):
    """How far a stream that is sampled each interval, last at this sequence, is from taking its messages
    in evenly since the sample before. Behind a narrow way a mirror takes a thousand at once, and where it
    stood between two samples is not to be known from them."""
    found = moments_of(rows, sequence, wall(line) - 1.5 * INTERVAL_S, wall(line))
    until = found[1] if found else None
    first = sequence_at(rows, until - INTERVAL_S) if found else None
    if first is None:
        return 0
    even = (sequence - first) / INTERVAL_S
    return max((abs(held - first - even * (at - until + INTERVAL_S)) for at, held in rows
                if until - INTERVAL_S < at < until), default=0)


def is_between_answers(mirror):
    """Its region has answered and the origin's not yet: the origin's sample is the older one, by more
    than the mirror's contact is old."""
    return mirror["loss"]["sample_age_ms"] > mirror["contact_age_ms"] + 50


def compare_lag(say, title, lines, truth):
    """Each line's lag against the truth, also of lines between the two regions' answers of one turn."""
    shown, true, own, outside, slack, half, widest = [], [], [], [], 0, 0, 0
    seen = set()
    for line in lines:
        for name, mirror in mirrors(line).items():
            pair = (name, mirror["last_seq"], mirror["origin_last_seq"])
            if name not in ORIGINS or pair in seen:
                continue
            half += 1 if is_between_answers(mirror) else 0
            seen.add(pair)
            bounds = true_lag(truth, name, line)
            if bounds is None:
                continue
            slack = slack_of(truth, name)
            shown.append(mirror["lag_msgs"])
            true.append(sum(bounds) / 2)
            own.append(mirror["server_lag"])
            bursts = unevenness(truth[name], mirror["last_seq"], line) if is_between_answers(mirror) else 0
            widest = max(widest, bursts)
            off = slack + bursts
            if not bounds[0] - off <= mirror["lag_msgs"] <= bounds[1] + off:
                outside.append((mirror["lag_msgs"], [round(bound) for bound in bounds]))
    say.check(len(shown) >= 4, "%s: %d looks could be compared, %d between two answers" % (title, len(shown), half))
    figures = [statistics.median(numbers) for numbers in (shown, true, own)]
    say.check(len(outside) <= max(1, len(shown) / 10), "%s: shown median %d, true %d, the server's own %d; %d of "
              "%d looks off by more than %d, and a burst of up to %d between two answers %s" %
              (title, *figures, len(outside), len(shown), slack, widest, outside[:5]))
    return figures


def under_load(lab, watch, say, title, seconds):
    """Look for so long, the truth sampled beside; median of shown, true and the server's own lag."""
    truth = Truth(lab)
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        watch.see(1)
    lines = [line for _, line in watch.since(start + 2 * INTERVAL_S)]
    return compare_lag(say, title, lines, truth.end())


def complete(lab, say, title):
    """Whatever the origins held a moment ago, the mirrors hold all of it."""
    held = {name: row["state"] for name, row in lab.streams("rg1", ORIGINS.values()).items()}

    def is_complete():
        copies = lab.leading("rg2")
        return all(copies[name]["state"]["last_seq"] >= held[origin]["last_seq"]
                   and copies[name]["state"]["messages"] == copies[name]["state"]["last_seq"]
                   and held[origin]["messages"] == held[origin]["last_seq"]
                   for name, origin in ORIGINS.items())
    say.wait("%s: no message lost" % title, is_complete, 30)


def row_delay(lab, watch, say):
    lab.fault("delay", "rg1-rg2", "500")
    before = time.time(), sum(lab.streams("rg1", ORIGINS.values())[name]["state"]["last_seq"]
                              for name in ORIGINS.values())
    shown, _, own = under_load(lab, watch, say, "delay 500", 8)
    after = time.time(), sum(lab.streams("rg1", ORIGINS.values())[name]["state"]["last_seq"]
                             for name in ORIGINS.values())
    rate = (after[1] - before[1]) / len(ORIGINS) / (after[0] - before[0])
    say("--", "delay 500: %d messages a second and stream, so about %d on their way" % (rate, rate / 4))
    say.check(shown >= 0.5 * rate / 4 and own <= 0.2 * shown,
              "delay 500: the true lag is shown though the server says %d" % own)
    since = lab.fault("delay", "rg1-rg2", "0")
    watch.wait("delay 0: caught up", are_back, 60, since)
    complete(lab, say, "delay")


def row_bandwidth(lab, watch, say):
    lab.fault("bandwidth", "rg1-rg2", str(BYTES_PER_S))
    line = watch.wait("bandwidth: BEHIND", lambda line: "BEHIND" in mirror_states(line), 40)
    say("--", "bandwidth: behind %s ms" % [row["lag_ms"] for row in line["mirrors"]])
    shown, true, own = under_load(lab, watch, say, "bandwidth %d" % BYTES_PER_S, 8)
    say.check(shown >= 0.5 * true and own <= max(20, 0.2 * shown),
              "bandwidth: the true lag is shown though the server says %d" % own)
    since = lab.fault("heal", "rg1-rg2")
    watch.wait("bandwidth healed: caught up", are_back, 90, since)
    complete(lab, say, "bandwidth")


def back_after(lab, watch, say, title, since):
    """Caught up again, at once or when the server retries, which is ASLEEP until then."""
    watch.wait("%s healed: caught up" % title, are_back, 90, since)
    said = {state for _, line in watch.since(since) for state in mirror_states(line)}
    say.check(said <= {"CAUGHT UP", "BEHIND", "ASLEEP", "STALLED", "LAST KNOWN"},
              "%s healed: mirrors said %s" % (title, ", ".join(sorted(said))))
    complete(lab, say, title)


def row_stall(lab, watch, say):
    since = lab.fault("stall", "rg1-rg2")
    done = time.monotonic()
    watch.wait("stall: no mirror green", lambda line: "CAUGHT UP" not in mirror_states(line)
               and len(line["mirrors"]) >= 2, 2 + INTERVAL_S + (done - since), since)
    say.check(lab.outbounds("rg2", "rg1") == 3 and lab.outbounds("rg1", "rg2") == 3,
              "stall: GATEWAYZ of both regions still looks healthy")
    line = watch.wait("stall: STALLED", lambda line: mirror_states(line) == ["STALLED"] * 2, 5, since)
    say.check(links(line)["rg2", "rg1"] == "UP", "stall: the link says what GATEWAYZ says")
    first = {name: row["contact_age_ms"] for name, row in mirrors(line).items()}
    later = time.monotonic()
    watch.wait("stall: contact age grows", lambda line: all(
        row["contact_age_ms"] >= first[name] + 2000 for name, row in mirrors(line).items()),
        6, later)
    green = [line for _, line in watch.since(later) if "CAUGHT UP" in mirror_states(line)]
    say.check(not green, "stall: never green again while it lasts")
    say.check(watch.see(1)[-1]["exit_code"] >= 1, "stall: the exit code is a warning")
    # short of the servers' own ping time-out, so that the same connections carry on
    since = lab.fault("heal", "rg1-rg2")
    back_after(lab, watch, say, "stall", since)


def row_cut(lab, watch, say):
    since = lab.fault("cut", "rg1-rg2")
    line = watch.wait("cut: both directions DOWN", lambda line: links(line)["rg1", "rg2"] == "DOWN"
                      and links(line)["rg2", "rg1"] == "DOWN", 3, since)
    say.check(lab.outbounds("rg1", "rg2") == 0 and lab.outbounds("rg2", "rg1") == 0,
              "cut: GATEWAYZ of both regions has none")
    say.check([state for way, state in links(line).items() if "rg3" in way] == ["UP"] * 4,
              "cut: the ways to rg3 stay UP")
    line = watch.wait("cut: no mirror green", lambda line: "CAUGHT UP" not in mirror_states(line),
                      3, since)
    say.check(all(verdict(line, name) in ("OK", "DEGRADED") for name in ("rg1", "rg2", "rg3")),
              "cut: no region is called dead: %s" % [verdict(line, n) for n in ("rg1", "rg2", "rg3")])
    since = lab.fault("heal", "rg1-rg2")
    watch.wait("cut healed: six links UP", lambda line: list(links(line).values()) == ["UP"] * 6, 10,
               since)
    back_after(lab, watch, say, "cut", since)


def group_way(server, say):
    rate = "200" if CUT == "sanitizer" else str(LOAD)
    with Lab(FARSHORE, server, say, "--rate", rate) as lab, Watch(FARSHORE, lab.config, say) as watch:
        watch.wait("all well", is_well, 30)
        if CUT != "sanitizer":
            row_delay(lab, watch, say)
            row_bandwidth(lab, watch, say)
        row_stall(lab, watch, say)
        row_cut(lab, watch, say)
        errors = lab.status()["workload"]["errors"]
        say.check(errors == 0, "the workload counted %d errors" % errors)


# --- servers and their leader --------------------------------------------------------------------


def row_one_node(lab, watch, say):
    leaders, _ = lab.meta_leaders()
    victim = next(name for name in lab.names("rg1") if name not in leaders)
    since = lab.fault("kill", "rg1/" + victim)
    watch.wait("kill %s: DEGRADED" % victim, lambda line: verdict(line, "rg1") == "DEGRADED"
               and server_state(line, victim) in ("STALE", "DOWN"), 6, since)
    watch.wait("kill %s: DOWN is the server" % victim,
               lambda line: server_state(line, victim) == "DOWN", 14, since)
    line = watch.wait("mirrors green with two of three", are_back, 30)
    said = {verdict(line, "rg1") for _, line in watch.since(since)}
    say.check(said <= {"OK", "DEGRADED"}, "one node of three: rg1 said %s" % sorted(said))
    # Their gateway to that very server is missing for the moment of a reconnect, which is said.
    others = {(name, verdict(line, name)) for _, line in watch.since(since) for name in ("rg2", "rg3")}
    say.check({state for _, state in others} <= {"OK", "DEGRADED"} and
              [verdict(line, name) for name in ("rg2", "rg3")] == ["OK"] * 2,
              "the other regions stay well: %s" % sorted(others))
    say.check(set(links(line).values()) == {"UP"} and line["exit_code"] == 1,
              "links stay UP, the exit code is 1")
    since = lab.fault("start", "rg1/" + victim)
    watch.wait("%s back: all well" % victim, is_well, 40, since)


def row_here(lab, watch, say):
    since = lab.fault("cut", "here-rg1")
    watch.wait("cut here-rg1: known through another region",
               lambda line: region(line, "rg1")["via"] in ("rg2", "rg3")
               and region(line, "rg1")["servers_up"] == 3 and region(line, "rg1")["connection"] != "up",
               8, since)
    watch.see(6)
    said = {verdict(line, "rg1") for _, line in watch.since(since)}
    say.check(not said & {"DOWN", "SUSPECT", "BLIND", "UNKNOWN"}, "cut here-rg1: rg1 said %s" % sorted(said))
    line = watch.see(1)[-1]
    say.check(set(mirror_states(line)) == BACK, "cut here-rg1: mirrors are still judged")
    since = lab.fault("heal", "here-rg1")
    watch.wait("heal here-rg1: its own connection again",
               lambda line: region(line, "rg1")["via"] == "rg1"
               and region(line, "rg1")["connection"] == "up", 15, since)


# A leader that has missed two asks is not named any more; it may be dead already.
NAMED_S = 2.5 * INTERVAL_S
TICK_S = 0.25


def untrue_leaders(lines, samples):
    """Lines whose leader did not name itself so when it was heard, or not since too long ago."""
    found, longest = [], 0.0
    for line in lines:
        leader, at = line["meta"]["leader"], wall(line)
        if leader is None:
            continue
        heard = at - line["meta"]["leader_age_ms"] / 1000
        true = [(begun, ended) for begun, ended, result in samples
                if result and leader in result[0] and begun <= at]
        if not true:
            found.append((line["time"], leader, "never till then"))
            continue
        longest = max(longest, at - true[-1][1])
        if heard > true[-1][1] + INTERVAL_S * SLOWER:
            found.append((line["time"], leader, "heard %.2f s after its last word" %
                          (heard - true[-1][1])))
        if at > true[-1][1] + (NAMED_S + 2 * TICK_S) * SLOWER:
            found.append((line["time"], leader, "%.2f s after its last word" % (at - true[-1][1])))
    return found, longest


def row_leader(lab, watch, say):
    leaders, _ = lab.meta_leaders()
    say.check(len(leaders) == 1, "one server names itself leader: %s" % sorted(leaders))
    home = sorted(leaders)[0][:3]
    sampler = Sampler(lab.meta_leaders)
    watch.see(2)
    since = lab.fault("kill", home)
    live = 7 - len(lab.names(home))
    watch.wait("kill %s: a leader elsewhere" % home, lambda line: line["meta"]["leader"] is not None
               and line["meta"]["region"] != home and line["meta"]["alive"] == live, 25, since)
    watch.see(4)
    lines = [line for _, line in watch.since(since)]
    samples = sampler.end()
    wrong, longest = untrue_leaders(lines, samples)
    say.check(not wrong, "no leader was named that was not true (%d looks, %d of the truth); the "
              "dead one at most %.2f s %s" % (len(lines), len(samples), longest, wrong[:2]))
    many = [(line["time"], line["meta"]["leader"], line["meta"]["alive"]) for line in lines
            if line["meta"]["leader"] and line["meta"]["region"] != home and line["meta"]["alive"] > live]
    say.check(not many, "no dead peer is counted alive %s" % many[:2])
    since = lab.fault("start", home)
    watch.wait("%s back: OK, seven peers" % home, lambda line: verdict(line, home) == "OK"
               and line["meta"]["alive"] == 7, 60, since)


def group_nodes(server, say):
    with Lab(FARSHORE, server, say, "--rate", "100") as lab, \
            Watch(FARSHORE, lab.config, say) as watch:
        watch.wait("all well", is_well, 30)
        row_one_node(lab, watch, say)
        row_here(lab, watch, say)
        row_leader(lab, watch, say)


# --- a region ------------------------------------------------------------------------------------


def is_killed(line):
    state = links(line)
    return (verdict(line, "rg1") in ("SUSPECT", "DOWN") and len(state) == 6
            and state["rg2", "rg1"] == "DOWN" and state["rg3", "rg1"] == "DOWN"
            and state["rg1", "rg2"] in ("DOWN", "UNKNOWN")
            and mirror_states(line) == ["LAST KNOWN"] * 2
            and line["meta"]["leader"] is not None and line["meta"]["region"] != "rg1"
            and line["meta"]["alive"] == 4)


def group_region(server, say):
    with Lab(FARSHORE, server, say) as lab, Watch(FARSHORE, lab.config, say) as watch:
        watch.wait("all well", lambda line: is_well(line)
                   and line["meta"]["survives_loss_of"].get("rg1") is True, 30)
        since = lab.fault("kill", "rg1")
        watch.wait("rg1 SUSPECT", lambda line: verdict(line, "rg1") == "SUSPECT", 3, since)
        watch.wait("links DOWN, mirrors LAST KNOWN, a true leader", is_killed, 20, since)
        watch.wait("rg1 DOWN", lambda line: verdict(line, "rg1") == "DOWN", 14, since)
        since = lab.fault("start", "rg1")
        watch.wait("rg1 OK", lambda line: verdict(line, "rg1") == "OK", 30, since)
        if CUT == "sanitizer":
            return
        watch.wait("meta group whole", lambda line: line["meta"]["alive"] == 7, 60, since)
        since = lab.fault("term", "rg1")
        watch.wait("term rg1: three goodbyes, SUSPECT at once",
                   lambda line: verdict(line, "rg1") == "SUSPECT"
                   and [server_state(line, name) for name in lab.names("rg1")] == ["GONE"] * 3, 3,
                   since)


# --- two regions without an arbiter --------------------------------------------------------------


def group_two(server, say):
    with Lab(FARSHORE, server, say, "--topology", "3+3", "--rate", "100") as lab, \
            Watch(FARSHORE, lab.config, say) as watch:
        line = watch.wait("3+3: all green, every peer heard", lambda line: is_well(line, ("rg1", "rg2"), 6)
                          and None not in line["meta"]["survives_loss_of"].values(), 30)
        survives = line["meta"]["survives_loss_of"]
        say.check(survives.get("rg1") is False and survives.get("rg2") is False,
                  "3+3: would not survive either region, said while all is green: %s" % survives)
        say.check(line["exit_code"] == 1 and "quorum would not survive" in line["summary"],
                  "3+3: exit code %d, %s" % (line["exit_code"], line["summary"]))
        since = lab.fault("kill", "rg1")
        line = watch.wait("3+3, rg1 killed: the quorum is lost",
                          lambda line: line["meta"]["has_quorum"] is False, 8, since)
        say.check(line["meta"]["leader"] is None and line["exit_code"] == 2,
                  "3+3: no leader, exit code %d: %s" % (line["exit_code"], line["summary"]))
        kept = [line["time"] for line in watch.see(4) if line["meta"]["leader"]
                or line["meta"]["has_quorum"] is not False]
        say.check(not kept, "3+3: it stays lost and nobody leads %s" % kept[:2])
        since = lab.fault("start", "rg1")
        line = watch.wait("3+3, rg1 back: quorum again, not to be lost",
                          lambda line: line["meta"]["has_quorum"] is True
                          and line["meta"]["alive"] == 6 and verdict(line, "rg1") == "OK"
                          and line["meta"]["survives_loss_of"].get("rg1") is False, 60, since)
        say.check(line["meta"]["leader"] in lab.meta_leaders()[0], "3+3: its leader is a true one")


# --- running -------------------------------------------------------------------------------------

GROUPS = {"way": group_way, "nodes": group_nodes, "region": group_region, "two": group_two}
SANITIZED = ("way", "region", "two")


def run_group(name, server):
    say = Say("%s %s" % (name, os.path.basename(server).replace("nats-server-", "")))
    start = time.monotonic()
    try:
        GROUPS[name](server, say)
    except Failure as failure:
        say("FAIL", failure)
        return False
    except Exception:  # pylint: disable=broad-except # a broken row must not hide the others
        say("FAIL", traceback.format_exc())
        return False
    finally:
        say("--", "%.0f s" % (time.monotonic() - start))
    return True


def main():
    servers = nats_servers()
    groups = sys.argv[2:] or (SANITIZED if CUT == "sanitizer" else list(GROUPS))
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = [pool.submit(run_group, group, server) for _ in range(3 if CUT == "full" else 1) for server in servers for group in groups]
        results = [run.result() for run in runs]
    print("%d of %d groups failed" % (results.count(False), len(results)))
    sys.exit(1 if False in results else 0)


if __name__ == "__main__":
    main()
