#!/usr/bin/env python3
"""conn.py TEST_CONN: users, tokens, nkeys and TLS against real servers, good and bad."""
import json
import os
import subprocess
import sys

from servers import Servers, free_ports, wait_for_port

# The example pair of the NATS documentation; it opens nothing but this test's server.
SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

servers = Servers()
failed = []


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, cwd=servers.dir, capture_output=True)


def make_certificates():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=test ca", "-days", "2")
    for name, alternative in (("good", "DNS:localhost,IP:127.0.0.1"), ("other", "DNS:elsewhere")):
        with open(f"{servers.dir}/{name}.ext", "w", encoding="utf-8") as out:
            out.write(f"subjectAltName={alternative}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", f"{name}.pem", "-days", "2", "-extfile", f"{name}.ext")


def check(program, title, expected, **fields):
    path = os.path.join(servers.dir, "context.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(fields, out)
    done = subprocess.run([program, path, expected, "8"], capture_output=True, text=True,
                          timeout=60, check=False)
    text = done.stdout + done.stderr
    is_secret_out = any(secret in text for secret in ("s3cret", SEED))
    is_good = done.returncode == 0 and not is_secret_out
    print("ok  " if is_good else "FAIL", title)
    if not is_good:
        print(text)
        failed.append(title)


def main():
    program = sys.argv[1]
    plain, token, nkey, tls, other, nobody = free_ports(6)
    make_certificates()
    cert = 'tls {{ cert_file: "{0}/{1}.pem", key_file: "{0}/{1}.key" }}\n'
    user = "authorization { user: u, password: s3cret }\n"
    servers.start("plain", f"listen: 127.0.0.1:{plain}\n{user}")
    servers.start("token", f"listen: 127.0.0.1:{token}\nauthorization {{ token: s3cret }}\n")
    servers.start("nkey", f"listen: 127.0.0.1:{nkey}\n"
                          f"authorization {{ users: [{{nkey: {PUBLIC}}}] }}\n")
    servers.start("tls", f"listen: 127.0.0.1:{tls}\n{user}" + cert.format(servers.dir, "good"))
    servers.start("other", f"listen: 127.0.0.1:{other}\n{user}" + cert.format(servers.dir, "other"))
    for port in (plain, token, nkey, tls, other):
        wait_for_port(port)
    seed = os.path.join(servers.dir, "seed.nk")
    with open(seed, "w", encoding="utf-8") as out:
        out.write(SEED + "\n")
    url = "nats://127.0.0.1:{}".format
    ca = servers.dir + "/ca.pem"
    login = {"user": "u", "password": "s3cret"}
    check(program, "user and password", "up", url=url(plain), **login)
    check(program, "user in the URL", "up", url=f"nats://u:s3cret@127.0.0.1:{plain}")
    check(program, "wrong password", "uthorization", url=url(plain), user="u", password="s3cret2")
    check(program, "token", "up", url=url(token), token="s3cret")
    check(program, "nkey", "up", url=url(nkey), nkey=seed)
    check(program, "nkey file missing", "nkey file", url=url(nkey), nkey=seed + "x")
    check(program, "TLS with the CA", "up", url=url(tls), ca=ca, **login)
    check(program, "TLS without the CA", "SSL", url=f"tls://127.0.0.1:{tls}", **login)
    check(program, "TLS for another host", "SSL", url=url(other), ca=ca, **login)
    check(program, "tls_first", "tls_first", url=url(tls), tls_first=True, **login)
    check(program, "nobody there", "erver", url=url(nobody), **login)
    check(program, "first URL dead", "up", url=f"{url(nobody)},{url(plain)}", **login)
    sys.exit(1 if failed else 0)


main()
