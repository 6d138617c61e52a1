"""After a kill or a full disk at any step, each file is the old one or the new one, and the next run works."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from panelopt.catalogs.folder import read_catalog
from panelopt.domain.sweep_record import WALL_TIMES
from tests.faults import commands
from tests.faults.commands import COMPILE, OLD
from tests.faults.run import KILLED
from tests.reporting import examples as reporting

ON_SORTER = ("problem.toml", "result.json", "--cytometer", "aria-fusion")
TIMES = (*WALL_TIMES, "solver", "began", "process", "machine")
"""Keys and columns of files that differ from run to run."""

both = pytest.mark.parametrize("mode", ["kill", "full"])


def trials(start: Path, mode: str, words: tuple[str, ...], options: tuple[str, ...]) -> list[dict[str, Any]]:
    full = ("--full",) if mode == "full" else ()
    command = [sys.executable, "-m", "tests.faults.run", str(start), *full, *options, "--", *words]
    environment = {**os.environ, "PYTHONWARNINGS": "default", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines[-1]["code"] == 0, lines[-1]
    return lines


def content(path: Path) -> Any:
    """What a file says, without the times in it; None where there is none; fails where it is not whole."""
    if not path.exists():
        return None
    data = path.read_bytes()
    if data == OLD.encode() or "cache" in path.parts or path.suffix in (".fcs", ".xml"):
        return data
    if path.suffix == ".parquet":
        return pd.read_parquet(path).drop(columns=list(WALL_TIMES)).to_csv()
    if path.suffix == ".xlsx":
        return {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(path)}
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    text = re.sub(r"[^\s\"]*/(start|trial-\d+/work)/", "", text)  # where the trial took place
    if path.suffix in (".json", ".gz"):
        return {key: value for key, value in json.loads(text).items() if key not in TIMES}
    if path.suffix == ".toml":
        return tomllib.loads(text)
    if path.suffix == ".csv":
        rows = csv.DictReader(text.splitlines(), strict=True)
        return [{key: value for key, value in row.items() if key not in TIMES} for row in rows]
    return re.sub(r"[\d.]+", "#", text)


def check(
    start: Path, mode: str, words: tuple[str, ...], files: tuple[str, ...], *options: str
) -> list[dict[str, Any]]:
    """Run a command with a fault at each step, and compare the files of some patterns."""
    lines = trials(start, mode, words, options)
    new = start.parent / f"trial-{lines[-1]['step']}" / "work"
    assert len(lines) > 2
    for line in lines[:-1]:
        after, again = (start.parent / f"trial-{line['step']}" / name for name in ("after", "work"))
        assert line["code"] == (KILLED if mode == "kill" else 1), line
        assert "Traceback" not in line["said"] + line["again"]["said"], line
        assert line["again"]["code"] == 0, line
        assert line["left"] == line["again"]["left"] == [], line
        folders = (start, after, again, new)
        names = {path.relative_to(place) for place in folders for name in files for path in place.glob(name)}
        assert len(names) >= len(files)
        for name in names:
            wanted = content(new / name)
            allowed = [content(start / name), wanted]
            if "cache" in name.parts:
                allowed.append(None)  # what is damaged there is removed first
            assert content(after / name) in allowed, (name, line)
            assert content(again / name) == wanted, (name, line)
        if mode == "full":
            assert "Error" in line["said"], line
            assert not [path for path in after.rglob("*") if path.suffix in (".part", ".old")], line
    return lines


@pytest.mark.slow
@both
def test_design(tmp_path: Path, mode: str) -> None:
    start = commands.inputs(tmp_path / "start")
    outputs = ("result.json", "order.csv", "result.txt", "proof.json.gz")
    words = (*commands.DESIGN, *(word for name in outputs[:3] for word in ("-o", name)), "--certificate", outputs[3])
    assert commands.run(start, *words, source=COMPILE)[0] == 0
    (compiled,) = (start / "cache").rglob("*.parquet")
    compiled.write_bytes(compiled.read_bytes()[:-100])  # torn
    compiled.with_name(f"{'0' * 32}-{'0' * 32}.parquet").write_bytes(b"of another version")
    commands.old(start, *outputs)
    check(start, mode, words, (*outputs, "cache/**/*.parquet"), "--compile")


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        pytest.param("kill", ("--every", "4"), id="some steps"),
        pytest.param("kill", (), marks=pytest.mark.slow, id="kill"),
        pytest.param("full", (), marks=pytest.mark.slow, id="full"),
    ],
)
def test_catalog_import(tmp_path: Path, mode: str, options: tuple[str, ...]) -> None:
    start = commands.inputs(tmp_path / "start")
    commands.old(start, "map.toml")
    words = (*commands.IMPORT, "-o", "mine", "--write-map", "map.toml")
    for line in check(start, mode, words, ("map.toml", "mine/catalog.toml", "mine/conjugates.csv"), *options):
        catalog, remarks = read_catalog(tmp_path / f"trial-{line['step']}" / "after" / "mine")
        assert not [remark for remark in remarks if "sha256" in remark.message]  # head and data belong together
        assert len(catalog.conjugates) in (1, 2)


SWEPT = ("cells/*.json", "results/*.json", "table.csv", "table.parquet", "running.json", "sweep.lock")


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        pytest.param("kill", ("--every", "40"), id="some steps"),
        pytest.param("kill", (), marks=pytest.mark.slow, id="kill"),
        pytest.param("full", (), marks=pytest.mark.slow, id="full"),
        pytest.param(
            "kill", ("--workers", "--compile", "--every", "3"), marks=pytest.mark.slow, id="kill with workers"
        ),
    ],
)
def test_sweep(tmp_path: Path, mode: str, options: tuple[str, ...]) -> None:
    start = commands.sweep_inputs(tmp_path / "start")
    check(start, mode, (*commands.SWEEP, "-o", "out"), tuple(f"out/{name}" for name in SWEPT), *options)


@pytest.mark.slow
@both
@pytest.mark.parametrize(
    ("words", "outputs"),
    [
        (
            ("report", "result.json", "--problem", "problem.toml", *("-o", "a.html", "-o", "a.xlsx", "-o", "a.txt")),
            ("a.html", "a.xlsx", "a.txt"),
        ),
        (
            (
                *("sort-plan", *ON_SORTER, "--ways", "1", "--spares", "0", "-o", "plan.json", "-o", "gates.csv"),
                *("--controls-csv", "controls.csv", "--order-csv", "order.csv"),
            ),
            ("plan.json", "gates.csv", "controls.csv", "order.csv"),
        ),
        (
            (
                *("simulate", *ON_SORTER, "-o", "events", "--gates", "gates.xml", "--seed", "1"),
                *("--events", "300", "--control-events", "50"),
            ),
            ("events/sample.fcs", "events/unstained.fcs", "events/fmo-PE.fcs", "gates.xml"),
        ),
    ],
    ids=["report", "sort-plan", "simulate"],
)
def test_what_follows_a_design(tmp_path: Path, mode: str, words: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    start = tmp_path / "start"
    start.mkdir()
    reporting.write_report_files(start)
    commands.old(start, *outputs)
    check(start, mode, words, outputs)
