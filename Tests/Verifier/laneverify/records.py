"""Envelopes, records and chains, sections 2, 4 and 5 of the record format."""

import re

from . import strictjson
from .keys import ALGORITHMS, ORIGINS, base64_bytes, is_count, is_digest, is_hexadecimal, sha256, sm3

RECORD = "application/vnd.laneagent.record+json"
STATEMENT = "application/vnd.laneagent.statement+json"
SCHEMA = "laneagent.record/1"


class Refused(Exception):
    """An envelope that cannot be read, with its one finding."""


class Envelope:
    """A DSSE envelope, read strictly."""

    def __init__(self, content, kind=RECORD):
        try:
            value = strictjson.parse(content)
        except strictjson.NotJSON as error:
            raise Refused("envelope: evidence.not-json") from error
        self._expect(value, ("payload", "payloadType", "signatures"), "envelope")
        if value["payloadType"] != kind:
            raise Refused("envelope.payloadType: evidence.payload-type")
        self.payload = base64_bytes(value["payload"])
        if self.payload is None:
            raise Refused("envelope.payload: evidence.base64")
        if not isinstance(value["signatures"], list) or not value["signatures"]:
            raise Refused("envelope.signatures: evidence.no-signatures")
        self.signatures = []
        for index, entry in enumerate(value["signatures"]):
            place = f"envelope.signatures[{index}]"
            self._expect(entry, ("keyid", "sig"), place)
            if not is_hexadecimal(entry["keyid"]):
                raise Refused(f"{place}.keyid: evidence.key-id-malformed")
            if self.signatures and self.signatures[-1][0] >= entry["keyid"]:
                raise Refused(f"{place}.keyid: evidence.signature-order")
            signature = base64_bytes(entry["sig"])
            if signature is None:
                raise Refused(f"{place}.sig: evidence.base64")
            self.signatures.append((entry["keyid"], signature))
        if strictjson.canonical(value) != content:
            raise Refused("envelope: evidence.not-canonical")
        self.message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(self.payload), self.payload)
        self.digest = sha256(self.payload)

    @staticmethod
    def _expect(value, names, place):
        if not isinstance(value, dict):
            raise Refused(f"{place}: evidence.not-an-object")
        if any(name not in value for name in names):
            raise Refused(f"{place}: evidence.member-missing")
        if any(name not in names for name in value):
            raise Refused(f"{place}: evidence.member-unknown")

    def parsed(self):
        """The payload's value and the findings about its spelling."""
        try:
            value = strictjson.parse(self.payload)
            if strictjson.canonical(value) != self.payload:
                return value, ["payload: evidence.not-canonical"]
            return value, []
        except strictjson.NotJSON:
            return None, ["payload: evidence.not-json"]


def signatures(envelope, trust, claim, required):
    """Findings about the signatures, and the keys whose signatures are good.

    The claim is what the payload says of itself: lane, origin, signing, epoch, counter, time; None if unreadable.
    """
    findings, signers = [], []
    for index, (key_id, signature) in enumerate(envelope.signatures):
        place = f"envelope.signatures[{index}]"
        key = trust.keys.get(key_id)
        if key is None:
            findings.append(f"{place}.keyid: evidence.key-unknown")
            continue
        if not key.verifies(signature, envelope.message):
            findings.append(f"{place}.sig: evidence.signature-bad")
            continue
        signers.append(key)
        if claim is None:
            continue
        if key.algorithm not in claim["signing"]:
            findings.append(f"{place}.keyid: evidence.signature-unnamed")
        if key.lane != claim["lane"]:
            findings.append(f"{place}.keyid: evidence.key-of-other-lane")
        if key.origin != claim["origin"]:
            findings.append(f"{place}.keyid: evidence.key-of-other-origin")
        objection = key.objection(claim["epoch"], claim["counter"], claim["time"])
        if objection:
            findings.append(f"{place}.keyid: {objection}")
    used = {key.algorithm for key in signers}
    promised = claim["signing"] if claim else []
    findings += ["envelope.signatures: evidence.signature-missing" for name in promised if name not in used]
    findings += [
        "envelope.signatures: evidence.signature-required"
        for name in required
        if name not in used and name not in promised
    ]
    return findings, signers


def algorithms(value, findings, place):
    """The algorithms of a `signing` member."""
    if not isinstance(value, list) or not value:
        findings.append(f"{place}: evidence.member-invalid")
        return []
    found = []
    for index, name in enumerate(value):
        if name not in ALGORITHMS or name in found:
            findings.append(f"{place}[{index}]: evidence.member-invalid")
        else:
            found.append(name)
    return found


def is_plain(name):
    return (
        isinstance(name, str)
        and re.fullmatch("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", name) is not None
        and name != "envelope.json"
    )


def header(payload):
    """The header of a record's payload, None if anything is wrong with it, and the findings."""
    if not isinstance(payload, dict):
        return None, ["payload: evidence.not-an-object"]
    findings = []

    def check(holds, name):
        if not holds:
            findings.append(f"payload.{name}: evidence.member-invalid")
        return holds

    if payload.get("schema") != SCHEMA:
        findings.append("payload.schema: evidence.schema-unknown")
    lane = payload["lane"].get("id") if isinstance(payload.get("lane"), dict) else None
    check(isinstance(lane, str) and lane != "", "lane.id")
    check(is_count(payload.get("epoch")), "epoch")
    counter = payload.get("counter")
    if not check(is_count(counter), "counter"):
        counter = None
    check(payload.get("origin") in ORIGINS, "origin")
    previous = payload.get("previous", 0)
    if counter == 1:
        check(previous is None, "previous")
    elif counter is None:
        check(previous is None or is_digest(previous), "previous")
    else:
        check(is_digest(previous), "previous")
    signing = algorithms(payload.get("signing"), findings, "payload.signing")
    attachments = []
    entries = payload.get("attachments")
    if check(isinstance(entries, list), "attachments"):
        for index, entry in enumerate(entries):
            entry = entry if isinstance(entry, dict) else {}
            place = f"attachments[{index}]"
            sound = check(is_digest(entry.get("sha256")), f"{place}.sha256")
            sound = check(is_count(entry.get("size"), 0), f"{place}.size") and sound
            name = entry.get("name")
            if not check(is_plain(name) and name not in [other["name"] for other in attachments], f"{place}.name"):
                continue
            if "sm2" in signing:
                check(is_digest(entry.get("sm3"), "sm3"), f"{place}.sm3")
            else:
                check("sm3" not in entry, f"{place}.sm3")
            if sound:
                attachments.append(entry)
    if findings:
        return None, findings
    time = payload.get("time")
    return {
        "lane": lane, "epoch": payload["epoch"], "counter": counter, "origin": payload["origin"],
        "previous": previous, "signing": signing, "attachments": attachments,
        "time": time.get("ended") if isinstance(time, dict) else None,
    }, []


def seal(content, trust, allow_simulated, required):
    """Envelope, payload and signatures of a record: header, digest, findings."""
    try:
        envelope = Envelope(content)
    except Refused as refused:
        return None, None, [str(refused)]
    payload, findings = envelope.parsed()
    claim = None
    if findings != ["payload: evidence.not-json"]:
        claim, problems = header(payload)
        findings += problems
        if claim and claim["origin"] == "simulated" and not allow_simulated:
            findings.append("payload.origin: evidence.simulated")
    problems, _ = signatures(envelope, trust, claim, required)
    return claim, envelope.digest, findings + problems


def attachment(entry, content):
    """What keeps a file from being the one that was sealed."""
    place = f"attachment {entry['name']}"
    if content is None:
        return [f"{place}: evidence.attachment-missing"]
    if len(content) != entry["size"]:
        return [f"{place}: evidence.attachment-size"]
    if sha256(content) != entry["sha256"] or ("sm3" in entry and sm3(content) != entry["sm3"]):
        return [f"{place}: evidence.attachment-digest"]
    return []


def record(content, files, trust, allow_simulated=False, required=()):
    """Everything that is wrong with a record; `files` gives an attachment's bytes by its name."""
    claim, _, findings = seal(content, trust, allow_simulated, required)
    for entry in claim["attachments"] if claim else []:
        findings += attachment(entry, files(entry["name"]))
    return findings


def chain(contents, trust, allow_simulated=False, required=(), through=None, openings=(), withheld=()):
    """Everything that is wrong with records in the order in which they were stored, and their digests by number.

    `openings` holds findings and payload of each statement that opens an epoch; `withheld` holds epoch, counter and digest
    of records whose envelopes are gone.
    """
    findings, links = [], []
    for index, content in enumerate(contents):
        claim, digest, problems = seal(content, trust, allow_simulated, required)
        place = f"record {claim['counter']}" if claim else f"envelope {index}"
        findings += [f"{place} {finding}" for finding in problems]
        if claim:
            links.append((claim["epoch"], claim["counter"], digest, claim))
    for one, other in zip(links, links[1:]):
        if other[:2] < one[:2]:
            findings.append(f"record {other[1]} payload.counter: evidence.chain-order")
    links += [(entry["epoch"], entry["counter"], entry["digest"], None) for entry in withheld]
    links.sort(key=lambda link: link[:2])
    lane = next((link[3]["lane"] for link in links if link[3]), None)
    known = _openings(openings, lane, findings)
    base = links[0][0] if links else None
    epoch, expected, before, line, unopened = None, 1, {None}, [], set()
    for entered, counter in sorted({link[:2] for link in links}):
        same = [link for link in links if link[:2] == (entered, counter)]
        if entered != epoch:
            if entered in known:
                after, head = known[entered]["after"], known[entered]["head"]
                line = [link for link in line if link[1] <= after]
                last = [link[2] for link in line if link[1] == after]
                if last and head not in last:
                    findings.append(f"epoch {entered} payload.head: evidence.epoch-head")
                expected, before = min(expected, after + 1), {head}
            elif entered != base:
                unopened.add(entered)
            epoch = entered
        place = f"record {counter} payload"
        if counter != expected:
            code = "evidence.chain-gap" if counter > expected else "evidence.counter-unexpected"
            findings.append(f"{place}.counter: {code}")
            before = None
        if len(same) > 1:
            fork = len({link[2] for link in same}) > 1
            findings.append(f"{place}.counter: evidence.chain-{'fork' if fork else 'repeated'}")
        for link in same:
            if before is not None and link[3] and link[3]["previous"] not in before:
                findings.append(f"{place}.previous: evidence.chain-broken")
            if entered in unopened:
                findings.append(f"{place}.epoch: evidence.chain-other-epoch")
            if link[3] and link[3]["lane"] != lane:
                findings.append(f"{place}.lane.id: evidence.chain-other-lane")
        line += same
        before, expected = {link[2] for link in same}, counter + 1
    if through is not None and (line[-1][1] if line else 0) < through:
        findings.append(f"record {through}: evidence.chain-truncated")
    return findings, [link[2] for link in line]


def _openings(openings, lane, findings):
    """The statements that open epochs, by epoch; those with any finding open nothing."""
    known = {}
    for index, (problems, payload) in enumerate(openings):
        if problems or payload is None:
            findings += [f"opening {index} {problem}" for problem in problems]
        elif lane is not None and payload["lane"] != lane:
            findings.append(f"epoch {payload['epoch']} payload.lane: evidence.chain-other-lane")
        elif known.get(payload["epoch"], payload) != payload:
            findings.append(f"epoch {payload['epoch']} payload.epoch: evidence.epoch-fork")
        else:
            known[payload["epoch"]] = payload
    return known
