"""NATS keys and JWTs for tests, made with the openssl program: an operator, accounts, users.

The formats are those of the nkeys and jwt specifications of nats.io: base32 of a prefix, an Ed25519 key
and its CRC-16; a JWT of the algorithm ed25519-nkey whose id is a hash of its own claims.
"""
import base64
import hashlib
import json
import os
import subprocess
import time

PREFIX = {"operator": 14, "account": 0, "user": 20}
SEED = 18


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xffff
    return crc.to_bytes(2, "little")


def base32(data):
    return base64.b32encode(data + crc16(data)).rstrip(b"=").decode()


class Key:
    """One Ed25519 pair of a kind, its private half in a file of the folder."""

    def __init__(self, folder, name, kind):
        self.file, self.kind = os.path.join(folder, name + ".key.pem"), kind
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.file)
        secret = openssl("pkey", "-in", self.file, "-outform", "DER")[-32:]
        public = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")[-32:]
        self.public = base32(bytes([PREFIX[kind] << 3]) + public)
        prefix = PREFIX[kind] << 3
        first, second = SEED << 3 | prefix >> 5, (prefix & 31) << 3
        self.seed = base32(bytes([first, second]) + secret)
        self.folder = folder

    def sign(self, data):
        path = os.path.join(self.folder, "to-sign")
        with open(path, "wb") as out:
            out.write(data)
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", path)

    def claim(self, subject, name, nats):
        """A JWT about another key (or the own), signed by this one."""
        claims = {"iat": int(time.time()), "iss": self.public, "name": name, "sub": subject.public,
                  "nats": {**nats, "type": subject.kind, "version": 2}}
        text = json.dumps(claims, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).digest()
        claims["jti"] = base64.b32encode(digest).rstrip(b"=").decode()
        head = b64(json.dumps({"typ": "JWT", "alg": "ed25519-nkey"}).encode())
        body = head + "." + b64(json.dumps(claims, separators=(",", ":")).encode())
        return body + "." + b64(self.sign(body.encode()))


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def creds(token, seed):
    """The text of a creds file."""
    return ("-----BEGIN NATS USER JWT-----\n%s\n------END NATS USER JWT------\n\n"
            "-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------\n" % (token, seed))
