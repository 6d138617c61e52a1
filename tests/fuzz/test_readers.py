"""Some hundred hostile files for each reader; `make fuzz` tries as many as are asked for."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt.errors import InputError, PaneloptError
from panelopt.io.documents import MAX_TOML_BYTES, read_toml
from panelopt.io.open_events import open_events
from panelopt.io.problem_toml import read_problem
from panelopt.io.result_json import read_result
from panelopt.io.table_text import MAX_LIBRARY_BYTES, library_text
from tests.fuzz import mutations, seeds
from tests.fuzz.guard import guarded
from tests.fuzz.reader import outcome
from tests.fuzz.readers import READERS
from tests.fuzz.uses import USES

CASES = 100
SLOW_CASES = {
    **dict.fromkeys(("list-text", "list-json", "list-xlsx", "spectra", "events-csv"), 20),
    "events-h5ad": 1,
    **{reader.name: 100 if reader.share >= 0.5 else 12 for reader in USES},
}


@pytest.mark.parametrize("name", READERS)
def test_hostile_files_give_messages(tmp_path: Path, name: str) -> None:
    reader = READERS[name]
    troubles = {n: trouble for n in range(SLOW_CASES.get(name, CASES)) if (trouble := outcome(reader, n, tmp_path))}
    assert not troubles


@pytest.mark.parametrize("name", READERS)
def test_cases_are_the_same_every_time(name: str) -> None:
    assert READERS[name].case(3) == READERS[name].case(3)


@given(st.binary(max_size=300), st.sampled_from(sorted(set(READERS) - {"events-h5ad"})))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_messages(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / f"any{READERS[name].suffix}"
    path.write_bytes(content)
    with guarded(folder) as acts, contextlib.suppress(PaneloptError):
        READERS[name].read(path)
    assert not acts


def test_the_guard_sees_what_it_is_for(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    inside = tmp_path / "inside"
    inside.mkdir()
    with guarded(inside) as acts:
        (inside / "x").write_text("fine", encoding="utf-8")
        assert acts == []
        outside.write_text("not fine", encoding="utf-8")
    assert "outside.txt" in acts[0]
    with pytest.raises(UserWarning), guarded(inside):
        warnings.warn("shown to the user", stacklevel=1)


def test_numbers_of_thousands_of_digits(tmp_path: Path) -> None:
    digits = "9" * 5000
    toml, result = tmp_path / "x.toml", tmp_path / "x.json"
    toml.write_text(f"schema_version = {digits}\n", encoding="utf-8")
    result.write_text(f'{{"schema_version": {digits}}}', encoding="utf-8")
    for read, path in ((read_problem, toml), (read_result, result)):
        with pytest.raises(InputError, match="too many digits"):
            read(path)


def test_rows_that_would_lose_cells(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("CD45,population\n1,a,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="more cells than the header"):
        open_events(path).read("population", ["CD45"])


def test_damaged_hdf5_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anndata")
    monkeypatch.setattr("panelopt.io.hdf5_trial.SECONDS", 3.0)
    content = seeds.event_h5ad()
    for number in range(2):
        path = tmp_path / "x.h5ad"
        path.write_bytes(mutations.of_bytes(content[:600] + content[700:], Random(number)))  # noqa: S311
        with pytest.raises(InputError):
            open_events(path)


def test_limits_of_size_nesting_and_packing(tmp_path: Path) -> None:
    big, deep, bomb = tmp_path / "big.toml", tmp_path / "deep.json", tmp_path / "bomb.csv.gz"
    big.write_bytes(b"#" * (MAX_TOML_BYTES + 1))
    deep.write_text("[" * 100_000, encoding="utf-8")
    bomb.write_bytes(mutations.packed_bomb(MAX_LIBRARY_BYTES + 2_000_000))
    with pytest.raises(InputError, match="more than"):
        read_toml(big)
    with pytest.raises(InputError, match="nested too deeply"):
        read_result(deep)
    with pytest.raises(InputError):
        library_text(bomb)
