"""Files of newer versions say so; older ones go through the steps to the present version, in every reader."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from panelopt.domain.base import Record
from panelopt.errors import InputError
from panelopt.io.schema_versions import STEPS, current
from tests.formats import FOLDER, FORMATS, Format, plain

KEYS = {
    "problem.toml": "id",
    "cytometer.toml": "id",
    "fluorochromes.toml": "family",
    "signatures.toml": "cytometer",
    "calibration.toml": "channel",
    "names.toml": "names",
    "import-map.toml": "columns",
    "catalog/catalog.toml": "name",
    "sweep.toml": "problems",
    "result.json": "problem",
    "sort-plan.json": "targets",
    "alternatives.json": "alternatives",
    "certificate.json": "question",
}
"""By file: a key that an invented older version calls differently."""

VERSIONED = [entry for entry in FORMATS if entry.model is not None]

CONVERTED = [entry for entry in VERSIONED if entry.file != "certificate.json"]

each_format = pytest.mark.parametrize("entry", VERSIONED, ids=lambda entry: entry.file)


def copied(entry: Format, folder: Path) -> Path:
    """Return the newest frozen file in a folder of its own, with what lies beside it."""
    newest = max(FOLDER.glob(f"v*/{entry.file}"))
    shutil.copytree(newest.parent, folder, dirs_exist_ok=True)
    return folder / newest.name


def restated(path: Path, version: int, renamed: tuple[str, str] | None = None, **more: int) -> None:
    """Let a file say another version, with one key renamed and further keys."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        data = {**json.loads(text), **more, "schema_version": version}
        if renamed:
            data[renamed[1]] = data.pop(renamed[0])
        path.write_text(json.dumps(data), encoding="utf-8")
        return
    text, count = re.subn(r"^schema_version = \d+$", f"schema_version = {version}", text, flags=re.MULTILINE)
    assert count == 1
    if renamed:
        text, count = re.subn(rf"^(\[*){renamed[0]}\b", rf"\g<1>{renamed[1]}", text, flags=re.MULTILINE)
        assert count
    path.write_text("".join(f"{key} = {value}\n" for key, value in more.items()) + text, encoding="utf-8")


@each_format
def test_newer_files_say_so_and_nothing_else(tmp_path: Path, entry: Format) -> None:
    path = copied(entry, tmp_path)
    restated(path, 2, unheard_of=1)
    with pytest.raises(InputError, match="schema_version 2 is newer than this program, which reads up to 1") as caught:
        entry.read(path)
    assert len(caught.value.findings) == 1
    assert caught.value.where == f"{path}: schema_version"
    assert "newer panelopt" in caught.value.findings[0].hint


# a certificate has one form; nothing converts it
@pytest.mark.parametrize("entry", CONVERTED, ids=lambda entry: entry.file)
def test_older_files_read_like_the_newest(tmp_path: Path, entry: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    assert entry.model is not None
    path = copied(entry, tmp_path)
    newest, key = plain(entry.read(path)), KEYS[entry.file]
    restated(path, 0, renamed=(key, "formerly"))

    def step(data: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = {name: value for name, value in data.items() if name != "formerly"}
        return {**kept, key: data["formerly"], "schema_version": 1}

    monkeypatch.setitem(STEPS, (entry.model.__name__, 0), step)
    assert plain(entry.read(path)) == newest


@each_format
def test_older_files_without_a_step_are_refused(tmp_path: Path, entry: Format) -> None:
    path = copied(entry, tmp_path)
    restated(path, 0)
    with pytest.raises(InputError, match="schema_version 0 is not known"):
        entry.read(path)


def test_steps_are_those_of_formats() -> None:
    names = {entry.model.__name__ for entry in VERSIONED if entry.model is not None}
    assert len(names) == len(VERSIONED)
    assert {name for name, _ in STEPS} <= names


class _Third(Record):
    schema_version: Literal[3] = 3
    colours: int


def _first(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"schema_version": 2, "colors": data["n"]}


def _second(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"schema_version": 3, "colours": data["colors"]}


def test_older_files_take_every_step() -> None:
    steps = {("_Third", 1): _first, ("_Third", 2): _second}
    for data in (
        {"schema_version": 1, "n": 8},
        {"schema_version": 2, "colors": 8},
        {"schema_version": 3, "colours": 8},
    ):
        assert _Third.model_validate(current(_Third, data, "x", steps)).colours == 8
    with pytest.raises(InputError, match="schema_version 0 is not known"):
        current(_Third, {"schema_version": 0}, "x", steps)


@pytest.mark.parametrize("version", [True, "1", 1.5, None, []])
def test_what_is_no_version_is_left_to_the_format(version: object) -> None:
    data = {"schema_version": version, "colours": 8}
    assert current(_Third, data, "x") is data
