#!/usr/bin/env python3
"""`farshore check` against real regions: all well, and every way in which a failover would not be.

usage: check.py FARSHORE

For every server of FARSHORE_NATS_SERVERS a lab of 3+3+1 and one of 3+3, all side by side. Each row makes
one thing wrong, reads `check --json`, and looks that this check says so, that the exit code is the
documented one and that nothing else turned. What could not be asked must never be GO.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

from labs import SLOWER, Failure, Lab, Say, nats_servers
from servers import Client

FARSHORE = sys.argv[1]
ORDER = ["GO", "WARN", "UNKNOWN", "STOP"]
CODES = {"GO": 0, "WARN": 1, "STOP": 2, "UNKNOWN": 3}


class Checker:
    """`check` with a lab's configuration, or an edited copy of it."""

    def __init__(self, lab, say):
        self.lab, self.say = lab, say

    def edited(self, name, *edits):
        path = os.path.join(self.lab.dir, name + ".yaml")
        with open(self.lab.config, encoding="utf-8") as file:
            text = file.read()
        for pattern, replacement in edits:
            text, count = re.subn(pattern, replacement, text)
            self.say.check(count > 0, "%s: the configuration could be edited" % name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def run(self, *options, config=None):
        done = subprocess.run([FARSHORE, "--config", config or self.lab.config, "check", *options],
                              capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        if "Sanitizer" in done.stderr:
            raise Failure(done.stderr[-2000:])
        return done

    def json(self, *options, config=None):
        done = self.run("--json", *options, config=config)
        report = json.loads(done.stdout)
        report["by"] = {check["id"]: check for check in report["checks"]}
        worst = max((check["result"] for check in report["checks"]), key=ORDER.index)
        self.say.check(report["result"] == worst and done.returncode == CODES[worst] ==
                       report["exit_code"], "the worst is %s, exit %d" % (worst, done.returncode))
        return report

    def expect(self, what, wanted, config=None, code=None, for_time="2s"):
        """Results by check's id ("GO" for all others unless "*" says otherwise)."""
        report = self.json("--for", for_time, config=config)
        found = {name: check["result"] for name, check in report["by"].items()}
        others = wanted.get("*", ("GO",))
        bad = [(name, result, report["by"][name]["evidence"]) for name, result in found.items()
               if result not in wanted.get(name, others)]
        self.say.check(not bad, "%s: as expected %s" % (what, bad or ""))
        self.say.check(code is None or report["exit_code"] in code,
                       "%s: exit %d" % (what, report["exit_code"]))
        return report["by"]


def items(check):
    return {item["name"]: (item["result"], item["evidence"]) for item in check["items"]}


def version_of(lab):
    return tuple(int(part) for part in lab.get("rg2-n1", "/varz")["version"].split(".")[:2])


def api(lab, say, verb, name, body=None):
    """One request of the JetStream API in rg2, tried again while there is no leader."""
    answer = {}

    def ask():
        nonlocal answer
        port = lab.nodes["rg2-n1"]["client_port"]
        answer = Client(port, "app").request("$JS.API.STREAM.%s.%s" % (verb, name), body or {})
        return answer is not None and (answer.get("error") or {}).get("code") != 503
    say.wait("%s %s answered" % (verb, name), ask, 30)
    return answer


def make(lab, say, name, **more):
    body = {"name": name, "num_replicas": 1, "storage": "file", **more}
    answer = api(lab, say, "CREATE", name, body)
    say.check("error" not in answer, "stream %s made %s" % (name, answer.get("error", "")))


def all_well(checker, lab, say):
    by = None

    def is_well():
        nonlocal by
        report = checker.json("--for", "3s")
        by = report["by"]
        return report["exit_code"] == 0 or None
    say.wait("all well is exit 0", is_well, 40)
    say.check(len(by) == 16 and all(check["evidence"] for check in by.values()),
              "16 checks, each with its evidence")
    in_place = version_of(lab) >= (2, 12)
    recipe = items(by["promotion"])["APP/AGENTESE_MIRROR"][1]
    say.check(("in place" if in_place else "restore") in recipe, "the recipe: " + recipe)
    say.check("3 definitions on 2 streams" in by["consumers"]["evidence"], "consumers are known")
    named = items(by["logins"])["rg2/operator.app"][1]
    say.check(("works as app of APP" if version_of(lab) >= (2, 10) else "cannot say as whom") in named,
              "the login: " + named)
    text = checker.run("--for", "2s")
    say.check(text.returncode == 0 and len(re.findall(r"(?m)^GO      \w+ +\d+s ", text.stdout)) == 16,
              "text: 16 lines of GO")
    prometheus = checker.run("--prometheus", "--for", "2s")
    say.check(prometheus.returncode == 0 and "farshore_check_status 0" in prometheus.stdout,
              "prometheus: status 0")


def logins(checker, lab, say):
    wrong = os.path.join(lab.dir, "password.wrong")
    with open(wrong, "w", encoding="utf-8") as file:
        file.write("n0t-the-passw0rd")
    os.chmod(wrong, 0o600)
    config = checker.edited("wrong", (r"app: \{user: app, password_file: [^}]*\}",
                                      "app: {user: app, password_file: \"%s\"}" % wrong))
    by = checker.expect("wrong password", {"logins": ("STOP",)}, config, (2,))
    found = items(by["logins"])
    say.check(found["rg2/operator.app"][0] == "STOP" and "uthorization" in found["rg2/operator.app"][1]
              and found["rg1/operator.app"][0] == "WARN" and found["rg2/operator.sys"][0] == "GO",
              "the standby's login stops, the primary's warns")
    shown = checker.run("--for", "2s", config=config)
    say.check("n0t-the-passw0rd" not in shown.stdout + shown.stderr, "no secret is shown")
    config = checker.edited("unable", (r"app: \{user: app, password_file: \"([^\"]*)app\"\}",
                                       r'app: {user: observe, password_file: "\1observe"}'))
    by = checker.expect("a login that may not", {"logins": ("STOP",)}, config, (2,))
    say.check("not able" in items(by["logins"])["rg2/operator.app"][1],
              items(by["logins"])["rg2/operator.app"][1])
    config = checker.edited("swapped", (r"sys: \{user: sys, password_file: \"([^\"]*)sys\"\}",
                                        r'sys: {user: app, password_file: "\1app"}'))
    by = checker.expect("not the system account", {"logins": ("STOP",)}, config, (2,))
    say.check("not able" in items(by["logins"])["rg2/operator.sys"][1],
              items(by["logins"])["rg2/operator.sys"][1])
    config = checker.edited("absent", (r"        app: \{user: app[^}]*\}\n", ""))
    by = checker.expect("no login", {"logins": ("STOP",)}, config, (2,))
    say.check(items(by["logins"])["rg2/operator.app"][1] == "is not configured", "it is said")


def streams(checker, lab, say):
    make(lab, say, "SCRATCH", subjects=["scratch.>"], placement={"cluster": "rg1"})
    by = checker.expect("a stream without a mirror", {"coverage": ("STOP",)}, None, (2,))
    say.check(items(by["coverage"])["APP/SCRATCH"][0] == "STOP", "it is named")
    config = checker.edited("accepted", (r"lag_warn: 3m\}", "lag_warn: 3m, accept_loss: [APP/SCR*]}"))
    by = checker.expect("its loss accepted", {}, config, (0,))
    say.check("accepted" in items(by["coverage"])["APP/SCRATCH"][1], "and said")
    api(lab, say, "DELETE", "SCRATCH")
    answer = api(lab, say, "CREATE", "THIEF", {"name": "THIEF", "subjects": ["agentese.task.>"],
                                               "num_replicas": 1, "placement": {"cluster": "rg2"}})
    say.check(answer["error"]["err_code"] == 10065, "within a meta group the server refuses an overlap")
    make(lab, say, "WORK", subjects=["work.>"], retention="workqueue", placement={"cluster": "rg1"})
    make(lab, say, "WORK_MIRROR", mirror={"name": "WORK"}, placement={"cluster": "rg2"})
    by = checker.expect("a work queue", {"retention": ("STOP",)}, None, (2,))
    say.check(by["retention"]["waivable"] and "APP/WORK_MIRROR" in items(by["retention"]), "waivable")
    api(lab, say, "DELETE", "WORK_MIRROR")
    api(lab, say, "DELETE", "WORK")


def metadata(checker, lab, say):
    if version_of(lab) < (2, 10):
        say("ok", "metadata: this server has none")
        return
    make(lab, say, "META", subjects=["meta.>"], placement={"cluster": "rg1"})
    make(lab, say, "META_MIRROR", mirror={"name": "META"}, placement={"cluster": "rg2"},
         metadata={"io.nats.monitor.peer-expect": "3"})
    by = checker.expect("the operators' own threshold", {"lag": ("WARN",)}, None, (1,))
    say.check("peer-expect" in items(by["lag"])["APP/META_MIRROR"][1], "it is named")
    api(lab, say, "DELETE", "META_MIRROR")
    api(lab, say, "DELETE", "META")


def buckets(checker, lab, say):
    api(lab, say, "DELETE", "FARSHORE_JOURNAL")
    by = checker.expect("journal missing", {"buckets": ("WARN",)}, None, (1,))
    say.check("nats stream add FARSHORE_JOURNAL" in by["buckets"]["remedy"], "with the command")
    api(lab, say, "DELETE", "KV_FARSHORE_LOCK")
    by = checker.expect("lock missing", {"buckets": ("STOP",)}, None, (2,))
    say.check("nats kv add FARSHORE_LOCK" in by["buckets"]["remedy"], "with the command")


def broken(checker, lab, say):
    """The buckets stay missing from here on."""
    lab.fault("stall", "rg1-rg2")
    wanted = {"buckets": ("STOP",), "fresh": ("WARN", "UNKNOWN"), "*": tuple(ORDER)}
    by = checker.expect("mirrors stopped", wanted, None, None, "4s")
    say.check(all(result in ("WARN", "UNKNOWN") for result, _ in items(by["fresh"]).values()),
              "both are named: %s" % items(by["fresh"]))
    lab.fault("heal", "rg1-rg2")
    lab.fault("cut", "here-rg1")
    by = checker.expect("a region out of reach", {"regions": ORDER[1:], "*": tuple(ORDER)}, None, None)
    say.check(items(by["regions"])["rg1"][0] != "GO", "rg1: %s" % (items(by["regions"])["rg1"],))
    say.check(items(by["logins"])["rg1/operator.app"][0] in ("UNKNOWN", "WARN"), "its login neither")
    lab.fault("heal", "here-rg1")
    lab.fault("kill", "rg1")
    unknown = ("UNKNOWN", "STOP", "WARN")
    by = checker.expect("a dead primary", {
        "regions": unknown, "coverage": ("UNKNOWN",), "complete": ("UNKNOWN",), "fresh": unknown,
        "lag": ("UNKNOWN",), "subjects": ("UNKNOWN",), "versions": ("UNKNOWN",),
        "consumers": ("UNKNOWN",), "*": tuple(ORDER)}, None, (2, 3))
    say.check(by["limits"]["result"] == "GO", "the standby is still known")


def with_arbiter(server, say):
    with Lab(FARSHORE, server, say, "--rate", "50") as lab:
        checker = Checker(lab, say)
        for part in (all_well, logins, streams, metadata, buckets, broken):
            part(checker, lab, say)


def without_arbiter(server, say):
    with Lab(FARSHORE, server, say, "--topology", "3+3", "--rate", "20") as lab:
        checker = Checker(lab, say)
        say.wait("a quorum is seen", lambda: checker.json()["by"]["quorum"]["result"] == "WARN", 40)
        by = checker.expect("3+3", {"quorum": ("WARN",)}, None, (1,), "3s")
        found = items(by["quorum"])
        is_new = version_of(lab) >= (2, 15)
        say.check(found["rg1"][0] == found["rg2"][0] == "WARN" and
                  ("`rescue`" in found["rg1"][1]) == is_new, "either region: " + found["rg1"][1])
        say.check("arbiter" in by["quorum"]["remedy"], "an arbiter is advised")


def run(job):
    server, part = job
    say = Say("check %s %s" % (os.path.basename(server).replace("nats-server-", ""),
                               "3+3+1" if part is with_arbiter else "3+3"))
    try:
        part(server, say)
        return True
    except Exception as error:  # pylint: disable=broad-except # one lab must not hide the others
        say("FAIL", repr(error))
        return False


def main():
    jobs = [(server, part) for server in nats_servers() for part in (with_arbiter, without_arbiter)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = list(pool.map(run, jobs))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
