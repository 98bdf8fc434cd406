"""Keys, signatures and trust files, sections 3 and 6 of the record format."""

import base64
import binascii
import datetime
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from gmalg import SM2, SM3

from . import strictjson

IDENTITY = b"1234567812345678"
ALGORITHMS = ("ed25519", "sm2")
ORIGINS = ("measured", "simulated")
MEMBERS = {
    "algorithm", "id", "lane", "origin", "publicKey", "epoch", "fromCounter", "throughCounter", "notBefore",
    "notAfter", "revoked",
}


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def sm3(content):
    digest = SM3()
    digest.update(content)
    return "sm3:" + digest.value().hex()


def is_hexadecimal(text):
    return isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) is not None


def is_digest(value, algorithm="sha256"):
    return isinstance(value, str) and re.fullmatch(algorithm + ":[0-9a-f]{64}", value) is not None


def is_count(value, least=1):
    return type(value) is int and value >= least


def moment(value):
    """Seconds since 1970, or None for what is no RFC 3339 time."""
    if not isinstance(value, str):
        return None
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", value, re.ASCII)
    if not match:
        return None
    try:
        zone = match[2].replace("Z", "+00:00")
        return int(datetime.datetime.fromisoformat(match[1] + zone).timestamp())
    except ValueError:
        return None


def base64_bytes(text):
    """The bytes of padded base64 in its one spelling, or None."""
    if not isinstance(text, str):
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == text else None


class Key:
    """A public key of a trust file."""

    def __init__(self, entry, public_key):
        self.algorithm, self.lane, self.origin = entry["algorithm"], entry["lane"], entry["origin"]
        self.entry = entry
        self.public_key = public_key
        self.id = hashlib.sha256(public_key).hexdigest()

    def verifies(self, signature, message):
        if self.algorithm == "ed25519":
            try:
                Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
                return True
            except InvalidSignature:
                return False
        try:
            r, s = decode_dss_signature(signature)
        except ValueError:
            return False
        if r <= 0 or s <= 0 or max(r, s) >= 2**256 or encode_dss_signature(r, s) != signature:
            return False
        return SM2(uid=IDENTITY, pk=self.public_key).verify(message, r.to_bytes(32, "big"), s.to_bytes(32, "big"))

    def objection(self, epoch, counter, time):
        """The code of what keeps the key from signing this, or None."""
        entry = self.entry
        revoked = entry.get("revoked")
        if revoked and (counter is None or counter >= revoked["fromCounter"]):
            return "evidence.key-revoked"
        if "epoch" in entry and entry["epoch"] != epoch:
            return "evidence.key-of-other-epoch"
        if counter is not None and counter < entry.get("fromCounter", counter):
            return "evidence.key-not-yet-valid"
        if counter is not None and counter > entry.get("throughCounter", counter):
            return "evidence.key-no-longer-valid"
        at = moment(time)
        if "notBefore" in entry and (at is None or at < moment(entry["notBefore"])):
            return "evidence.key-not-yet-valid"
        if "notAfter" in entry and (at is None or at > moment(entry["notAfter"])):
            return "evidence.key-no-longer-valid"
        return None


def is_public_key(algorithm, content):
    if content is None:
        return False
    if algorithm == "ed25519":
        return len(content) == 32
    return len(content) == 65 and content[0] == 4 and SM2().verify_pk(content)


def read_key(entry, place):
    """A key and the findings about it."""
    if not isinstance(entry, dict):
        return None, [f"{place}: evidence.not-an-object", f"{place}.algorithm: evidence.member-invalid"]
    findings = [f"{place}: evidence.member-unknown" for name in entry if name not in MEMBERS]

    def invalid(name):
        findings.append(f"{place}.{name}: evidence.member-invalid")

    def text(name):
        return isinstance(entry.get(name), str) and entry[name] != ""

    if entry.get("algorithm") not in ALGORITHMS:
        invalid("algorithm")
    if not text("lane"):
        invalid("lane")
    if entry.get("origin") not in ORIGINS:
        invalid("origin")
    whole = not any(f"{place}.{name}:" in finding for name in ("algorithm", "lane", "origin") for finding in findings)
    for name, least in (("epoch", 1), ("fromCounter", 1), ("throughCounter", 0)):
        if name in entry and not is_count(entry[name], least):
            invalid(name)
    for name in ("notBefore", "notAfter"):
        if name in entry and moment(entry[name]) is None:
            invalid(name)
    if "revoked" in entry:
        revoked = entry["revoked"] if isinstance(entry["revoked"], dict) else {}
        if not isinstance(entry["revoked"], dict):
            findings.append(f"{place}.revoked: evidence.not-an-object")
        findings += [
            f"{place}.revoked: evidence.member-unknown" for name in revoked if name not in ("at", "fromCounter", "reason")
        ]
        if not is_count(revoked.get("fromCounter")):
            invalid("revoked.fromCounter")
        if moment(revoked.get("at")) is None:
            invalid("revoked.at")
        if not isinstance(revoked.get("reason"), str) or not revoked["reason"]:
            invalid("revoked.reason")
    if not whole:
        return None, findings
    public_key = base64_bytes(entry.get("publicKey"))
    if not is_public_key(entry["algorithm"], public_key):
        invalid("publicKey")
        return None, findings
    key = Key(entry, public_key)
    if not is_hexadecimal(entry.get("id")) or entry["id"] != key.id:
        invalid("id")
    return (None if findings else key), findings


class Trust:
    """The keys that verification believes."""

    def __init__(self, keys=()):
        self.keys = {}
        for key in keys:
            self.keys.setdefault(key.id, key)

    @staticmethod
    def read(content):
        """A trust file and the findings about it; only the first counts."""
        try:
            value = strictjson.parse(content)
        except strictjson.NotJSON:
            return None, ["trust –: evidence.not-json"]
        entries = value.get("keys") if isinstance(value, dict) else None
        if not isinstance(entries, list):
            return None, ["trust keys: document.expected.sequence"]
        if set(value) - {"keys", "digest"}:
            return None, ["trust –: evidence.member-unknown"]
        trust = Trust()
        for index, entry in enumerate(entries):
            key, findings = read_key(entry, f"keys[{index}]")
            if findings:
                return None, ["trust " + findings[0]]
            known = trust.keys.setdefault(key.id, key)
            if (known.lane, known.origin, known.algorithm) != (key.lane, key.origin, key.algorithm):
                return None, ["trust –: trust.enrolled-twice"]
        if "digest" in value and value["digest"] != sha256(strictjson.canonical(entries)):
            return None, ["trust digest: trust.digest"]
        return trust, []
