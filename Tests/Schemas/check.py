"""Checks the project's data against its JSON Schemas, and the schemas against changed data.

The Swift tests have a validator of their own; this one is Python's jsonschema, so that both readings of JSON Schema
must agree. Each schema is held against its metaschema, each file against its schema, and then each file is changed in
one place at a time: every change must be found. Prints what was checked; ends with 1 if anything is wrong.
"""

import base64
import copy
import json
import sys
from pathlib import Path

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML as the program reads it: a day is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def mappings(value, path=()):
    """Every mapping in a document with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from mappings(part, path + (key,))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from mappings(part, path + (index,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def misspelt(key):
    def change(mapping):
        mapping[key + "x"] = mapping.pop(key)

    return f"{key} misspelt", change


def removed(key):
    return f"{key} removed", lambda mapping: mapping.pop(key)


def replaced(key, value):
    return f"{key}: {value!r}", lambda mapping: mapping.update({key: value})


def changes_of_pack(document):
    """One change for each value of a pack, of every kind in turn, and all of its head."""
    for key in ("id", "kind", "standard", "title", "effective", "sources"):
        yield (), misspelt(key)
        yield (), removed(key)
    yield (), replaced("kind", "advice")
    yield (), replaced("effective", {"from": "May 2019"})
    yield (), replaced("effective", {"until": "2020-06-30"})
    yield (), replaced("sources", {})
    yield (), replaced("title", {"en": "one language only"})
    turn = 0
    for path, mapping in mappings(document):
        if "grade" not in mapping or "source" not in mapping:
            continue
        kinds = [replaced("grade", "sure"), removed("grade"), removed("source"), misspelt("source")]
        if isinstance(mapping.get("value"), str) and "unit" in mapping:
            kinds += [misspelt("unit"), replaced("value", 1.5), replaced("value", "1,5"), misspelt("value")]
        yield path, kinds[turn % len(kinds)]
        turn += 1


def changes_of_profile(_):
    """What every profile of an instrument has."""
    for key in ("id", "model", "role", "grade", "sources"):
        yield (), misspelt(key)
    yield (), replaced("role", "thermometer")
    yield (), replaced("grade", "sure")
    yield (), replaced("id", "Two Words")
    yield (), replaced("sources", {})


def changes_of_record(_):
    """The header of a record, and what every test has."""
    for key in ("schema", "lane", "epoch", "counter", "previous", "origin", "signing", "attachments"):
        yield (), removed(key)
    for key in ("time", "test", "order", "packs", "instruments", "environment", "result", "timing", "diagnosis"):
        yield (), removed(key)
    yield (), replaced("counter", 0)
    yield (), replaced("origin", "invented")
    yield (), replaced("signing", ["ed25519", "ed25519"])
    yield ("lane",), replaced("id", "")
    yield ("result",), replaced("verdict", "perhaps")


def record():
    """A test's payload of the least that its schema asks for, on the header of a record of the verifier's vectors."""
    envelope = json.loads(Path("Tests/Verifier/vectors/good/envelope.json").read_bytes())
    payload = json.loads(base64.b64decode(envelope["payload"]))
    digest = "sha256:" + "0" * 64
    least = {
        "kind": "test",
        "software": {"name": "LaneAgent", "version": "1", "executable": digest, "simulation": False},
        "time": {
            "started": "2026-03-01T10:15:30.250+08:00", "ended": "2026-03-01T10:18:02+08:00", "synchronised": True,
            "rate": "1.0",
        },
        "test": {"id": "2f1c", "method": "asm", "algorithm": "asm/1"},
        "order": {},
        "packs": [{"id": "GB18285-2018-ASM", "kind": "requirements", "sha256": digest}],
        "instruments": [],
        "environment": None,
        "result": {"verdict": "aborted", "reason": {"code": "operator", "detail": None}, "items": [], "seconds": []},
        "timing": {"ticks": 1, "missed": 0, "greatestLatenessNanoseconds": 0},
        "diagnosis": None,
    }
    return {**payload, **least}


def check(name, schema_file, documents, changes):
    """Checks files of one kind; returns the number of problems."""
    schema = json.loads(Path(schema_file).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    problems = 0
    count = 0
    for file, document in documents:
        for error in validator.iter_errors(document):
            problems += 1
            print(f"{file}: {error.json_path}: {error.message[:300]}")
        for path, (what, change) in changes(document):
            changed = copy.deepcopy(document)
            change(at(changed, path))
            count += 1
            if validator.is_valid(changed):
                problems += 1
                print(f"{file}: {'/'.join(map(str, path)) or 'top'}: {what}: not found by {schema_file}")
    if not documents:
        problems += 1
        print(f"{schema_file}: there is nothing to check")
    print(f"{name}: {len(documents)} files fit {schema_file}; {count} changed ones looked at, {problems} problems")
    return problems


def yaml_files(folder):
    # Lane files and orders, and what the program itself is limited to, have forms of their own.
    others = ("lanes", "delivery.yaml")
    files = sorted(path for path in Path(folder).rglob("*.yaml") if not {path.parent.name, path.name} & set(others))
    return [(path, yaml.load(path.read_text(encoding="utf-8"), Loader)) for path in files]


def main():
    problems = check(
        "packs", "Sources/Standards/Packs/pack.schema.json", yaml_files("Sources/Standards/Packs"), changes_of_pack)
    problems += check("profiles", "Devices/profile.schema.json", yaml_files("Devices"), changes_of_profile)
    problems += check(
        "records", "Docs/RecordFormat.schema.json", [("a least record", record())], changes_of_record)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
