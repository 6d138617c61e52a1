"""Every file that once was a find, read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.reader import outcome, outcome_of
from tests.fuzz.readers import READERS
from tests.fuzz.seeds import DATA

FILES = sorted((DATA / "finds").iterdir())
"""Texts, each named by its reader: `READER--what.suffix`."""

CASES: dict[str, tuple[int, ...]] = {
    "compiled-catalog": (1, 2, 24, 121, 499),
    "controls": (1113,),
    "events-fcs": (4509,),
    "list-parquet": (3041,),
}
"""Numbers of the cases of binary files; the last two promise gigabytes, which shows where memory is limited."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_finds_in_text_files(tmp_path: Path, path: Path) -> None:
    assert outcome_of(READERS[path.name.split("--")[0]], path.read_bytes(), tmp_path) == ""


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, numbers in CASES.items() for number in numbers])
def test_finds_in_binary_files(tmp_path: Path, name: str, number: int) -> None:
    assert outcome(READERS[name], number, tmp_path) == ""
