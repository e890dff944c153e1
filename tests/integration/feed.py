#!/usr/bin/env python3
"""feed.py TEST_FEED FEED_WATCH STANDIN: the feed against 3+3+1 servers that die, say goodbye and
return; then against a stand-in with many streams."""
import os
import subprocess
import sys
import time

from servers import KILL, TERM, Client, Servers, free_ports, wait_for_port

REGIONS = {"rg1": 3, "rg2": 3, "rg3": 1}
NODES = [f"{region}-n{i + 1}" for region, count in REGIONS.items() for i in range(count)]
ACCOUNTS = """
accounts {
  SYS { users: [ {user: sys, password: sys},
    {user: view, password: view, permissions: {
      publish: ["$SYS.REQ.SERVER.PING.>", "$SYS.REQ.USER.INFO"] }} ] }
  APP { jetstream: enabled, users: [{user: app, password: app}] }
}
system_account: SYS
"""


def urls(nodes, ports, offset):
    return ", ".join(f'"nats://127.0.0.1:{ports[node][offset]}"' for node in nodes)


def config(node, ports, folder):
    region = node[:3]
    mates = [other for other in NODES if other.startswith(region)]
    gateways = ", ".join(
        "{name: %s, urls: [%s]}" % (name, urls([n for n in NODES if n.startswith(name)], ports, 2))
        for name in REGIONS)
    client, route, gateway = ports[node]
    return f"""
server_name: {node}
listen: 127.0.0.1:{client}
cluster {{ name: {region}, listen: 127.0.0.1:{route}, routes: [{urls(mates, ports, 1)}] }}
gateway {{ name: {region}, listen: 127.0.0.1:{gateway}, gateways: [{gateways}] }}
jetstream {{ store_dir: "{folder}/{node}", max_mem: 64M, max_file: 1G }}
{ACCOUNTS}"""


def create(client, name, body, seconds=60):
    until = time.time() + seconds
    answer = None
    while time.time() < until:
        answer = client.request(f"$JS.API.STREAM.CREATE.{name}", {"name": name, **body})
        if answer is not None and "error" not in answer:
            return
        time.sleep(0.5)
    raise SystemExit(f"{name}: {answer}")


def make_streams(port):
    client = Client(port, "app")
    common = {"num_replicas": 3, "storage": "file", "retention": "limits"}
    for origin, subject in (("AGENTESE", "agentese.>"), ("EVENTS", "events.>")):
        create(client, origin, {**common, "subjects": [subject], "placement": {"cluster": "rg1"}})
        create(client, origin + "_MIRROR",
               {**common, "mirror": {"name": origin}, "placement": {"cluster": "rg2"}})


def run_test(program, servers, ports, number, goodbyes):
    """The test asks for the fault by making a file and for the return by another."""
    fault, heal = (os.path.join(servers.dir, word) for word in ("fault", "heal"))
    for file in (fault, heal):
        if os.path.exists(file):
            os.remove(file)
    places = " ".join(
        f"{region}=" + ",".join(f"nats://127.0.0.1:{ports[node][0]}" for node in NODES
                                if node.startswith(region)) for region in REGIONS)
    environment = {**os.environ, "FS_FEED_REGIONS": places, "FS_FEED_GOODBYES": str(goodbyes),
                   "FS_FEED_FAULT": f"touch {fault}", "FS_FEED_HEAL": f"touch {heal}"}
    test = subprocess.Popen([program], env=environment)
    lost = [node for node in NODES if node.startswith("rg1")]
    while test.poll() is None:
        if lost and os.path.exists(fault):
            for node in lost:
                servers.signal(node, number)
            os.remove(fault)
        if os.path.exists(heal):
            for node in lost:
                servers.start(node)
            os.remove(heal)
        time.sleep(0.05)
    return test.returncode == 0


def run_standin(watch, standin, servers, port):
    """2,000 streams a server: asked leaders only, decoded whole, nothing dropped."""
    servers.start("beside", f"listen: 127.0.0.1:{port}\nmax_payload: 64MB\n"
                            f"server_name: beside\n{ACCOUNTS}")
    wait_for_port(port)
    url = f"nats://127.0.0.1:{port}"
    fake = subprocess.Popen([standin, url, "sys", "3", "2000", "60"], stdout=subprocess.PIPE)
    try:
        fake.stdout.readline()
        done = subprocess.run([watch, "6", "1", "view", f"big1={url}", f"big2={url}"], check=False,
                              capture_output=True, text=True, timeout=60)
    finally:
        fake.kill()
        fake.wait()
    text = done.stdout
    print(text)
    figures = dict(line[2:].split(" ", 1) for line in text.splitlines() if line.startswith("# "))
    return (done.returncode == 0 and "could not be read" not in text and
            "dropped 0 " in figures.get("bridge:", "") and '"is_slowed":true' in text and
            int(figures.get("mirror", "0")) >= 2000 and "# closed: feed 0, library 0" in text)


def main():
    test, watch, standin = sys.argv[1:4]
    servers = Servers()
    numbers = free_ports(3 * len(NODES) + 1)
    ports = {node: numbers[3 * i:3 * i + 3] for i, node in enumerate(NODES)}
    for node in NODES:
        servers.start(node, config(node, ports, servers.dir))
    wait_for_port(ports["rg2-n1"][0])
    make_streams(ports["rg2-n1"][0])
    is_good = run_test(test, servers, ports, KILL, 0)
    is_good = run_test(test, servers, ports, TERM, 3) and is_good
    for node in NODES:
        servers.signal(node, KILL)
    is_good = run_standin(watch, standin, servers, numbers[-1]) and is_good
    sys.exit(0 if is_good else 1)


main()
