"""Runs beside each other, as processes of their own: each file is that of one of them, or the second one is refused."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from panelopt.catalogs.folder import read_catalog
from tests.faults import commands
from tests.faults.commands import COMPILE, DESIGN, IMPORT, SWEEP, ended, run, start
from tests.fuzz import seeds
from tests.sweeps.examples import rows_in

pytestmark = pytest.mark.slow


def document(path: Path) -> dict[str, Any]:
    return {key: value for key, value in json.loads(path.read_bytes()).items() if key != "solver"}


def left_in(folder: Path) -> list[Path]:
    """Unfinished parts."""
    return [path for path in folder.rglob(".*") if path.suffix in (".part", ".old")]


def test_designs_with_one_output_and_one_cache(tmp_path: Path) -> None:
    folder = commands.inputs(tmp_path / "work")
    names = ("result.json", "order.csv", "proof.json.gz")
    words = (*DESIGN, "-o", names[0], "-o", names[1], "--certificate", names[2])
    assert run(folder, *words, source=COMPILE)[0] == 0
    alone = document(folder / "result.json")
    (compiled,) = (folder / "cache").rglob("*.parquet")
    whole = compiled.read_bytes()
    for damaged in (b"", whole[:500], None):
        compiled.unlink() if damaged is None else compiled.write_bytes(damaged)
        for process in [start(folder, *words, source=COMPILE) for _ in range(3)]:
            code, said = ended(process)
            assert (code, "cache" in said) == (0, False), said
        assert document(folder / "result.json") == alone
        assert [path.read_bytes() for path in (folder / "cache").rglob("*.parquet")] == [whole]
    assert run(folder, "verify", names[2])[0] == 0
    assert left_in(folder) == []


@pytest.mark.parametrize("force", [True, False])
def test_imports_to_one_folder(tmp_path: Path, force: bool) -> None:
    folder = commands.inputs(tmp_path / "work")
    words = tuple(word for word in IMPORT if force or word != "--force")
    outcomes = [ended(process) for process in [start(folder, *words, "-o", "new") for _ in range(4)]]
    assert sorted(code for code, _ in outcomes) == ([0] * 4 if force else [0, 1, 1, 1]), outcomes
    assert all("the folder is there already" in said for code, said in outcomes if code)
    catalog, remarks = read_catalog(folder / "new")
    assert (len(catalog.conjugates), [remark.code for remark in remarks if remark.code == "hash-mismatch"]) == (2, [])
    assert left_in(folder) == []


def test_sweeps_in_one_folder(tmp_path: Path) -> None:
    folder = commands.sweep_inputs(tmp_path / "work")
    words = (*SWEEP, "-o", "out")
    first = start(folder, *words)
    until = time.monotonic() + 120
    while (folder / "out" / "running.json").read_text(encoding="utf-8").startswith('{"process": 1,'):
        assert time.monotonic() < until
        time.sleep(0.01)
    code, said = run(folder, *words)
    assert (code, f"another sweep uses this folder: process {first.pid} on " in said) == (1, True), said
    assert ended(first)[0] == 0
    assert {row.status for row in rows_in(folder / "out")} == {"optimal"}
    assert not (folder / "out" / "running.json").exists()


@pytest.mark.parametrize("source", [COMPILE, ""], ids=["compiled", "small"])
def test_designs_while_an_import_replaces_their_catalog(tmp_path: Path, source: str) -> None:
    folder = commands.inputs(tmp_path / "work")
    editions = (seeds.FOREIGN, seeds.FOREIGN.replace("345,00", "346,00"))
    for number, text in enumerate(editions):
        (folder / f"list-{number}.csv").write_text(text, encoding="utf-8")
    known = set()
    for number in range(2):
        import_(folder, number)
        known.add(hashlib.sha256((folder / "mine" / "conjugates.csv").read_bytes()).hexdigest())
    assert len(known) == 2
    for round_ in range(3):
        names = [f"result-{round_}-{number}.json" for number in range(2)]
        designs = [start(folder, *DESIGN, "--catalog", "mine", "-o", name, source=source) for name in names]
        number = 0
        while any(process.poll() is None for process in designs):
            import_(folder, number := 1 - number)
        for process, name in zip(designs, names, strict=True):
            code, said = ended(process)
            assert (code, "SHA-256" in said) == (0, False), said
            catalogs = {found["name"]: found["sha256"] for found in document(folder / name)["catalogs"]}
            assert catalogs["mine"] in known
    assert left_in(folder) == []


def import_(folder: Path, number: int) -> None:
    code, said = run(folder, "catalog", "import", f"list-{number}.csv", "--yes", "--force", "-o", "mine")
    assert code == 0, said
