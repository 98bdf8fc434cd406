#!/usr/bin/env python3
"""Verifies records with the independent verifier, or runs it over the vectors.

verify.py --keys trust.json [--allow-simulated] [--require sm2]… [--schema schema.json] envelope.json…
verify.py --vectors vectors [--lane PROGRAM]   the table of corruptions; with PROGRAM, beside `lane verify`
"""

import argparse
import base64
import json
import pathlib
import subprocess
import sys

import jsonschema

from laneverify import records, transparency
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
    if "rotation" in case:
        return transparency.rotation(read(case["rotation"]), trust)
    if "proof" in case:
        heads = [transparency.head(read(name), trust, **options)[1] for name in case["heads"]]
        return transparency.proof(read(case["proof"]), [head for head in heads if head])
    found, digests = [], []
    if "chain" in case:
        envelopes = [read(name) for name in case["chain"]]
        found, digests = records.chain(envelopes, trust, through=case.get("through"), **options)
        if "head" not in case:
            return found
    if "head" in case:
        found, payload = transparency.head(read(case["head"]), trust, **options)
        return transparency.rooted(digests, payload) if "chain" in case else found
    return found


def content(path):
    return path.read_bytes() if path.is_file() else None


def beside(program, folder, case):
    """What `lane verify` finds in a record's vector; None for what is no record."""
    if "record" not in case:
        return None
    command = [program, "verify", folder / case["record"], "--keys", folder / case["trust"], "--json"]
    command += ["--allow-simulated"] if case["allowSimulated"] else []
    for algorithm in case["require"]:
        command += ["--require", algorithm]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if not answer.stdout:
        return [answer.stderr.strip()]
    return [f"{finding['place']}: {finding['code']}" for finding in json.loads(answer.stdout)["findings"]]


def run_vectors(folder, program):
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        found = judge(folder, case)
        agrees = sorted(found) == sorted(case["findings"])
        other = beside(program, folder, case) if program else None
        agrees = agrees and (other is None or sorted(other) == sorted(found))
        failed += not agrees
        print(f"{'  ' if agrees else '✗ '}{case['name']:26} {case['what']:55} {found[0] if found else 'valid'}")
        if not agrees:
            print(f"      here {found}\n      LaneAgent {case['findings']}\n      lane verify {other}")
    corrupt = sum(1 for case in cases if case["findings"])
    print(f"{len(cases) - failed} passed, {failed} failed")
    print(f"{corrupt} kinds of corruption, {len(cases) - corrupt} good ones")
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
        found = records.record(
            path.read_bytes(), lambda file, path=path: content(path.parent / file), trust, arguments.allow_simulated,
            arguments.require,
        )
        if arguments.schema and not found:
            found = against_schema(path, arguments.schema)
        failed += bool(found)
        print(f"{name}: {'valid' if not found else 'NOT valid'}")
        print("".join(f"  {finding}\n" for finding in found), end="")
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--keys")
    parser.add_argument("--allow-simulated", action="store_true")
    parser.add_argument("--require", action="append", default=[])
    parser.add_argument("--schema", type=pathlib.Path)
    parser.add_argument("--vectors", type=pathlib.Path)
    parser.add_argument("--lane")
    arguments = parser.parse_args()
    if arguments.vectors:
        return 1 if run_vectors(arguments.vectors, arguments.lane) else 0
    if not arguments.keys or not arguments.files:
        parser.error("--keys and at least one envelope, or --vectors")
    return 1 if run_records(arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
