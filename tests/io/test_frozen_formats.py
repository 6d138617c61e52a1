"""Files of every version so far read the same for ever: the frozen files in ``tests/data/formats``.

A new version of a format gets a file in a folder of its own; the old file stays as it is. Where a step to the new
version renames or converts something on purpose, the ``.read.json`` beside the old file is brought up to date, and
nothing else.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from panelopt import api
from panelopt.io.certificate_json import read_certificate
from tests.formats import FOLDER, FORMATS, Format, plain

CASES = [(entry, path) for entry in FORMATS for path in sorted(FOLDER.glob(f"v*/{entry.file}"))]

each_file = pytest.mark.parametrize(
    ("entry", "path"), CASES, ids=[path.relative_to(FOLDER).as_posix() for _, path in CASES]
)


def different(expected: Any, found: Any, where: str = "") -> list[str]:
    """Return where ``found`` lacks or changes something of ``expected``; what it has beyond that is no fault."""
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(f"{where}.{key}", value, found.get(key, "(missing)")) for key, value in expected.items()]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(f"{where}[{i}]", *both) for i, both in enumerate(zip(expected, found, strict=True))]
    else:
        same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
        return [] if same else [f"{where}: {expected!r} became {found!r}"]
    return [fault for place, one, other in pairs for fault in different(one, other, place)]


@each_file
def test_frozen_files_read_the_same(entry: Format, path: Path) -> None:
    wanted = path.with_name(path.name + ".read.json")
    if path.suffix == ".json" and not wanted.exists():
        wanted = path  # answers say everything themselves
    assert different(json.loads(wanted.read_text(encoding="utf-8")), plain(entry.read(path))) == []


def test_every_version_of_every_format_is_frozen() -> None:
    for entry in FORMATS:
        versions = entry.model.model_fields["schema_version"].annotation if entry.model else None
        newest = max(versions.__args__) if versions else 1
        for version in range(1, newest + 1):
            assert (FOLDER / f"v{version}" / entry.file).is_file(), (entry.file, version)


@each_file
def test_frozen_files_say_their_version(entry: Format, path: Path) -> None:
    if entry.model is not None:
        load = json.loads if path.suffix == ".json" else tomllib.loads
        version = path.relative_to(FOLDER).parts[0].removeprefix("v")
        assert load(path.read_text(encoding="utf-8"))["schema_version"] == int(version)


def test_nobody_changed_a_frozen_file() -> None:
    frozen = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}
    lines = frozen.pop("sha256.txt").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {name: path for name, path in frozen.items() if not name.endswith(".read.json")}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == listed


@pytest.mark.parametrize("path", sorted(FOLDER.glob("v*/certificate.json")), ids=lambda path: path.parent.name)
def test_frozen_certificates_still_prove_what_they_claim(path: Path) -> None:
    found = api.verify(read_certificate(path), None, api.VerifyOptions())
    assert found.status == "verified, inputs not checked"


def test_differences_are_found() -> None:
    assert different({"a": [1, {"b": None}]}, {"a": [1, {"b": None, "c": 2}], "d": 3}) == []
    for found in ({"a": [1, {"b": 0}]}, {"a": [1]}, {"a": [2, {"b": None}]}, {}, {"a": [True, {"b": None}]}, None):
        assert different({"a": [1, {"b": None}]}, found), found
