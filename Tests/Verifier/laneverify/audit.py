"""Exported audit trails, section 7 of the record format."""

from . import strictjson
from .keys import is_count, is_digest, sha256
from .transparency import statement

MEMBERS = {"number", "at", "kind", "detail", "previous"}


def head(content, trust, allow_simulated=False, required=()):
    """Findings and payload of the signed head of an audit trail."""

    def body(payload):
        problems = [] if is_count(payload.get("size")) else ["payload.size: evidence.member-invalid"]
        problems += [
            f"payload.{name}: evidence.member-invalid" for name in ("head", "file") if not is_digest(payload.get(name))
        ]
        return problems, not problems

    findings, payload, _ = statement(
        content, "laneagent.audit-head/1", {"size", "head", "file"}, body, trust, lambda _: None, required,
        allow_simulated,
    )
    return findings, payload


def entries(content, payload):
    """What a file of entries has against itself and against a head."""
    findings, previous = [], None
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        place = f"audit {number}"
        try:
            value = strictjson.parse(line)
            if not isinstance(value, dict):
                findings.append(f"{place}: evidence.not-an-object")
                value = {}
            findings += [f"{place}: evidence.member-unknown" for name in value if name not in MEMBERS]
            stated = value.get("number"), value.get("previous", "")
            if not is_count(stated[0]) or stated != (number, previous) or strictjson.canonical(value) != line:
                findings.append(f"{place}: evidence.audit-broken")
        except strictjson.NotJSON:
            findings.append(f"{place}: evidence.not-json")
        previous = sha256(line)
    if len(lines) != payload["size"]:
        findings.append("audit: evidence.audit-truncated")
    elif previous != payload["head"] or sha256(content) != payload["file"]:
        findings.append(f"audit {len(lines)}: evidence.audit-broken")
    return findings
