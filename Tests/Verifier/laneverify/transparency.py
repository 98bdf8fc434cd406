"""Signed roots, proofs and key rotations, sections 7 and 8 of the record format."""

import hashlib

from . import strictjson
from .keys import ORIGINS, Trust, is_count, is_digest, is_hexadecimal, moment, read_key
from .records import STATEMENT, Envelope, Refused, algorithms, signatures

COMMON = {"schema", "lane", "epoch", "origin", "signing", "at"}


def _leaf(content):
    return hashlib.sha256(b"\x00" + content).digest()


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """MTH of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return _leaf(leaves[0])
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return _node(root(leaves[:half]), root(leaves[half:]))


def _raw(digest):
    return bytes.fromhex(digest.split(":")[1])


def is_included(leaf, index, size, path, expected):
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, digest = index, size - 1, _leaf(leaf)
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            digest = _node(step, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = _node(digest, step)
        node, last = node >> 1, last >> 1
    return last == 0 and digest == expected


def is_consistent(older, older_root, newer, newer_root, path):
    """RFC 9162, section 2.1.4.2."""
    if not 1 <= older <= newer:
        return False
    if older == newer:
        return not path and older_root == newer_root
    steps = ([older_root] if older & (older - 1) == 0 else []) + path
    if not steps:
        return False
    node, last = older - 1, newer - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = _node(step, first), _node(step, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = _node(second, step)
        node, last = node >> 1, last >> 1
    return last == 0 and first == older_root and second == newer_root


def statement(content, schema, members, body, trust, counter, required=(), allow_simulated=True):
    """Findings, payload and signers of a statement; the payload is None if anything in it is wrong."""
    try:
        envelope = Envelope(content, STATEMENT)
    except Refused as refused:
        return [str(refused)], None, []
    payload, findings = envelope.parsed()
    claim = None
    if payload is not None or findings != ["payload: evidence.not-json"]:
        if not isinstance(payload, dict):
            findings.append("payload: evidence.not-an-object")
            payload = {}
        findings += ["payload: evidence.member-unknown" for name in payload if name not in COMMON | members]
        if payload.get("schema") != schema:
            findings.append("payload.schema: evidence.schema-unknown")
        readable = True
        for name, holds in (
            ("lane", isinstance(payload.get("lane"), str) and payload["lane"] != ""),
            ("epoch", is_count(payload.get("epoch"))),
            ("origin", payload.get("origin") in ORIGINS),
        ):
            if not holds:
                findings.append(f"payload.{name}: evidence.member-invalid")
                readable = False
        signing = algorithms(payload.get("signing"), findings, "payload.signing")
        if moment(payload.get("at")) is None:
            findings.append("payload.at: evidence.member-invalid")
            readable = False
        if readable:
            problems, complete = body(payload)
            if complete:
                claim = {
                    "lane": payload["lane"], "origin": payload["origin"], "signing": signing,
                    "epoch": payload["epoch"], "counter": counter(payload), "time": payload["at"],
                }
                if payload["origin"] == "simulated" and not allow_simulated:
                    problems.append("payload.origin: evidence.simulated")
            findings += problems
    problems, signers = signatures(envelope, trust, claim, required)
    return findings + problems, payload if claim else None, signers


def head(content, trust, allow_simulated=False, required=()):
    """Findings and payload of a day's signed root."""

    def body(payload):
        problems = []
        day = payload.get("day")
        if not isinstance(day, str) or moment(f"{day}T00:00:00Z") is None:
            problems.append("payload.day: evidence.member-invalid")
        if not is_count(payload.get("size")):
            problems.append("payload.size: evidence.member-invalid")
        problems += [
            f"payload.{name}: evidence.member-invalid" for name in ("root", "head") if not is_digest(payload.get(name))
        ]
        return problems, not problems

    findings, payload, _ = statement(
        content, "laneagent.tree-head/1", {"day", "size", "root", "head"}, body, trust,
        lambda payload: payload["size"], required, allow_simulated,
    )
    return findings, payload


def epoch(content, trust, allow_simulated=True, required=()):
    """Findings and payload of the statement that opens an epoch."""

    def body(payload):
        problems = []
        after, first = payload.get("after"), payload.get("head")
        if not (is_count(after) or after == 0 and after is not False):
            problems.append("payload.after: evidence.member-invalid")
        if after == 0:
            if "head" not in payload or first is not None:
                problems.append("payload.head: evidence.member-invalid")
        elif not is_digest(first):
            problems.append("payload.head: evidence.member-invalid")
        if not isinstance(payload.get("reason"), str) or not payload["reason"]:
            problems.append("payload.reason: evidence.member-invalid")
        if payload["epoch"] < 2:
            problems.append("payload.epoch: evidence.member-invalid")
        return problems, not problems

    findings, payload, _ = statement(
        content, "laneagent.epoch/1", {"after", "head", "reason"}, body, trust,
        lambda payload: payload["after"] + 1, required, allow_simulated,
    )
    return findings, payload


def rooted(digests, payload):
    """What records say against a signed root."""
    place = f"head {payload['day']}"
    if len(digests) < payload["size"]:
        return [f"{place}: evidence.chain-truncated"]
    leaves = digests[: payload["size"]]
    if root([_raw(digest) for digest in leaves]) != _raw(payload["root"]) or leaves[-1] != payload["head"]:
        return [f"{place}: evidence.root-differs"]
    return []


def proof(content, heads):
    """What signed roots say against a proof."""
    try:
        value = strictjson.parse(content)
    except strictjson.NotJSON:
        return ["proof: evidence.not-json"]
    findings = []

    def invalid(name):
        findings.append(f"proof.{name}: evidence.member-invalid")

    value = value if isinstance(value, dict) else {}
    path = value.get("path")
    if not isinstance(path, list):
        invalid("path")
        path = []
    for index, step in enumerate(path):
        if not is_digest(step):
            invalid(f"path[{index}]")
    if not isinstance(value.get("lane"), str) or not value["lane"]:
        invalid("lane")
    schema = value.get("schema")
    counts = {"laneagent.inclusion-proof/1": ("counter", "size"), "laneagent.consistency-proof/1": ("older", "newer")}
    if schema not in counts:
        return findings + ["proof.schema: evidence.schema-unknown"]
    is_inclusion = schema == "laneagent.inclusion-proof/1"
    known = {"schema", "lane", "path", *counts[schema]} | ({"digest"} if is_inclusion else set())
    findings += ["proof: evidence.member-unknown" for name in value if name not in known]
    for name in counts[schema]:
        if not is_count(value.get(name)):
            invalid(name)
    if is_inclusion and not is_digest(value.get("digest")):
        invalid("digest")
    if findings:
        return findings
    roots = {head["size"]: _raw(head["root"]) for head in heads if head["lane"] == value["lane"]}
    steps = [_raw(step) for step in path]
    needed = [value["size"]] if is_inclusion else [value["older"], value["newer"]]
    if any(size not in roots for size in needed):
        return ["proof: evidence.head-lacking"]
    if is_inclusion:
        good = is_included(
            _raw(value["digest"]), value["counter"] - 1, value["size"], steps, roots[value["size"]]
        )
    else:
        older, newer = needed
        good = is_consistent(older, roots[older], newer, roots[newer], steps)
    return [] if good else ["proof.path: evidence.proof-wrong"]


def rotation(content, trust):
    """What is wrong with the statement that a key takes over from another."""
    new = None
    try:
        value = strictjson.parse(Envelope(content, STATEMENT).payload)
        new, _ = read_key(value.get("new"), "")
    except (Refused, strictjson.NotJSON, AttributeError):
        pass
    known = Trust([*trust.keys.values(), *([new] if new else [])])

    def body(payload):
        problems = []
        if not is_hexadecimal(payload.get("old")):
            problems.append("payload.old: evidence.member-invalid")
        key, faults = read_key(payload.get("new"), "payload.new")
        problems += faults
        if problems:
            return problems, False
        if "fromCounter" not in key.entry:
            problems.append("payload.new.fromCounter: evidence.member-invalid")
        if (
            key.lane != payload["lane"]
            or key.origin != payload["origin"]
            or payload["signing"] != [key.algorithm]
            or "revoked" in key.entry
            or key.id == payload["old"]
        ):
            problems.append("payload.new: evidence.statement-foreign")
        return problems, True

    findings, payload, signers = statement(
        content, "laneagent.key-rotation/1", {"old", "new"}, body, known, lambda _: None
    )
    if payload is None:
        return findings
    signed = {key.id for key in signers}
    for identifier in (payload["old"], payload["new"]["id"]):
        if identifier not in signed:
            findings.append("envelope.signatures: evidence.statement-signer")
    if payload["old"] not in trust.keys:
        findings.append("payload.old: evidence.key-unknown")
    return findings
