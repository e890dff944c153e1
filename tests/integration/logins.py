#!/usr/bin/env python3
"""Every way to log in, as `farshore status` is configured with it: let in, and refused with the reason.

usage: logins.py FARSHORE

Token, nkey, user and password, creds of an operator's account (JWT), TLS with an own CA and with a
client's certificate, contexts of the nats CLI. A refusal shows its reason and never a secret. For every
server of FARSHORE_NATS_SERVERS; the test makes its own keys with openssl.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import threading

from labs import Failure, Say, Watch, nats_servers
from nkeys import Key, creds, openssl
from servers import Servers, free_ports, wait_for_port

FARSHORE = sys.argv[1]
SECRET = "s3cret-w0rd"


def make_certificates(folder):
    """A CA, a server's certificate for this host, one for another, a client's."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/ca.key", "-out",
            folder + "/ca.pem", "-subj", "/CN=test ca", "-days", "2")
    for name, alternative in (("good", "DNS:localhost,IP:127.0.0.1"), ("other", "DNS:elsewhere"),
                              ("client", "email:view@example.org")):
        base = os.path.join(folder, name)
        with open(base + ".ext", "w", encoding="utf-8") as out:
            out.write("subjectAltName=%s\n" % alternative)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", base + ".key", "-out",
                base + ".csr", "-subj", "/CN=" + name)
        openssl("x509", "-req", "-in", base + ".csr", "-CA", folder + "/ca.pem", "-CAkey",
                folder + "/ca.key", "-CAcreateserial", "-out", base + ".pem", "-days", "2",
                "-extfile", base + ".ext")
        os.chmod(base + ".key", 0o600)


class Place:
    """Servers that each want another login, and the files that open them."""

    def __init__(self, server):
        self.servers = Servers()
        self.servers.path = server
        self.dir = self.servers.dir
        self.ports = {}
        self.secrets = [SECRET]
        make_certificates(self.dir)
        self.user, self.stranger = (Key(self.dir, name, "user") for name in ("view", "stranger"))
        self.secrets += [self.user.seed, self.stranger.seed]

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(path, mode)
        return path

    def start(self, name, more):
        port, route = free_ports(2)
        self.ports[name] = port
        self.servers.start(name, 'server_name: "%s"\nlisten: "127.0.0.1:%d"\n'
                           'cluster { name: rg1, listen: "127.0.0.1:%d" }\n%s' % (name, port, route, more))

    def system_user(self, user, rest=""):
        return "accounts { SYS { users: [ {%s} ] } }\nsystem_account: SYS\n%s" % (user, rest)

    def start_all(self):
        password = 'user: view, password: "%s"' % SECRET
        tls = 'tls {{ cert_file: "%s/{0}.pem", key_file: "%s/{0}.key" {1} }}' % (self.dir, self.dir)
        self.start("password", self.system_user(password))
        self.start("token", 'authorization { token: "%s" }\n' % SECRET)
        self.start("nkey", self.system_user('nkey: "%s"' % self.user.public))
        self.start("tls", self.system_user(password, tls.format("good", "")))
        self.start("other", self.system_user(password, tls.format("other", "")))
        self.start("mutual", self.system_user(
            password, tls.format("good", ', ca_file: "%s/ca.pem", verify: true' % self.dir)))
        self.start("operator", self.operator())
        for port in self.ports.values():
            wait_for_port(port)

    def operator(self):
        """An operator with one account, the system's, and a user in it, all as JWT."""
        operator = Key(self.dir, "operator", "operator")
        account = Key(self.dir, "account", "account")
        self.secrets += [operator.seed, account.seed]
        limits = {"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
                  "wildcards": True, "conn": -1, "leaf": -1}
        of_account = operator.claim(account, "SYS", {"limits": limits})
        of_operator = operator.claim(operator, "test", {"system_account": account.public})
        of_user = {"subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {}}
        for name, user in (("view", self.user), ("mixed", self.stranger)):
            token = account.claim(self.user, "view", of_user)
            self.write(name + ".creds", creds(token, user.seed))
        return ('operator: "%s"\nsystem_account: "%s"\nresolver: MEMORY\n'
                'resolver_preload: { %s: "%s" }\n'
                % (self.write("operator.jwt", of_operator), account.public, account.public, of_account))

    def context(self, name, **fields):
        folder = os.path.join(self.dir, "xdg", "nats", "context")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as out:
            json.dump(fields, out)
        return "{context: %s}" % name


def look(place, title, nats, seconds):
    """What one look of `status` says of this login: its region and the whole output."""
    config = place.write("%s.yaml" % title.replace(" ", "-"),
                         "version: 1\nregions:\n  - {name: rg1, role: primary, nats: %s}\n" % nats)
    environment = {**os.environ, "XDG_CONFIG_HOME": os.path.join(place.dir, "xdg"),
                   "VIEW_PASSWORD": SECRET, "VIEW_SEED": place.user.seed}
    done = subprocess.run([FARSHORE, "--config", config, "status", "--json", "--for", "%ds" % seconds],
                          env=environment, text=True, capture_output=True, timeout=60, check=False)
    if not done.stdout:
        raise Failure("%s: exit %d: %s" % (title, done.returncode, done.stderr))
    line = json.loads(done.stdout)
    return line, line["regions"][0], done.stdout + done.stderr


def check(place, say, title, server, nats, refused=None):
    """`refused`: a word of the reason; None: let in, and where it is the system account, answered."""
    # On a busy machine 22 consoles may not all be connected within three seconds.
    for seconds in (3, 12):
        line, found, text = look(place, title, nats, seconds)
        if found["connection"] == "up" or found["connection_reason"]:
            break
    say.check(not any(secret in text for secret in place.secrets), "%s: no secret in the output" % title)
    if refused is not None:
        reason = found["connection_reason"] or ""
        say.check(found["connection"] != "up" and refused.lower() in reason.lower()
                  and line["exit_code"] == 3,
                  "%s: refused and shown: %s" % (title, reason))
        return
    names = [row["name"] for row in line["servers"] if row["state"] == "UP"]
    # A token belongs to no system account, so that its server can be reached but not asked.
    say.check(found["connection"] == "up" and (names == [server] or server == "token"),
              "%s: connected, %s answers" % (title, names or "nothing"))


def rows(place):
    """(title, server, the region's `nats`, a word of the reason when it is to be refused)"""
    folder = place.dir
    plain = {name: 'urls: ["nats://127.0.0.1:%d"]' % port for name, port in place.ports.items()}
    secret = place.write("secret", SECRET + "\n")
    seed = place.write("seed", place.user.seed + "\n")
    strange = place.write("strange", place.stranger.seed + "\n")
    login = "view: {user: view, password_file: %s}" % secret
    url = {name: "nats://127.0.0.1:%d" % port for name, port in place.ports.items()}
    ca = "%s/ca.pem" % folder
    yield "password file", "password", "{%s, %s}" % (plain["password"], login), None
    yield ("password variable", "password", "{%s, view: {user: view, password_env: VIEW_PASSWORD}}"
           % plain["password"], None)
    yield ("password wrong", "password", "{%s, view: {user: view, password_file: %s}}"
           % (plain["password"], seed), "authorization")
    yield "token", "token", "{%s, view: {token_file: %s}}" % (plain["token"], secret), None
    yield "token wrong", "token", "{%s, view: {token_file: %s}}" % (plain["token"], seed), "authorization"
    yield "nkey file", "nkey", "{%s, view: {nkey_file: %s}}" % (plain["nkey"], seed), None
    yield "nkey variable", "nkey", "{%s, view: {nkey_env: VIEW_SEED}}" % plain["nkey"], None
    yield "nkey of a stranger", "nkey", "{%s, view: {nkey_file: %s}}" % (plain["nkey"], strange), \
        "authorization"
    yield ("creds", "operator", "{%s, view: {creds_file: %s/view.creds}}" % (plain["operator"], folder),
           None)
    yield ("creds with a strange seed", "operator",
           "{%s, view: {creds_file: %s/mixed.creds}}" % (plain["operator"], folder), "authorization")
    yield "creds not sent", "operator", "{%s}" % plain["operator"], "authorization"
    yield "TLS", "tls", "{%s, tls: {ca: %s}, %s}" % (plain["tls"], ca, login), None
    yield "TLS without its CA", "tls", "{%s, tls: {}, %s}" % (plain["tls"], login), "certificate"
    yield ("TLS for another host", "other", "{%s, tls: {ca: %s}, %s}" % (plain["other"], ca, login),
           "mismatch")
    yield ("TLS with a certificate", "mutual", "{%s, tls: {ca: %s, cert: %s/client.pem, key: "
           "%s/client.key}, %s}" % (plain["mutual"], ca, folder, folder, login), None)
    yield ("TLS without a certificate", "mutual", "{%s, tls: {ca: %s}, %s}"
           % (plain["mutual"], ca, login), "")
    yield "context", "password", place.context("plain", url=url["password"], user="view",
                                               password=SECRET), None
    yield "context creds", "operator", place.context("jwt", url=url["operator"],
                                                     creds=folder + "/view.creds"), None
    yield "context nkey", "nkey", place.context("nk", url=url["nkey"], nkey=seed), None
    yield "context TLS", "tls", place.context("tls", url=url["tls"], ca=ca, user="view",
                                              password=SECRET), None
    yield "context missing", "password", "{context: nowhere}", "context"


def check_later(place, say):
    """A password file that is written after the start, or mended after a refusal, is found without a
    restart; the other region's connection does not wait for it."""
    late = os.path.join(place.dir, "late")
    ready = place.write("ready", SECRET + "\n")
    mended = place.write("mended", "not it\n")
    url = "nats://127.0.0.1:%d" % place.ports["password"]
    region_of = "  - {name: %s, role: %s, nats: {urls: [\"%s\"], view: {user: view, password_file: %s}}}\n"
    config = place.write("later.yaml", "version: 1\nregions:\n" + region_of % ("rg1", "primary", url, late)
                         + region_of % ("rg2", "standby", url, ready)
                         + region_of % ("rg3", "arbiter", url, mended))

    def is_up(line, row):
        return line["regions"][row]["connection"] == "up"
    with Watch(FARSHORE, config, say) as watch:
        watch.wait("a file that is missing is named", lambda line: "late" in
                   (line["regions"][0]["connection_reason"] or ""), 5, 0.001)
        watch.wait("the other region does not wait for it", lambda line: is_up(line, 1), 5, 0.001)
        watch.wait("the wrong password is refused", lambda line: "Authorization" in
                   (line["regions"][2]["connection_reason"] or ""), 5, 0.001)
        place.write("late", SECRET + "\n")
        place.write("mended", SECRET + "\n")
        watch.wait("the file is found", lambda line: is_up(line, 0), 15)
        watch.wait("the mended file is read anew", lambda line: is_up(line, 2), 15)


def run(server):
    say = Say("logins " + os.path.basename(server).replace("nats-server-", ""))
    place = Place(server)
    place.start_all()
    failed = []

    def one(row):
        try:
            check(place, say, row[0], row[1], row[2], row[3])
        except Failure as failure:
            failed.append(str(failure))
        except Exception as error:  # pylint: disable=broad-except # one row must not hide the others
            say("FAIL", "%s: %r" % (row[0], error))
            failed.append(row[0])
    threads = []
    for row in rows(place):
        threads.append(threading.Thread(target=one, args=(row,)))
        threads[-1].start()
        if len(threads) % 11 == 0:
            for thread in threads:
                thread.join()
    try:
        check_later(place, say)
    except Failure as failure:
        failed.append(str(failure))
    for thread in threads:
        thread.join()
    place.servers.end()
    return not failed


def main():
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = list(pool.map(run, nats_servers()))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
