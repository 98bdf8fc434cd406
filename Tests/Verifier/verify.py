#!/usr/bin/env python3
"""Verifies records with the independent verifier, or runs it over the vectors.

verify.py --keys trust.json [--allow-simulated] [--require sm2]… [--schema schema.json] [--head head.json]…
    [--epoch epoch.json]… [--audit FOLDER] [--lane PROGRAM] envelope.json…   with PROGRAM also whole and damaged
    copies beside `lane verify`
verify.py --vectors vectors [--lane PROGRAM]   the table of corruptions; with PROGRAM, beside `lane verify`

With signed heads, the records are judged as a lane's whole chain, too, and under those heads. FOLDER is what
`lane audit export` wrote.
"""

import argparse
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema

from laneverify import audit, records, transparency
from laneverify.keys import Trust


def judge(folder, case):
    """What this verifier finds in a vector."""
    read = lambda name: (folder / name).read_bytes()
    trust, findings = Trust.read(read(case["trust"]))
    if trust is None:
        return findings
    options = {"allow_simulated": case["allowSimulated"], "required": case["require"]}
    if "record" in case:
        beside = (folder / case["record"]).parent
        return records.record(read(case["record"]), lambda name: content(beside / name), trust, **options)
    if "opening" in case:
        return transparency.epoch(read(case["opening"]), trust, **options)[0]
    if "audit" in case:
        found, payload = audit.head(read(case["head"]), trust, **options)
        return found + (audit.entries(read(case["audit"]), payload) if payload else [])
    if "rotation" in case:
        return transparency.rotation(read(case["rotation"]), trust)
    if "proof" in case:
        heads = [transparency.head(read(name), trust, **options)[1] for name in case["heads"]]
        return transparency.proof(read(case["proof"]), [head for head in heads if head])
    found, digests = [], []
    if "chain" in case:
        envelopes = [read(name) for name in case["chain"]]
        openings = [transparency.epoch(read(name), trust, **options) for name in case.get("openings", [])]
        found, digests = records.chain(
            envelopes, trust, through=case.get("through"), openings=openings, withheld=case.get("withheld", []),
            **options)
        if "head" not in case:
            return found
    if "head" in case:
        found, payload = transparency.head(read(case["head"]), trust, **options)
        return transparency.rooted(digests, payload) if "chain" in case else found
    return found


def content(path):
    return path.read_bytes() if path.is_file() else None


def beside(program, folder, case):
    """What LaneAgent finds in a vector, and who says so: the program where it has a command for what it is, or else the
    tests of its library, which write the file of cases and compare it with what they find each time.
    """
    if program and "record" in case:
        return "lane verify", by_program(
            program, folder / case["record"], folder / case["trust"], case["allowSimulated"], case["require"])
    return "its library", case["findings"]


def by_program(program, record, trust, allow_simulated, required):
    """What `lane verify` finds in a record."""
    command = [program, "verify", record, "--keys", trust, "--json"]
    command += ["--allow-simulated"] if allow_simulated else []
    for algorithm in required:
        command += ["--require", algorithm]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if not answer.stdout:
        return [answer.stderr.strip()]
    return [f"{finding['place']}: {finding['code']}" for finding in json.loads(answer.stdout)["findings"]]


def row(mark, name, here, there):
    """A line of the table of both implementations; several findings stand below each other."""
    here, there = here or ["valid"], there or ["valid"]
    for index in range(max(len(here), len(there))):
        left = here[index] if index < len(here) else ""
        right = there[index] if index < len(there) else ""
        print(f"{mark if index == 0 else ' '} {name if index == 0 else '':44} {left:68} {right}")


def run_vectors(folder, program):
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    failed, said = 0, {}
    row(" ", "what was done", ["found by the verifier in Python"], ["found by LaneAgent"])
    for case in cases:
        found = sorted(judge(folder, case))
        who, other = beside(program, folder, case)
        said[who] = said.get(who, 0) + 1
        agrees = found == sorted(case["findings"]) and found == sorted(other)
        failed += not agrees
        row(" " if agrees else "✗", case["name"], found, sorted(other))
        if not agrees:
            print(f"      {case['what']}; the file of cases has {case['findings']}")
    corrupt = sum(1 for case in cases if case["findings"])
    print(f"{len(cases) - failed} passed, {failed} failed")
    print(f"{corrupt} kinds of corruption, {len(cases) - corrupt} good ones")
    print("LaneAgent's side: " + ", ".join(f"{count} by {who}" for who, count in sorted(said.items())))
    return failed


def against_schema(path, schema):
    """What a JSON Schema says against a record's payload."""
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    payload = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    return [f"schema {error.json_path}: {error.message[:100]}" for error in validator.iter_errors(payload)]


def run_records(arguments):
    trust, findings = Trust.read(pathlib.Path(arguments.keys).read_bytes())
    if trust is None:
        print("\n".join(findings))
        return 1
    failed = 0
    for name in arguments.files:
        path = pathlib.Path(name)
        found = by_itself(path, trust, arguments)
        if arguments.schema and not found:
            found = against_schema(path, arguments.schema)
        if arguments.lane:
            found += disagreements(path, trust, arguments)
        failed += tell(name, found)
    if arguments.head or arguments.epoch:
        failed += run_chain(arguments, trust)
    if arguments.audit:
        failed += run_audit(arguments, trust)
    return failed


def tell(name, found):
    print(f"{name}: {'valid' if not found else 'NOT valid'}")
    print("".join(f"  {finding}\n" for finding in found), end="")
    return bool(found)


def by_itself(path, trust, arguments):
    return records.record(
        path.read_bytes(), lambda file: content(path.parent / file), trust, arguments.allow_simulated,
        arguments.require,
    )


def run_chain(arguments, trust):
    options = {"allow_simulated": arguments.allow_simulated, "required": arguments.require}
    envelopes = [pathlib.Path(name).read_bytes() for name in arguments.files]
    openings = [transparency.epoch(pathlib.Path(name).read_bytes(), trust, **options) for name in arguments.epoch]
    found, digests = records.chain(envelopes, trust, openings=openings, **options)
    failed = tell(f"chain of {len(envelopes)}", found)
    for name in arguments.head:
        found, payload = transparency.head(pathlib.Path(name).read_bytes(), trust, **options)
        failed += tell(name, found or transparency.rooted(digests, payload))
    return failed


def run_audit(arguments, trust):
    """Judges an exported audit trail."""
    folder = arguments.audit
    found, payload = audit.head(
        (folder / "audit-head.json").read_bytes(), trust, arguments.allow_simulated, arguments.require)
    if payload:
        found += audit.entries((folder / "audit.jsonl").read_bytes(), payload)
    return tell(f"{folder}: audit trail of {payload['size'] if payload else 0}", found)


def disagreements(path, trust, arguments):
    """Where this verifier and `lane verify` disagree on a record, as it is and with each of its files damaged; prints
    what both find.
    """
    differences = []
    names = sorted(file.name for file in path.parent.iterdir())
    for name in [None, *names]:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(shutil.copytree(path.parent, pathlib.Path(folder) / "record")) / path.name
            if name:
                damaged = bytearray((copy.parent / name).read_bytes())
                damaged[len(damaged) // 2] ^= 1
                (copy.parent / name).write_bytes(damaged)
            here = sorted(by_itself(copy, trust, arguments))
            there = sorted(
                by_program(arguments.lane, copy, arguments.keys, arguments.allow_simulated, arguments.require))
            row(" " if here == there else "✗", f"  a bit of {name}" if name else "  whole", here, there)
            if here != there:
                differences.append(f"{name or 'whole'}: here {here}, lane verify {there}")
            elif name and not here:
                differences.append(f"{name}: one bit is another, and nobody noticed")
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--keys")
    parser.add_argument("--allow-simulated", action="store_true")
    parser.add_argument("--require", action="append", default=[])
    parser.add_argument("--schema", type=pathlib.Path)
    parser.add_argument("--vectors", type=pathlib.Path)
    parser.add_argument("--head", action="append", default=[])
    parser.add_argument("--epoch", action="append", default=[])
    parser.add_argument("--audit", type=pathlib.Path)
    parser.add_argument("--lane")
    arguments = parser.parse_args()
    if arguments.vectors:
        return 1 if run_vectors(arguments.vectors, arguments.lane) else 0
    if not arguments.keys or not arguments.files:
        parser.error("--keys and at least one envelope, or --vectors")
    return 1 if run_records(arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
