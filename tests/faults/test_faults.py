"""After a kill or a full disk at any step, each file is the old one or the new one, and the next run works."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from panelopt.io.catalog_folder import read_catalog
from panelopt.io.cytometer_files import cytometer_toml
from panelopt.io.problem_toml import problem_toml
from tests import builders
from tests.faults.run import KILLED
from tests.fuzz import seeds

OLD = "the old content\n"
DESIGN = (
    *("design", "my.toml", "--cytometer", "mini.toml", "--catalog", "shelf", "--workers", "1", "--max-colours", "2"),
    *("-o", "result.json", "-o", "order.csv", "-o", "result.txt"),
)
IMPORT = ("catalog", "import", "list.csv", "--yes", "-o", "mine", "--force", "--write-map", "map.toml")


def inputs(folder: Path) -> Path:
    folder.mkdir()
    (folder / "cache").mkdir(mode=0o700)
    (folder / "my.toml").write_text(problem_toml(builders.problem()), encoding="utf-8")
    (folder / "mini.toml").write_text(cytometer_toml(builders.cytometer()), encoding="utf-8")
    rows = [f"{marker},{dye}" for marker in builders.MARKERS for dye in builders.DYES]
    builders.write_catalog_folder(folder / "shelf", "shelf", rows)
    builders.write_catalog_folder(folder / "mine", "mine")
    (folder / "list.csv").write_text(seeds.FOREIGN, encoding="utf-8")
    for name in ("result.json", "order.csv", "result.txt", "map.toml"):
        (folder / name).write_text(OLD, encoding="utf-8")
    return folder


def trials(tmp_path: Path, mode: str, *words: str) -> list[dict[str, Any]]:
    start = inputs(tmp_path / "start")
    command = [sys.executable, "-m", "tests.faults.run", mode, str(start), *words]
    environment = {**os.environ, "PYTHONWARNINGS": "default", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines[-1]["code"] == 0
    return lines


def content(path: Path) -> Any:
    """What a file says, without the times in it; fails where it is not whole."""
    if path.suffix == ".parquet":
        return len(pd.read_parquet(path))
    text = path.read_text(encoding="utf-8")
    if text == OLD:
        return OLD
    if path.suffix == ".json":
        document = json.loads(text)
        return {key: value for key, value in document.items() if key not in ("solver", "began")}
    if path.suffix == ".toml":
        return tomllib.loads(text)
    if path.suffix == ".csv":
        return [len(row) for row in csv.reader(text.splitlines())]
    return re.sub(r"[\d.]+", "#", text)


def check(tmp_path: Path, mode: str, words: tuple[str, ...], files: tuple[str, ...]) -> list[dict[str, Any]]:
    lines = trials(tmp_path, mode, *words)
    new = tmp_path / f"trial-{lines[-1]['step']}" / "work"
    assert len(lines) > 5
    for line in lines[:-1]:
        after, again = (tmp_path / f"trial-{line['step']}" / name for name in ("after", "work"))
        assert line["code"] == (KILLED if mode == "kill" else 1) or (line["code"] == 0 and mode == "full"), line
        assert "Traceback" not in line["said"] + line["said_again"], line
        assert line["again"] == 0, line
        for name in files:
            old = tmp_path / "start" / name
            if (after / name).exists() or old.exists():
                found = content(after / name)
                assert found == content(new / name) or (old.exists() and found == content(old)), (name, line)
            assert content(again / name) == content(new / name), (name, line)
        if mode == "full" and line["code"]:
            assert "Error" in line["said"], line
            assert not [path for path in after.rglob("*") if path.suffix in (".part", ".old")], line
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["kill", "full"])
def test_design(tmp_path: Path, mode: str) -> None:
    check(tmp_path, mode, DESIGN, ("result.json", "order.csv", "result.txt"))


@pytest.mark.parametrize("mode", ["kill", pytest.param("full", marks=pytest.mark.slow)])
def test_catalog_import(tmp_path: Path, mode: str) -> None:
    lines = check(tmp_path, mode, IMPORT, ("map.toml", "mine/catalog.toml", "mine/conjugates.csv"))
    for line in lines:
        catalog, remarks = read_catalog(tmp_path / f"trial-{line['step']}" / "after" / "mine")
        assert not [remark for remark in remarks if "sha256" in remark.message]  # head and data belong together
        assert len(catalog.conjugates) in (1, 2)
